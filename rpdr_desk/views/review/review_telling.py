"""What the course of the review says, told to the panes: the mention, its rows, what was decided, what went wrong."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from rpdr_core.errors import RpdrError
from rpdr_core.records import Changes, Mention, NewDecision, NewOpinion
from rpdr_desk.actions import Actions
from rpdr_desk.item_models.candidate_rows import CandidateRow
from rpdr_desk.item_models.opinions import opinions_of
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording
from rpdr_desk.views.banner import announce
from rpdr_desk.views.error_words import told
from rpdr_desk.views.review import mention_words
from rpdr_desk.views.review.concept_side import ConceptSide
from rpdr_desk.views.review.faces import Faces
from rpdr_desk.views.review.nothing_left import nothing_left
from rpdr_desk.views.review.place import Place
from rpdr_desk.views.review.queue_course import QueueCourse
from rpdr_desk.views.review.review_flow import ReviewFlow
from rpdr_desk.views.review.review_layout import Panes


class Telling(QObject):
    """`first_shown`: a mention with its candidates is on screen. `place`: where the reviewer stood last time."""

    first_shown = Signal()

    def __init__(
        self,
        workspace: Workspace,
        actions: Actions,
        flow: ReviewFlow,
        panes: Panes,
        concept: ConceptSide,
        faces: Faces,
        queue: QueueCourse,
        place: Place,
        over: QWidget,
    ) -> None:
        super().__init__(over)
        self._workspace, self._actions, self._flow, self._panes = workspace, actions, flow, panes
        self._concept, self._faces, self._queue, self._over = concept, faces, queue, over
        self.place = place
        flow.mention_changed.connect(self._mention_changed)
        flow.mention_updated.connect(lambda _mention: self.tell_mention())
        flow.draft_changed.connect(self.tell_mention)
        flow.rows_changed.connect(self._rows_changed)
        flow.rows_filled.connect(self._rows_filled)
        flow.committed.connect(self._committed)
        flow.answered.connect(self._answered)
        flow.skipped.connect(self._skipped)
        flow.replayed.connect(self._replayed)
        flow.finished.connect(self._finished)
        flow.trouble.connect(self._trouble)
        panes.table.row_selected.connect(self.row_selected)

    def tell_mention(self) -> None:
        """The mention on screen, as its reviewer may see it, and what is set for the choice to come."""
        sight, draft = self._flow.sight, self._flow.draft
        mention, own = (sight.mention, sight.standing.own) if sight is not None else (None, None)
        further, standing = mention_words.facts(sight, draft), mention_words.standing_words(sight)
        self._panes.mention.show_mention(mention, mention_words.chip_note(sight, draft), further, standing)
        self._panes.table.set_marks(mention.code if mention is not None else "", own.code if own else "", draft.codes)

    def tell_empty(self) -> None:
        """Why there are no rows, should there be none."""
        self._panes.table.set_empty_text(self._empty_text())

    def row_selected(self, row: int) -> None:
        """A row became current, by whatever hand."""
        if 0 <= row < len(self._flow.rows):
            self._flow.select(row)
            self._concept.show_row(self._flow.rows[row])

    def _mention_changed(self, _mention: Mention | None) -> None:
        self._faces.ask(None)
        self._panes.search.clear()
        self.tell_mention()

    def _rows_changed(self, rows: tuple[CandidateRow, ...], selected: int) -> None:
        self.tell_empty()
        self._panes.table.show_rows(rows, selected, ranked=self._flow.ranked)
        self._stand_where_it_stood(rows)
        self._panes.mention.show_opinions(opinions_of(self._flow.rankings))
        if not rows or selected < 0:
            self._concept.clear(self.tr("Select a candidate to read about it.") if rows else "")
        self.first_shown.emit()

    def _rows_filled(self, rows: tuple[CandidateRow, ...]) -> None:
        self._panes.table.fill_rows(rows)
        self._panes.mention.show_opinions(opinions_of(self._flow.rankings))

    def _stand_where_it_stood(self, rows: tuple[CandidateRow, ...]) -> None:
        """After a restart: on the candidate that was selected, once the same mention has its candidates again."""
        here, code = self._flow.mention, self.place.code
        wanted = here is not None and here.id == self.place.mention_id and not self._flow.owes
        if code and wanted and rows:
            row = next((number for number, one in enumerate(rows) if one.code == code), -1)
            if row >= 0:
                self._panes.table.selectRow(row)
        if rows or here is None:
            self.place = replace(self.place, code="")

    def _committed(self, mention: Mention, decision: NewDecision) -> None:
        self._panes.banner.hide()
        announce(self._over, f"{mention.text}: {mention_words.answered(decision)}")

    def _answered(self, mention: Mention, opinion: NewOpinion) -> None:
        self._panes.banner.hide()
        announce(self._over, f"{mention.text}: {mention_words.answered(opinion)}")

    def _skipped(self, mention: Mention) -> None:
        announce(self._over, wording.fill(self.tr("%1: put off. Its second review stays open."), mention.text))

    def _replayed(self, changes: Changes) -> None:
        if changes.mention_ids:
            self._panes.banner.hide()
            count, here = len(changes.mention_ids), self._flow.mention
            what = here.text if count == 1 and here is not None else wording.mentions(count)
            announce(self._over, wording.fill(self.tr("%1: as it was"), what))

    def _finished(self) -> None:
        words = self.tr("Every mention of this queue is dealt with. F5 reads the queue anew.")
        self._panes.banner.show_text(words)

    def _trouble(self, error: RpdrError) -> None:
        self._panes.banner.show_trouble(wording.fill(self.tr("Not saved: %1"), told(error)))

    def _empty_text(self) -> str:
        if self._flow.mention is None:
            shelf = self._queue.shelf
            return nothing_left(self._panes.queue.asked, shelf.counts, self._actions, partial(shelf.row, "queue"))
        if self._flow.mode == "search":
            return self.tr("Nothing in the knowledge base matches.")
        if self._workspace.worker.state == "failed":
            return self.tr("The worker does not run, so there are no candidates. Search still works: press /")
        return self.tr("Looking for candidates ...")
