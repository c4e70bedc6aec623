"""What can be read from: the queues and the saved filters, each with its count and its key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Kind = Literal["queue", "saved"]
ROW = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


@dataclass(frozen=True, slots=True)
class ShelfRow:
    """`id`: a queue's name, or the name that a filter was saved under. `count`: worded, empty while unknown.

    `key`: the key that goes there, as the platform writes it; empty for none.
    """

    kind: Kind
    id: str
    text: str
    tip: str = ""
    count: str = ""
    key: str = ""


class ShelfModel(QAbstractListModel):
    """Few rows, put in as a whole. Rows that stay keep their place, so that the selection does."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[ShelfRow, ...] = ()

    @property
    def rows(self) -> tuple[ShelfRow, ...]:
        return self._rows

    def row_of(self, kind: Kind, id: str) -> int:
        """-1 for what is not on the shelf."""
        return next((n for n, row in enumerate(self._rows) if (row.kind, row.id) == (kind, id)), -1)

    def show(self, rows: Sequence[ShelfRow]) -> None:
        """Other words or counts change cells; another list of rows is a reset."""
        before, self_rows = [(row.kind, row.id) for row in self._rows], tuple(rows)
        if before == [(row.kind, row.id) for row in self_rows]:
            self._rows = self_rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self._rows = self_rows
        self.endResetModel()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.text
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(part for part in (row.text, row.count) if part)
            case Qt.ItemDataRole.AccessibleDescriptionRole | Qt.ItemDataRole.ToolTipRole:
                return "  ".join(part for part in (row.tip, row.key) if part)
            case Qt.ItemDataRole.UserRole:
                return row
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        # Never editable: an editable current item would switch the input method on, and it would eat the keys.
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
