"""A plain table on a card: read-only, as high as its rows up to a limit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from rpdr_desk.fonts import TEXT_CHANGED, figures
from rpdr_desk.item_models.rows_model import RowsModel

_AIR = 12


class FiguresView(QTableView):
    """Shows a `RowsModel`. `most`: rows that are seen at once; the others scroll. `choose`: several rows can be
    selected; `wide`: the columns that take the room that is left.
    """

    def __init__(
        self, parent: QWidget | None = None, *, most: int = 8, choose: bool = False, wide: Sequence[int] = (0,)
    ) -> None:
        super().__init__(parent)
        self._most, self._wide = most, wide
        self.rows = RowsModel()
        self.rows.setParent(self)
        self.setModel(self.rows)
        self.setProperty("plain", True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(
            QAbstractItemView.SelectionMode.ExtendedSelection
            if choose
            else QAbstractItemView.SelectionMode.SingleSelection
        )
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setStretchLastSection(False)
        self.rows.modelReset.connect(self._fit)
        self._dress()

    def _fit(self) -> None:
        header = self.horizontalHeader()
        for column in range(self.rows.columnCount()):
            mode = QHeaderView.ResizeMode.Stretch if column in self._wide else QHeaderView.ResizeMode.ResizeToContents
            header.setSectionResizeMode(column, mode)
        shown = max(1, min(self._most, self.rows.rowCount()))
        self.setFixedHeight(header.sizeHint().height() + shown * self.verticalHeader().defaultSectionSize() + 4)

    def _dress(self) -> None:
        self.setFont(figures(self.font()))
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + _AIR)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        high = self.fontMetrics().height() + _AIR
        if event.type() in TEXT_CHANGED and self.verticalHeader().defaultSectionSize() != high:
            self.verticalHeader().setDefaultSectionSize(high)
            self._fit()
            # And once the heading has heard of it.
            QTimer.singleShot(0, self, self._fit)
