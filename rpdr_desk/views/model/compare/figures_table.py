"""Rankers side by side: one row each, one column a figure, intervals in small print below the value."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from rpdr_desk import theme
from rpdr_desk.fonts import TEXT_CHANGED
from rpdr_desk.operations.compare_state import RankerFigures
from rpdr_desk.views import wording
from rpdr_desk.views.model.compare.words import NONE, figure_text, interval_text, ranker_text
from rpdr_desk.views.model.figure_table import FigureTable

_MEASURED = range(2, 7)
"""The columns that share what room is left."""


class FiguresTable(FigureTable):
    """Read-only; the row of this student is bold."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(10, parent)
        # Reached by Tab, for the arrows to scroll it where the text is large.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.retranslate()

    def show_rankers(self, rankers: Sequence[RankerFigures]) -> None:
        self.setRowCount(len(rankers))
        for row, ranker in enumerate(rankers):
            for column, (words, interval) in enumerate(_cells(ranker)):
                self.put(row, column, words, interval, strong=ranker.name == "new")
        self._fit()

    def retranslate(self) -> None:
        titles = (
            self.tr("Ranker"),
            self.tr("n"),
            self.tr("acc@1"),
            self.tr("acc@5"),
            self.tr("MRR"),
            self.tr("seen"),
            self.tr("unseen"),
            self.tr("ECE"),
            self.tr("s / 1,000"),
            self.tr("cost / 1,000"),
        )
        tips = {
            5: self.tr("acc@1 on mentions whose text the student was trained on"),
            6: self.tr("acc@1 on mentions whose text is new to the student"),
            7: self.tr("Expected calibration error: how far its confidence is from how often it is right"),
        }
        for column, title in enumerate(titles):
            self.set_title(column, title, tips.get(column, ""))
        self.setAccessibleName(self.tr("Rankers on the held-out decisions"))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in TEXT_CHANGED:
            # Once the heading has heard of it too.
            QTimer.singleShot(0, self, self._fit)

    def _fit(self) -> None:
        """Each column as wide as its words, which are never cut; where they need more than there is, they scroll."""
        needs = [self.widest(column) + 3 * theme.GAP for column in range(self.columnCount())]
        spare = max(0, self.viewport().width() - sum(needs)) // len(_MEASURED)
        for column, need in enumerate(needs):
            self.setColumnWidth(column, need + (spare if column in _MEASURED else 0))
        row = self.row_height()
        for number in range(self.rowCount()):
            self.setRowHeight(number, row)
        below = self.horizontalScrollBar().sizeHint().height() if sum(needs) > self.viewport().width() else 0
        high = self.horizontalHeader().sizeHint().height() + row * self.rowCount() + below + 4
        if high != self.maximumHeight():
            self.setFixedHeight(high)


def _cells(ranker: RankerFigures) -> list[tuple[str, str]]:
    """Words and interval of each column."""
    measured = [ranker.acc_at_1, ranker.acc_at_5, ranker.mrr, ranker.seen, ranker.unseen]
    ece = NONE if ranker.ece is None else f"{ranker.ece:.3f}"
    seconds = NONE if ranker.seconds is None else wording.decimal(ranker.seconds, 1)
    cost = NONE if ranker.cost is None else wording.decimal(ranker.cost, 2)
    return [
        (ranker_text(ranker.name), ""),
        (wording.number(ranker.n), ""),
        *((figure_text(one), interval_text(one)) for one in measured),
        (ece, ""),
        (seconds, ""),
        (cost, ""),
    ]
