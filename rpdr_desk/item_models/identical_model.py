"""A preview of identical mentions as a list: a heading for each group, its members below it, a tick on every line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from rpdr_core.records import Mention

if TYPE_CHECKING:
    from rpdr_desk.operations.identical import Group, Preview

LINE = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


@dataclass(frozen=True, slots=True)
class Line:
    """A heading (`mention` None) or a member of a group. `ticked` counts members; a heading is open or closed."""

    group: Group
    number: int
    mention: Mention | None
    ticked: int
    open: bool = True

    @property
    def state(self) -> Qt.CheckState:
        full = 1 if self.mention is not None else len(self.group.members)
        if not self.ticked:
            return Qt.CheckState.Unchecked
        return Qt.CheckState.Checked if self.ticked == full else Qt.CheckState.PartiallyChecked


class IdenticalModel(QAbstractListModel):
    """Every line is there at once; nothing is laid out but what is on screen. `ticked` carries how many are ticked.

    `describe` words a line for screen readers.
    """

    ticked = Signal(int)

    def __init__(self, preview: Preview, describe: Callable[[Line], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._groups: Sequence[Group] = preview.groups
        self._describe = describe
        self._chosen = set(preview.proposed)
        self._closed: set[int] = set()
        self._lines: list[tuple[int, int]] = []
        self._relist()

    @property
    def chosen(self) -> tuple[int, ...]:
        """Ids of the ticked members, in the order of the list."""
        return tuple(one.id for group in self._groups for one in group.members if one.id in self._chosen)

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        line = self.line(index.row())
        if role == LINE:
            return line
        if role == Qt.ItemDataRole.CheckStateRole:
            return line.state
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._describe(line)
        if role == Qt.ItemDataRole.DisplayRole:
            return line.mention.context if line.mention is not None else self._describe(line)
        if role == Qt.ItemDataRole.ToolTipRole and line.mention is not None:
            return line.mention.context
        return None

    def line(self, row: int) -> Line:
        number, member = self._lines[row]
        group = self._groups[number]
        if member >= 0:
            mention = group.members[member]
            return Line(group, number, mention, int(mention.id in self._chosen))
        ticked = sum(one.id in self._chosen for one in group.members)
        return Line(group, number, None, ticked, number not in self._closed)

    def toggle(self, row: int) -> None:
        """Tick or untick a member; on a heading the whole group, ticking where not all of it was."""
        line = self.line(row)
        members = line.group.members if line.mention is None else (line.mention,)
        ids = {one.id for one in members}
        self._chosen = self._chosen - ids if ids <= self._chosen else self._chosen | ids
        first = self._lines.index((line.number, -1))
        last = first + (0 if line.number in self._closed else len(line.group.members))
        self.dataChanged.emit(self.index(first), self.index(last))
        self.ticked.emit(len(self._chosen))

    def set_open(self, row: int, is_open: bool) -> int:
        """Open or close the group of a row; the row of its heading."""
        number, _ = self._lines[row]
        heading = self._lines.index((number, -1))
        if is_open == (number not in self._closed):
            return heading
        first, last = heading + 1, heading + len(self._groups[number].members)
        if is_open:
            self._closed.discard(number)
            self.beginInsertRows(QModelIndex(), first, last)
            self._relist()
            self.endInsertRows()
        else:
            self._closed.add(number)
            self.beginRemoveRows(QModelIndex(), first, last)
            self._relist()
            self.endRemoveRows()
        self.dataChanged.emit(self.index(heading), self.index(heading))
        return heading

    def _relist(self) -> None:
        self._lines = [
            (number, member)
            for number, group in enumerate(self._groups)
            for member in range(-1, 0 if number in self._closed else len(group.members))
        ]
