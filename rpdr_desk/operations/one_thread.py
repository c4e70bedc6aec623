"""One thread that does work in order and answers in the window's thread."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from rpdr_core.errors import Bug, RpdrError

T = TypeVar("T")
Failed = Callable[[RpdrError], None]
_LOG = logging.getLogger(__name__)


class OneThread(QObject):
    """Serialises access to one resource. After `close` or `abandon` no answer arrives any more.

    The thread is a daemon: one that was abandoned does not keep the process, whatever it is busy with.
    """

    _answer = Signal(object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._work: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._open = True
        self._wanted = True
        self._answer.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def submit(self, work: Callable[[], T], done: Callable[[T], None], failed: Failed) -> None:
        """Run `work` in the thread, then `done(result)` or `failed(error)` in the window's thread."""
        if self._open:
            self._put(lambda: self._run(work, done, failed))

    def close(self, last: Callable[[], None] | None = None) -> None:
        """Finish what is queued, do `last` in the thread, and stop. Blocks; answers are dropped."""
        self._open = False
        if last is not None:
            self._put(last)
        self._work.put(None)
        if self._thread is not None:
            self._thread.join()

    def abandon(self, patience: float = 0.0) -> None:
        """Stop without waiting longer than `patience` seconds: for work that may take any time. What is queued is
        dropped; what is under way ends by itself, or with the process.
        """
        self._open = self._wanted = False
        self._work.put(None)
        if self._thread is not None and patience > 0:
            self._thread.join(patience)

    def _put(self, work: Callable[[], object]) -> None:
        self._work.put(work)
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, name=self._name, daemon=True)
            self._thread.start()

    def _loop(self) -> None:
        while (work := self._work.get()) is not None and self._wanted:
            work()

    def _run(self, work: Callable[[], Any], done: Callable[[Any], None], failed: Failed) -> None:
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - carried to the window's thread, nothing is swallowed
            known = as_known(error)
            self._send(lambda: failed(known))
        else:
            self._send(lambda: done(result))

    def _send(self, answer: Callable[[], None]) -> None:
        if self._open:
            # An abandoned thread may outlive the window and this object's C++ half.
            with contextlib.suppress(RuntimeError):
                self._answer.emit(answer)

    def _deliver(self, answer: Callable[[], None]) -> None:
        if self._open:
            answer()


def as_known(error: Exception) -> RpdrError:
    """Our own errors as they are; a foreign one becomes a `Bug` that keeps it as its cause."""
    if isinstance(error, RpdrError):
        return error
    _LOG.error("unexpected %s in an operation", type(error).__name__)
    bug = Bug(f"unexpected {type(error).__name__}")
    bug.__cause__ = error
    return bug
