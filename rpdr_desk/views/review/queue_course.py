"""What connects the left side to the project: reading queues, counting them, facets, saved filters, the place."""

from __future__ import annotations

from array import array
from collections import deque
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from rpdr_core.records import Changes, Progress
from rpdr_desk.actions import QUEUES as SHELF_KEYS
from rpdr_desk.actions import Actions
from rpdr_desk.item_models.queue_model import QueueModel, row_of
from rpdr_desk.item_models.shelf_model import ShelfRow
from rpdr_desk.operations.facets import FacetsShown, TargetsTold
from rpdr_desk.operations.given_list import GivenList
from rpdr_desk.operations.queues import QUEUES, RARE, Asked, Counts, QueueName
from rpdr_desk.operations.saved_filters import SavedFilter
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording
from rpdr_desk.views.banner import Banner
from rpdr_desk.views.review import queue_words
from rpdr_desk.views.review.facet_panel import FacetPanel
from rpdr_desk.views.review.filter_dialog import ask_name, ask_removal
from rpdr_desk.views.review.place import Place
from rpdr_desk.views.review.queue_pane import QueuePane
from rpdr_desk.views.review.review_flow import ReviewFlow

REST_MS = 1500
"""Counts that cost a pass over the project wait until nothing has changed for so long."""
LOOK_ON = 300
"""Rows after the current one among which its successor is sought when it has left the queue."""
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


