"""The line under a list whose end is not known yet."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from rpdr_core.errors import RpdrError
from rpdr_desk import theme
from rpdr_desk.views import wording
from rpdr_desk.views.banner import announce
from rpdr_desk.views.error_words import told

AFTER_MS = 300
"""What takes less is not worth a line that comes and goes."""


class RestOfList(QFrame):
    """Says that more rows are to come, where that takes a while, or why they do not come. `again`: try once more."""

    again = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._error: RpdrError | None = None
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setProperty("dim", True)
        self.button = _Again(self)
        self.button.clicked.connect(lambda _checked=False: self._try())
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MARGIN, theme.UNIT, theme.MARGIN, theme.UNIT + 2)
        column.setSpacing(theme.UNIT)
        column.addWidget(self._words)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        self._later = QTimer(self, singleShot=True, interval=AFTER_MS)
        self._later.timeout.connect(self.show)
        self._word()
        self.hide()

    def text(self) -> str:
        return self._words.text()

    def follow(self, *, awaited: bool) -> None:
        """Rows are awaited, or all are there."""
        self._error = None
        self._word()
        if not awaited:
            self._later.stop()
            self.hide()
        elif self.isHidden() and not self._later.isActive():
            self._later.start()

    def fail(self, error: RpdrError) -> None:
        """The rest cannot be read: why, the cure, and a way to try again."""
        self._later.stop()
        self._error = error
        self._word()
        self.show()
        announce(self, self.text())

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._word()
        super().changeEvent(event)

    def _try(self) -> None:
        self._error = None
        self._word()
        self.again.emit()

    def _word(self) -> None:
        self.button.setVisible(self._error is not None)
        self.button.setText(self.tr("Try again"))
        if self._error is None:
            self._words.setText(self.tr("More mentions are being counted ..."))
        else:
            lead = self.tr("The rest of the list could not be read: %1")
            self._words.setText(wording.fill(lead, told(self._error)))


class _Again(QPushButton):
    """Space and Return are its own while it has the focus; they decide about no mention."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in _PRESS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


_PRESS = frozenset((Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter))
