"""One thread that does work in order and answers in the window's thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from rpdr_core.errors import Bug, Cancelled, RpdrError

T = TypeVar("T")
Failed = Callable[[RpdrError], None]
_LOG = logging.getLogger(__name__)


class OneThread(QObject):
    """Serialises access to one resource. After `close` no answer arrives any more."""

    _answer = Signal(object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._open = True
        self._answer.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def submit(self, work: Callable[[], T], done: Callable[[T], None], failed: Failed) -> None:
        """Run `work` in the thread, then `done(result)` or `failed(error)` in the window's thread."""
        if self._open:
            self._pool.submit(self._run, work, done, failed)

    def close(self, last: Callable[[], None] | None = None) -> None:
        """Finish what is queued, do `last` in the thread, and stop. Blocks; answers are dropped."""
        self._open = False
        if last is not None:
            self._pool.submit(last)
        self._pool.shutdown(wait=True)

    def abandon(self) -> None:
        """Stop without waiting: for resources that may keep the thread, like a keyring that asks for a password."""
        self._open = False
        self._pool.shutdown(wait=False, cancel_futures=True)

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


def quietly(failed: Failed) -> Failed:
    """A cancelled job is shown to nobody."""

    def only_errors(error: RpdrError) -> None:
        if not isinstance(error, Cancelled):
            failed(error)

    return only_errors
