"""Findings of map lint, as many as there are; the mentions behind them are read a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from rpdr_core.records import Mention
from rpdr_desk.operations.lint_state import FindingLine

LINE = Qt.ItemDataRole.UserRole
MENTION = Qt.ItemDataRole.UserRole + 1
PAGE = 64

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class Column(IntEnum):
    MENTION = 0
    FINDING = 1
    CURE = 2


class FindingModel(QAbstractTableModel):
    """`mentions` reads some by id; `heading`, `say` and `describe` give the words in the language of the moment."""

    def __init__(
        self,
        mentions: Callable[[Sequence[int]], list[Mention]],
        heading: Callable[[Column], str],
        say: Callable[[FindingLine, Column], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._read, self._heading, self._say = mentions, heading, say
        self._lines: list[FindingLine] = []
        self._mentions: dict[int, Mention | None] = {}

    @property
    def lines(self) -> Sequence[FindingLine]:
        return self._lines

    def set_lines(self, lines: Sequence[FindingLine]) -> None:
        self.beginResetModel()
        self._lines = list(lines)
        self._mentions.clear()
        self.endResetModel()

    def add(self, lines: Sequence[FindingLine]) -> None:
        """More of them, at the end."""
        if not lines:
            return
        self.beginInsertRows(QModelIndex(), len(self._lines), len(self._lines) + len(lines) - 1)
        self._lines += lines
        self.endInsertRows()

    def remove(self, keys: frozenset[str]) -> None:
        """Those with these keys are gone."""
        for row in range(len(self._lines) - 1, -1, -1):
            if self._lines[row].key in keys:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._lines[row]
                self.endRemoveRows()

    def forget(self, ids: Sequence[int]) -> None:
        """These mentions have changed."""
        for one in ids:
            self._mentions.pop(one, None)
        if self._lines:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._lines) - 1, len(Column) - 1))

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(Column)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return self._heading(Column(section)) if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        line, column = self._lines[index.row()], Column(index.column())
        if role == LINE:
            return line
        if role == MENTION:
            return self._mention(index.row())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._text(index.row(), line, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(filter(None, (self._text(index.row(), line, one) for one in Column)))
        return None

    def _text(self, row: int, line: FindingLine, column: Column) -> str:
        if column is not Column.MENTION or len(line.mention_ids) > 1:
            return self._say(line, column)
        mention = self._mention(row)
        return mention.text if mention is not None else ""

    def _mention(self, row: int) -> Mention | None:
        """The first mention of a finding; those of the rows around it are read with it."""
        wanted = self._lines[row].mention_ids[0]
        if wanted not in self._mentions:
            start = row - row % PAGE
            ids = {line.mention_ids[0] for line in self._lines[start : start + PAGE]} - self._mentions.keys()
            self._mentions |= dict.fromkeys(ids)
            self._mentions |= {mention.id: mention for mention in self._read(sorted(ids))}
        return self._mentions[wanted]
