"""A read-only table of words: what a file holds, what is on this machine, what an upgrade touches."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from rpdr_desk.fonts import TEXT_CHANGED, grown, tall
from rpdr_desk.item_models.rows_model import RowsModel

ROW = 32
WIDEST, NARROWEST = 360, 60
AIR = 26
READ = 60
"""So many rows say how wide a column is."""


class PlainTable(QTableView):
    """`chosen`: another row is current. Columns are as wide as their words, up to a limit; the last takes the rest."""

    chosen = Signal(int)
    entered = Signal(int)

    def __init__(self, parent: QWidget | None = None, *, pick: bool = False) -> None:
        super().__init__(parent)
        self.setProperty("plain", True)
        self.rows = RowsModel()
        self.rows.setParent(self)
        self.setModel(self.rows)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(not pick)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        mode = QAbstractItemView.SelectionMode
        self.setSelectionMode(mode.SingleSelection if pick else mode.NoSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        if pick:
            self.selectionModel().currentRowChanged.connect(lambda now, _before: self.chosen.emit(now.row()))
            self.activated.connect(lambda index: self.entered.emit(index.row()))
        self._measure()

    def show_rows(
        self,
        headings: Sequence[str],
        rows: Sequence[Sequence[str]],
        figures: frozenset[int] = frozenset(),
        keys: Sequence[int] = (),
    ) -> None:
        """The current row stays where it was."""
        at = self.currentIndex().row()
        self.rows.set_rows(headings, rows, figures, keys)
        self._measure()
        if rows and self.selectionMode() != QAbstractItemView.SelectionMode.NoSelection:
            self.stand_on(max(0, min(at, len(rows) - 1)))

    def stand_on(self, row: int) -> None:
        index: QModelIndex = self.rows.index(row, 0)
        if index.isValid():
            self.setCurrentIndex(index)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in TEXT_CHANGED:
            self._measure()

    def _measure(self) -> None:
        self.verticalHeader().setDefaultSectionSize(tall(ROW))
        metrics = self.fontMetrics()
        for column in range(self.rows.columnCount()):
            cells = [str(self.rows.index(row, column).data()) for row in range(min(READ, self.rows.rowCount()))]
            heading = str(self.rows.headerData(column, self.horizontalHeader().orientation()))
            widest = max((metrics.horizontalAdvance(words[:200]) for words in (heading, *cells)), default=0)
            self.setColumnWidth(column, min(max(widest + AIR, grown(NARROWEST)), grown(WIDEST)))
