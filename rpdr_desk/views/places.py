"""Where things stood: the window's geometry, and the reviewer's place in each project."""

from __future__ import annotations

import hashlib
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QMainWindow, QSplitter

from rpdr_core.paths import data_dir
from rpdr_desk.operations.queues import QUEUES
from rpdr_desk.views.review.place import Place


class Places:
    """Kept in Qt's own settings file; what cannot be read is as if it were not there."""

    def __init__(self, file: Path | None = None) -> None:
        path = file or data_dir() / "window.ini"
        self._store = QSettings(str(path), QSettings.Format.IniFormat)

    def restore_window(self, window: QMainWindow) -> None:
        geometry = self._store.value("window/geometry")
        if not (isinstance(geometry, QByteArray) and window.restoreGeometry(geometry)):
            window.resize(1440, 900)

    def remember_window(self, window: QMainWindow) -> None:
        self._store.setValue("window/geometry", window.saveGeometry())

    def pane_shares(self) -> tuple[float, float] | None:
        """Shares of the window's width that the left and the right pane had; None if nobody moved them."""
        try:
            left, right = (float(str(self._store.value(f"window/{side}", ""))) for side in ("left", "right"))
        except ValueError:
            return None
        return (left, right) if 0 < left < 1 and 0 < right < 1 else None

    def place_of(self, project: Path) -> Place:
        group = _group(project)
        queue = self._store.value(f"{group}/queue", "")
        mention = str(self._store.value(f"{group}/mention", "0"))
        return Place(
            next((name for name in QUEUES if name == queue), "unreviewed"),
            str(self._store.value(f"{group}/filter", "")),
            int(mention) if mention.isdecimal() else 0,
        )

    def remember(self, project: Path, place: Place, splitter: QSplitter, *, moved: bool) -> None:
        group = _group(project)
        self._store.setValue(f"{group}/queue", place.queue)
        self._store.setValue(f"{group}/filter", place.filter)
        self._store.setValue(f"{group}/mention", place.mention_id)
        if moved and splitter.width():
            self._store.setValue("window/left", splitter.sizes()[0] / splitter.width())
            self._store.setValue("window/right", splitter.sizes()[-1] / splitter.width())
        self._store.sync()


def _group(project: Path) -> str:
    return "place-" + hashlib.sha256(str(project.absolute()).encode()).hexdigest()[:16]
