"""The mentions that would be sent: those that a person should read, those with masks, then in the order of sending."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from rpdr_desk.operations.teach_state import PlannedMention

PLANNED = Qt.ItemDataRole.UserRole
Which = Literal["all", "flagged", "masked"]
_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class PlanModel(QAbstractListModel):
    """`describe` words a mention for screen readers."""

    def __init__(self, describe: Callable[[PlannedMention], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._describe = describe
        self._all: tuple[PlannedMention, ...] = ()
        self._shown: list[PlannedMention] = []
        self._which: Which = "all"

    @property
    def which(self) -> Which:
        return self._which

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        planned = self._shown[index.row()]
        if role == PLANNED:
            return planned
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return planned.shown
        return self._describe(planned) if role == Qt.ItemDataRole.AccessibleTextRole else None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        # Never editable: an editable current item would switch the input method on.
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def set_mentions(self, mentions: Sequence[PlannedMention]) -> None:
        self._all = tuple(mentions)
        self.show(self._which)

    def show(self, which: Which) -> None:
        """All of them, those with a part to read, or those with a masked part."""
        self.beginResetModel()
        self._which = which
        kept = [one for one in self._all if which == "all" or bool(one.flagged if which == "flagged" else one.masked)]
        self._shown = sorted(kept, key=lambda one: (not one.flagged, not one.masked))
        self.endResetModel()

    def mention_id(self, row: int) -> int:
        return self._shown[row].mention_id

    def row(self, mention_id: int) -> int:
        """Row of a mention, -1 if it is not shown."""
        return next((at for at, one in enumerate(self._shown) if one.mention_id == mention_id), -1)
