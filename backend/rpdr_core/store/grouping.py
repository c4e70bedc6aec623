"""Codes by chapter and semantic type: what a list of mentions is narrowed by where the store knows codes alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rpdr_core.store.database import Connection
from rpdr_core.store.lineage import Lineage, lineage_of

_PAGE = 500


@dataclass(frozen=True, slots=True)
class CodeGroup:
    """A code's chapter (a code too) and its semantic type; empty where it has none."""

    chapter: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of codes, and the names of the chapters among them. Unknown codes are left out."""

    of: Mapping[str, CodeGroup]
    chapters: Mapping[str, str]


def groups_of(connection: Connection, codes: Iterable[str]) -> Groups:
    """The chapter is the topmost code above a code; where everything hangs on one root, the one below that."""
    asked = list(dict.fromkeys(codes))
    lineage = lineage_of(connection, asked)
    tops: dict[str, str] = {}
    found = {
        code: CodeGroup(_top(lineage, code, tops) if _above(lineage, code) else "", kind)
        for code, kind in _types(connection, asked).items()
    }
    return Groups(found, {group.chapter: lineage.names[group.chapter] for group in found.values() if group.chapter})


def _top(lineage: Lineage, code: str, known: dict[str, str]) -> str:
    """Along first parents; `known` takes up each code on the way. Ends where a faulty terminology turns in a circle."""
    way, here = dict.fromkeys([code]), code
    while here not in known:
        above = _above(lineage, here)
        if not above or above in way or (lineage.one_root and not _above(lineage, above)):
            known[here] = here
            break
        here = above
        way[here] = None
    known.update(dict.fromkeys(way, known[here]))
    return known[here]


def _above(lineage: Lineage, code: str) -> str:
    """The first parent that exists; empty for a root."""
    return next((parent for parent in lineage.parents.get(code, ()) if parent in lineage.parents), "")


def _types(connection: Connection, codes: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(codes), _PAGE):
        page = codes[start : start + _PAGE]
        sql = f"SELECT code, type FROM entity WHERE code IN ({', '.join('?' * len(page))})"  # noqa: S608
        found |= dict(connection.rows(sql, *page))
    return found
