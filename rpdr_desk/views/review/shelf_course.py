"""The shelf of queues and saved filters: which are there, how many mentions each holds, with which key."""

from __future__ import annotations

from collections import deque
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from rpdr_core.errors import RpdrError
from rpdr_core.records import Changes, Progress
from rpdr_desk.actions import QUEUES as SHELF_KEYS
from rpdr_desk.actions import Actions
from rpdr_desk.item_models.shelf_model import Kind, ShelfRow
from rpdr_desk.operations.asked import QUEUES, RARE, Asked, QueueName
from rpdr_desk.operations.queues import Counts
from rpdr_desk.operations.saved_filters import SavedFilter
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording
from rpdr_desk.views.banner import Banner
from rpdr_desk.views.review import queue_words
from rpdr_desk.views.review.filter_dialog import ask_name, ask_removal
from rpdr_desk.views.review.queue_pane import QueuePane

REST_MS = 1500
"""Counts that cost a pass over the project wait until nothing has changed for so long."""
_PROGRESS: dict[QueueName, str] = {
    "unreviewed": "unreviewed",
    "least_sure": "unreviewed",
    "most_frequent": "unreviewed",
    "deferred": "deferred",
    "flagged": "flagged",
    "decided": "decided",
    "all": "mentions",
}
_COUNTED: tuple[QueueName, ...] = ("disagreement", "changed", "second_review", "disputed")
_COUNTS_CHANGE = frozenset(("mentions", "decisions", "rankings", "adapters", "opinions"))


