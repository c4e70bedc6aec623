"""A label in a size of its own, which follows the size of the text when that is changed."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from rpdr_desk.fonts import TEXT_CHANGED, scaled


class Heading(QLabel):
    """`factor` times the application's size."""

    def __init__(
        self, parent: QWidget | None = None, factor: float = 1.0, weight: QFont.Weight = QFont.Weight.DemiBold
    ) -> None:
        super().__init__(parent)
        self._factor, self._weight = factor, weight
        self._dress()

    def changeEvent(self, event: QEvent) -> None:
        # A font that was set is not told of a new one for the application; a new style sheet always is.
        if event.type() in TEXT_CHANGED:
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        wanted = scaled(QApplication.font(), self._factor, self._weight)
        if self.font() != wanted:
            self.setFont(wanted)
