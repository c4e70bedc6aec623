"""Beside the review: what was committed goes from the log into the project file, in a thread of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from rpdr_core.errors import RpdrError
from rpdr_core.records import Changes
from rpdr_desk.operations.one_thread import OneThread
from rpdr_desk.operations.store_thread import StoreThread

if TYPE_CHECKING:
    from pathlib import Path

    from rpdr_core.store.checkpoints import Checkpoints

AFTER_MS = 2000


class Tidying(QObject):
    """At most once in two seconds, and only after a change. That it failed costs nobody anything: a later commit does
    the same work.
    """

    def __init__(self, path: Path, store: StoreThread, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._thread = OneThread("checkpoint", self)
        self._checkpoints: Checkpoints | None = None
        self._later = QTimer(self, singleShot=True, interval=AFTER_MS)
        self._later.timeout.connect(lambda: self._thread.submit(self._run, _done, _left))
        store.changed.connect(self._changed)

    def close(self) -> None:
        self._later.stop()
        self._thread.close(self._close)

    def _changed(self, _changes: Changes) -> None:
        if not self._later.isActive():
            self._later.start()

    def _run(self) -> int:
        from rpdr_core.store.checkpoints import Checkpoints

        if self._checkpoints is None:
            self._checkpoints = Checkpoints(self._path)
        return self._checkpoints.run()

    def _close(self) -> None:
        if self._checkpoints is not None:
            self._checkpoints.close()


def _done(_pages: int) -> None:
    """Nothing to show."""


def _left(_error: RpdrError) -> None:
    """Left to the next commit that fills the log, which reports what is wrong with the drive."""
