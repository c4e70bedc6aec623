"""The terminology as rules ask for it: each code and each name is looked up once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from rpdr_core.errors import NotFoundError
from rpdr_core.folding import fold
from rpdr_core.knowledge_base.exclusions import Exclusion, exclusions
from rpdr_core.records import Entity
from rpdr_core.store.entity_search import EntityDetail, EntityHit, EntitySearch
from rpdr_core.store.search_index import search_key

MOST_KEPT = 50_000
"""Names remembered; texts of a project repeat, but not for ever."""


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
    """Answers from one search; not to be used from two threads at once."""

    search: EntitySearch
    _details: dict[str, EntityDetail | None] = field(default_factory=dict)
    _named: dict[str, list[EntityHit]] = field(default_factory=dict)
    _forbidden: dict[str, tuple[Forbidden, ...]] = field(default_factory=dict)
    _variants: dict[str, tuple[Entity, ...]] = field(default_factory=dict)

    def detail(self, code: str) -> EntityDetail | None:
        """An entity with its relatives; None for a code that the terminology does not have."""
        if code not in self._details:
            try:
                self._details[code] = self.search.entity(code)
            except NotFoundError:
                self._details[code] = None
        return self._details[code]

    def named(self, text: str) -> list[EntityHit]:
        """Active entities with this official name or synonym."""
        key = search_key(text)
        if key not in self._named:
            if len(self._named) >= MOST_KEPT:
                self._named.clear()
            self._named[key] = self.search.named(key)
        return self._named[key]

    def forbidden(self, code: str) -> tuple[Forbidden, ...]:
        """The lines of Excludes 1 that hold for a code: its own and its ancestors', nearest first."""
        if code not in self._forbidden:
            detail = self.detail(code)
            holders = (detail.entity, *reversed(detail.path)) if detail else ()
            self._forbidden[code] = tuple(line for holder in holders for line in _lines(holder))
        return self._forbidden[code]

    def neighbours(self, code: str) -> tuple[Entity, ...]:
        """Siblings; for a code that a last character completes, also its cousins with the same last character."""
        if code not in self._variants:
            self._variants[code] = tuple(self._neighbours(code))
        return self._variants[code]

    def _neighbours(self, code: str) -> Iterator[Entity]:
        detail = self.detail(code)
        if detail is None:
            return
        yield from detail.siblings
        above = self.detail(detail.path[-1].code) if detail.path else None
        if above is not None and detail.entity.type == "extension":
            for aunt in above.siblings:
                for cousin in found.children if (found := self.detail(aunt.code)) else ():
                    if cousin.code[-1] == code[-1]:
                        yield cousin


def _lines(holder: Entity) -> Iterator[Forbidden]:
    for note in holder.notes:
        if note.kind == "excludes1":
            for exclusion in exclusions(note.text):
                yield Forbidden(exclusion, holder.code, note.text)
