"""The rules that have found something, with how much; last what was dismissed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from rpdr_desk.operations.lint_state import Grade, RuleName

ROW = Qt.ItemDataRole.UserRole

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


@dataclass(frozen=True, slots=True)
class RuleRow:
    """`rule` is None for the dismissed findings, which have no grade."""

    rule: RuleName | None
    grade: Grade | None
    count: int


class RuleModel(QAbstractListModel):
    """`describe` gives a row's words in the language of the moment."""

    def __init__(self, describe: Callable[[RuleRow], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._describe = describe
        self._rows: tuple[RuleRow, ...] = ()

    @property
    def rows(self) -> tuple[RuleRow, ...]:
        return self._rows

    def set_rows(self, rows: tuple[RuleRow, ...]) -> None:
        """The same rules with other counts keep their places and the selection."""
        if [row.rule for row in rows] == [row.rule for row in self._rows]:
            self._rows = rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def row_of(self, rule: RuleName | None) -> int:
        """-1 where it has found nothing."""
        return next((at for at, row in enumerate(self._rows) if row.rule == rule), -1)

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return self._describe(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self._describe(row)}, {row.count}"
        return None
