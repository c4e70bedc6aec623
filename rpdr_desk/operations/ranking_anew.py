"""Which undecided mentions deserve new candidates: those ranked with fewer vectors, those worded like a correction."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from rpdr_core.records import MemoryTerm, Provenance, Status
from rpdr_desk.operations.jobs import Jobs
from rpdr_desk.operations.store_thread import StoreThread

if TYPE_CHECKING:
    from rpdr_core.store import ProjectReader

RETRIEVER = "retriever"
PAGE = 200
"""Mentions looked at in one go of the store's thread, so that a decision never waits long behind them."""
WORTH_A_JOB = 64
WORDINGS = 20
"""Corrections at once whose wordings are looked for; a bulk import of decisions is none of these."""
ALIKE = 500
_UNDECIDED: frozenset[Status] = frozenset(("unreviewed", "deferred"))
_VECTORS = re.compile(r"\bvectors=(\d+)/\d+")


class Anew:
    """Found page by page, handed out in batches. The mention on screen is held back until it has left the screen."""

    def __init__(self, store: StoreThread, jobs: Jobs) -> None:
        self._store, self._jobs = store, jobs
        self._unchecked: array[int] = array("q")
        self._checked = 0
        self._vectors, self._encoder = 0, ""
        self._finished: Callable[[], None] | None = None
        self._ready: list[int] = []
        self._held: set[int] = set()
        self._shown = 0
        self._job = 0

    @property
    def to_do(self) -> bool:
        return bool(self._ready) or self._checked < len(self._unchecked) or self._finished is not None

    def look_through(self, vectors: int, encoder: str, then: Callable[[], None], finished: Callable[[], None]) -> None:
        """Begin with all undecided mentions; those ranked with fewer vectors, or those of another encoder, are ranked
        again. `then`: go on; `finished`: all of them were handed out.
        """

        def found(ids: array[int]) -> None:
            self._end_job()
            self._unchecked, self._checked, self._vectors, self._encoder = ids, 0, vectors, encoder
            self._finished = finished
            then()

        self._store.query(undecided, found)

    def add(self, ids: Iterable[int]) -> None:
        """These before what is still to be looked through."""
        known = set(self._ready)
        for one in ids:
            if one == self._shown:
                self._held.add(one)
            elif one not in known:
                self._ready.insert(0, one)

    def on_screen(self, mention_id: int) -> None:
        """Another mention is on screen: what was held back for its sake may go."""
        if mention_id != self._shown:
            self._shown = mention_id
            held, self._held = self._held, set()
            self.add(held)

    def is_on_screen(self, mention_id: int) -> bool:
        return mention_id == self._shown

    def hold(self, mention_id: int) -> None:
        self._held.add(mention_id)

    def batch(self, size: int) -> list[int]:
        """The next ones; empty if none is ready."""
        taken, self._ready = self._ready[:size], self._ready[size:]
        self._held.update(one for one in taken if one == self._shown)
        self._tell()
        return [one for one in taken if one != self._shown]

    def look(self, then: Callable[[], None]) -> None:
        """Look at the next page, then go on."""
        page = self._unchecked[self._checked : self._checked + PAGE]
        if not page:
            finished, self._finished = self._finished, None
            self._unchecked, self._checked = array("q"), 0
            self._end_job()
            if finished is not None:
                finished()
            then()
            return
        vectors, encoder, began = self._vectors, self._encoder, self._unchecked

        def found(ids: list[int]) -> None:
            if self._unchecked is began:
                self._checked += len(page)
                self._ready += ids
                if ids and not self._job and len(began) > WORTH_A_JOB:
                    self._job = self._jobs.start("retrieve", total=len(began))
                self._tell()
            then()

        self._store.query(lambda project: ranked_otherwise(project, page, vectors, encoder), found)

    def stop(self) -> None:
        """Forget all: the worker is gone, and whoever opens it again begins anew."""
        self._unchecked, self._checked, self._finished = array("q"), 0, None
        self._ready.clear()
        self._end_job()

    def _tell(self) -> None:
        if self._job:
            self._jobs.progress(self._job, max(0, self._checked - len(self._ready)), len(self._unchecked))

    def _end_job(self) -> None:
        if self._job:
            self._jobs.finish(self._job)
            self._job = 0


def undecided(reader: ProjectReader) -> array[int]:
    """Ids of the mentions that wait for a decision."""
    from rpdr_core.store import QueueQuery

    return reader.queue(QueueQuery(_UNDECIDED))


def ranked_otherwise(reader: ProjectReader, ids: Sequence[int], vectors: int, encoder: str) -> list[int]:
    """Those of `ids` whose retriever's ranking was made with fewer vectors, or with those of another encoder."""

    def otherwise(found: Provenance) -> bool:
        known = vectors_of(found)
        return known < vectors or (bool(encoder) and found.model != encoder and known < math.inf)

    return [
        one
        for one in ids
        if any(ranking.ranker == RETRIEVER and otherwise(ranking.provenance) for ranking in reader.rankings(one))
    ]


def vectors_of(provenance: Provenance) -> float:
    """How many vectors a ranking was made with; infinitely many where it does not say."""
    found = _VECTORS.search(provenance.parameters)
    return int(found[1]) if found else float("inf")


def worded_alike(reader: ProjectReader, terms: Sequence[MemoryTerm]) -> list[int]:
    """Undecided mentions with the very wording of a memory term."""
    from rpdr_core.folding import fold
    from rpdr_core.store import QueueQuery

    found: dict[int, None] = {}
    for term in terms[:WORDINGS]:
        ids = reader.queue(QueueQuery(_UNDECIDED, text=term.term))[:ALIKE]
        wording = fold(term.term)
        found.update((mention.id, None) for mention in reader.mentions(ids) if fold(mention.text) == wording)
    return list(found)
