"""Codes that notes name: H40.1-, S05.-, T20-T32. What they lead to is for the terminology to say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_CODE = r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?"
# A dash or point after a code says "and all below it"; it belongs to what the reader clicks on.
_NAMED = re.compile(rf"(?<![\w.])({_CODE})(?:-({_CODE})|\.?-)?(?!\w|\.\w)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a note. `code` is where it leads, empty for plain words."""

    text: str
    code: str = ""


def named_codes(text: str) -> Iterator[str]:
    """Every code in a note; a range gives itself (blocks go by it) and its two ends."""
    for found in _NAMED.finditer(text):
        first, last = found.groups()
        yield first
        if last:
            yield from (last, f"{first}-{last}")


def pieces(text: str, known: Iterable[str]) -> list[Piece]:
    """The note in pieces that join to it again; only codes of `known` lead anywhere."""
    there, cut, at = frozenset(known), [], 0
    for found in _NAMED.finditer(text):
        for start, end, code in _targets(found, there):
            cut += [Piece(text[at:start]), Piece(text[start:end], code)]
            at = end
    return [piece for piece in (*cut, Piece(text[at:])) if piece.text]


def _targets(found: re.Match[str], known: frozenset[str]) -> list[tuple[int, int, str]]:
    """Where links begin and end in one match: the range as a whole, else each end that exists."""
    first, last = found.groups()
    if not last:
        return [(found.start(), found.end(), first)] if first in known else []
    if f"{first}-{last}" in known:
        return [(found.start(), found.end(), f"{first}-{last}")]
    return [(*found.span(group), found[group]) for group in (1, 2) if found[group] in known]
