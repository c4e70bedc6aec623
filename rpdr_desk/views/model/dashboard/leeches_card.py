"""Mentions that keep being decided differently: the guideline is unclear about them, not the reviewer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, Signal, SignalInstance
from PySide6.QtWidgets import QPushButton, QWidget

from rpdr_desk.operations.dashboard_state import Leech
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import button_row, dim_label
from rpdr_desk.views.model.card import Card
from rpdr_desk.views.model.dashboard.figures_view import FiguresView


class LeechesCard(Card):
    """`mention_asked` carries the mention to be opened; `aside_asked`: those selected, for a guideline discussion;
    `back_asked`: those selected, into their queues again. What is put aside stands below the others.
    """

    mention_asked = Signal(int)
    aside_asked = Signal(object)
    back_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._leeches: tuple[Leech, ...] = ()
        self._aside, self._waiting = 0, frozenset[int]()
        self._key = ""
        self._lead = dim_label("", self)
        self.table = FiguresView(self, most=8, choose=True)
        self.open, self.put_aside, self.take_back = QPushButton(self), QPushButton(self), QPushButton(self)
        self.table.activated.connect(self._activated)
        self.open.clicked.connect(lambda _checked=False: self._activated(self.table.currentIndex()))
        self.put_aside.clicked.connect(lambda _checked=False: self._ask(self.aside_asked, self._free()))
        self.take_back.clicked.connect(lambda _checked=False: self._ask(self.back_asked, self._held()))
        self.table.selectionModel().selectionChanged.connect(lambda _new, _old: self._allow())
        for widget in (self._lead, self.table):
            self.column.addWidget(widget)
        self.column.addLayout(button_row(self.open, self.put_aside, self.take_back))
        self._render()

    def show_leeches(self, leeches: Sequence[Leech], waiting: Sequence[Leech], put_aside: int) -> None:
        """The selection stays on the mentions that are still there."""
        chosen, row = set(self.selected()), max(0, self.table.currentIndex().row())
        self._leeches, self._aside = (*leeches, *waiting), put_aside
        self._waiting = frozenset(one.mention_id for one in waiting)
        self._render()
        self._select(chosen, row)
        self._allow()

    def show_key(self, key: str) -> None:
        """The key that puts the selected mentions aside."""
        self._key = key
        self._render()

    def selected(self) -> list[int]:
        """Ids of the selected mentions."""
        return [self.table.rows.key(index.row()) for index in self.table.selectionModel().selectedRows()]

    def ask_aside(self) -> None:
        """What the key does: put aside, or take back where nothing else is selected than what is aside."""
        if self._free():
            self._ask(self.aside_asked, self._free())
        else:
            self._ask(self.back_asked, self._held())

    def _free(self) -> list[int]:
        return [one for one in self.selected() if one not in self._waiting]

    def _held(self) -> list[int]:
        return [one for one in self.selected() if one in self._waiting]

    def _ask(self, signal: SignalInstance, ids: list[int]) -> None:
        if ids:
            signal.emit(ids)

    def _allow(self) -> None:
        self.put_aside.setEnabled(bool(self._free()))
        self.take_back.setEnabled(bool(self._held()))

    def _activated(self, index: QModelIndex) -> None:
        if index.isValid():
            self.mention_asked.emit(self.table.rows.key(index.row()))

    def _select(self, chosen: set[int], row: int) -> None:
        rows, model = self.table.rows, self.table.selectionModel()
        if not rows.rowCount():
            return
        keep = [found for key in chosen if (found := rows.row_of(key)) >= 0]
        current = keep[0] if keep else min(row, rows.rowCount() - 1)
        self.table.setCurrentIndex(rows.index(current, 0))
        whole = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for one in keep:
            model.select(rows.index(one, 0), whole)

    def _render(self) -> None:
        self.set_title(self.tr("Mentions that keep coming back"))
        there = bool(self._leeches)
        for widget in (self.table, self.open, self.put_aside):
            widget.setVisible(there)
        self.take_back.setVisible(bool(self._waiting))
        if there:
            lead = self.tr(
                "Reversed at least twice, or reviewers and rankers keep differing. Deciding them once more helps "
                "little: put them aside and settle the guideline."
            )
        else:
            lead = self.tr("None: no mention was reversed twice.")
        aside = wording.fill(self.tr("Put aside for discussion: %1."), wording.number(self._aside))
        self._lead.setText(f"{lead} {aside}" if self._aside else lead)
        self.table.setAccessibleName(self.tr("Mentions that keep coming back"))
        self.take_back.setText(self.tr("Take back"))
        self.open.setText(self.tr("Open in the review"))
        words = self.tr("Put aside for discussion")
        self.put_aside.setText(f"{words} ({self._key})" if self._key else words)
        headings = (self.tr("Mention"), self.tr("Answers so far"), self.tr("Reversed"), self.tr("Occurrences"))
        rows = [(one.text, self._answers(one), self._times(one), wording.number(one.count)) for one in self._leeches]
        self.table.rows.set_rows(headings, rows, frozenset((2, 3)), [one.mention_id for one in self._leeches])

    def _answers(self, leech: Leech) -> str:
        return " → ".join(code or self.tr("no match") for code in leech.answers)

    def _times(self, leech: Leech) -> str:
        times = wording.number(leech.reversals)
        marks = [self.tr("split")] if leech.split else []
        if leech.mention_id in self._waiting:
            marks.append(self.tr("put aside"))
        return " · ".join((times, *marks))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._render()
        super().changeEvent(event)
