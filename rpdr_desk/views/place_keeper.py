"""The place in a project is put down while the review goes on, so that a crash or a power cut costs no place."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from rpdr_desk.views.places import Places
from rpdr_desk.views.review.review_page import ReviewPage

AFTER_MS = 1500


class PlaceKeeper(QObject):
    """Puts the place down a moment after a move, at most once in a moment; ends with the page."""

    def __init__(self, places: Places, project: Path, page: ReviewPage) -> None:
        super().__init__(page)
        self._places, self._project, self._page = places, project, page
        self._later = QTimer(self, singleShot=True, interval=AFTER_MS)
        self._later.timeout.connect(self.keep)
        page.flow.mention_changed.connect(self._moved)

    def keep(self) -> None:
        """Put it down now."""
        self._later.stop()
        page = self._page
        self._places.remember(self._project, page.place(), page.splitter, moved=page.panes_moved)

    def close(self) -> None:
        """Put it down for the last time: the page is about to go."""
        self._page.flow.mention_changed.disconnect(self._moved)
        self.keep()

    def _moved(self, mention: object) -> None:
        if mention is not None and not self._later.isActive():
            self._later.start()