class ShelfCourse(QObject):
    """`counted` carries fresh `Counts`; `rested`: nothing has changed for a while."""

    counted = Signal(object)
    rested = Signal()

    def __init__(self, workspace: Workspace, actions: Actions, pane: QueuePane, banner: Banner, page: QWidget) -> None:
        super().__init__(page)
        self._workspace, self._actions = workspace, actions
        self._pane, self._banner, self._page = pane, banner, page
        self._filters: tuple[SavedFilter, ...] = ()
        self._counts: dict[QueueName, int] = {}
        self._of_saved: dict[str, int] = {}
        self._progress: Progress | None = None
        self._double = False
        self._to_count: deque[str] = deque()
        self._counting = False
        self._to_be = ""  # the name of the filter in sight, once the project holds it
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._count_all)
        pane.queue_wanted.connect(self._go)
        pane.queues.edit_asked.connect(self._rename)
        pane.queues.remove_asked.connect(self._remove)
        for number in range(1, SHELF_KEYS + 1):
            actions.on(f"queue_{number}", partial(self._go_to_row, number - 1))
        actions.on("save_filter", self._save)
        workspace.store.changed.connect(self._changed)
        workspace.terminology.ready.connect(lambda _reference: self._rest.start())

    @property
    def counts(self) -> Counts | None:
        """As far as they are known."""
        if self._progress is None:
            return None
        return Counts(self._progress, dict(self._counts), dict(self._of_saved), self._double)

    def begin(self) -> None:
        """Put the queues there; the saved filters follow when they are read."""
        self.show()
        self._workspace.saved_filters.read(self._show_filters)

    def count(self) -> None:
        """The quick counts now, the others when it has been quiet for a while."""
        self._workspace.queues.progress(self._show_progress)
        self._rest.start()

    def stop_counting(self) -> None:
        """Leave what is not counted yet until the next change."""
        self._rest.stop()
        self._to_count.clear()

    def row(self, kind: Kind, id: str) -> int:
        """-1 for what is not there; else the number of its key less one."""
        return self._pane.shelf.row_of(kind, id)

    # Counts

    def _show_progress(self, progress: Progress, double: bool) -> None:
        self._progress, self._double = progress, double
        self._counts |= {queue: getattr(progress, name) for queue, name in _PROGRESS.items()}
        self._tell()

    def _count_all(self) -> None:
        self.rested.emit()
        self._to_count = deque([*_COUNTED, *(f"={one.name}" for one in self._filters)])
        self._count_next()

    def _count_next(self) -> None:
        """One after the other, so that a decision never waits behind more than one."""
        if self._counting or not self._to_count:
            return
        name = self._to_count.popleft()
        asked = self._asked_of(name)
        if asked is None or not self._workspace.queues.can_count(asked):
            self._count_next()
            return
        self._counting = True
        self._workspace.queues.count(asked, lambda count: self._counted_one(name, count))

    def _counted_one(self, name: str, count: int) -> None:
        self._counting = False
        if name.startswith("="):
            self._of_saved[name[1:]] = count
        else:
            self._counts[name] = count  # type: ignore[index]
        self._tell()
        self._count_next()

    def _asked_of(self, name: str) -> Asked | None:
        if name.startswith("="):
            return next((one.asked for one in self._filters if one.name == name[1:]), None)
        return Asked(name, since=self._pane.asked.since, day=self._pane.asked.day)  # type: ignore[arg-type]

    def _tell(self) -> None:
        self.show()
        if (counts := self.counts) is not None:
            self.counted.emit(counts)

    # The shelf

    def show(self) -> None:
        """Anew, in the words of the moment."""
        queues = [queue for queue in QUEUES if self._is_there(queue)]
        keys = [self._actions.key_text(f"queue_{number}") for number in range(1, SHELF_KEYS + 1)]
        keys += [""] * (len(queues) + len(self._filters))
        rows = [
            ShelfRow("queue", one, queue_words.queue_text(one), queue_words.queue_tip(one), self._number(one), key)
            for one, key in zip(queues, keys, strict=False)
        ]
        rows += [
            ShelfRow("saved", one.name, one.name, _told(one.asked), _worded(self._of_saved.get(one.name)), key)
            for one, key in zip(self._filters, keys[len(queues) :], strict=False)
        ]
        self._pane.show_shelf(rows)
        for number in range(1, SHELF_KEYS + 1):
            there = number <= len(rows)
            words = self.tr("Go to: %1")
            self._actions.call(f"queue_{number}", wording.fill(words, rows[number - 1].text) if there else "")

    def _is_there(self, queue: QueueName) -> bool:
        """Those of double review are there while it is on, or while they hold something."""
        return queue not in RARE or self._double or bool(self._counts.get(queue)) or self._pane.asked.queue == queue

    def _number(self, queue: QueueName) -> str:
        return _worded(self._counts.get(queue))

    def _go_to_row(self, number: int) -> None:
        rows = self._pane.shelf.rows
        if number < len(rows):
            self._go(rows[number])

    def _go(self, row: ShelfRow) -> None:
        if row.kind == "queue":
            self._pane.set_queue(row.id)  # type: ignore[arg-type]
        else:
            found = next((one for one in self._filters if one.name == row.id), None)
            if found is not None:
                self._pane.ask(found.asked, found.name)

    # Saved filters

    def _show_filters(self, filters: tuple[SavedFilter, ...]) -> None:
        self._filters = filters
        self._of_saved = {
            name: count for name, count in self._of_saved.items() if any(one.name == name for one in filters)
        }
        names = {one.name for one in filters}
        if self._to_be in names:
            self._pane.saved, self._to_be = self._to_be, ""
        elif self._pane.saved not in names:
            self._pane.saved = ""
        self.show()
        self._rest.start()

    def _save(self) -> None:
        asked = self._pane.asked
        lead = self.tr("It is kept in the project, under the queues: %1")

        def save(name: str) -> None:
            self._workspace.saved_filters.save(name, asked, self._refused)
            self._to_be = " ".join(name.split())

        words = wording.fill(lead, _told(asked))
        ask_name(self._page, self.tr("Save this filter"), words, self._pane.saved, save)

    def _rename(self, name: str) -> None:
        def rename(new: str) -> None:
            self._workspace.saved_filters.rename(name, new, self._refused)
            if self._pane.saved == name:
                self._to_be = " ".join(new.split())

        ask_name(self._page, self.tr("Rename the filter"), "", name, rename)

    def _refused(self, error: RpdrError) -> None:
        self._to_be = ""
        self._banner.show_error(error)

    def _remove(self, name: str) -> None:
        saved = self._workspace.saved_filters
        ask_removal(self._page, name, lambda: saved.remove(name, self._refused))

    def _changed(self, changes: Changes) -> None:
        if "settings" in changes.kinds:
            self._workspace.saved_filters.read(self._show_filters)
        if changes.kinds & _COUNTS_CHANGE:
            if changes.kinds & {"mentions", "decisions"}:
                self._workspace.queues.progress(self._show_progress)
            self._rest.start()


def _told(asked: Asked) -> str:
    """What a filter is, in a line."""
    parts = [queue_words.queue_text(asked.queue), asked.text, *map(queue_words.chip_text, sorted(asked.picks))]
    return " · ".join(part for part in parts if part)


def _worded(count: int | None) -> str:
    return "" if count is None else wording.number(count)
