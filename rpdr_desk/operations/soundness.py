"""A large project file is checked whole after it was opened, beside the review: opening checks small ones only.

The check rests more than it reads, so that lists which come from the same drive do not wait for it.
"""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from rpdr_core.errors import Cancelled, RpdrError
from rpdr_desk.operations.one_thread import OneThread

AFTER_MS = 5000
_WORK_SECONDS, _REST_SECONDS = 0.004, 0.012


class Restful:
    """Asked now and then by work that goes on: rests after each spell of it. True once it is to end."""

    def __init__(self) -> None:
        self.ended = False
        self._began = time.monotonic()

    def __call__(self) -> bool:
        if not self.ended and time.monotonic() - self._began > _WORK_SECONDS:
            time.sleep(_REST_SECONDS)
            self._began = time.monotonic()
        return self.ended


class Soundness(QObject):
    """`damaged` carries the error that says so, and what to do; `sound` that all is well."""

    damaged = Signal(object)
    sound = Signal()

    def __init__(self, path: Path, parent: QObject | None = None, after: int = AFTER_MS) -> None:
        super().__init__(parent)
        self._path = path
        self._rest = Restful()
        self._thread = OneThread("soundness", self)
        self._later = QTimer(self, singleShot=True, interval=after)
        self._later.timeout.connect(lambda: self._thread.submit(self._check, self._checked, self._failed))

    def start(self) -> None:
        """Check in a while, when the window has what it needs."""
        self._later.start()

    def close(self) -> None:
        """Stop a check that is under way and wait for it: it notices within milliseconds."""
        self._later.stop()
        self._rest.ended = True
        self._thread.close()

    def _check(self) -> None:
        from rpdr_core.store import open_reader

        with open_reader(self._path, small=True) as reader:
            if not reader.was_checked():
                reader.check_file(self._rest)

    def _checked(self, _nothing: None) -> None:
        self.sound.emit()

    def _failed(self, error: RpdrError) -> None:
        if not isinstance(error, Cancelled):
            self.damaged.emit(error)
