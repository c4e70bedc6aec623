"""The terminology as rules ask for it: each code and each name is looked up once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from rpdr_core.errors import NotFoundError
from rpdr_core.folding import fold
from rpdr_core.knowledge_base.exclusions import Exclusion, exclusions
from rpdr_core.records import Entity
from rpdr_core.store.entity_search import EntityHit, EntitySearch
from rpdr_core.store.search_index import search_key

MOST_KEPT = 20_000
"""Entities, and names, that are remembered; where more are asked for, all are forgotten."""

_MOST_FAMILIES = 1_000
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Forbidden:
    """One line of Excludes 1: `origin` is the code it stands at."""

    exclusion: Exclusion
    origin: str
    text: str


@dataclass(frozen=True, slots=True)
class Case:
    """One mention with the codes that were chosen, or are about to be; the main one first."""

    mention_id: int
    text: str
    codes: tuple[str, ...]

    @property
    def basis(self) -> tuple[str, ...]:
        return (str(self.mention_id), fold(self.text), *self.codes)


@dataclass(slots=True)
class CodeBook:
    """Answers from one search; not to be used from two threads at once. Its memory is bounded."""

    search: EntitySearch
    _entities: dict[str, Entity | None] = field(default_factory=dict)
    _children: dict[str, tuple[Entity, ...]] = field(default_factory=dict)
    _named: dict[str, list[EntityHit]] = field(default_factory=dict)
    _forbidden: dict[str, tuple[Forbidden, ...]] = field(default_factory=dict)

    def entity(self, code: str) -> Entity | None:
        """None for a code that the terminology does not have."""
        if code not in self._entities:
            _keep(self._entities, MOST_KEPT, code, self._looked_up(code))
        return self._entities[code]

    def path(self, code: str) -> tuple[Entity, ...]:
        """The ancestors along first parents, nearest first; ends where a faulty terminology turns in a circle."""
        found: list[Entity] = []
        seen, one = {code}, self.entity(code)
        while one is not None and one.parents and one.parents[0] not in seen:
            seen.add(one.parents[0])
            one = self.entity(one.parents[0])
            if one is not None:
                found.append(one)
        return tuple(found)

    def children(self, code: str) -> tuple[Entity, ...]:
        if code not in self._children:
            _keep(self._children, _MOST_FAMILIES, code, self.search.children(code))
        return self._children[code]

    def named(self, text: str) -> list[EntityHit]:
        """Active entities with this official name or synonym."""
        key = search_key(text)
        if key not in self._named:
            _keep(self._named, MOST_KEPT, key, self.search.named(key))
        return self._named[key]

    def forbidden(self, code: str) -> tuple[Forbidden, ...]:
        """The lines of Excludes 1 that hold for a code: its own and its ancestors', nearest first."""
        if code not in self._forbidden:
            entity = self.entity(code)
            holders = (entity, *self.path(code)) if entity is not None else ()
            lines = tuple(line for holder in holders for line in _lines(holder))
            _keep(self._forbidden, _MOST_FAMILIES, code, lines)
        return self._forbidden[code]

    def neighbours(self, code: str) -> Iterator[Entity]:
        """Siblings; for a code that a last character completes, also its cousins with the same last character."""
        entity = self.entity(code)
        if entity is None or not entity.parents:
            return
        yield from (one for one in self.children(entity.parents[0]) if one.code != code)
        above = self.entity(entity.parents[0])
        if entity.type == "extension" and above is not None and above.parents:
            for aunt in self.children(above.parents[0]):
                if aunt.code != above.code:
                    yield from (one for one in self.children(aunt.code) if one.code[-1] == code[-1])

    def _looked_up(self, code: str) -> Entity | None:
        try:
            return self.search.lookup(code)
        except NotFoundError:
            return None


def _keep(kept: dict[str, V], most: int, key: str, value: V) -> None:
    if len(kept) >= most:
        kept.clear()
    kept[key] = value


def _lines(holder: Entity) -> Iterator[Forbidden]:
    for note in holder.notes:
        if note.kind == "excludes1":
            for exclusion in exclusions(note.text):
                yield Forbidden(exclusion, holder.code, note.text)
