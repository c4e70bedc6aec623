"""A piece of work under way: what it does, how far it is, how long it still takes, and a way to end it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.operations.following import Moved
from rpdr_desk.views import wording
from rpdr_desk.views.files import words


class ProgressStrip(QFrame):
    """Hidden while nothing is under way. `cancelled`: the user wants it to end."""

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self._what, self._moved = "", Moved("", 0, 0)
        self._title, self._state = QLabel(self), QLabel(self)
        self._title.setWordWrap(True)
        self._state.setProperty("dim", True)
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(6)
        self.stop = QPushButton(self)
        self.stop.clicked.connect(lambda _checked=False: self._ask_end())
        column = QVBoxLayout()
        column.setSpacing(theme.GAP)
        for widget in (self._title, self._bar, self._state):
            column.addWidget(widget)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN, theme.MARGIN - 4, theme.MARGIN, theme.MARGIN - 4)
        row.setSpacing(theme.MARGIN)
        row.addLayout(column, 1)
        row.addWidget(self.stop)
        self._retranslate()
        self.hide()

    def begin(self, what: str) -> None:
        """`what` is done, in words."""
        self._what = what
        self.stop.setEnabled(True)
        self.show_moved(Moved("", 0, 0))
        self.show()
        self.stop.setFocus()

    def end(self) -> None:
        self.hide()

    def show_moved(self, moved: Moved) -> None:
        self._moved = moved
        self._bar.setRange(0, moved.total)
        self._bar.setValue(moved.done)
        self._render()

    def _ask_end(self) -> None:
        self.stop.setEnabled(False)
        self.cancelled.emit()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.stop.setText(self.tr("Cancel"))
        self._bar.setAccessibleName(self.tr("Progress"))
        self._render()

    def _render(self) -> None:
        self._title.setText(self._what)
        parts = [
            words.stage_text(self._moved.stage),
            words.counted(self._moved.done, self._moved.total, self._moved.stage),
        ]
        parts.append(wording.time_left(self._moved.seconds_left))
        self._state.setText("   ·   ".join(part for part in parts if part) or self.tr("Beginning ..."))
