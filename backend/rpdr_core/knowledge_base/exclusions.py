"""What a note of the kind "excludes1" forbids, as far as its codes say: H40.1-, T20-T32, I69. with final characters.

A code that carries a condition which is not understood forbids nothing: a missed clash is better than an invented one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_CODE = r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{0,4})?"
# A dash before another code is a range; alone, with or without a point, it says "and all below it".
_NAMED = re.compile(rf"(?<![\w.])({_CODE})(?:\s?-{{1,2}}({_CODE}))?(?:\.?-)?(?![\w])")
_PARENTHESES = re.compile(r"(\([^()]*\)?)")
_CONDITION = re.compile(r"^[\s.-]*with\b(.*)$", re.DOTALL)
_ORDINALS = {"fourth": 4, "4th": 4, "fifth": 5, "5th": 5, "sixth": 6, "6th": 6, "seventh": 7, "7th": 7}
_AT = re.compile(r"^\s*(\w+)(?: (?:to|or) \w+)?[ -]characters? \.?([0-9A-Z]+)\s*$")
_FINAL = re.compile(r"^\s*final characters? -?([0-9A-Z]+)\s*$")
_AFTER_POINT = re.compile(r"^\s*\.([0-9A-Z]+)(?:-\.([0-9A-Z]+)|-)?\s*$")


@dataclass(frozen=True, slots=True)
class Condition:
    """What else a code must have: `text` at `place` (from 1, without the point) or, for 0, at its end; up to `last`."""

    place: int
    text: str
    last: str = ""

    def holds(self, code: str) -> bool:
        bare = code.replace(".", "")
        if not self.place:
            return bare.endswith(self.text)
        found = bare[self.place - 1 : self.place - 1 + len(self.text)]
        return self.text <= found <= (self.last or self.text)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """All codes from `first` to `last` with everything below them."""

    first: str
    last: str
    condition: Condition | None = None

    def covers(self, code: str) -> bool:
        bare, first, last = (one.replace(".", "") for one in (code, self.first, self.last))
        within = first <= bare[: len(first)] and bare[: len(last)] <= last and len(bare) >= min(len(first), len(last))
        return within and (self.condition is None or self.condition.holds(code))


def exclusions(text: str) -> Iterator[Exclusion]:
    """The codes that a note names, in order; those with a condition that is not understood are left out."""
    for part in _PARENTHESES.split(text):
        inside = part.startswith("(")
        for piece in re.split(r"[(),;]", part):
            for found in _NAMED.finditer(piece):
                first, last = (one.rstrip(".") if one else "" for one in found.groups())
                # In running words only a code with a point is surely a code: vitamin B12 is none.
                if not inside and "." not in first:
                    continue
                said = _CONDITION.match(piece[found.end() :])
                condition = _condition(said[1]) if said else None
                if said is None or condition is not None:
                    yield Exclusion(first, last or first, condition)


def _condition(words: str) -> Condition | None:
    if found := _FINAL.match(words):
        return Condition(0, found[1])
    if found := _AFTER_POINT.match(words):
        return Condition(4, found[1], found[2] or "")
    found = _AT.match(words)
    place = _ORDINALS.get(found[1], 0) if found else 0
    return Condition(place, found[2]) if found and place else None
