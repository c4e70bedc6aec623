"""The candidates of one mention, or the results of a search, as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from rpdr_desk.item_models.candidate_rows import CandidateRow, percent

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
ROW = Qt.ItemDataRole.UserRole


class Column(IntEnum):
    KEY = 0
    CODE = 1
    NAME = 2
    MATCHED = 3
    RETRIEVER = 4
    TEACHER = 5
    STUDENT = 6
    SURE = 7


UNRANKED = Column.RETRIEVER
"""How many columns there are where nothing is ranked: the columns of ranks do not exist then, they are not hidden."""


class CandidateModel(QAbstractTableModel):
    """Rows as given; `headings` and `describe` give the words in the language of the moment."""

    def __init__(
        self,
        headings: Callable[[Column], tuple[str, str]],
        describe: Callable[[int, CandidateRow], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._headings = headings
        self._describe = describe
        self._rows: tuple[CandidateRow, ...] = ()
        self._columns = len(Column)

    @property
    def rows(self) -> tuple[CandidateRow, ...]:
        return self._rows

    def set_rows(self, rows: Sequence[CandidateRow], *, ranked: bool = True) -> None:
        """Other rows. `ranked`: with the columns that say who ranked them where."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self._columns = len(Column) if ranked else int(UNRANKED)
        self.endResetModel()

    def fill(self, rows: Sequence[CandidateRow]) -> None:
        """New contents for the same rows, without a reset; the codes must be the same, more may follow."""
        extra = len(rows) - len(self._rows)
        if extra < 0 or [row.code for row in rows[: len(self._rows)]] != [row.code for row in self._rows]:
            self.set_rows(rows, ranked=self._columns > UNRANKED)
            return
        if extra:
            self.beginInsertRows(QModelIndex(), len(self._rows), len(rows) - 1)
        self._rows = tuple(rows)
        if extra:
            self.endInsertRows()
        if rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, self._columns - 1))

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else self._columns

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._headings(Column(section))[0]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._headings(Column(section))[1]
        if role == Qt.ItemDataRole.TextAlignmentRole and Column.RETRIEVER <= section <= Column.STUDENT:
            return Qt.AlignmentFlag.AlignCenter
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(index.row(), row, Column(index.column()))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._describe(index.row(), row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return {Column.NAME: f"{row.code}  {row.name}", Column.MATCHED: row.matched}.get(Column(index.column()))
        return None


def _text(number: int, row: CandidateRow, column: Column) -> str:
    match column:
        case Column.KEY:
            return str(number + 1)
        case Column.CODE:
            return row.code
        case Column.NAME:
            return row.name
        case Column.MATCHED:
            return row.matched
        case Column.RETRIEVER:
            return _rank(row.retriever)
        case Column.TEACHER:
            return _rank(row.teacher)
        case Column.STUDENT:
            return _rank(row.student)
        case Column.SURE:
            return "" if row.confidence is None else percent(row.confidence)


def _rank(rank: int | None) -> str:
    return "" if rank is None else str(rank)
