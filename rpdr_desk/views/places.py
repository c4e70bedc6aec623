"""Where things stood: the window's geometry, and the reviewer's place in each project."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QMainWindow, QSplitter

from rpdr_core.paths import data_dir
from rpdr_desk.operations.asked import QUEUES, Asked
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
        try:
            return msgspec.json.decode(str(self._store.value(f"{group}/place", "")), type=Place)
        except msgspec.MsgspecError:
            return self._older_place(group)

    def remember(self, project: Path, place: Place, splitter: QSplitter, *, moved: bool) -> None:
        self._store.setValue(f"{_group(project)}/place", msgspec.json.encode(place).decode())
        if moved and splitter.width():
            self._store.setValue("window/left", splitter.sizes()[0] / splitter.width())
            self._store.setValue("window/right", splitter.sizes()[-1] / splitter.width())
        self._store.sync()

    def remember_closing(self, project: Path, reviewer: str) -> None:
        """This person closes the project now: what changes from here on is news to them."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._store.setValue(_closing(project, reviewer), now)
        self._store.sync()

    def closed_at(self, project: Path, reviewer: str) -> str:
        """When that was last (UTC, ISO 8601); empty if never."""
        found = str(self._store.value(_closing(project, reviewer), ""))
        try:
            datetime.fromisoformat(found)
        except ValueError:
            return ""
        return found

    def _older_place(self, group: str) -> Place:
        """As versions before facets wrote it."""
        queue = self._store.value(f"{group}/queue", "")
        mention = str(self._store.value(f"{group}/mention", "0"))
        asked = Asked(
            next((name for name in QUEUES if name == queue), "unreviewed"),
            str(self._store.value(f"{group}/filter", "")),
        )
        return Place(asked, mention_id=int(mention) if mention.isdecimal() else 0)


def _group(project: Path) -> str:
    return "place-" + hashlib.sha256(str(project.absolute()).encode()).hexdigest()[:16]


def _closing(project: Path, reviewer: str) -> str:
    return f"{_group(project)}/closed-" + hashlib.sha256(reviewer.encode()).hexdigest()[:16]
