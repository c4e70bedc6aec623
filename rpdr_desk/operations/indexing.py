"""The dense index makes itself: in the background, when nobody waits for candidates, until somebody says no."""

from __future__ import annotations

from PySide6.QtCore import QObject

from rpdr_core.errors import Cancelled, RpdrError, WorkerLostError
from rpdr_core.protocol.messages import BuildIndex, RetrievalState
from rpdr_desk.operations.jobs import Jobs
from rpdr_desk.operations.retrieving import Retrieval
from rpdr_desk.operations.store_thread import StoreThread
from rpdr_desk.operations.worker_jobs import WorkerJobs

SETTING = "index_by_itself"
CRASHES = 3
"""After so many crashes of the worker without one more vector, it is left alone until asked."""


class Indexing(QObject):
    """Terms of priority codes first, as a job of their own: rankings are made again with them, then with all.

    A build that is cancelled is not started by itself again in this project (a setting of the project), until it is
    asked for. One that a crash ended goes on as soon as the worker is back.
    """

    def __init__(
        self,
        store: StoreThread,
        retrieval: Retrieval,
        jobs: Jobs,
        worker_jobs: WorkerJobs,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._retrieval = store, retrieval
        self._jobs, self._worker_jobs = jobs, worker_jobs
        self._priority_done = False
        self._wanted = True
        self._crashed_at: list[int] = []
        retrieval.served.connect(self._consider)

    def build(self) -> None:
        """Asked for: build now, and from now on by itself again."""
        self._wanted = True
        self._crashed_at.clear()
        self._store.change(lambda project: project.set_setting(SETTING, "on"))
        if self._retrieval.ready and not self._jobs.is_running("index"):
            self._start()

    def _consider(self) -> None:
        """Nobody waits for candidates: a good moment, if there is something to do and nobody said no."""
        if self._wanted and self._something_to_do():
            self._store.query(lambda project: project.setting(SETTING, "on"), self._start_if)

    def _start_if(self, setting: str) -> None:
        self._wanted = self._wanted and setting == "on"
        if self._wanted and self._something_to_do():
            self._start()

    def _something_to_do(self) -> bool:
        state = self._retrieval.state
        return (
            self._retrieval.ready
            and state is not None
            and state.dense in ("absent", "partial")
            and not self._jobs.is_running("index")
        )

    def _start(self) -> None:
        reference = self._retrieval.reference
        if reference is None:
            return
        priority_only = bool(reference.priority) and not self._priority_done
        params = BuildIndex(reference.fingerprint, priority_only)

        def built(state: RetrievalState) -> str:
            self._built(state, priority_only)
            return f"{state.dense_done:,} / {state.dense_total:,}"

        self._worker_jobs.send("index", "index.build", params, built, failed=self._failed)

    def _built(self, state: RetrievalState, priority_only: bool) -> None:
        self._priority_done = True
        self._crashed_at.clear()
        self._retrieval.know(state)
        self._retrieval.rank_anew()
        if not priority_only and state.dense != "ready":
            # A complete build that left something out would do so again.
            self._wanted = False

    def _failed(self, error: RpdrError) -> None:
        if isinstance(error, Cancelled):
            self._wanted = False
            self._store.change(lambda project: project.set_setting(SETTING, "off"))
        elif isinstance(error, WorkerLostError):
            state = self._retrieval.state
            self._crashed_at.append(state.dense_done if state is not None else 0)
            last = self._crashed_at[-CRASHES:]
            self._wanted = len(last) < CRASHES or len(set(last)) > 1
        else:
            self._wanted = False
