"""A read-only table of figures: a value, and where it has one its interval in small print below it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette
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
from rpdr_desk.fonts import figures, scaled

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_BELOW = Qt.ItemDataRole.UserRole
_SMALL = 0.82
_AIR = 10


class FigureTable(QTableWidget):
    """Names in the first column, figures to the right in the others. Nothing in it is chosen or edited."""

    def __init__(self, columns: int, parent: QWidget | None = None) -> None:
        super().__init__(0, columns, parent)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_Figures(self))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(_RIGHT)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def set_title(self, column: int, words: str, told: str = "") -> None:
        """A column's heading; `told` explains it."""
        item = QTableWidgetItem(words)
        item.setToolTip(told)
        item.setTextAlignment(_RIGHT if column else _LEFT)
        self.setHorizontalHeaderItem(column, item)

    def put(self, row: int, column: int, words: str, below: str = "", told: str = "", *, strong: bool = False) -> None:
        """Fill a cell; `below` goes in small print, a strong one is bold."""
        item = QTableWidgetItem(words)
        item.setData(_BELOW, below)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{words} {below}".strip())
        item.setToolTip(told)
        item.setTextAlignment(_RIGHT if column else _LEFT)
        if strong:
            item.setFont(_bold(self.font()))
        self.setItem(row, column, item)

    def row_height(self) -> int:
        """Pixels that a value with its interval needs."""
        return self.fontMetrics().height() + QFontMetrics(scaled(self.font(), _SMALL)).height() + _AIR

    def widest(self, column: int) -> int:
        """Pixels of the column's longest words, its heading among them."""
        large, small = QFontMetrics(figures(_bold(self.font()))), QFontMetrics(figures(scaled(self.font(), _SMALL)))
        title = self.horizontalHeaderItem(column)
        wide = [large.horizontalAdvance(title.text())] if title is not None else [0]
        for row in range(self.rowCount()):
            item = self.item(row, column)
            if item is not None:
                wide.append(large.horizontalAdvance(item.text()))
                wide.append(small.horizontalAdvance(str(item.data(_BELOW) or "")))
        return max(wide)


class _Figures(QStyledItemDelegate):
    def __init__(self, table: FigureTable) -> None:
        super().__init__(table)
        self._table = table

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        below = str(index.data(_BELOW) or "")
        if not below:
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
        painter.drawText(QRectF(area.left(), top + upper, area.width(), lower), _RIGHT, below)
        painter.restore()


def _bold(font: QFont) -> QFont:
    made = QFont(font)
    made.setWeight(QFont.Weight.DemiBold)
    return made
