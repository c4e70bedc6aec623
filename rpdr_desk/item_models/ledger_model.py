"""The ledger as a table. Words for cells come from the view that shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, get_args

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from rpdr_desk.operations.teach_state import LedgerLine

Column = Literal["number", "at", "mention", "host", "model", "bytes", "sha256", "status", "tokens", "cost"]
COLUMNS: tuple[Column, ...] = get_args(Column)
_FIGURES = frozenset(("number", "mention", "bytes", "tokens", "cost"))
_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class LedgerModel(QAbstractTableModel):
    """`cell` words one column of a line; `heading` names a column."""

    def __init__(
        self,
        cell: Callable[[LedgerLine, Column], str],
        heading: Callable[[Column], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._cell, self._heading = cell, heading
        self._lines: tuple[LedgerLine, ...] = ()

    def set_lines(self, lines: Sequence[LedgerLine]) -> None:
        self.beginResetModel()
        self._lines = tuple(lines)
        self.endResetModel()

    def line(self, row: int) -> LedgerLine:
        return self._lines[row]

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        line, column = self._lines[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._cell(line, column)
        if role == Qt.ItemDataRole.ToolTipRole and column == "sha256":
            return line.sha256
        if role == Qt.ItemDataRole.AccessibleTextRole:
            # Screen readers read a table cell by cell: each says its row and column.
            return f"{line.number}, {self._heading(column)}: {self._cell(line, column)}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(column)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(COLUMNS[section])
        return self._heading(COLUMNS[section]) if role == Qt.ItemDataRole.DisplayRole else None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren


def _side(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in _FIGURES else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
