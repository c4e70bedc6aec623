"""Fourth and fifth characters: the codes that a modifier makes of a class.

A class says what modifies it (`ModifiedBy`), either by all classes of that modifier or by those it names as valid. What
a category says holds for the categories below, unless they exclude it. Only classes with nothing below are subdivided.
Two modifiers of a class follow each other, as the fourth and the fifth character; a subdivision may not stand behind
one that it excludes (`excludeOnPrecedingModifier`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from rpdr_core.errors import FileFormatError
from rpdr_core.records import Entity, Note

MADE_CAP = 1_000_000
"""Codes that modifiers may make altogether."""

_LEVELS = 4
_TERMS = 20
_ICD = re.compile(r"[A-Z][0-9]{2}(\.[0-9X]{1,3})?")
_POSITION = re.compile(r"_([1-9])$")


@dataclass(frozen=True, slots=True)
class Applied:
    """A modifier as a class names it. `valid`: its subdivisions that hold, None for all. `position`: of the character
    in the code, counted without the dot; 0 where nothing says so.
    """

    modifier: str
    valid: tuple[str, ...] | None = None
    position: int = 0


@dataclass(frozen=True, slots=True)
class Subdivision:
    """A modifier class. `not_after`: `modifier code` pairs that it may not follow."""

    code: str
    label: str
    terms: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    not_after: frozenset[str] = frozenset()


def position_of(modifier: str, written: str) -> int:
    """Which character a modifier adds: as written, or as the names of WHO's modifiers end (`S13M00_5`)."""
    if written.isdecimal() and len(written) == 1:
        return int(written)
    found = _POSITION.search(modifier)
    return int(found[1]) if found else 0


def joined(code: str, suffix: str, position: int) -> str:
    """A code with its subdivision's: filled up with X to its place, with the dot behind the third character."""
    if not _ICD.fullmatch(code):
        return code + suffix
    compact = code.replace(".", "")
    if position > len(compact) + 1:
        compact = compact.ljust(position - 1, "X")
    compact += suffix.lstrip(".")
    return f"{compact[:3]}.{compact[3:]}"


@dataclass(slots=True)
class Subdividing:
    """Makes the codes of all classes. `taken`: codes that are there already, which are never made again."""

    subdivisions: Mapping[str, Sequence[Subdivision]]
    optional: frozenset[str]
    taken: set[str]
    file: str
    made: int = 0
    passed_over: int = 0

    def below(self, base: Entity, applied: Sequence[Applied]) -> Iterator[Entity]:
        """The class itself and its subdivisions: what has some is no target, unless they are for optional use."""
        levels = [list(group) for _, group in groupby(applied, key=_level)]
        yield from self._grown(base, levels[:_LEVELS], ())

    def _grown(self, base: Entity, levels: list[list[Applied]], before: tuple[str, ...]) -> Iterator[Entity]:
        if not levels:
            yield base
            return
        found = [
            (self._made(base, applied, subdivision), f"{applied.modifier} {subdivision.code}")
            for applied in levels[0]
            for subdivision in self.subdivisions[applied.modifier]
            if applied.valid is None or subdivision.code in applied.valid
            if subdivision.not_after.isdisjoint(before)
            if self._fits(base.code, applied) and self._is_free(joined(base.code, subdivision.code, applied.position))
        ]
        optional = all(applied.modifier in self.optional for applied in levels[0])
        yield replace(base, assignable=base.assignable and (optional or not found))
        for entity, step in found:
            yield from self._grown(entity, levels[1:], (*before, step))

    @staticmethod
    def _fits(code: str, applied: Applied) -> bool:
        """Whether the modifier's character is still to come: a category's fourth is none of what is below it."""
        if not (_ICD.fullmatch(code) and applied.position):
            return True
        return applied.position > len(code.replace(".", ""))

    def _is_free(self, code: str) -> bool:
        if code in self.taken:
            self.passed_over += 1
            return False
        self.taken.add(code)
        self.made += 1
        if self.made > MADE_CAP:
            hint = "leave modifiers out, or give a part of the classification"
            raise FileFormatError(f"modifiers make more than {MADE_CAP:,} codes", hint=hint, file=self.file)
        return True

    def _made(self, base: Entity, applied: Applied, subdivision: Subdivision) -> Entity:
        terms = (
            *(f"{term}: {subdivision.label}" for term in base.synonyms[:_TERMS]),
            *(f"{base.name}: {term}" for term in subdivision.terms[:_TERMS]),
        )
        name = f"{base.name}: {subdivision.label}"
        return Entity(
            code=joined(base.code, subdivision.code, applied.position),
            name=name,
            synonyms=tuple(term for term in dict.fromkeys(terms) if term != name),
            parents=(base.code,),
            type="subcategory",
            notes=subdivision.notes,
        )


def _level(applied: Applied) -> object:
    """Modifiers of one position are alternatives; of unknown position, each follows the last."""
    return applied.position or applied.modifier
