"""A small read-only table: a name, then figures with their interval in small print below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPalette
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
from rpdr_desk.views.review import painting

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_BELOW = Qt.ItemDataRole.UserRole
_AIR = 14


@dataclass(frozen=True, slots=True)
class Cell:
    """`below` in small print; `told` explains it."""

    words: str
    below: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A row; a strong one is bold."""

    cells: tuple[Cell, ...]
    strong: bool = False


class SmallTable(QTableWidget):
    """As high as its rows: the page scrolls, not the table. The first column takes what is left."""

    def __init__(self, columns: int, parent: QWidget | None = None) -> None:
        super().__init__(0, columns, parent)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setItemDelegate(_Figures(self))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(_RIGHT)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def set_titles(self, titles: Sequence[tuple[str, str]]) -> None:
        """A heading and what explains it, for each column."""
        for column, (title, told) in enumerate(titles):
            item = QTableWidgetItem(title)
            item.setToolTip(told)
            item.setTextAlignment(_RIGHT if column else _LEFT)
            self.setHorizontalHeaderItem(column, item)
        self._measure()

    def show_lines(self, lines: Sequence[Line]) -> None:
        self.setRowCount(len(lines))
        for row, line in enumerate(lines):
            for column in range(self.columnCount()):
                cell = line.cells[column] if column < len(line.cells) else Cell("")
                self.setItem(row, column, self._item(line, cell, column))
        self._measure()

    def _item(self, line: Line, cell: Cell, column: int) -> QTableWidgetItem:
        item = QTableWidgetItem(cell.words)
        item.setData(_BELOW, cell.below)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{cell.words} {cell.below}".strip())
        item.setToolTip(cell.told or (cell.words if column == 0 else ""))
        item.setTextAlignment(_RIGHT if column else _LEFT)
        if line.strong:
            font = QFont(self.font())
            font.setWeight(QFont.Weight.DemiBold)
            item.setFont(font)
        return item

    def _measure(self) -> None:
        """Two lines of text a row; each column as wide as its widest cell or heading."""
        row = 2 * self.fontMetrics().height() + 12
        self.verticalHeader().setDefaultSectionSize(row)
        small = scaled(self.font(), 0.82)
        for column in range(1, self.columnCount()):
            head = self.horizontalHeaderItem(column)
            widest = painting.width(head.text(), self.font()) if head is not None else 0
            for at in range(self.rowCount()):
                item = self.item(at, column)
                if item is not None:
                    below = painting.width(str(item.data(_BELOW) or ""), small)
                    widest = max(widest, painting.width(item.text(), item.font()), below)
            self.setColumnWidth(column, widest + 2 * _AIR)
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + row * self.rowCount() + 4)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in TEXT_CHANGED:
            self._measure()


class _Figures(QStyledItemDelegate):
    """A value, and where it has one its interval below."""

    def __init__(self, table: QTableWidget) -> None:
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
        palette, high = self._table.palette(), option.fontMetrics.height()
        area = QRectF(option.rect).adjusted(theme.UNIT, 0, -theme.GAP - 3, 0)
        middle = area.center().y()
        painter.save()
        painter.setFont(figures(option.font))
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        painter.drawText(QRectF(area.left(), middle - high, area.width(), high), _RIGHT, index.data())
        small = figures(scaled(option.font, 0.82))
        small.setWeight(QFont.Weight.Normal)
        painter.setFont(small)
        painter.setPen(theme.dim(palette))
        painter.drawText(QRectF(area.left(), middle, area.width(), high), _RIGHT, below)
        painter.restore()
