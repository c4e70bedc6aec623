"""Masking of what points to a person: dates, telephone and record numbers, addresses on the net, listed names.

A help and no permission: rules find what is written as rules expect. So besides the masks there are flags, spans that
look like a name or a number and stand in the text still, for a person to read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rpdr_core.prompting.mask_dates import DATES
from rpdr_core.prompting.mask_names import LOOKS_LIKE_NAME, LOOKS_LIKE_PLACE, find_names
from rpdr_core.prompting.mask_rules import ADDRESSES, NO_UNIT, NUMBERS, Rule
from rpdr_core.prompting.sight import MASK, Sight, see

_NUMERALS = "〇零○一二三四五六七八九幺"
_ANY_NUMBER = re.compile(rf"[0-9{_NUMERALS}]")
_LOOKS_LIKE_NUMBER = (
    re.compile(r"[A-Za-z]{0,4}[0-9]{7,}[A-Za-z]?"),
    re.compile(rf"(?<![0-9A-Za-z.])[A-Za-z]{{0,4}}[0-9]{{6}}(?![0-9A-Za-z.]){NO_UNIT}"),
    re.compile(r"(?<![0-9])[0-9](?:[ .\-_/*·][0-9]){6,}(?![0-9])"),
    re.compile(
        rf"(?<![0-9A-Za-z.])(?!(?:19|20)[0-9]{{2}}-(?:19|20))[0-9]{{3,4}}[ \-][0-9]{{4}}(?![0-9A-Za-z.]){NO_UNIT}"
    ),
    re.compile(rf"[{_NUMERALS}]{{7,}}"),
    re.compile(r"[A-Za-z][\w.]{0,63} ?@ ?[A-Za-z]\w+"),
)


@dataclass(frozen=True, slots=True)
class Masked:
    """`text` with masks such as `[date]`, how many were put in, and the spans left that a person should read."""

    text: str
    masked: int
    flagged: tuple[str, ...]


def mask(text: str, names: Sequence[str] = ()) -> Masked:
    """Mask a text; `names` are those of the project's own list. Masking again changes nothing.

    Clinical measurements, doses, codes, ratios, durations and years alone stay as they are.
    """
    listed = tuple(names)
    total = 0
    while True:
        sight = see(text)
        spans = _spans(sight, listed)
        if not spans:
            return Masked(text, total, _flags(sight))
        # A mask changes what stands beside it, so the rest is looked at anew.
        text, total = _with_masks(text, spans), total + len(spans)


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    kind: str


def _spans(sight: Sight, names: tuple[str, ...]) -> list[_Span]:
    """What to mask, as offsets in the original, in order."""
    spans: list[_Span] = []
    seen = sight.seen
    for rules in _rules_for(seen):
        for rule in rules:
            for start, end in _matches(rule, seen):
                spans.append(_Span(*sight.span(start, end), rule.kind))
                seen = seen[:start] + MASK * (end - start) + seen[end:]
    spans += [_Span(*sight.span(start, end), "name") for start, end in find_names(seen, names)]
    return sorted(spans, key=lambda span: span.start)


def _rules_for(seen: str) -> Iterator[tuple[Rule, ...]]:
    if re.search(r"[.@:]|\bdot\b|QQ|微信|wechat", seen, re.I):
        yield ADDRESSES
    if _ANY_NUMBER.search(seen) or "月初" in seen:
        yield from (NUMBERS, DATES)


def _matches(rule: Rule, seen: str) -> list[tuple[int, int]]:
    group = "value" if "value" in rule.pattern.groupindex else 0
    return [found.span(group) for found in rule.pattern.finditer(seen) if rule.accept(found)]


def _with_masks(text: str, spans: Sequence[_Span]) -> str:
    pieces, place = [], 0
    for span in spans:
        pieces += [text[place : span.start], f"[{span.kind}]"]
        place = span.end
    return "".join([*pieces, text[place:]])


def _flags(sight: Sight) -> tuple[str, ...]:
    patterns = (*_LOOKS_LIKE_NUMBER, *LOOKS_LIKE_NAME, *LOOKS_LIKE_PLACE)
    places = sorted(found.span() for pattern in patterns for found in pattern.finditer(sight.seen))
    kept: list[tuple[int, int]] = []
    for start, end in places:
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    texts = (sight.text[slice(*sight.span(start, end))].strip() for start, end in kept)
    return tuple(dict.fromkeys(texts))
