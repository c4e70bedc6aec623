"""Searching a knowledge base by code, word, part of a word, Chinese, pinyin, or misspelt, while the reviewer types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AnySet
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from rpdr_core.errors import NotFoundError
from rpdr_core.records import Entity, TermSource
from rpdr_core.store import entity_tree, pinyin, spelling
from rpdr_core.store.database import Connection, Row
from rpdr_core.store.entity_tree import Branch
from rpdr_core.store.grouping import Groups, groups_of
from rpdr_core.store.lineage import Lineage, lineage_of
from rpdr_core.store.search_index import LexiconPair, Maker, code_key, ensure_index, grams, open_index, search_key
from rpdr_core.store.vocabulary import Vocabulary, any_of

MatchedBy = Literal["code", "term", "prefix", "words", "part", "spelling", "pinyin"]
"""Why a search found an entity, best first: its code or the beginning of it, a whole term, a term's beginning, all
words (or their beginnings), a part of a word, a misspelt word, Chinese typed in Latin letters. An exact code comes
before an exact term, the beginning of a code after it."""

RELATIVES = 200
_TRIGRAM = 3
_PINYIN_LOOKED_AT = 3_000
_LAST = "\U0010ffff"
_FILTERED = 8

_TERM_SQL = """SELECT e.code, e.name, t.text, t.source, e.assignable, e.type
    FROM {tables} JOIN entity e ON e.id = t.entity_id
    WHERE {where} AND (e.assignable OR NOT ?) ORDER BY {order} LIMIT ?"""
_PREFIX_SQL = """SELECT e.code, e.name, t.text, t.source, e.assignable, e.type
    FROM (SELECT id FROM term WHERE key >= ? AND key < ? ORDER BY id LIMIT ?) p
    JOIN term t ON t.id = p.id JOIN entity e ON e.id = t.entity_id
    WHERE e.assignable OR NOT ? ORDER BY t.id LIMIT ?"""
_CODE_SQL = """SELECT code, name, code, 'code', assignable, type FROM entity
    WHERE code_key >= ? AND code_key < ? AND active AND (assignable OR NOT ?) ORDER BY code_key, id LIMIT ?"""
# Typed from the term's first character on before typed from a later one or in a rarer reading; all of it before a part.
_PINYIN_SQL = """SELECT e.code, e.name, t.text, t.source, e.assignable, e.type
    FROM (SELECT key, start, term_id FROM pinyin WHERE key >= ? AND key < ? LIMIT ?) p
    JOIN term t ON t.id = p.term_id JOIN entity e ON e.id = t.entity_id
    WHERE e.assignable OR NOT ?
    ORDER BY min(p.start, 1) + (p.start >= 100), p.key <> ?, p.start, t.id LIMIT ?"""


@dataclass(frozen=True, slots=True)
class EntityHit:
    """An entity found. `matched` is the string that was found, `source` where it comes from, `by` why it matched."""

    code: str
    name: str
    matched: str
    source: TermSource
    assignable: bool
    type: str
    by: MatchedBy


@dataclass(frozen=True, slots=True)
class EntityDetail:
    """An entity with its place: `path` from the root to its parent; at most 200 children and siblings each."""

    entity: Entity
    path: tuple[Entity, ...]
    children: tuple[Entity, ...]
    siblings: tuple[Entity, ...]


class EntitySearch:
    """A search over one catalogue folder. Each instance has a read-only connection of its own.

    Opening builds the index when the catalogue or the lexicon is new (a few seconds for 100,000 entities). Use an
    instance from any thread, but from one at a time.
    """

    def __init__(self, folder: Path, lexicon: Sequence[LexiconPair] = (), make: Maker | None = None) -> None:
        """`lexicon` holds (term, codes) pairs of the project's or the program's own; unknown codes are left out. `make`
        makes a missing index elsewhere than here.
        """
        self._use(ensure_index(folder, lexicon, make))

    def twin(self) -> EntitySearch:
        """The same search through a connection of its own, for another thread."""
        other = object.__new__(EntitySearch)
        other._use(open_index(self._connection.path))
        return other

    def _use(self, connection: Connection) -> None:
        self._connection = connection
        self._vocabulary = Vocabulary(connection)

    def close(self) -> None:
        self._connection.close()

    def search(self, query: str, limit: int = 50, assignable_only: bool = False) -> list[EntityHit]:
        """Active entities, best first, in the order of `MatchedBy`; within a class, shorter terms come first.

        Any part of a Chinese word finds it, of a Latin one a part of three letters. Misspelt is a word that the
        terminology does not have: one edit from 4 letters, two from 8 (see `spelling`). An empty query finds nothing.
        """
        key = search_key(query)
        hits: dict[str, EntityHit] = {}
        if not key or limit < 1:
            return []
        for by, rows in self._routes(key, code_key(query), hits, limit, assignable_only):
            for code, name, matched, source, assignable, type_ in rows:
                hits.setdefault(code, EntityHit(code, name, matched, source, bool(assignable), type_, by))
            if len(hits) >= limit:
                break
        return list(hits.values())[:limit]

    def named(self, text: str) -> list[EntityHit]:
        """Active entities that bear a text as their official name or synonym, compared as searches do."""
        where = "t.key = ? AND t.source IN ('name', 'synonym')"
        rows = self._terms("term t", where, "t.source, t.id", search_key(text), False, RELATIVES)
        return [
            EntityHit(code, name, matched, source, bool(assignable), type_, "term")
            for code, name, matched, source, assignable, type_ in rows
        ]

    def _routes(
        self, key: str, code: str, hits: Mapping[str, EntityHit], limit: int, assignable_only: bool
    ) -> Iterator[tuple[MatchedBy, list[Row]]]:
        """The classes of match, best first; each is only asked for while hits are wanting."""
        # One entity may match by several terms, so each class is asked for more than the limit.
        tail = (assignable_only, limit * 3)
        words = key.split()
        yield "code", self._connection.rows(_CODE_SQL, code, code + "\0", *tail)
        yield "term", self._terms("term t", "t.key = ?", "t.id", key, *tail)
        yield "code", self._connection.rows(_CODE_SQL, code, code + _LAST, *tail)
        yield "prefix", self._beginning(key, assignable_only, limit * 3)
        whole, begun = " AND ".join(f'"{word}"' for word in words), " AND ".join(map(self._begun, words))
        yield "words", self._matching("word", whole, [], tail)
        if begun != whole:
            yield "words", self._matching("word", begun, [], tail)
        yield "part", self._parts(words, tail)
        if wrong := {word for word in words if self._may_be_misspelt(word) and not self._vocabulary.knows(word)}:
            yield "spelling", self._corrected(words, wrong, tail)
        if not hits and len(words) > 1:
            yield "spelling", self._corrected(words, set(filter(self._may_be_misspelt, words)), tail)
        if letters := pinyin.typed_key(key):
            found = (letters, letters + _LAST, _PINYIN_LOOKED_AT)
            yield "pinyin", self._connection.rows(_PINYIN_SQL, *found, assignable_only, letters, limit)

    def _beginning(self, key: str, assignable_only: bool, limit: int) -> list[Row]:
        """Terms that begin so, shorter ones first: numbers out of an index alone, then only those terms."""
        for looked_at in (limit * (_FILTERED if assignable_only else 1), -1):
            rows = self._connection.rows(_PREFIX_SQL, key, key + _LAST, looked_at, assignable_only, limit)
            if not assignable_only or len(rows) >= limit:
                break
        return rows

    def _begun(self, word: str) -> str:
        """A full-text expression for all words that begin so."""
        found = self._vocabulary.beginning(word)
        return any_of(found) if found else f'"{word}"*'

    def _parts(self, words: Sequence[str], tail: Sequence[object]) -> list[Row]:
        wide = [word for word in words if not word.isascii()]
        if wide:
            match = " AND ".join(f'"{gram}"' for word in wide for gram in grams(word))
            return self._matching("gram", match, words, tail)
        long = [word for word in words if len(word) >= _TRIGRAM]
        short = [word for word in words if len(word) < _TRIGRAM]
        if not long:
            return []
        held = {word: self._vocabulary.holding(word) for word in long}
        if any(found == [] for found in held.values()):
            return []
        few = [any_of(found) for found in held.values() if found]
        if few:
            others = [word for word, found in held.items() if found is None]
            return self._matching("word", " AND ".join(few), [*others, *short], tail)
        return self._matching("part", " AND ".join(f'"{word}"' for word in long), short, tail)

    def _matching(self, table: str, match: str, also: Sequence[str], tail: Sequence[object]) -> list[Row]:
        where = " AND ".join([f"{table} MATCH ?", *(_holds(word) for word in also)])
        tables = f"{table} JOIN term t ON t.id = {table}.rowid"
        return self._terms(tables, where, f"{table}.rowid", match, *also, *tail)

    def _terms(self, tables: str, where: str, order: str, *parameters: object) -> list[Row]:
        return self._connection.rows(_TERM_SQL.format(tables=tables, where=where, order=order), *parameters)

    def _may_be_misspelt(self, word: str) -> bool:
        return bool(spelling.allowed(word)) and word.isascii() and word.isalpha()

    def _corrected(self, words: Sequence[str], wrong: AnySet[str], tail: Sequence[object]) -> list[Row]:
        """Terms with every word, where a wrong one may stand for the nearest that the terminology has."""
        parts = []
        for word in words:
            near = self._vocabulary.nearest(word) if word in wrong else []
            parts.append("(" + " OR ".join([self._begun(word), *(f'"{one}"' for one in near)]) + ")")
        return self._matching("word", " AND ".join(parts), [], tail)

    def entity(self, code: str) -> EntityDetail:
        """An entity by its exact code, with its relatives."""
        entity = self._entity(code)
        siblings = self._children(entity.parents[0]) if entity.parents else ()
        return EntityDetail(
            entity,
            tuple(reversed(list(self._ancestors(entity)))),
            self._children(code),
            tuple(sibling for sibling in siblings if sibling.code != code),
        )

    def lineage(self, codes: Iterable[str]) -> Lineage:
        """These codes and all above them, by parents and names."""
        return lineage_of(self._connection, codes)

    def existing(self, codes: Iterable[str]) -> frozenset[str]:
        """Those of some codes that the knowledge base has."""
        asked = list(codes)
        sql = "SELECT code FROM entity WHERE code IN (SELECT value FROM json_each(?))"
        return frozenset(row[0] for row in self._connection.rows(sql, msgspec.json.encode(asked).decode()))

    def groups(self, codes: Iterable[str]) -> Groups:
        """The chapter and the semantic type of each of some codes."""
        return groups_of(self._connection, codes)

    def lookup(self, code: str) -> Entity:
        """An entity by its exact code, without its relatives."""
        return self._entity(code)

    def children(self, code: str) -> tuple[Entity, ...]:
        """The entities right below a code, at most 200."""
        return self._children(code)

    def roots(self) -> list[Branch]:
        """The entities without a parent, in the terminology's order."""
        return entity_tree.roots(self._connection)

    def branches(self, code: str, start: int, limit: int) -> list[Branch]:
        """Some of an entity's children, in the terminology's order; `start` counts from 0."""
        return entity_tree.branches(self._connection, code, start, limit)

    def _entity(self, code: str) -> Entity:
        found = self._connection.row("SELECT content FROM entity WHERE code = ?", code)
        if found is None:
            raise NotFoundError(f"code {code!r} is not in the knowledge base", hint="search for it by name")
        return self._decoded(found[0])

    def _ancestors(self, entity: Entity) -> Iterator[Entity]:
        """Along first parents, nearest first; ends at a root, or where a faulty terminology turns in a circle."""
        seen = {entity.code}
        while entity.parents and entity.parents[0] not in seen:
            entity = self._entity(entity.parents[0])
            seen.add(entity.code)
            yield entity

    def _children(self, code: str) -> tuple[Entity, ...]:
        sql = (
            "SELECT e.content FROM child c JOIN entity e ON e.id = c.position WHERE c.parent = ? ORDER BY e.id LIMIT ?"
        )
        return tuple(self._decoded(row[0]) for row in self._connection.rows(sql, code, RELATIVES))

    def _decoded(self, content: str) -> Entity:
        with self._connection.errors():
            return msgspec.json.decode(content, type=Entity)


def _holds(word: str) -> str:
    """A short Latin word at the start of a word ("MI" is not in "familial"), anything else anywhere."""
    short = word.isascii() and len(word) < _TRIGRAM
    return "instr(' ' || t.key, ' ' || ?) > 0" if short else "instr(t.key, ?) > 0"
