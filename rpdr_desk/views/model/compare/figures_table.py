"""Rankers side by side: one row each, one column a figure, intervals in small print below the value."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRectF, Qt, QTimer
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from rpdr_desk import theme
from rpdr_desk.fonts import TEXT_CHANGED, figures, scaled
from rpdr_desk.operations.compare_state import RankerFigures
from rpdr_desk.views import wording
from rpdr_desk.views.model.compare.words import NONE, figure_text, interval_text, ranker_text

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_INTERVAL = Qt.ItemDataRole.UserRole
_SMALL = 0.82
_AIR = 10
_MEASURED = range(2, 7)
"""The columns that share what room is left."""


class FiguresTable(QTableWidget):
    """Read-only; the row of this student is bold."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 10, parent)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        # Reached by Tab, for the arrows to scroll it where the text is large.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_FigureDelegate(self))
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setHighlightSections(False)
        header.setDefaultAlignment(_RIGHT)
        self.retranslate()

    def show_rankers(self, rankers: Sequence[RankerFigures]) -> None:
        self.setRowCount(len(rankers))
        for row, ranker in enumerate(rankers):
            for column, (words, interval) in enumerate(_cells(ranker)):
                item = QTableWidgetItem(words)
                item.setData(_INTERVAL, interval)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{words} {interval}".strip())
                item.setTextAlignment(_RIGHT if column else _LEFT)
                if ranker.name == "new":
                    font = QFont(self.font())
                    font.setWeight(QFont.Weight.DemiBold)
                    item.setFont(font)
                self.setItem(row, column, item)
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
            item = QTableWidgetItem(title)
            item.setToolTip(tips.get(column, ""))
            item.setTextAlignment(_RIGHT if column else _LEFT)
            self.setHorizontalHeaderItem(column, item)
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
        needs = [self._need(column) for column in range(self.columnCount())]
        spare = max(0, self.viewport().width() - sum(needs)) // len(_MEASURED)
        for column, need in enumerate(needs):
            self.setColumnWidth(column, need + (spare if column in _MEASURED else 0))
        small = QFontMetrics(scaled(self.font(), _SMALL))
        row = self.fontMetrics().height() + small.height() + _AIR
        for number in range(self.rowCount()):
            self.setRowHeight(number, row)
        below = self.horizontalScrollBar().sizeHint().height() if sum(needs) > self.viewport().width() else 0
        high = self.horizontalHeader().sizeHint().height() + row * self.rowCount() + below + 4
        if high != self.maximumHeight():
            self.setFixedHeight(high)

    def _need(self, column: int) -> int:
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        large, small = QFontMetrics(figures(bold)), QFontMetrics(figures(scaled(self.font(), _SMALL)))
        title = self.horizontalHeaderItem(column)
        wide = [large.horizontalAdvance(title.text())] if title is not None else [0]
        for row in range(self.rowCount()):
            item = self.item(row, column)
            if item is not None:
                wide.append(large.horizontalAdvance(item.text()))
                wide.append(small.horizontalAdvance(str(item.data(_INTERVAL) or "")))
        return max(wide) + 3 * theme.GAP


class _FigureDelegate(QStyledItemDelegate):
    """A value, and where it has an interval that below it in small print."""

    def __init__(self, table: QTableWidget) -> None:
        super().__init__(table)
        self._table = table

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        interval = str(index.data(_INTERVAL) or "")
        if not interval:
            super().paint(painter, option, index)
            return
        self.initStyleOption(option, index)
        palette = self._table.palette()
        area = QRectF(option.rect).adjusted(theme.UNIT, 0, -theme.GAP - 3, 0)
        small = figures(scaled(option.font, _SMALL))
        small.setWeight(QFont.Weight.Normal)
        upper, lower = QFontMetrics(option.font).height(), QFontMetrics(small).height()
        top = area.center().y() - (upper + lower) / 2
        painter.save()
        painter.setFont(figures(option.font))
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        painter.drawText(QRectF(area.left(), top, area.width(), upper), _RIGHT, index.data())
        painter.setFont(small)
        painter.setPen(theme.dim(palette))
        painter.drawText(QRectF(area.left(), top + upper, area.width(), lower), _RIGHT, interval)
        painter.restore()


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
