"""The course of a review: which mention, which rows, what a key does. No widget in here.

A decision advances only after the store has committed it, and while one is under way no second one starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Literal

from PySide6.QtCore import QObject, Signal

from rpdr_core.records import Changes, DecisionKind, FlagReason, Mention, NoMatchReason, Ranking, Relation
from rpdr_desk.item_models.candidate_rows import CandidateRow
from rpdr_desk.item_models.queue_model import QueueModel
from rpdr_desk.operations.eyes import ANSWERS, Sight
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views.review.answering import Answering
from rpdr_desk.views.review.assignable import Assignable
from rpdr_desk.views.review.choices import earlier, is_open
from rpdr_desk.views.review.draft import Answer, Draft
from rpdr_desk.views.review.rows_on_screen import Mode, RowsOnScreen

AHEAD = 20


class ReviewFlow(QObject):
    """`mention_changed`: another mention (or None) is on screen. `rows_changed`: other rows; `rows_filled`: the
    same rows, more columns. `draft_changed`: a relation or a tick was set. `committed` tells what was decided about
    which mention, `answered` which opinion was given, `replayed` what was undone or redone. `trouble`: nothing was
    saved.
    """

    mention_changed = Signal(object)
    mention_updated = Signal(object)
    rows_changed = Signal(object, int)
    rows_filled = Signal(object)
    draft_changed = Signal()
    mode_changed = Signal(str)
    committed = Signal(object, object)
    answered = Signal(object, object)
    skipped = Signal(object)
    replayed = Signal(object)
    moved = Signal(int)
    finished = Signal()
    trouble = Signal(object)
    narrower_needed = Signal(str, object)

    def __init__(self, workspace: Workspace, queue: QueueModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._queue = queue
        self._answers = Answering(workspace, self)
        self._assignable = Assignable(workspace, self)
        self._rows = RowsOnScreen(self)
        self._done_here: set[int] = set()
        self.sight: Sight | None = None
        self.draft = Draft()
        self._answers.decided.connect(self.committed)
        self._answers.answered.connect(self.answered)
        self._answers.trouble.connect(self.trouble)
        self._assignable.trouble.connect(self.trouble)
        self._assignable.below.connect(self.narrower_needed)
        self._rows.changed.connect(self.rows_changed)
        self._rows.filled.connect(self.rows_filled)
        self._rows.mode_changed.connect(self.mode_changed)
        workspace.store.changed.connect(self._changed)

    # What is on screen

    @property
    def mention(self) -> Mention | None:
        """The mention on screen, as its reviewer may see it."""
        return self.sight.mention if self.sight is not None else None

    @property
    def rankings(self) -> tuple[Ranking, ...]:
        """All rankings of the mention on screen; none while the reviewer owes an answer of their own."""
        return self.sight.rankings if self.sight is not None else ()

    @property
    def rows(self) -> tuple[CandidateRow, ...]:
        """What stands in the table."""
        return self._rows.rows

    @property
    def mode(self) -> Mode:
        """What the rows are."""
        return self._rows.mode

    @property
    def owes(self) -> bool:
        """Whether the reviewer answers before rankings are shown."""
        return self.sight is not None and self.sight.standing.owes

    @property
    def ranked(self) -> bool:
        """Whether the rows on screen have ranks."""
        return self.mode == "candidates" and not self.owes

    @property
    def comment_text(self) -> str:
        """The comment that the reviewer may see and change."""
        if self.sight is None:
            return ""
        return self.draft.comment if self.sight.standing.blind else self.sight.mention.comment

    def show(self, mention_id: int) -> None:
        """Put a mention on screen and ask for what comes after it."""
        self.sight = self._workspace.reading.sight(mention_id)
        self.draft = earlier(self.sight)
        self._workspace.effort.begin()
        self._rows.begin(self.sight)
        self.mention_changed.emit(self.mention)
        self._rows.show_candidates(self.sight, self.draft)
        self._want()

    def look_again(self) -> None:
        """The same, as it stands now."""
        self._queue.refresh(())
        if self.mention is not None:
            self.show(self.mention.id)

    def handed_over(self) -> None:
        """Somebody else sits here now: what the one before has dealt with still waits for them."""
        self._done_here.clear()
        self.look_again()

    def plan_changed(self) -> None:
        """Perhaps another plan of who answers what blind: show anew only what now stands otherwise."""
        sight = self.sight
        if sight is not None:
            now = self._workspace.reading.sight(sight.mention.id)
            if now is not None and now.standing != sight.standing:
                self.look_again()

    def show_nothing(self) -> None:
        self.sight, self.draft = None, Draft()
        self._rows.begin(None)
        self.mention_changed.emit(None)
        self._rows.show_candidates(None, self.draft)

    def select(self, row: int) -> None:
        """The reviewer moved to another row."""
        self._rows.select(row)

    def show_results(self, mode: Mode, rows: Sequence[CandidateRow]) -> None:
        """Search results or narrower codes in the table's place."""
        self._rows.show_results(mode, rows)

    def back(self) -> None:
        """Return to the candidates, to the row that was selected."""
        self._rows.back(self.sight, self.draft)

    # What a key does

    def accept(self, row: int) -> None:
        """Decide for the selected row. Without one, confirm the reviewer's own earlier "no match" if that stands."""
        own = self.sight.standing.own if self.sight is not None else None
        confirms = row < 0 and self.mode == "candidates" and is_open(self.sight)
        if confirms and own is not None and own.kind == "no_match":
            self._answer(Answer("no_match", reason=own.reason))  # type: ignore[arg-type]
        else:
            self.pick(row)

    def pick(self, row: int) -> None:
        """Decide for a row's entity; one that may not be assigned shows its narrower codes instead."""
        self._with_assignable(row, self._take)

    def tick(self, row: int) -> None:
        """Tick or untick a row's entity as a further code."""
        self._with_assignable(row, lambda chosen: self._set_draft(self.draft.toggled(chosen.code, chosen.name)))

    def relate(self, relation: Relation) -> None:
        """Set the relation: at once where the mention is mapped, else for the choice to come."""
        decision = self.sight.decision if self.sight is not None else None
        if decision is None or decision.kind not in ("accept", "correct"):
            self._set_draft(self.draft.related(relation))
            return
        if decision.relation != relation:
            same = Answer(decision.kind, decision.code, decision.name, "", relation, decision.also)
            self._answer(same, stay=True)

    def show_narrower(self, row: int) -> None:
        """The codes below a row's entity, in the table's place."""
        if 0 <= row < len(self.rows):
            self._assignable.show_below(self.rows[row].code, self._still_here())

    def no_match(self, reason: NoMatchReason) -> None:
        self._answer(Answer("no_match", reason=reason))

    def defer(self) -> None:
        """Later. A blind second answer is put off without a word in the record: the first one waits on."""
        if self.sight is not None and self.sight.standing.blind:
            mention = self.sight.mention
            self._done_here.add(mention.id)
            self.skipped.emit(mention)
            self._advance(mention.id)
            return
        self._answer(Answer("defer"))

    def reopen(self) -> None:
        """Take the decision in force back, as a step of its own; stays on the mention."""
        if self.mention is not None and self.mention.status != "unreviewed":
            self._answer(Answer("reopen"), stay=True)

    def flag(self, *, flagged: bool, reason: FlagReason | Literal[""] = "") -> None:
        if self.mention is not None:
            self._workspace.review.flag(self.mention.id, flagged, reason, self.trouble.emit)

    def comment(self, text: str, about: int = 0) -> None:
        """Comment on a mention, on the one on screen for 0: it may have moved on while the words were written."""
        here = self.mention.id if self.mention is not None else 0
        sight = self.sight if about in (0, here) else self._workspace.reading.sight(about)
        if sight is None:
            return
        if not sight.standing.blind:
            self._workspace.review.comment(sight.mention.id, text.strip(), self.trouble.emit)
        elif sight.mention.id == here:
            self._set_draft(replace(self.draft, comment=text.strip()))

    def undo(self) -> None:
        """Take the last step back. A choice that still waits for the terminology is that step: nothing is stored."""
        if not self._assignable.forget():
            self._workspace.review.undo(self._go_to_undone, self.trouble.emit)

    def redo(self) -> None:
        self._workspace.review.redo(self._go_to_undone, self.trouble.emit)

    def step(self, by: int) -> None:
        """Move through the queue without deciding."""
        row = self._row() + by
        if 0 <= row < self._queue.rowCount():
            self._go(self._queue.id(row))

    def met_again(self, mention_ids: Iterable[int]) -> None:
        """These were opened again: advancing no longer passes over them."""
        self._done_here.difference_update(mention_ids)

    def dealt_with(self, mention_ids: Iterable[int]) -> None:
        """These were decided together with another: advancing passes over them, and leaves one that is on screen."""
        done = set(mention_ids)
        self._done_here |= done
        if self.mention is not None and self.mention.id in done:
            self._advance(self.mention.id)

    # Inside: answers

    def _with_assignable(self, row: int, act: Callable[[CandidateRow], None]) -> None:
        """Act on a row whose entity may be assigned; of another one show what is below it."""
        here = self.mention
        if here is not None and not self._answers.busy and 0 <= row < len(self.rows):
            self._assignable.ask(self.rows[row], act, self._still_here())

    def _still_here(self) -> Callable[[], bool]:
        """Whether the mention on screen is still the one that is there now."""
        here = self.mention
        return lambda: here is not None and self.mention is not None and self.mention.id == here.id

    def _take(self, chosen: CandidateRow) -> None:
        first = "" if self.owes else self._rows.first
        draft, code = self.draft, chosen.code
        kind: DecisionKind = "accept" if code == first else "correct"
        self._answer(Answer(kind, code, chosen.name, "", draft.relation_for(code), draft.beside(code)))

    def _answer(self, answer: Answer, *, stay: bool = False) -> None:
        sight = self.sight
        if sight is None or self._assignable.asking:
            return
        here = self._still_here()

        def saved() -> None:
            if stay:
                self._done_here.discard(sight.mention.id)
            elif sight.standing.owes and answer.kind in ANSWERS:
                if here():  # now the rankings, with the reviewer's own answer selected
                    self.show(sight.mention.id)
            else:
                self._done_here.add(sight.mention.id)
                if here():  # who has gone on meanwhile is not pulled back
                    self._advance(sight.mention.id)

        self._answers.give(sight, answer, self.draft.comment, saved)

    def _set_draft(self, draft: Draft) -> None:
        if self.sight is not None:
            self.draft = draft
            self.draft_changed.emit()

    # Inside: moving

    def _advance(self, from_id: int) -> None:
        """To the next row that was not dealt with in this sitting; from the end once round to what was skipped."""
        row, count = self._queue.row(from_id), self._queue.rowCount()
        for offset in range(1, count + (row < 0)):
            candidate = self._queue.id((row + offset) % count)
            if candidate not in self._done_here:
                self._go(candidate)
                return
        self.finished.emit()

    def _go(self, mention_id: int) -> None:
        row = self._queue.row(mention_id)
        if row >= 0:
            self.moved.emit(row)
        self.show(mention_id)

    def _go_to_undone(self, changes: Changes) -> None:
        if changes.mention_ids:
            self._done_here.difference_update(changes.mention_ids)
            self._queue.refresh(changes.mention_ids)
            self._go(changes.mention_ids[0])
        self.replayed.emit(changes)

    def _row(self) -> int:
        return self._queue.row(self.mention.id) if self.mention is not None else -1

    def _want(self) -> None:
        row = max(0, self._row())
        ahead = self._queue.ids(row, AHEAD + 1)
        shown = [self.mention.id] if self.mention is not None else []
        self._workspace.want([*shown, *(one for one in ahead if one not in shown)])

    # Inside: what the store says

    def _changed(self, changes: Changes) -> None:
        self._queue.refresh(changes.mention_ids or ())
        here = self.mention.id if self.mention is not None else -1
        if self.sight is None or (changes.mention_ids and here not in changes.mention_ids):
            return
        before, self.sight = self.sight, self._workspace.reading.sight(here)
        # News of rankings may come between a decision's commit and the news of it, and sees it already.
        other = self.sight is None or self.sight.decision != before.decision
        if other:
            self.draft = earlier(self.sight)
        if other or changes.kinds & {"mentions", "decisions"}:
            self.mention_updated.emit(self.mention)
        if self.sight is not None and changes.kinds & {"rankings", "adapters"}:
            self._rows.fill(self.sight, self.draft)
