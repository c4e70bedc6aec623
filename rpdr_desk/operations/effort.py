"""How long a decision took, for those who want it kept: idle time hardly counts, and nothing is measured otherwise."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject

IDLE_SECONDS = 60.0
"""A longer silence of keys and mouse counts as this much: reading a sentence takes a while, a telephone call is none
of our business.
"""
_KINDS = QEvent.Type
_SIGNS = frozenset((_KINDS.KeyPress, _KINDS.MouseButtonPress, _KINDS.MouseMove, _KINDS.Wheel, _KINDS.TouchBegin))


class Effort(QObject):
    """Seconds between `begin` and `seconds`, each silence of more than `IDLE_SECONDS` cut to that.

    `wanted` is asked anew for each mention. While it says no, no event is looked at and `seconds` is None. Which key
    or where the mouse was is never looked at, only that something moved. `clock`: seconds that never run back.
    """

    def __init__(
        self,
        wanted: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._wanted = wanted
        self._clock = clock
        self._watching = self._paused = False
        self._sum = 0.0
        self._last: float | None = None

    def begin(self) -> None:
        """Another mention is on screen."""
        self._watch(self._wanted())
        self._sum = 0.0
        self._last = self._clock() if self._watching and not self._paused else None

    def pause(self) -> None:
        """The mention has left the screen, for another page say. What follows does not count until `resume`."""
        self._stir()
        self._paused, self._last = True, None

    def resume(self) -> None:
        self._paused = False
        if self._watching:
            self._last = self._clock()

    def seconds(self) -> float | None:
        """So far, in hundredths; None where it is not to be kept."""
        if not (self._watching and self._wanted()):
            return None
        self._stir()
        return round(self._sum, 2)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        del watched
        if event.type() in _SIGNS:
            self._stir()
        return False

    def _stir(self) -> None:
        if self._last is not None:
            now = self._clock()
            self._sum += min(now - self._last, IDLE_SECONDS)
            self._last = now

    def _watch(self, wanted: bool) -> None:
        application = QCoreApplication.instance()
        if wanted == self._watching or application is None:
            return
        self._watching = wanted
        if wanted:
            application.installEventFilter(self)
        else:
            application.removeEventFilter(self)
