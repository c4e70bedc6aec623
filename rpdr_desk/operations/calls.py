"""Requests to a worker from the thread of a job: each waits for its answer, while the window's thread sends it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from rpdr_core.errors import Cancelled, NotAllowedError, RpdrError
from rpdr_core.protocol.messages import ProgressEvent
from rpdr_desk.operations.worker_link import WorkerLink

MakeWorker = Callable[[], WorkerLink]
"""Makes a link to another worker on this machine; it is not started yet."""

Call = Callable[..., Any]
_PATIENCE = 0.2


def no_other_worker() -> WorkerLink:
    """For a window that was given no worker but its own."""
    raise NotAllowedError("this window cannot start another worker", hint="use the command line: rpdr link, rpdr align")


@dataclass(frozen=True, slots=True)
class _Ask:
    method: str
    params: Any
    partial: Callable[[Any], None] | None
    progress: Callable[[ProgressEvent], None] | None
    answer: Future[Any]


class Calls(QObject):
    """A worker of a job's own, so that the review's own never waits. Made and closed in the window's thread; the worker
    starts with the first request.
    """

    _asked = Signal(object)

    def __init__(self, make: MakeWorker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self._worker: WorkerLink | None = None
        self._stopped = False
        self._pending: dict[int, Future[Any]] = {}
        self._asked.connect(self._send, Qt.ConnectionType.QueuedConnection)

    def call(
        self,
        method: str,
        params: Any,
        *,
        partial: Callable[[Any], None] | None = None,
        progress: Callable[[ProgressEvent], None] | None = None,
    ) -> Any:
        """The answer. Called in a job's thread; raises the worker's errors, and `Cancelled` once it is stopped.
        `partial` and `progress` are called in the window's thread.
        """
        self.check()
        answer: Future[Any] = Future()
        self._asked.emit(_Ask(method, params, partial, progress, answer))
        while True:
            # Stopped between the look and the sending, nobody would answer.
            try:
                return answer.result(_PATIENCE)
            except TimeoutError:
                self.check()

    def check(self) -> None:
        if self._stopped:
            raise Cancelled("stopped on request")

    def stop(self) -> None:
        """Nothing more is asked, and whoever waits is told."""
        self._stopped = True
        pending, self._pending = self._pending, {}
        for number, answer in pending.items():
            if self._worker is not None:
                self._worker.cancel(number)
            _fail(answer, Cancelled("stopped on request"))

    def close(self) -> None:
        self.stop()
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()

    def _send(self, ask: _Ask) -> None:
        if self._stopped:
            _fail(ask.answer, Cancelled("stopped on request"))
            return
        try:
            if self._worker is None:
                self._worker = self._make()
                self._worker.start()
        except RpdrError as error:
            _fail(ask.answer, error)
            return
        numbers: list[int] = []

        def end(error: RpdrError | None, result: Any = None) -> None:
            self._pending.pop(numbers[0] if numbers else 0, None)
            if error is not None:
                _fail(ask.answer, error)
            elif not ask.answer.done():
                ask.answer.set_result(result)

        number = self._worker.request(
            ask.method,
            ask.params,
            done=lambda result: end(None, result),
            failed=end,
            partial=ask.partial,
            progress=ask.progress,
        )
        numbers.append(number)
        if not ask.answer.done():
            self._pending[number] = ask.answer


def _fail(answer: Future[Any], error: RpdrError) -> None:
    if not answer.done():
        answer.set_exception(error)
