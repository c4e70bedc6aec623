"""What may stand unreviewed in a linked file: at which error, and by which reviewed mentions."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QHBoxLayout, QLabel, QPushButton, QWidget

from rpdr_desk import theme
from rpdr_desk.operations.link_state import Readiness
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.linking import words
from rpdr_desk.views.linking.rate_box import RateBox
from rpdr_desk.views.model.card import Card

CHECK, FILE = "check", "file"


class AcceptCard(Card):
    """`changed`: another wish. `check_asked`: the random check is to be drawn, or answered."""

    changed = Signal()
    check_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: Readiness | None = None
        self._least = 0
        self._file: Path | None = None
        self.wanted, self.rate = QCheckBox(self), RateBox(self)
        self._label, self.by = QLabel(self), QComboBox(self)
        self._label.setBuddy(self.by)
        self.by.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.file, self.check = QPushButton(self), QPushButton(self)
        self._state = QLabel(self)
        self._state.setWordWrap(True)
        self._why = dim_label("", self)
        self.wanted.toggled.connect(lambda _on: self._changed())
        self.rate.valueChanged.connect(lambda _value: self._changed())
        self.by.activated.connect(lambda _at: self._chosen())
        self.file.clicked.connect(lambda _checked=False: self._ask_file())
        self.check.clicked.connect(lambda _checked=False: self.check_asked.emit())
        self._lay_out()
        self._retranslate()

    def show_readiness(self, found: Readiness) -> None:
        self._found = found
        self._render()

    def show_least(self, least: int) -> None:
        """So many reviewed mentions are the fewest that can keep the rate."""
        self._least = least
        self._render()

    def use_file(self, path: Path) -> None:
        """Reviewed mentions of a file, in place of the random check."""
        self._file = path
        self.by.setCurrentIndex(self.by.findData(FILE))
        self._changed()

    def show_wish(self, rate: float | None, reviewed: Path | None) -> None:
        """As an earlier run was begun."""
        if rate is not None:
            self.rate.setValue(100 * rate)
        self._file = reviewed
        self.by.setCurrentIndex(self.by.findData(FILE if reviewed is not None else CHECK))
        self.wanted.setChecked(rate is not None)
        self._changed()

    @property
    def chosen_rate(self) -> float | None:
        return self.rate.rate if self.wanted.isChecked() else None

    @property
    def reviewed(self) -> Path | None:
        """The file of reviewed mentions; None for the project's random check."""
        return self._file if self.by.currentData() == FILE else None

    @property
    def is_ready(self) -> bool:
        """Nothing is wished, or what is wished can be tried."""
        if not self.wanted.isChecked():
            return True
        if self.by.currentData() == FILE:
            return self._file is not None
        return self._found is not None and self._found.reviewed.ready and self._found.reviewed.size >= self._least

    def _chosen(self) -> None:
        if self.by.currentData() == FILE and self._file is None:
            self._ask_file()
        self._changed()

    def _ask_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, self.tr("Reviewed mentions with their codes"), "", words.source_kinds()
        )
        if name:
            self.use_file(Path(name))
        elif self._file is None:
            self.by.setCurrentIndex(0)

    def _changed(self) -> None:
        self._render()
        self.changed.emit()

    def _render(self) -> None:
        on, by_file = self.wanted.isChecked(), self.by.currentData() == FILE
        self.rate.setEnabled(on)
        for widget in (self._label, self.by, self._state, self._why):
            widget.setVisible(on)
        self.file.setVisible(on and by_file)
        ready = self._found is not None and self._found.reviewed.ready
        self.check.setVisible(on and not by_file and not (ready and self.is_ready))
        if by_file and self._file is not None:
            self._state.setText(self._file.name)
        elif by_file:
            self._state.setText(self.tr("Choose a file with the columns mention and code."))
        elif self._found is not None:
            self._state.setText(words.check_text(self._found, self.rate.rate, self._least))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.set_title(self.tr("What may stand unreviewed"))
        self.wanted.setText(self.tr("Accept at an error of at most"))
        self._label.setText(self.tr("Judged by"))
        self.by.setAccessibleName(self.tr("Judged by"))
        at = max(0, self.by.currentIndex())
        self.by.clear()
        self.by.addItem(self.tr("the random check of this project"), CHECK)
        self.by.addItem(self.tr("a file of reviewed mentions"), FILE)
        self.by.setCurrentIndex(at)
        self.file.setText(self.tr("Choose ..."))
        self.check.setText(self.tr("Go to the random check"))
        self._why.setText(
            self.tr(
                "The file gets a column that says which rows may stand. It holds for files like the reviewed mentions. "
                "Each of these is judged before it is remembered: nothing is right by heart."
            )
        )
        self._render()

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        for row, widgets in (
            (first, (self.wanted, self.rate)),
            (second, (self._label, self.by, self.file, self.check)),
        ):
            row.setSpacing(theme.GAP)
            for widget in widgets:
                row.addWidget(widget)
            row.addStretch(1)
            self.column.addLayout(row)
        self.column.addWidget(self._state)
        self.column.addWidget(self._why)
