"""Lists ranked by an adapter through the worker, batch after batch, with the time it took."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rpdr_core.errors import Cancelled, RpdrError
from rpdr_core.protocol.messages import RankByStudent, RankItem
from rpdr_core.records import Ranking
from rpdr_desk.operations.one_thread import Failed
from rpdr_desk.operations.worker_link import WorkerLink

if TYPE_CHECKING:
    from rpdr_core.workflow.student_ranking import Ranked

BATCH = 256


class RankingLists:
    """One adapter over some lists. The first list goes alone: loading the model is not taken for its speed."""

    def __init__(
        self,
        worker: WorkerLink,
        knowledge_base: str,
        adapter: str,
        items: Sequence[RankItem],
        done: Callable[[Ranked], None],
        failed: Failed,
        progress: Callable[[int], None] = lambda _done: None,
    ) -> None:
        self._worker, self._knowledge_base, self._adapter, self._items = worker, knowledge_base, adapter, items
        self._done, self._failed, self._progress = done, failed, progress
        self._found: list[Ranking] = []
        self._request = 0
        self._stopped = False
        self._began = 0.0

    def go_on(self) -> None:
        """Send the next batch, or end."""
        if self._stopped:
            self._failed(Cancelled("stopped"))
            return
        at = len(self._found)
        if at == 1:
            self._began = time.monotonic()
        batch = tuple(self._items[at : at + (BATCH if at else 1)])
        if not batch:
            self._end()
            return
        params = RankByStudent(self._adapter, self._knowledge_base, batch, own=False)
        self._request = self._worker.request(
            "rank.student", params, done=lambda _done: self._ranked(), failed=self._broke, partial=self._found.append
        )

    def stop(self) -> None:
        self._stopped = True
        if self._request:
            self._worker.cancel(self._request)

    def _ranked(self) -> None:
        self._progress(len(self._found))
        self.go_on()

    def _broke(self, error: RpdrError) -> None:
        self._failed(error)

    def _end(self) -> None:
        from rpdr_core.workflow.student_ranking import Ranked

        timed = len(self._found) - 1
        seconds = round((time.monotonic() - self._began) / timed * 1000, 2) if timed > 0 else None
        self._done(Ranked(tuple(self._found), seconds))
