"""The mentions of a queue as a list: every row is there at once, their contents come by pages."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from rpdr_core.records import Mention

PAGE = 200
PAGES_KEPT = 24
ROWS_KEPT = 4096
FEW = 8
MENTION = Qt.ItemDataRole.UserRole
_SHOWN = frozenset(
    (Qt.ItemDataRole.DisplayRole, MENTION, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole)
)
_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class QueueModel(QAbstractListModel):
    """A snapshot of ids. Rows keep their place until the next snapshot, whatever is decided meanwhile.

    `describe` words a mention for screen readers and tooltips.
    """

    def __init__(
        self,
        read: Callable[[Sequence[int]], list[Mention]],
        describe: Callable[[Mention], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._read = read
        self._describe = describe
        self._ids: array[int] = array("q")
        self._pages: OrderedDict[int, dict[int, Mention]] = OrderedDict()
        self._rows: dict[int, int] = {}
        self._waiting: list[Callable[[array[int]], None]] = []
        self.whole = True

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._ids)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role not in _SHOWN or not index.isValid():
            return None
        mention = self.mention(index.row())
        if mention is None or role == MENTION:
            return mention
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return self._describe(mention)
        return mention.text

    def flags(self, index: _Index) -> Qt.ItemFlag:
        # Never editable: an editable current item would switch the input method on, and it would eat the keys.
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def set_snapshot(self, ids: array[int], *, whole: bool = True) -> None:
        """Other rows; not `whole`: a stretch of a list, of which the rest is being read."""
        self.beginResetModel()
        self._ids, self.whole = ids, whole
        self._pages.clear()
        self._rows.clear()
        self.endResetModel()
        if whole:
            waiting, self._waiting = self._waiting, []
            for act in waiting:
                act(ids)

    def when_whole(self, act: Callable[[array[int]], None]) -> None:
        """Act on the ids of all rows, which are read and never changed: now, or once the rest of the list is there."""
        if self.whole:
            act(self._ids)
        else:
            self._waiting.append(act)

    def id(self, row: int) -> int:
        found = self._ids[row]
        self._remember(found, row)
        return found

    def ids(self, first: int, count: int) -> list[int]:
        """Up to `count` ids from row `first` on."""
        return list(self._ids[first : first + count])

    def row(self, mention_id: int) -> int:
        """Row of a mention, -1 if the snapshot does not hold it."""
        known = self._rows.get(mention_id)
        if known is not None:
            return known
        found = row_of(self._ids, mention_id)
        self._remember(mention_id, found)
        return found

    def _remember(self, mention_id: int, row: int) -> None:
        """A course of review asks for the same few rows over and over; a search through a million takes 30 ms."""
        if len(self._rows) >= ROWS_KEPT:
            self._rows.clear()
        self._rows[mention_id] = row

    def mention(self, row: int) -> Mention | None:
        """The mention of a row; None if it vanished from the project after the snapshot."""
        number = row // PAGE
        page = self._pages.get(number)
        if page is None:
            ids = self._ids[number * PAGE : (number + 1) * PAGE]
            page = {mention.id: mention for mention in self._read(ids)}
            self._pages[number] = page
            while len(self._pages) > PAGES_KEPT:
                self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(number)
        return page.get(self._ids[row])

    def refresh(self, mention_ids: Iterable[int]) -> None:
        """Read these mentions again (all if empty) and repaint them; no row moves."""
        wanted = set(mention_ids)
        if 0 < len(wanted) <= FEW:
            self._refresh_few(wanted)
            return
        stale = [number for number, page in self._pages.items() if not wanted or wanted & page.keys()]
        for number in stale:
            del self._pages[number]
            last = min((number + 1) * PAGE, len(self._ids)) - 1
            self.dataChanged.emit(self.index(number * PAGE), self.index(last))

    def _refresh_few(self, wanted: set[int]) -> None:
        """A decision changes one mention: its row alone is read and painted, not the page it is on."""
        for number, page in self._pages.items():
            here = wanted & page.keys()
            if not here:
                continue
            fresh = {mention.id: mention for mention in self._read(sorted(here))}
            for mention_id in here:
                page.pop(mention_id)
            page |= fresh
            for mention_id in here:
                index = self.index(self._ids.index(mention_id, number * PAGE, (number + 1) * PAGE))
                self.dataChanged.emit(index, index)


def row_of(ids: array[int], mention_id: int) -> int:
    """Where a mention stands, -1 for nowhere. Queues in the order of import are sorted: those are quick."""
    guess = bisect_left(ids, mention_id)
    if guess < len(ids) and ids[guess] == mention_id:
        return guess
    try:
        return ids.index(mention_id)
    except ValueError:
        return -1
