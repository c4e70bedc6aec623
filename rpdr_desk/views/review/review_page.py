"""The review page: the panes, the course of the review, and what connects the two."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from rpdr_core.records import Changes
from rpdr_desk.actions import Actions
from rpdr_desk.item_models.queue_model import QueueModel
from rpdr_desk.operations.queues import Counts
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording
from rpdr_desk.views.review import review_layout
from rpdr_desk.views.review.concept_side import ConceptSide
from rpdr_desk.views.review.faces import Faces
from rpdr_desk.views.review.facet_panel import FacetPanel
from rpdr_desk.views.review.history_course import HistoryCourse
from rpdr_desk.views.review.identical_course import IdenticalCourse
from rpdr_desk.views.review.place import FOCUS_OWNERS, FocusOwner, Place
from rpdr_desk.views.review.queue_course import QueueCourse
from rpdr_desk.views.review.queue_words import facet_words
from rpdr_desk.views.review.review_flow import ReviewFlow
from rpdr_desk.views.review.review_keys import ReviewKeys
from rpdr_desk.views.review.review_telling import Telling
from rpdr_desk.views.review.search_course import SearchCourse


class ReviewPage(QWidget):
    """`counted` carries fresh `Counts`; `first_shown`: a mention with its candidates is on screen."""

    counted = Signal(object)
    first_shown = Signal()

    def __init__(self, workspace: Workspace, actions: Actions, place: Place, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._actions = actions
        self._seen_by = workspace.reviewer
        self.model = QueueModel(workspace.reading.mentions, wording.described, self)
        self.flow = ReviewFlow(workspace, self.model, self)
        panes = review_layout.make_panes(actions, self.model, self)
        self.queue_pane, self.mention_pane, self.search = panes.queue, panes.mention, panes.search
        self.table, self.aftermath, self.concept_pane = panes.table, panes.aftermath, panes.concept
        self.bar, self.banner = panes.bar, panes.banner
        self.facets = FacetPanel(facet_words(), self.queue_pane, self)
        self.faces = Faces(actions, self.bar)
        self.concept = ConceptSide(workspace, self.concept_pane, self.flow, self)
        self.searching = SearchCourse(workspace, self.flow, self.search, self.table, self)
        self.identical = IdenticalCourse(workspace, self.flow, self.model, self.aftermath, self)
        self.past = HistoryCourse(workspace, self.flow, self)
        self.panes_moved = False
        self.splitter = review_layout.lay_out(self, panes)
        self.queue = QueueCourse(workspace, actions, self.flow, self.queue_pane, self.facets, self.banner, self)
        told = (panes, self.concept, self.faces, self.queue)
        self._telling = Telling(workspace, actions, self.flow, *told, place, self)
        actions.attach(self, (self.table, self.queue_pane.list))
        self._connect()
        self._keys = ReviewKeys(actions, self)
        self.queue.begin(place)
        self.focus_owner(place.focus).setFocus()

    def place(self) -> Place:
        """Where the reviewer stands, down to the selected candidate and the focus."""
        row = self.table.selected_row()
        code = self.flow.rows[row].code if self.flow.mode == "candidates" and 0 <= row < len(self.flow.rows) else ""
        focused = self.focusWidget()
        focus: FocusOwner = next((name for name in FOCUS_OWNERS if self.focus_owner(name) is focused), "table")
        return replace(self.queue.place(), code=code or self._telling.place.code, focus=focus)

    def focus_owner(self, name: FocusOwner) -> QWidget:
        """The widget that had the focus."""
        pane = self.queue_pane
        owners: dict[FocusOwner, QWidget] = {
            "table": self.table,
            "list": pane.list,
            "queues": pane.queues,
            "filter": pane.filter,
            "search": self.search.edit,
        }
        return owners[name]

    def hear_keys(self) -> None:
        """A question was asked, by a button or the palette perhaps: no field takes its answer for text."""
        focused = self.focusWidget()
        if isinstance(focused, QLineEdit) or self.facets.isAncestorOf(focused):
            self.table.setFocus()

    def go_to(self, mention_id: int) -> None:
        """Put a mention on screen, in the queue if that holds it."""
        row = self.model.row(mention_id)
        if row >= 0:
            self.queue_pane.go_to(row)
        self.flow.show(mention_id)

    def as_reviewer(self, name: str) -> None:
        """Somebody else may see other things: show the mention and the list anew."""
        if name != self._seen_by:
            self._seen_by = name
            self.identical.forget()
            self.flow.handed_over()
            self.reload()

    def leave(self) -> None:
        """The page is about to go."""
        self.faces.ask(None)
        self._actions.release()

    def reload(self) -> None:
        """Read the queue anew and stay on the mention on screen, if the queue still holds it."""
        self.queue.reload()

    def divide(self, width: int, shares: tuple[float, float] | None) -> None:
        """Share a window's width among the panes: as last time, or so that the middle gets most of it."""
        self.splitter.setSizes(review_layout.widths(width, shares))

    def _connect(self) -> None:
        self.splitter.splitterMoved.connect(self._panes_were_moved)
        self.queue.shelf.counted.connect(self._show_counts)
        self.table.chosen.connect(self.flow.pick)
        self.searching.failed.connect(self.banner.show_error)
        self.concept.wanted.connect(self.searching.show_entity)
        self.identical.trouble.connect(self.banner.show_error)
        self.past.trouble.connect(self.banner.show_error)
        self.past.done.connect(self.aftermath.note)
        self._telling.first_shown.connect(self.first_shown)
        self._workspace.store.changed.connect(self._changed)
        self._workspace.terminology.ready.connect(self._terminology_ready)

    def _show_counts(self, counts: Counts) -> None:
        self._telling.tell_empty()
        self.counted.emit(counts)

    def _changed(self, changes: Changes) -> None:
        if "settings" in changes.kinds:
            self.flow.plan_changed()

    def _terminology_ready(self, _reference: object) -> None:
        """What had to wait for the terminology: the selected concept, a search already typed."""
        self._telling.row_selected(self.table.selected_row())
        self.searching.again()

    def _panes_were_moved(self, _position: int, _index: int) -> None:
        self.panes_moved = True

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._actions.review(on=True)
        self._actions.ask(self.faces.asked)
        self._workspace.effort.resume()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self.faces.ask(None)
            self._actions.review(on=False)
        self._workspace.effort.pause()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._telling.tell_empty()
            self._telling.tell_mention()
        super().changeEvent(event)
