"""The runs there were, newest first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from rpdr_desk.operations.train_state import Run
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.model.card import Card
from rpdr_desk.views.model.train.words import spoken, state_text

_SHOWN = 6


class RunsCard(Card):
    """`chosen` carries a run's id."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs: tuple[Run, ...] = ()
        self._current = ""
        self._none = dim_label("", self)
        self.list = QListWidget(self)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setProperty("plain", True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.currentItemChanged.connect(self._choose)
        self.column.addWidget(self._none)
        self.column.addWidget(self.list)
        self._render()

    def show_runs(self, runs: Sequence[Run], current: str) -> None:
        self._runs, self._current = tuple(runs), current
        with QSignalBlocker(self.list):
            self.list.clear()
            for run in self._runs:
                item = QListWidgetItem(f"{run.name}  ·  {state_text(run.state)}")
                item.setData(Qt.ItemDataRole.UserRole, run.id)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken(run))
                item.setToolTip(spoken(run))
                self.list.addItem(item)
                if run.id == current:
                    self.list.setCurrentItem(item)
        self.list.setVisible(bool(self._runs))
        self._none.setVisible(not self._runs)
        rows = min(_SHOWN, max(1, len(self._runs)))
        self.list.setFixedHeight(rows * max(self.list.sizeHintForRow(0), 20) + 2 * self.list.frameWidth() + 2)

    def _choose(self, item: QListWidgetItem | None, _before: object) -> None:
        if item is not None:
            self.chosen.emit(str(item.data(Qt.ItemDataRole.UserRole)))

    def _render(self) -> None:
        self.set_title(self.tr("Runs"))
        self.list.setAccessibleName(self.tr("Runs"))
        self._none.setText(self.tr("None yet. A run goes on when this window is closed."))
        self.show_runs(self._runs, self._current)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._render()
        super().changeEvent(event)
