"""Searching a knowledge base by code, word, part of a word, or Chinese character, while the reviewer types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rpdr_core.errors import NotFoundError
from rpdr_core.records import Entity, TermSource
from rpdr_core.store.database import Row
from rpdr_core.store.search_index import LexiconPair, code_key, ensure_index, search_key

RELATIVES = 200
_TRIGRAM = 3
_LAST = "\U0010ffff"

_TERM_SQL = """SELECT e.code, e.name, t.text, t.source, e.assignable, e.type
    FROM {tables} JOIN entity e ON e.id = t.entity_id
    WHERE {where} AND (e.assignable OR NOT ?) ORDER BY {order} LIMIT ?"""
_CODE_SQL = """SELECT code, name, code, 'code', assignable, type FROM entity
    WHERE code_key >= ? AND code_key < ? AND active AND (assignable OR NOT ?) ORDER BY code_key, id LIMIT ?"""


@dataclass(frozen=True, slots=True)
class EntityHit:
    """An entity found. `matched` is the string that was found and `source` where that string comes from."""

    code: str
    name: str
    matched: str
    source: TermSource
    assignable: bool
    type: str


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

    def __init__(self, folder: Path, lexicon: Sequence[LexiconPair] = ()) -> None:
        """`lexicon` holds (term, codes) pairs of the project's or the program's own; unknown codes are left out."""
        self._connection = ensure_index(folder, lexicon)

    def close(self) -> None:
        self._connection.close()

    def search(self, query: str, limit: int = 50, assignable_only: bool = False) -> list[EntityHit]:
        """Active entities, best first: exact code, exact term, code prefix, term prefix, whole words, words by
        prefix, any part of a word.

        Within a class, shorter terms come first. An empty query finds nothing.
        """
        key = search_key(query)
        hits: dict[str, EntityHit] = {}
        if not key or limit < 1:
            return []
        for rows in self._routes(key, code_key(query), limit, assignable_only):
            for code, name, matched, source, assignable, type_ in rows:
                hits.setdefault(code, EntityHit(code, name, matched, source, bool(assignable), type_))
            if len(hits) >= limit:
                break
        return list(hits.values())[:limit]

    def _routes(self, key: str, code: str, limit: int, assignable_only: bool) -> Iterator[list[Row]]:
        """The classes of match, best first; each is only asked for while hits are wanting."""
        # One entity may match by several terms, so each class is asked for more than the limit.
        tail = (assignable_only, limit * 3)
        words = key.split()
        yield self._connection.rows(_CODE_SQL, code, code + "\0", *tail)
        yield self._terms("term t", "t.key = ?", "t.id", key, *tail)
        yield self._connection.rows(_CODE_SQL, code, code + _LAST, *tail)
        yield self._terms("term t", "t.key >= ? AND t.key < ?", "length(t.key), t.id", key, key + _LAST, *tail)
        for ending in ("", "*"):
            yield self._matching("word", " AND ".join(f'"{word}"{ending}' for word in words), [], tail)
        long = [word for word in words if len(word) >= _TRIGRAM]
        short = [word for word in words if len(word) < _TRIGRAM]
        if long:
            yield self._matching("part", " AND ".join(f'"{word}"' for word in long), short, tail)
        elif not all(word.isascii() for word in short):
            filters = " AND ".join(["1", *(_short_filter(word) for word in short)])
            yield self._terms("term t", filters, "t.id", *short, *tail)

    def _matching(self, table: str, match: str, short: Sequence[str], tail: Sequence[object]) -> list[Row]:
        where = " AND ".join([f"{table} MATCH ?", *(_short_filter(word) for word in short)])
        tables = f"{table} JOIN term t ON t.id = {table}.rowid"
        return self._terms(tables, where, f"{table}.rowid", match, *short, *tail)

    def _terms(self, tables: str, where: str, order: str, *parameters: object) -> list[Row]:
        return self._connection.rows(_TERM_SQL.format(tables=tables, where=where, order=order), *parameters)

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


def _short_filter(word: str) -> str:
    """One or two letters: the start of a word in Latin script ("MI" is not in "familial"), anywhere else in others."""
    return "instr(' ' || t.key, ' ' || ?) > 0" if word.isascii() else "instr(t.key, ?) > 0"
