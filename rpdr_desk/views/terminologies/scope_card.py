"""What part of the terminology the project draws from, and a line to say another."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from rpdr_core.errors import RpdrError
from rpdr_desk import theme
from rpdr_desk.operations.scopes import ScopeNow
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.error_words import told
from rpdr_desk.views.files import words as files
from rpdr_desk.views.model.card import Card

CALM_MS = 400


class ScopeCard(Card):
    """`measured` carries a scope to be measured, `kept` one to be kept."""

    measured = Signal(str)
    kept = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._now: ScopeNow | None = None
        self._found: ScopeNow | None = None
        self._error: RpdrError | None = None
        self.field, self.keep = QLineEdit(self), QPushButton(self)
        self._state = QLabel(self)
        self._state.setWordWrap(True)
        self._hint = dim_label("", self)
        self._later = QTimer(self, singleShot=True, interval=CALM_MS)
        self._later.timeout.connect(lambda: self.measured.emit(self.field.text()))
        self.field.textEdited.connect(lambda _text: self._edited())
        self.field.returnPressed.connect(self.keep.click)
        self.keep.clicked.connect(lambda _checked=False: self.kept.emit(self.field.text()))
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        row.addWidget(self.field, 1)
        row.addWidget(self.keep)
        self.column.addLayout(row)
        self.column.addWidget(self._state)
        self.column.addWidget(self._hint)
        self._retranslate()

    def show_now(self, now: ScopeNow) -> None:
        """The scope in force."""
        self._now = self._found = now
        self._error = None
        self.field.setText(now.text)
        self._render()

    def show_measured(self, found: ScopeNow) -> None:
        self._found, self._error = found, None
        self._render()

    def show_error(self, error: RpdrError) -> None:
        """What is wrong with the scope in the line, with its column."""
        self._found, self._error = None, error
        self._render()

    def leave(self) -> None:
        self._later.stop()

    def _edited(self) -> None:
        self._found = self._error = None
        self._render()
        self._later.start()

    def _render(self) -> None:
        now, found = self._now, self._found
        if self._error is not None:
            self._state.setText(told(self._error))
        elif found is None:
            self._state.setText(self.tr("Measuring ..."))
        elif not found.text:
            words = self.tr("Everything may be proposed: %1.")
            self._state.setText(wording.fill(words, files.entities(found.of)))
        else:
            share = wording.percentage(found.entities / found.of if found.of else 0, 1)
            words = self.tr("%1 of %2 may be proposed (%3).")
            whole = files.entities(found.of)
            self._state.setText(wording.fill(words, wording.number(found.entities), whole, share))
        self.keep.setEnabled(found is not None and now is not None and found.text != now.text)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.set_title(self.tr("Scope of this project"))
        self.field.setAccessibleName(self.tr("Scope of this project"))
        self.field.setPlaceholderText(self.tr("empty: the whole terminology"))
        self.keep.setText(self.tr("Keep"))
        self._hint.setText(
            self.tr('<< H25 is a code with all below it; join with AND, OR, MINUS; type = "disorder" asks for a type.')
        )
        self._render()
