"""A small table of words and figures, each row with a key."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class RowsModel(QAbstractTableModel):
    """All cells are words; `figures` names the columns that stand at the right."""

    def __init__(self) -> None:
        super().__init__()
        self._headings: tuple[str, ...] = ()
        self._rows: tuple[tuple[str, ...], ...] = ()
        self._keys: tuple[int, ...] = ()
        self._figures: frozenset[int] = frozenset()

    def set_rows(
        self,
        headings: Sequence[str],
        rows: Sequence[Sequence[str]],
        figures: frozenset[int] = frozenset(),
        keys: Sequence[int] = (),
    ) -> None:
        """Each row has a word for each heading. `keys`: one for each row, or none at all."""
        self.beginResetModel()
        self._headings, self._rows = tuple(headings), tuple(map(tuple, rows))
        self._figures, self._keys = figures, tuple(keys)
        self.endResetModel()

    def key(self, row: int) -> int:
        """The row's key, 0 where it has none."""
        return self._keys[row] if 0 <= row < len(self._keys) else 0

    def row_of(self, key: int) -> int:
        """The row with this key, -1 where there is none."""
        return self._keys.index(key) if key in self._keys else -1

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._headings)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        words = self._rows[index.row()][index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return words
        if role == Qt.ItemDataRole.AccessibleTextRole:
            # Screen readers read a table cell by cell: each says its row and column.
            row = self._rows[index.row()][0]
            return words if index.column() == 0 else f"{row}, {self._headings[index.column()]}: {words}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._side(index.column())
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._headings):
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._side(section)
        return self._headings[section] if role == Qt.ItemDataRole.DisplayRole else None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        # Never editable: an editable current item would switch the input method on, and it would eat the keys.
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def _side(self, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if column in self._figures else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter
