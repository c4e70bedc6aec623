"""Candidates in time: for the mention on screen at once, for the next ones in advance, for the rest in batches."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from rpdr_core.errors import RpdrError, WorkerLostError
from rpdr_core.knowledge_base.scope import SCOPE, scope_mark
from rpdr_core.protocol.messages import (
    Forget,
    KnowledgeBaseRef,
    MentionText,
    OpenRetrieval,
    Remember,
    RetrievalState,
    Retrieve,
)
from rpdr_core.records import Changes, MemoryTerm, Mention, Ranking
from rpdr_core.workflow.encoders import encoder_folder
from rpdr_desk.operations.jobs import Jobs
from rpdr_desk.operations.ranking_anew import RETRIEVER, Anew, worded_alike
from rpdr_desk.operations.store_thread import StoreThread
from rpdr_desk.operations.worker_link import WorkerLink, WorkerState

RANKED_WITH = "ranked_with"
ASKED_AHEAD = 8
BATCH = 32
ASKED_AT_ONCE = 5_000
K = 10
_NOT_OPENING = "\0"
"""No encoder's folder."""


class Retrieval(QObject):
    """One request at a time, in small batches, so that the mention on screen never waits long for its turn.

    `dense_changed` says how far the dense index is (`RetrievalState.dense`). `served`: nobody waits for candidates now.
    What is retrieved is recorded through the store, which announces it like any other change.
    """

    dense_changed = Signal(str)
    served = Signal()
    failed = Signal(object)

    def __init__(
        self,
        store: StoreThread,
        worker: WorkerLink,
        jobs: Jobs,
        mentions: Callable[[Sequence[int]], list[Mention]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._worker = worker
        self._jobs = jobs
        self._mentions = mentions
        self._reference: KnowledgeBaseRef | None = None
        self._state: RetrievalState | None = None
        self._open = False
        self._opening = _NOT_OPENING
        self._anew_once_open: list[tuple[Callable[[], None], Callable[[RpdrError], None]]] = []
        self._busy = False
        self._urgent: list[int] = []
        self._failed_ids: set[int] = set()
        self._asked_ids: set[int] = set()
        self._scope = ""
        self._waiting: list[int] = []
        self._anew = Anew(store, jobs)
        self._job = 0
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._go_on)
        worker.state_changed.connect(self._worker_changed)
        store.changed.connect(self._remember)

    @property
    def ready(self) -> bool:
        return self._open

    @property
    def reference(self) -> KnowledgeBaseRef | None:
        """The knowledge base as the worker knows it; None until the terminology is ready."""
        return self._reference

    @property
    def state(self) -> RetrievalState | None:
        """What the worker said last; None until it has opened the knowledge base."""
        return self._state

    @property
    def model(self) -> str:
        """The encoder and how much of the dense index is there: results depend on both."""
        state = self._state
        if state is None or not state.dense_done:
            return f"lexical {scope_mark(self._scope)}".rstrip()
        return (
            f"{state.encoder} {state.dense_done}/{state.dense_total} {state.inputs} {scope_mark(self._scope)}".rstrip()
        )

    @property
    def scope(self) -> str:
        """The project's scope: nothing outside of it is proposed."""
        return self._scope

    def use(self, reference: KnowledgeBaseRef) -> None:
        """Retrieve from this knowledge base as soon as the worker is ready."""
        self._reference = reference
        self._worker_changed(self._worker.state)

    def want(self, ids: Sequence[int], on_screen: int = 0) -> None:
        """These first, in this order; replaces what was wanted before. What is on screen keeps its candidates."""
        self._urgent = [one for one in ids if one not in self._failed_ids]
        self._anew.on_screen(on_screen)
        self._next.start()

    def know(self, state: RetrievalState) -> None:
        """The worker told how it stands."""
        self._state = state
        self.dense_changed.emit(state.dense)

    def rank_anew(self) -> None:
        """There are more vectors: undecided mentions ranked with fewer are ranked again, in the background."""
        state = self._state
        if state is None or not state.dense_done:
            return
        key = _vectors_key(state)

        def finished() -> None:
            self._store.change(lambda project: project.set_setting(RANKED_WITH, key))

        self._anew.look_through(state.dense_done, state.encoder, self._next.start, finished)

    def search_anew(self, done: Callable[[], None], failed: Callable[[RpdrError], None]) -> None:
        """The encoder in use is another one: search with it. Until the worker has opened its index, the old one serves;
        what is on screen stays as it is, and undecided mentions are ranked again in the background.
        """
        reference = self._reference
        if reference is None or not self._open:
            if self._opening in (_NOT_OPENING, "" if reference is None else self._encoder(reference)):
                # Whatever opens next opens with the encoder in use.
                done()
            else:
                self._anew_once_open.append((done, failed))
            return

        def open_(memory: list[MemoryTerm]) -> None:
            def opened(state: RetrievalState) -> None:
                self._opened(state)
                done()

            params = OpenRetrieval(reference, tuple(memory), self._encoder(reference))
            self._worker.request("retrieval.open", params, done=opened, failed=failed)

        self._store.query(lambda project: project.memory(), open_, failed)

    def close(self) -> None:
        """Nothing more is asked for: the project is being closed."""
        self._open = False
        self._next.stop()

    def _worker_changed(self, state: WorkerState) -> None:
        if state != "ready":
            self._open = self._busy = False
            self._opening = _NOT_OPENING
            waiting, self._anew_once_open = self._anew_once_open, []
            for done, _ in waiting:
                done()
            self._anew.stop()
        elif self._reference is not None and not self._open:
            reference = self._reference
            self._store.query(
                lambda project: (project.memory(), project.setting(SCOPE)),
                lambda found: self._open_with(reference, *found),
            )

    def _open_with(self, reference: KnowledgeBaseRef, memory: list[MemoryTerm], scope: str) -> None:
        self._scope = scope
        self._opening = self._encoder(reference)
        params = OpenRetrieval(reference, tuple(memory), self._opening)
        self._worker.request("retrieval.open", params, done=self._opened, failed=self._not_opened)

    def _encoder(self, reference: KnowledgeBaseRef) -> str:
        """The encoder that the knowledge base is searched with. One that is gone is told; the bundled one serves."""
        try:
            return encoder_folder("", reference.fingerprint)
        except RpdrError as error:
            self._report(error)
            return ""

    def _not_opened(self, error: RpdrError) -> None:
        self._opening = _NOT_OPENING
        waiting, self._anew_once_open = self._anew_once_open, []
        for done, failed in waiting:
            # Of a worker that is lost, the next one opens with the encoder in use.
            done() if isinstance(error, WorkerLostError) else failed(error)
        self._report(error)

    def _opened(self, state: RetrievalState) -> None:
        self._open = True
        self._opening = _NOT_OPENING
        waiting, self._anew_once_open = self._anew_once_open, []
        for done, failed in waiting:
            # Another encoder was put in use while this one was being opened.
            self.search_anew(done, failed)
        self.know(state)
        self._next.start()
        if state.dense_done:
            # Closed or killed before the last rankings were made anew? The project knows.
            self._store.query(
                lambda project: project.setting(RANKED_WITH) != _vectors_key(state),
                lambda missing: self.rank_anew() if missing else None,
            )

    def _go_on(self) -> None:
        if not self._open or self._busy:
            return
        self._busy = True
        if self._urgent:
            wanted, self._urgent = self._urgent[:ASKED_AHEAD], self._urgent[ASKED_AHEAD:]
            self._retrieve(wanted)
            return
        self.served.emit()
        if self._waiting:
            self._background()
        elif batch := self._anew.batch(BATCH):
            self._retrieve(batch, anew=True)
        elif self._anew.to_do:
            self._anew.look(self._idle)
        else:
            self._store.query(lambda project: project.unranked(RETRIEVER, ASKED_AT_ONCE), self._fetched, self._stop)

    def _idle(self) -> None:
        self._busy = False
        self._next.start()

    def _fetched(self, ids: array[int]) -> None:
        # One that was retrieved and still counts as not retrieved (its list is of another knowledge base than the
        # project's) is not asked for again and again.
        self._waiting = [one for one in ids if one not in self._failed_ids and one not in self._asked_ids]
        if self._waiting:
            self._open_job()
            self._background()
        else:
            self._busy = False
            self._close_job()

    def _background(self) -> None:
        batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
        self._asked_ids.update(batch)
        self._retrieve(batch)

    def _open_job(self) -> None:
        """Worth a line in the job list only if it takes a while."""
        if not self._job and len(self._waiting) > 2 * BATCH:
            self._job = self._jobs.start("retrieve", total=len(self._waiting))

    def _close_job(self) -> None:
        if self._job:
            self._jobs.finish(self._job)
            self._job = 0

    def _retrieve(self, ids: list[int], *, anew: bool = False) -> None:
        if self._reference is None:
            self._busy = False
            return
        texts = tuple(MentionText(mention.id, mention.text, mention.context) for mention in self._mentions(ids))
        arrived: list[Ranking] = []
        params = Retrieve(self._reference.fingerprint, texts, K, scope=self._scope)

        def done(_result: object) -> None:
            self._failed_ids.update(set(ids) - {ranking.mention_id for ranking in arrived})
            record()

        def failed(error: RpdrError) -> None:
            # A batch that fails as a whole is not asked again by itself: no endless loop on one bad mention.
            if not isinstance(error, WorkerLostError):
                self._failed_ids.update(ids)
                self._report(error)
            record()

        def record() -> None:
            if not anew:
                self._record(arrived)
                return
            for ranking in arrived:
                if self._anew.is_on_screen(ranking.mention_id):
                    self._anew.hold(ranking.mention_id)
            self._record([one for one in arrived if not self._anew.is_on_screen(one.mention_id)])

        self._worker.request("retrieve", params, done=done, failed=failed, partial=arrived.append)

    def _record(self, rankings: list[Ranking]) -> None:
        if rankings:
            self._store.change(lambda project: project.record_rankings(rankings), self._recorded, self._stop)
        else:
            self._recorded(None)

    def _recorded(self, changes: Changes | None) -> None:
        self._busy = False
        if self._job and changes is not None:
            job = self._jobs.get(self._job)
            self._jobs.progress(self._job, min(job.total, job.done + len(changes.mention_ids)), job.total)
        self._next.start()

    def _remember(self, changes: Changes) -> None:
        if "mentions" in changes.kinds:
            self._next.start()
        if "settings" in changes.kinds:
            self._store.query(lambda project: project.setting(SCOPE), self._under)
        if not self._open or self._reference is None:
            return
        fingerprint = self._reference.fingerprint
        if changes.forgotten:
            gone = tuple(term.decision_id for term in changes.forgotten)
            self._send("memory.forget", Forget(fingerprint, gone))
        if changes.remembered:
            self._send("memory.remember", Remember(fingerprint, changes.remembered))

        changed = (*changes.remembered, *changes.forgotten)
        if changed:
            # Asked after the memory was sent, so that the worker has learned before it retrieves.
            undone = bool(changes.forgotten)
            self._store.query(
                lambda project: worded_alike(project, changed), lambda ids: self._rank_these_anew(ids, undone)
            )

    def _under(self, scope: str) -> None:
        """The scope may have changed: then whatever is undecided counts as not retrieved."""
        if scope != self._scope:
            self._scope = scope
            self._asked_ids.clear()
            self._failed_ids.clear()
            self._waiting.clear()
            self._next.start()

    def _rank_these_anew(self, ids: list[int], undone: bool) -> None:
        """What is on screen keeps its ranks while it is read, but not those that come from a decision taken back."""
        if undone:
            self._urgent = [*(one for one in ids if self._anew.is_on_screen(one)), *self._urgent]
        self._anew.add(ids)
        if ids:
            self._next.start()

    def _send(self, method: str, params: object) -> None:
        self._worker.request(method, params, done=self.know, failed=self._report)

    def _stop(self, error: RpdrError) -> None:
        self._busy = False
        self.failed.emit(error)

    def _report(self, error: RpdrError) -> None:
        self.failed.emit(error)


def _vectors_key(state: RetrievalState) -> str:
    return f"{state.encoder} {state.dense_done}/{state.dense_total}"
