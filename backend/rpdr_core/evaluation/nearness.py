"""How near two answers are in a terminology's hierarchy, and what kind of disagreement that makes.

The distance of two codes is that of Wu and Palmer (1994, ACL): 1 - 2 d(c) / (d(a) + d(b)), where d counts the steps
from above the roots (a root has 1; of several ways the longest counts) and c is the deepest ancestor that both have.
The same code gives 0, codes under different roots 1. In ICD-10-CM (chapter, block, category, code) a code and its
category are 0.14 apart, siblings 0.25, codes of one block 0.5, codes of one chapter 0.75.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Disagreement = Literal["exact", "reason", "relation", "category", "ancestor", "material"]
"""`exact`: none. `reason`: no match, for different reasons. `relation`: the same codes, related otherwise. `category`:
codes of one three-character ICD category. `ancestor`: one is above the other by a step or two. `material`: the rest.
"""

STEPS = 2
"""How many steps up an ancestor may be to count as near."""

_CATEGORY = re.compile(r"[A-Z][0-9][0-9A-Z]")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one person said of a mention: codes with their relations in the same order, or no code and a reason."""

    codes: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()
    reason: str = ""

    @property
    def label(self) -> frozenset[str]:
        """The codes alone, which agreement is counted on; empty for no match."""
        return frozenset(self.codes)


class Hierarchy:
    """Distances by the parents of codes. A code that the terminology does not have is far from every other one."""

    def __init__(self, parents: Mapping[str, Sequence[str]]) -> None:
        """`parents` of every code that will be asked for and of all above it; a root has none."""
        self._parents = parents
        self._above: dict[str, dict[str, int]] = {}
        self._lines: dict[str, frozenset[str]] = {}
        self._depths: dict[str, int] = {}

    def __contains__(self, code: str) -> bool:
        return code in self._parents

    def above(self, code: str) -> Mapping[str, int]:
        """The code itself and its ancestors, nearest first, with the steps up (the shortest way)."""
        if code not in self._above:
            found, level = dict.fromkeys([code], 0), [code]
            for step in range(1, len(self._parents) + 1):
                parents = dict.fromkeys(parent for child in level for parent in self._known_parents(child))
                level = [parent for parent in parents if parent not in found]
                if not level:
                    break
                found |= dict.fromkeys(level, step)
            self._above[code] = found
        return self._above[code]

    def depth(self, code: str) -> int:
        """Steps from above the roots, along the longest way. A faulty circle of parents is cut where it closes."""
        if code not in self._depths:
            self._depths[code] = 1
            self._depths[code] = 1 + max(map(self.depth, self._known_parents(code)), default=0)
        return self._depths[code]

    def path(self, code: str) -> tuple[str, ...]:
        """From a root down to the code, along first parents; empty for an unknown code."""
        way = [code] if code in self._parents else []
        while way and (parents := self._known_parents(way[-1])) and parents[0] not in way:
            way.append(parents[0])
        return tuple(reversed(way))

    def distance(self, one: str, other: str) -> float:
        """0 for the same code, below 1 for codes with a common ancestor, else 1. Symmetric."""
        if one == other:
            return 0.0
        mine, theirs = self._line(one), self._line(other)
        # Most pairs have nothing in common, and the expected disagreement of 2,000 codes asks for two million.
        if mine.isdisjoint(theirs):
            return 1.0
        common = mine & theirs
        # Below 0 only where the terminology turns in a circle.
        return max(0.0, 1 - 2 * max(map(self.depth, common)) / (self.depth(one) + self.depth(other)))

    def category(self, code: str) -> str:
        """The code's three-character ICD category, which may be the code itself; empty where there is none."""
        return next((one for one in self.above(code) if _CATEGORY.fullmatch(one)), "")

    def _line(self, code: str) -> frozenset[str]:
        """The code and its ancestors, as far as the terminology has them."""
        if code not in self._lines:
            self._lines[code] = frozenset(one for one in self.above(code) if one in self._parents)
        return self._lines[code]

    def _known_parents(self, code: str) -> list[str]:
        return [parent for parent in self._parents.get(code, ()) if parent in self._parents]


def distance_of(hierarchy: Hierarchy, one: frozenset[str], other: frozenset[str]) -> float:
    """The distance of two sets of codes: each code to the nearest of the other set, averaged both ways. No code at
    all, which is an answer too, is 1 from every code.
    """
    if not one or not other:
        return float(one != other)
    if len(one) == len(other) == 1:
        return hierarchy.distance(*one, *other)
    return (_to_nearest(hierarchy, one, other) + _to_nearest(hierarchy, other, one)) / 2


def _to_nearest(hierarchy: Hierarchy, codes: frozenset[str], others: frozenset[str]) -> float:
    return sum(min(hierarchy.distance(code, other) for other in sorted(others)) for code in sorted(codes)) / len(codes)


def disagreement(hierarchy: Hierarchy, one: Answer, other: Answer) -> Disagreement:
    """The kind of disagreement between two answers."""
    if one.label == other.label:
        related = sorted(zip(one.codes, one.relations, strict=True))
        if related != sorted(zip(other.codes, other.relations, strict=True)):
            return "relation"
        return "exact" if one.reason == other.reason else "reason"
    if not one.codes or not other.codes:
        return "material"
    categories = [hierarchy.category(code) for code in (*one.codes, *other.codes)]
    if len(set(categories)) == 1 and categories[0]:
        return "category"
    return "ancestor" if _near(hierarchy, one.label, other.label) else "material"


def _near(hierarchy: Hierarchy, one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether each code of either set equals one of the other set, or is at most two steps above or below it."""
    return all(any(_steps(hierarchy, code, there) <= STEPS for there in other) for code in one) and all(
        any(_steps(hierarchy, code, here) <= STEPS for here in one) for code in other
    )


def _steps(hierarchy: Hierarchy, one: str, other: str) -> float:
    """Steps between a code and another that is above or below it; infinite where neither is."""
    up, down = hierarchy.above(one).get(other), hierarchy.above(other).get(one)
    found = [steps for steps in (up, down) if steps is not None]
    return min(found, default=float("inf"))
