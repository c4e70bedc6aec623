"""The disputed mentions as a list, the most material first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from rpdr_desk.operations.adjudicate_state import Case

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
CASE = Qt.ItemDataRole.UserRole


class DisputeModel(QAbstractListModel):
    """`describe` gives a case in one line, for screen readers."""

    def __init__(self, describe: Callable[[Case], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._describe = describe
        self._cases: tuple[Case, ...] = ()

    @property
    def cases(self) -> tuple[Case, ...]:
        return self._cases

    def set_cases(self, cases: Sequence[Case]) -> None:
        """The same mentions in the same order are filled in place, so that nothing moves under the hand."""
        ids = [case.mention.id for case in cases]
        if cases and ids == [case.mention.id for case in self._cases]:
            self._cases = tuple(cases)
            self.dataChanged.emit(self.index(0), self.index(len(cases) - 1))
            return
        self.beginResetModel()
        self._cases = tuple(cases)
        self.endResetModel()

    def remove(self, mention_id: int) -> None:
        """A settled one goes; one that is not there is no error."""
        row = self.row(mention_id)
        if row >= 0:
            self.beginRemoveRows(QModelIndex(), row, row)
            self._cases = (*self._cases[:row], *self._cases[row + 1 :])
            self.endRemoveRows()

    def row(self, mention_id: int) -> int:
        """-1 where the mention is not in dispute."""
        return next((row for row, case in enumerate(self._cases) if case.mention.id == mention_id), -1)

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._cases)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        case = self._cases[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return case.mention.text
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._describe(case)
            case Qt.ItemDataRole.UserRole:
                return case
            case _:
                return None
