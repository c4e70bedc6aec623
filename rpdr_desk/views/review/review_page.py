"""The review page: puts the panes together and connects them to the course of the review."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import get_args

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QSplitter, QVBoxLayout, QWidget

from rpdr_core.errors import RpdrError
from rpdr_core.records import Changes, FlagReason, Mention, NewDecision, NewOpinion, NoMatchReason, Relation
from rpdr_desk.actions import PICKS, Actions
from rpdr_desk.item_models.candidate_rows import CandidateRow
from rpdr_desk.item_models.opinions import opinions_of
from rpdr_desk.item_models.queue_model import QueueModel
from rpdr_desk.operations.queues import Counts
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.shortcuts import Scope
from rpdr_desk.views import wording
from rpdr_desk.views.banner import Banner, announce
from rpdr_desk.views.error_words import told
from rpdr_desk.views.review import mention_words
from rpdr_desk.views.review.aftermath import Aftermath
from rpdr_desk.views.review.candidate_table import CandidateTable
from rpdr_desk.views.review.comment_dialog import ask_comment
from rpdr_desk.views.review.concept_pane import ConceptPane
from rpdr_desk.views.review.concept_side import ConceptSide
from rpdr_desk.views.review.decision_bar import DecisionBar
from rpdr_desk.views.review.faces import Faces
from rpdr_desk.views.review.facet_panel import FacetPanel
from rpdr_desk.views.review.history_course import HistoryCourse
from rpdr_desk.views.review.identical_course import IdenticalCourse
from rpdr_desk.views.review.mention_pane import MentionPane
from rpdr_desk.views.review.nothing_left import nothing_left
from rpdr_desk.views.review.place import FOCUS_OWNERS, FocusOwner, Place
from rpdr_desk.views.review.queue_course import QueueCourse
from rpdr_desk.views.review.queue_pane import QueuePane
from rpdr_desk.views.review.queue_words import facet_words
from rpdr_desk.views.review.review_flow import ReviewFlow
from rpdr_desk.views.review.search_course import SearchCourse
from rpdr_desk.views.review.search_line import SearchLine

FLAG_REASONS: tuple[FlagReason, ...] = get_args(FlagReason)
_REASONS: tuple[NoMatchReason, ...] = ("not_in_terminology", "not_retrieved", "not_a_mention", "unreadable")


class ReviewPage(QWidget):
    """`counted` carries fresh `Counts`; `first_shown`: a mention with its candidates is on screen."""

    counted = Signal(object)
    first_shown = Signal()

    def __init__(self, workspace: Workspace, actions: Actions, place: Place, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._actions = actions
        self._place = place
        self._seen_by = workspace.reviewer
        self.model = QueueModel(workspace.reading.mentions, wording.described, self)
        self.flow = ReviewFlow(workspace, self.model, self)
        self.queue_pane = QueuePane(self.model, self)
        self.mention_pane = MentionPane(self)
        self.search = SearchLine(self)
        self.table = CandidateTable(self)
        self.concept_pane = ConceptPane(self)
        self.bar = DecisionBar(actions, self)
        self.banner = Banner(self)
        self.facets = FacetPanel(facet_words(), self.queue_pane, self)
        self.faces = Faces(actions, self.bar)
        self.concept = ConceptSide(workspace, self.concept_pane, self.flow, self)
        self.searching = SearchCourse(workspace, self.flow, self.search, self.table, self)
        self.aftermath = Aftermath(actions, self)
        self.identical = IdenticalCourse(workspace, self.flow, self.model, self.aftermath, self)
        self.past = HistoryCourse(workspace, self.flow, self)
        self.panes_moved = False
        self.splitter = self._lay_out()
        self.splitter.splitterMoved.connect(self._panes_were_moved)
        self.queue = QueueCourse(workspace, actions, self.flow, self.queue_pane, self.facets, self.banner, self)
        actions.attach(self, (self.table, self.queue_pane.list))
        self._connect_panes()
        self._connect_actions()
        self.queue.begin(place)
        self.focus_owner(place.focus).setFocus()

    # Queue

    def place(self) -> Place:
        """Where the reviewer stands, down to the selected candidate and the focus."""
        row = self.table.selected_row()
        code = self.flow.rows[row].code if self.flow.mode == "candidates" and 0 <= row < len(self.flow.rows) else ""
        focused = self.focusWidget()
        focus: FocusOwner = next((name for name in FOCUS_OWNERS if self.focus_owner(name) is focused), "table")
        return replace(self.queue.place(), code=code or self._place.code, focus=focus)

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
            self.flow.look_again()
            self.reload()

    def leave(self) -> None:
        """The page is about to go."""
        self.faces.ask(None)
        self._actions.release()

    def reload(self) -> None:
        """Read the queue anew and stay on the mention on screen, if the queue still holds it."""
        self.queue.reload()

    def _show_counts(self, counts: Counts) -> None:
        self.table.set_empty_text(self._empty_text())
        self.counted.emit(counts)

    # Wiring

    def _connect_panes(self) -> None:
        flow, table = self.flow, self.table
        self.queue.shelf.counted.connect(self._show_counts)
        flow.mention_changed.connect(self._mention_changed)
        flow.mention_updated.connect(self._mention_updated)
        flow.rows_changed.connect(self._rows_changed)
        flow.rows_filled.connect(self._rows_filled)
        flow.draft_changed.connect(lambda: self._mention_updated(flow.mention))
        flow.committed.connect(self._committed)
        flow.answered.connect(self._answered)
        flow.skipped.connect(self._skipped)
        flow.replayed.connect(self._replayed)
        flow.finished.connect(self._finished)
        flow.trouble.connect(self._trouble)
        table.row_selected.connect(self._row_selected)
        table.chosen.connect(flow.pick)
        self.searching.failed.connect(self.banner.show_error)
        self.concept.wanted.connect(self.searching.show_entity)
        self.identical.trouble.connect(self.banner.show_error)
        self.past.trouble.connect(self.banner.show_error)
        self.past.done.connect(self.aftermath.note)
        self._workspace.store.changed.connect(self._changed)
        self._workspace.terminology.ready.connect(self._terminology_ready)

    def _connect_actions(self) -> None:
        on, flow = self._actions.on, self.flow
        on("accept", self._accept)
        for number in range(1, PICKS + 1):
            on(f"pick_{number}", partial(flow.pick, number - 1))
        on("no_match", partial(self._ask, Scope.REASONS))
        for reason in _REASONS:
            on(f"reason_{reason}", partial(self._give_reason, reason))
        on("relation", partial(self._ask, Scope.RELATIONS))
        for relation in get_args(Relation):
            on(f"relation_{relation}", partial(self._relate, relation))
        on("also", lambda: flow.tick(self.table.selected_row()))
        on("identical", self.identical.open)
        on("history", self.past.open)
        on("revoke", self.past.revoke_here)
        on("back", self._back)
        on("defer", flow.defer)
        on("reopen", flow.reopen)
        on("flag", self._flag)
        for why in FLAG_REASONS:
            on(f"flag_{why}", partial(self._give_flag, why))
        on("comment", self._comment)
        on("search", self.searching.focus)
        on("narrower", lambda: flow.show_narrower(self.table.selected_row()))
        on("tree", self.concept.open_tree)
        on("next", lambda: flow.step(1))
        on("previous", lambda: flow.step(-1))
        on("undo", flow.undo)
        on("redo", flow.redo)

    # What the flow says

    def _mention_changed(self, mention: Mention | None) -> None:
        self.faces.ask(None)
        self.search.clear()
        self._mention_updated(mention)

    def _mention_updated(self, mention: Mention | None) -> None:
        sight, draft = self.flow.sight, self.flow.draft
        further, standing = mention_words.facts(sight, draft), mention_words.standing_words(sight)
        self.mention_pane.show_mention(mention, mention_words.chip_note(sight, draft), further, standing)
        own = sight.standing.own if sight is not None else None
        self.table.set_marks(mention.code if mention is not None else "", own.code if own else "", draft.codes)

    def _rows_changed(self, rows: tuple[CandidateRow, ...], selected: int) -> None:
        self.table.set_empty_text(self._empty_text())
        self.table.show_rows(rows, selected, ranked=self.flow.ranked)
        self._stand_where_it_stood(rows)
        self.mention_pane.show_opinions(opinions_of(self.flow.rankings))
        if not rows or selected < 0:
            self.concept.clear(self.tr("Select a candidate to read about it.") if rows else "")
        self.first_shown.emit()

    def _stand_where_it_stood(self, rows: tuple[CandidateRow, ...]) -> None:
        """After a restart: on the candidate that was selected, once the same mention has its candidates again."""
        here, code = self.flow.mention, self._place.code
        wanted = here is not None and here.id == self._place.mention_id and not self.flow.owes
        if code and wanted and rows:
            row = next((number for number, one in enumerate(rows) if one.code == code), -1)
            if row >= 0:
                self.table.selectRow(row)
        if rows or here is None:
            self._place = replace(self._place, code="")

    def _rows_filled(self, rows: tuple[CandidateRow, ...]) -> None:
        self.table.fill_rows(rows)
        self.mention_pane.show_opinions(opinions_of(self.flow.rankings))

    def _row_selected(self, row: int) -> None:
        if 0 <= row < len(self.flow.rows):
            self.flow.select(row)
            self.concept.show_row(self.flow.rows[row])

    def _committed(self, mention: Mention, decision: NewDecision) -> None:
        self.banner.hide()
        announce(self, f"{mention.text}: {mention_words.answered(decision)}")

    def _answered(self, mention: Mention, opinion: NewOpinion) -> None:
        self.banner.hide()
        announce(self, f"{mention.text}: {mention_words.answered(opinion)}")

    def _skipped(self, mention: Mention) -> None:
        announce(self, wording.fill(self.tr("%1: put off. Its second review stays open."), mention.text))

    def _replayed(self, changes: Changes) -> None:
        if changes.mention_ids:
            self.banner.hide()
            count, here = len(changes.mention_ids), self.flow.mention
            what = here.text if count == 1 and here is not None else wording.mentions(count)
            announce(self, wording.fill(self.tr("%1: as it was"), what))

    def _finished(self) -> None:
        self.banner.show_text(self.tr("Every mention of this queue is dealt with. F5 reads the queue anew."))

    def _trouble(self, error: RpdrError) -> None:
        words = wording.fill(self.tr("Not saved: %1"), told(error))
        self.banner.show_text(words)

    def _changed(self, changes: Changes) -> None:
        if "settings" in changes.kinds:
            self.flow.plan_changed()

    def _terminology_ready(self, _reference: object) -> None:
        """What had to wait for the terminology: the selected concept, a search already typed."""
        self._row_selected(self.table.selected_row())
        self.searching.again()

    # Questions, comment

    def _back(self) -> None:
        if self.faces.asked is not None:
            self.faces.ask(None)
        else:
            self.searching.leave()

    def _ask(self, face: Scope) -> None:
        if self.flow.mention is not None:
            self.faces.ask(face)

    def _give_reason(self, reason: NoMatchReason) -> None:
        self.faces.ask(None)
        self.flow.no_match(reason)

    def _flag(self) -> None:
        """A flag wants a reason; taking it away wants none."""
        mention = self.flow.mention
        if mention is not None and mention.flagged:
            self.flow.flag(flagged=False)
        elif mention is not None:
            self.faces.ask(Scope.FLAGS)

    def _give_flag(self, why: FlagReason) -> None:
        self.faces.ask(None)
        self.flow.flag(flagged=True, reason=why)

    def _accept(self) -> None:
        if self.flow.owes and self.table.selected_row() < 0:
            announce(self, self.tr("Choose a candidate first: a digit, or an arrow and Space."))
        self.flow.accept(self.table.selected_row())

    def _relate(self, relation: Relation) -> None:
        self.faces.ask(None)
        self.flow.relate(relation)
        announce(self, wording.relation_text(relation))

    def _comment(self) -> None:
        mention = self.flow.mention
        if mention is not None:
            ask_comment(self, replace(mention, comment=self.flow.comment_text), self.flow.comment)

    # Words

    def _empty_text(self) -> str:
        if self.flow.mention is None:
            shelf = partial(self.queue.shelf.row, "queue")
            return nothing_left(self.queue_pane.asked, self.queue.shelf.counts, self._actions, shelf)
        if self.flow.mode == "search":
            return self.tr("Nothing in the knowledge base matches.")
        if self._workspace.worker.state == "failed":
            return self.tr("The worker does not run, so there are no candidates. Search still works: press /")
        return self.tr("Looking for candidates ...")

    def divide(self, width: int, shares: tuple[float, float] | None) -> None:
        """Share a window's width among the panes: as last time, or so that the middle gets most of it."""
        left, right = (round(width * share) for share in shares or (0.195, 0.24))
        left, right = min(320, max(230, left)), min(420, max(270, right))
        self.splitter.setSizes([left, width - left - right, right])

    def _panes_were_moved(self, _position: int, _index: int) -> None:
        self.panes_moved = True

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._workspace.effort.resume()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._workspace.effort.pause()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.table.set_empty_text(self._empty_text())
            self._mention_updated(self.flow.mention)
        super().changeEvent(event)

    def _lay_out(self) -> QSplitter:
        middle = QFrame(self)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.banner, self.mention_pane, _rule(), self.search, _rule()):
            column.addWidget(widget)
        column.addWidget(self.table, 1)
        column.addWidget(self.aftermath)
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        for pane, least in ((self.queue_pane, 210), (middle, 420), (self.concept_pane, 240)):
            pane.setMinimumWidth(least)
            splitter.addWidget(pane)
        for number, stretch in enumerate((0, 1, 0)):
            splitter.setStretchFactor(number, stretch)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addWidget(splitter, 1)
        page.addWidget(_rule())
        page.addWidget(self.bar)
        page.addWidget(_rule())
        return splitter


def _rule() -> QWidget:
    """A hairline in the palette's line colour."""
    rule = QWidget()
    rule.setFixedHeight(1)
    rule.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    rule.setProperty("rule", True)
    return rule
