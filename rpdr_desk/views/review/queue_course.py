"""What connects the left side to the project: reading queues, narrowing them by facets, keeping the place."""

from __future__ import annotations

from array import array

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from rpdr_core.errors import RpdrError
from rpdr_core.records import Changes
from rpdr_desk.actions import Actions
from rpdr_desk.item_models.queue_model import QueueModel, row_of
from rpdr_desk.operations.asked import Asked
from rpdr_desk.operations.facets import FacetsShown, TargetsTold
from rpdr_desk.operations.given_list import GivenList
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording
from rpdr_desk.views.banner import Banner, announce
from rpdr_desk.views.review.facet_panel import FacetPanel
from rpdr_desk.views.review.place import Place
from rpdr_desk.views.review.queue_pane import QueuePane
from rpdr_desk.views.review.review_flow import ReviewFlow
from rpdr_desk.views.review.shelf_course import ShelfCourse

LOOK_ON = 300
"""Rows after the current one among which its successor is sought when it has left the queue."""


class QueueCourse(QObject):
    """`begun`: the rows in sight are those that were asked for; `shown`: all of them are in the list; `facets_shown`:
    the counts of the facets are there.
    """

    begun = Signal()
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
        self._pane, self._panel, self._page = pane, panel, parent
        self._restore: Place | None = None
        self._last: Asked | GivenList | None = None
        self.shelf = ShelfCourse(workspace, actions, pane, banner, parent)
        self.shelf.rested.connect(self._rested)
        self._focus: QWidget | None = None
        self._connect()

    def begin(self, place: Place) -> None:
        """Go where the reviewer stood."""
        self._restore = place
        self.shelf.begin()
        self._pane.ask(place.asked, place.saved)
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
            self._listed()
        else:
            self._read(same=same)
        self.shelf.count()

    def _read(self, *, same: bool) -> None:
        """Another list is in sight as soon as its rows on screen are known; the same one is replaced as a whole."""
        queues, pane = self._workspace.queues, self._pane
        begun = False

        def first(ids: array[int]) -> None:
            nonlocal begun
            if pane.given is None:
                begun = True
                self._show(ids, same=False, whole=False)
                self.begun.emit()

        def all_of_them(ids: array[int]) -> None:
            if pane.given is None:  # a list that was given meanwhile stays
                self._show(ids, same=same or begun)
                self._listed()

        queues.snapshot(
            pane.asked,
            all_of_them,
            pane.show_names,
            first=None if same else first,
            around=self._here()[0],
            failed=self._not_read,
        )

    def _not_read(self, error: RpdrError) -> None:
        """Where only a stretch is in sight, the line below it says why; else what is in sight is a whole list."""
        if self._model.whole:
            self._workspace.store.trouble.emit(error)
        else:
            self._pane.rest.fail(error)

    def _listed(self) -> None:
        self.shown.emit()
        if self._panel.isVisible():
            self._read_facets()

    # Snapshots

    def _here(self) -> tuple[int, int | None]:
        """The mention where the reviewer stands, or stood, and where in the list it was then."""
        flow, place = self._flow, self._restore
        if flow.mention is not None:
            return flow.mention.id, None
        return (place.mention_id, place.offset) if place is not None else (0, None)

    def _show(self, ids: array[int], *, same: bool, whole: bool = True) -> None:
        flow = self._flow
        here, offset = self._here()
        if flow.mention is not None and same:
            offset = self._pane.list.offset()
        row = row_of(ids, here)
        if whole and ids and self._pane.list.at_known_end:
            row, offset = len(ids) - 1, None
        elif row < 0:
            row = self._successor(ids) if same else 0
        self._pane.show_snapshot(ids, row, offset, whole=whole)
        if not ids:
            flow.show_nothing()
        elif flow.mention is None or ids[row] != flow.mention.id:
            flow.show(ids[row])
        self._restore = None

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
        if self._panel.isVisible():
            announce(self._panel, total)
        self.facets_shown.emit()

    # Wiring

    def _connect(self) -> None:
        pane, panel, on = self._pane, self._panel, self._actions.on
        pane.queue_changed.connect(self.reload)
        pane.facets_wanted.connect(self._toggle_panel)
        pane.rest.again.connect(self.reload)
        pane.mention_chosen.connect(lambda row: self._flow.show(self._model.id(row)))
        self._flow.moved.connect(pane.go_to)
        panel.toggled.connect(pane.toggle)
        panel.closed.connect(self._close_panel)
        on("filter", pane.filter.setFocus)
        on("facets", self._toggle_panel)
        on("clear_facets", pane.clear)
        on("refresh", self.reload)
        self._workspace.store.changed.connect(self._changed)
        self._workspace.terminology.ready.connect(self._terminology_ready)
        self._page.installEventFilter(self)

    def _changed(self, changes: Changes) -> None:
        self._pane.list.forget_end()
        if "mentions" in changes.kinds and not changes.mention_ids:
            self.reload()

    def _rested(self) -> None:
        if self._panel.isVisible():
            self._read_facets()

    def _terminology_ready(self, _reference: object) -> None:
        if self._panel.isVisible():
            self._read_facets()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._page and event.type() == QEvent.Type.LanguageChange:
            self.shelf.show()
            self._panel.show_groups((), frozenset(), "")
            if self._panel.isVisible():
                self._read_facets()
        return super().eventFilter(watched, event)
