"""How far a piece of work in a thread is, told in the window's thread; and the wish to end it, told the other way."""

from __future__ import annotations

import time
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal

from rpdr_core.errors import Cancelled

PAUSE = 0.1
"""Seconds between two words about the progress: more often nobody can read it."""
SETTLED = 2.0
"""Seconds of a stage after which its pace says something about the rest."""


@dataclass(frozen=True, slots=True)
class Moved:
    """`stage` in the worker's word; `total` 0 where the end is not known; `seconds_left` None where the pace is not."""

    stage: str
    done: int
    total: int
    seconds_left: float | None = None


class Following(QObject):
    """Hand `watch` to the work. `moved` carries a `Moved`. After `cancel` the next word of the work raises."""

    moved = Signal(object)
    _told = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cancelled = False
        self._stage = ""
        self._began = self._last = 0.0
        self._first = 0
        self._told.connect(self.moved, Qt.ConnectionType.QueuedConnection)

    def cancel(self) -> None:
        self._cancelled = True

    def watch(self, stage: str, done: int, total: int = 0) -> None:
        """Called in the thread that works; raises `Cancelled`."""
        if self._cancelled:
            raise Cancelled("cancelled")
        now = time.monotonic()
        if stage != self._stage:
            # What was done before, by an earlier run, says nothing of the pace.
            self._stage, self._began, self._last, self._first = stage, now, 0.0, done
        if now - self._last >= PAUSE or done == total:
            self._last = now
            self._told.emit(
                Moved(stage, done, total, _left(now - self._began, done - self._first, total - self._first))
            )

    def rows(self, done: int, estimate: int = 0) -> None:
        """The same for work that counts rows; `estimate` is about how many there are, 0 where nobody knows."""
        self.watch("rows", done, max(done, estimate) if estimate else 0)


def _left(seconds: float, done: int, total: int) -> float | None:
    if seconds < SETTLED or not 0 < done < total:
        return None
    return seconds / done * (total - done)
