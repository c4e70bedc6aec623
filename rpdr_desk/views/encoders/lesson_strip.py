"""A lesson under way, or one that did not end: how it stands, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.operations.following import Moved
from rpdr_desk.operations.train_state import Run
from rpdr_desk.views import wording
from rpdr_desk.views.encoders import words

RESUMABLE = ("paused", "cancelled", "failed", "lost")


class LessonStrip(QFrame):
    """`asked` carries pause, resume or cancel. Hidden while there is nothing to tell."""

    asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self._run: Run | None = None
        self._index: Moved | None = None
        self._title, self._state = QLabel(self), QLabel(self)
        for label in (self._title, self._state):
            label.setWordWrap(True)
        self._state.setProperty("dim", True)
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(6)
        self.pause, self.cancel = QPushButton(self), QPushButton(self)
        self.pause.clicked.connect(lambda _checked=False: self.asked.emit(self._wish()))
        self.cancel.clicked.connect(lambda _checked=False: self.asked.emit("cancel"))
        column = QVBoxLayout()
        column.setSpacing(theme.GAP)
        for widget in (self._title, self._bar, self._state):
            column.addWidget(widget)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN, theme.MARGIN - 4, theme.MARGIN, theme.MARGIN - 4)
        row.setSpacing(theme.GAP)
        row.addLayout(column, 1)
        row.addWidget(self.pause)
        row.addWidget(self.cancel)
        self.hide()

    def show_run(self, run: Run | None) -> None:
        """The newest lesson; one that is done is told elsewhere."""
        self._run = run if run is not None and run.state != "done" else None
        self._render()

    def show_index(self, moved: Moved | None) -> None:
        """The index of a new encoder is being made; None when it is not."""
        self._index = moved
        self._render()

    def _wish(self) -> str:
        return "resume" if self._run is not None and self._run.state in RESUMABLE else "pause"

    def _render(self) -> None:
        run, index = self._run, self._index
        self.setVisible(run is not None or index is not None)
        self._bar.setAccessibleName(self.tr("Progress"))
        self.cancel.setText(self.tr("Cancel"))
        if index is not None:
            self._title.setText(self.tr("Making the index of the new encoder. The old one serves until it is whole."))
            counted = self.tr("%1 of %2 strings")
            parts = (
                [wording.fill(counted, wording.number(index.done), wording.number(index.total))] if index.total else []
            )
            parts.append(wording.time_left(index.seconds_left))
            self._state.setText("   ·   ".join(part for part in parts if part))
            self._show_bar(index.done, index.total, on=True)
            self.pause.hide()
            self.cancel.show()
        elif run is not None:
            self._title.setText(words.run_title(run))
            self._state.setText(words.run_text(run))
            self._show_bar(run.step, run.steps, on=not run.ended)
            self.pause.setText(self.tr("Go on") if run.state in RESUMABLE else self.tr("Pause"))
            self.pause.setVisible(run.state == "running" or run.state in RESUMABLE)
            self.cancel.setVisible(run.state in ("preparing", "queued", "running", "paused"))

    def _show_bar(self, done: int, total: int, *, on: bool) -> None:
        self._bar.setVisible(on)
        self._bar.setRange(0, total)
        self._bar.setValue(done)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._render()
        super().changeEvent(event)
