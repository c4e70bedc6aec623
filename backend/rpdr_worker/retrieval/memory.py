"""The project's memory: accepted corrections, searchable the moment they are made, gone the moment they are undone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

from rpdr_core.records import MemoryTerm
from rpdr_worker.retrieval.lexical import LexicalIndex
from rpdr_worker.retrieval.segment import Segment
from rpdr_worker.retrieval.terms import Owner, Terminology, TermTable
from rpdr_worker.retrieval.text import search_key

_REBUILD_AFTER = 256


class Memory:
    """Terms by decision. A large part is indexed once; what came or went since is kept in a small tail.

    `segments` are to be searched; `owners` gives the owners of a string with revoked votes taken off.
    """

    def __init__(self, terminology: Terminology, reference: LexicalIndex, terms: Iterable[MemoryTerm]) -> None:
        self._terminology = terminology
        self._reference = reference
        self._terms = {term.decision_id: term for term in terms}
        self._tail: dict[int, MemoryTerm] = {}
        self._revoked: dict[tuple[str, int], int] = {}
        self._base_segment = self._segment(self._terms.values())
        self._tail_segment = self._segment(())

    def __len__(self) -> int:
        return len(self._terms)

    def terms(self) -> tuple[MemoryTerm, ...]:
        """The terms in force, by decision."""
        return tuple(self._terms.values())

    def digest(self) -> str:
        """Identifies the terms in force: 16 hex digits."""
        rows = sorted(f"{term.decision_id}\0{term.term}\0{term.code}" for term in self._terms.values())
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]

    @property
    def segments(self) -> tuple[Segment, ...]:
        return tuple(segment for segment in (self._base_segment, self._tail_segment) if len(segment))

    def remember(self, terms: Iterable[MemoryTerm]) -> None:
        """Add terms; a decision that is known already is replaced."""
        new = {term.decision_id: term for term in terms}
        self.forget(self._terms.keys() & new.keys())
        self._terms |= new
        self._tail |= new
        self._refresh()

    def forget(self, decision_ids: Iterable[int]) -> None:
        """Drop what these decisions had brought; unknown ids are ignored."""
        for decision_id in list(decision_ids):
            term = self._terms.pop(decision_id, None)
            if term is None:
                continue
            if self._tail.pop(decision_id, None) is None and term.code in self._terminology.position:
                key = (search_key(term.term), self._terminology.position[term.code])
                self._revoked[key] = self._revoked.get(key, 0) + 1
        self._refresh()

    def owners(self, segment: Segment, position: int) -> tuple[Owner, ...]:
        """Owners of string `position` of one of the segments, without those whose every vote was revoked."""
        found = segment.table.owners[position]
        if segment is not self._base_segment or not self._revoked:
            return found
        key = segment.table.keys[position]
        kept = ((owner, owner.votes - self._revoked.get((key, owner.entity), 0)) for owner in found)
        return tuple(Owner(o.entity, o.source, o.place, votes) for o, votes in kept if votes > 0)

    def embed(self, load: Callable[[Segment], None]) -> None:
        """Let `load` give the segments their vectors (after a change, or when the encoder has come)."""
        for segment in self.segments:
            if not segment.complete():
                load(segment)

    def _refresh(self) -> None:
        if len(self._tail) + len(self._revoked) > _REBUILD_AFTER:
            self._base_segment = self._segment(self._terms.values())
            self._tail, self._revoked = {}, {}
        self._tail_segment = self._segment(self._tail.values())

    def _segment(self, terms: Iterable[MemoryTerm]) -> Segment:
        table = TermTable.of(self._terminology.memory_rows(terms))
        return Segment(table, LexicalIndex.build(table.keys, self._reference))
