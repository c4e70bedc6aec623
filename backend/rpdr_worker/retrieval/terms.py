"""The term table: which strings name which entities. The unit of lexical and dense retrieval is the string."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rpdr_core.knowledge_base.lexicon import LexiconTerm
from rpdr_core.records import Entity, MemoryTerm, TermSource
from rpdr_worker.retrieval.text import search_key

_NOT_TARGETS = frozenset(("chapter", "block"))
EXTENSION = "extension"
_CIRCUMSTANCES = "External causes of morbidity"


@dataclass(frozen=True, slots=True)
class Owner:
    """A string names an entity (by position in `Terminology.entities`); `place` 0 is the string's first choice."""

    entity: int
    source: TermSource
    place: int = 0
    votes: int = 1


@dataclass(frozen=True, slots=True)
class TermTable:
    """Distinct strings, their search keys, and their owners. `exact` finds strings by search key."""

    strings: tuple[str, ...]
    keys: tuple[str, ...]
    owners: tuple[tuple[Owner, ...], ...]
    exact: dict[str, tuple[int, ...]]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, Owner]]) -> TermTable:
        """From (string, owner) rows in order; equal strings are kept once with all their owners, each of them once."""
        found: dict[str, dict[tuple[int, TermSource], Owner]] = {}
        for string, owner in rows:
            found.setdefault(string, {}).setdefault((owner.entity, owner.source), owner)
        strings = tuple(found)
        keys = tuple(search_key(string) for string in strings)
        exact: dict[str, tuple[int, ...]] = {}
        for position, key in enumerate(keys):
            exact[key] = (*exact.get(key, ()), position)
        return cls(strings, keys, tuple(tuple(owners.values()) for owners in found.values()), exact)


@dataclass(frozen=True, slots=True)
class Terminology:
    """Entities with the lookups that retrieval needs.

    `extensions[i]`: extension children of entity i. `circumstances`: what tells how something happened and is
    seldom what a mention names (ICD-10-CM chapter 20).
    """

    entities: tuple[Entity, ...]
    position: dict[str, int]
    children: dict[int, tuple[int, ...]]
    extensions: dict[int, tuple[int, ...]]
    circumstances: frozenset[int]

    @classmethod
    def of(cls, entities: Sequence[Entity]) -> Terminology:
        position = {entity.code: at for at, entity in enumerate(entities)}
        children: dict[int, list[int]] = {}
        extensions: dict[int, list[int]] = {}
        for at, entity in enumerate(entities):
            for parent in entity.parents:
                group = extensions if entity.type == EXTENSION else children
                group.setdefault(position[parent], []).append(at)
        return cls(
            tuple(entities),
            position,
            {at: tuple(found) for at, found in children.items()},
            {at: tuple(found) for at, found in extensions.items()},
            _circumstances(entities, position),
        )

    def plain(self) -> frozenset[int]:
        """Entities that can be assigned as they are and have nothing below them."""
        return frozenset(
            at
            for at, entity in enumerate(self.entities)
            if entity.assignable and at not in self.children and at not in self.extensions
        )

    def official_rows(self) -> Iterator[tuple[str, Owner]]:
        """Names and synonyms of every possible target.

        Seventh-character extensions are left out: their names repeat the parent's with an encounter or stage
        behind, so they are reached through the parent (`families`), and the index is half as large.
        """
        for at, entity in enumerate(self.entities):
            if entity.type in _NOT_TARGETS or entity.type == EXTENSION or not entity.active:
                continue
            yield entity.name, Owner(at, "name")
            for synonym in entity.synonyms:
                yield synonym, Owner(at, "synonym")

    def lexicon_rows(self, terms: Iterable[LexiconTerm]) -> Iterator[tuple[str, Owner]]:
        """Our own terms; codes that this release does not have are passed over."""
        for term in terms:
            for place, code in enumerate(term.codes):
                if code in self.position:
                    yield term.term, Owner(self.position[code], "lexicon", place)

    def memory_rows(self, terms: Iterable[MemoryTerm]) -> Iterator[tuple[str, Owner]]:
        """Accepted corrections; the same correction made several times counts as several votes."""
        votes: dict[tuple[str, int], int] = {}
        shown: dict[tuple[str, int], str] = {}
        for term in terms:
            if term.code in self.position:
                key = (search_key(term.term), self.position[term.code])
                votes[key] = votes.get(key, 0) + 1
                shown.setdefault(key, term.term)
        spelling: dict[str, str] = {}
        for (text, entity), count in votes.items():
            string = spelling.setdefault(text, shown[text, entity])
            yield string, Owner(entity, "memory", 0, count)


def _circumstances(entities: Sequence[Entity], position: dict[str, int]) -> frozenset[int]:
    """All below a root named "External causes of morbidity". Parents come before their children."""
    found: set[int] = set()
    for at, entity in enumerate(entities):
        is_root = not entity.parents and entity.name == _CIRCUMSTANCES
        if is_root or any(position[parent] in found for parent in entity.parents):
            found.add(at)
    return frozenset(found)
