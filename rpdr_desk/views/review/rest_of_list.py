"""The line under a list whose end is not known yet."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QLabel, QWidget

from rpdr_desk import theme

AFTER_MS = 300
"""What takes less is not worth a line that comes and goes."""


class RestOfList(QLabel):
    """Says that more rows are to come, where that takes a while."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("dim", True)
        self.setWordWrap(True)
        self.setContentsMargins(theme.MARGIN, theme.UNIT, theme.MARGIN, theme.UNIT)
        self._later = QTimer(self, singleShot=True, interval=AFTER_MS)
        self._later.timeout.connect(self.show)
        self._word()
        self.hide()

    def follow(self, *, awaited: bool) -> None:
        """Rows are awaited, or all are there."""
        if not awaited:
            self._later.stop()
            self.hide()
        elif self.isHidden() and not self._later.isActive():
            self._later.start()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._word()
        super().changeEvent(event)

    def _word(self) -> None:
        self.setText(self.tr("More mentions are being counted ..."))