class QueueCourse(QObject):
    """`counted` carries fresh `Counts`. `shown`: the snapshot that was asked for is in the list; `facets_shown`: the
    counts of the facets are.
    """

    counted = Signal(object)
    shown = Signal()
    facets_shown = Signal()

    def __init__(
        self,
        workspace: Workspace,
        actions: Actions,
        flow: ReviewFlow,
        pane: QueuePane,
        panel: FacetPanel,
        banner: Banner,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._actions, self._flow = workspace, actions, flow
        self._pane, self._panel, self._banner, self._page = pane, panel, banner, parent
        self._restore: Place | None = None
        self._last: Asked | GivenList | None = None
        self._filters: tuple[SavedFilter, ...] = ()
        self._counts: dict[QueueName, int] = {}
        self._of_saved: dict[str, int] = {}
        self._progress: Progress | None = None
        self._double = False
        self._to_count: deque[str] = deque()
        self._counting = False
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._count_all)
        self._focus: QWidget | None = None
        self._connect()

    @property
    def counts(self) -> Counts | None:
        """As far as they are known."""
        if self._progress is None:
            return None
        return Counts(self._progress, dict(self._counts), dict(self._of_saved), self._double)

    def begin(self, place: Place) -> None:
        """Go where the reviewer stood."""
        self._restore = place
        self._show_shelf()
        self._pane.ask(place.asked, place.saved)
        self._workspace.saved_filters.read(self._show_filters)
        if self._last is None:
            self.reload()

    def place(self) -> Place:
        """Where the list stands now; what stands elsewhere on the page is not told."""
        if self._restore is not None and self._flow.mention is None:
            return self._restore
        here = self._flow.mention.id if self._flow.mention is not None else 0
        offset = self._pane.list.offset() if here else None
        return Place(self._pane.asked, self._pane.saved, here, offset)

    def reload(self) -> None:
        """Read the queue anew and stay on the mention on screen, if the queue still holds it."""
        given = self._pane.given
        self._last, before = given or self._pane.asked, self._last
        same = before == self._last
        if given is not None:
            self._show(given.ids, same=same)
        else:
            queues, pane = self._workspace.queues, self._pane
            queues.snapshot(pane.asked, lambda ids: self._show_queue(ids, same=same), pane.show_names)
        if self._panel.isVisible():
            self._read_facets()
        self.count()

    def count(self) -> None:
        """The quick counts now, the others when it has been quiet for a while."""
        self._workspace.queues.progress(self._show_progress)
        self._rest.start()

    def stop_counting(self) -> None:
        """Leave what is not counted yet until the next change."""
        self._rest.stop()
        self._to_count.clear()

    def shelf_row(self, kind: str, id: str) -> int:
        """Row on the shelf, -1 for none: the number of its key less one."""
        return self._pane.shelf.row_of(kind, id)  # type: ignore[arg-type]

    # Snapshots

    def _show_queue(self, ids: array[int], *, same: bool) -> None:
        # A list that was given meanwhile stays.
        if self._pane.given is None:
            self._show(ids, same=same)

    def _show(self, ids: array[int], *, same: bool) -> None:
        flow, place = self._flow, self._restore
        if flow.mention is not None:
            here, offset = flow.mention.id, self._pane.list.offset() if same else None
        else:
            here, offset = (place.mention_id, place.offset) if place is not None else (0, None)
        row = row_of(ids, here)
        if row < 0:
            row = self._successor(ids) if same else 0
        self._pane.show_snapshot(ids, row, offset)
        if not ids:
            flow.show_nothing()
        elif flow.mention is None or ids[row] != flow.mention.id:
            flow.show(ids[row])
        self._restore = None
        self.shown.emit()

    def _successor(self, ids: array[int]) -> int:
        """The mention has left the queue: its row goes to the next one that is still there."""
        model = self._model
        row = model.row(self._flow.mention.id) if self._flow.mention is not None else -1
        wanted = set(model.ids(max(0, row), LOOK_ON))
        return next((number for number, one in enumerate(ids) if one in wanted), 0)

    @property
    def _model(self) -> QueueModel:
        model = self._pane.list.model()
        assert isinstance(model, QueueModel)
        return model

    # Counts

    def _show_progress(self, progress: Progress, double: bool) -> None:
        self._progress, self._double = progress, double
        self._counts |= {queue: getattr(progress, name) for queue, name in _PROGRESS.items()}
        self._tell()

    def _count_all(self) -> None:
        if self._panel.isVisible():
            self._read_facets()
        self._to_count = deque([*_COUNTED, *(f"={one.name}" for one in self._filters)])
        self._count_next()

    def _count_next(self) -> None:
        """One after the other, so that a decision never waits behind more than one."""
        if self._counting or not self._to_count:
            return
        name = self._to_count.popleft()
        asked = self._asked_of(name)
        if asked is None:
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
        return Asked(name, since=self._pane.asked.since)  # type: ignore[arg-type]

    def _tell(self) -> None:
        self._show_shelf()
        if (counts := self.counts) is not None:
            self.counted.emit(counts)

    # The shelf

    def _show_shelf(self) -> None:
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
        if self._pane.saved and all(one.name != self._pane.saved for one in filters):
            self._pane.saved = ""
        self._show_shelf()
        self._rest.start()

    def _save(self) -> None:
        asked = self._pane.asked
        lead = self.tr("It is kept in the project, under the queues: %1")

        def save(name: str) -> None:
            self._workspace.saved_filters.save(name, asked, self._banner.show_error)
            self._pane.saved = " ".join(name.split())

        words = wording.fill(lead, _told(asked))
        ask_name(self._page, self.tr("Save this filter"), words, self._pane.saved, save)

    def _rename(self, name: str) -> None:
        def rename(new: str) -> None:
            self._workspace.saved_filters.rename(name, new, self._banner.show_error)
            if self._pane.saved == name:
                self._pane.saved = " ".join(new.split())

        ask_name(self._page, self.tr("Rename the filter"), "", name, rename)

    def _remove(self, name: str) -> None:
        saved = self._workspace.saved_filters
        ask_removal(self._page, name, lambda: saved.remove(name, self._banner.show_error))

    # Facets

    def _toggle_panel(self) -> None:
        if self._panel.isVisible():
            self._close_panel()
            return
        self._focus = self._page.focusWidget()
        self._panel.open()
        self._read_facets()

    def _close_panel(self) -> None:
        self._panel.hide()
        (self._focus or self._pane.list).setFocus(Qt.FocusReason.PopupFocusReason)

    def _read_facets(self) -> None:
        self._workspace.queues.facets(self._pane.asked, self._show_facets)

    def _show_facets(self, found: FacetsShown, told: TargetsTold) -> None:
        total = wording.fill(self.tr("%1 mentions"), wording.number(found.total))
        self._panel.show_groups(found.groups, self._pane.asked.picks, total)
        self._pane.show_names(told.names)
        self.facets_shown.emit()

    # Wiring

    def _connect(self) -> None:
        pane, panel, on = self._pane, self._panel, self._actions.on
        pane.queue_changed.connect(self.reload)
        pane.queue_wanted.connect(self._go)
        pane.facets_wanted.connect(self._toggle_panel)
        pane.queues.edit_asked.connect(self._rename)
        pane.queues.remove_asked.connect(self._remove)
        pane.mention_chosen.connect(lambda row: self._flow.show(self._model.id(row)))
        self._flow.moved.connect(pane.go_to)
        panel.toggled.connect(pane.toggle)
        panel.closed.connect(self._close_panel)
        for number in range(1, SHELF_KEYS + 1):
            on(f"queue_{number}", partial(self._go_to_row, number - 1))
        on("filter", pane.filter.setFocus)
        on("facets", self._toggle_panel)
        on("clear_facets", pane.clear)
        on("save_filter", self._save)
        on("refresh", self.reload)
        self._workspace.store.changed.connect(self._changed)
        self._workspace.terminology.ready.connect(self._terminology_ready)
        self._page.installEventFilter(self)

    def _changed(self, changes: Changes) -> None:
        if "settings" in changes.kinds:
            self._workspace.saved_filters.read(self._show_filters)
        if changes.kinds & _COUNTS_CHANGE:
            if changes.kinds & {"mentions", "decisions"}:
                self._workspace.queues.progress(self._show_progress)
            self._rest.start()
        if "mentions" in changes.kinds and not changes.mention_ids:
            self.reload()

    def _terminology_ready(self, _reference: object) -> None:
        if self._panel.isVisible():
            self._read_facets()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._page and event.type() == QEvent.Type.LanguageChange:
            self._show_shelf()
            self._panel.show_groups((), frozenset(), "")
            if self._panel.isVisible():
                self._read_facets()
        return super().eventFilter(watched, event)


def _told(asked: Asked) -> str:
    """What a filter is, in a line."""
    parts = [queue_words.queue_text(asked.queue), asked.text, *map(queue_words.chip_text, sorted(asked.picks))]
    return " · ".join(part for part in parts if part)


def _worded(count: int | None) -> str:
    return "" if count is None else wording.number(count)
