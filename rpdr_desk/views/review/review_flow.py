"""The course of a review: which mention, which rows, what a key does. No widget in here.

A decision advances only after the store has committed it, and while one is under way no second one starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QObject, Signal

from rpdr_core.errors import RpdrError
from rpdr_core.records import Changes, DecisionKind, FlagReason, Mention, NewDecision, NoMatchReason, Ranking
from rpdr_desk.item_models.candidate_rows import CandidateRow, kept_in_place, rows_of
from rpdr_desk.item_models.queue_model import QueueModel
from rpdr_desk.operations.terminology import Concept
from rpdr_desk.operations.workspace import Workspace

Mode = Literal["candidates", "search", "narrower"]
AHEAD = 20


class ReviewFlow(QObject):
    """`mention_changed`: another mention (or None) is on screen. `rows_changed`: other rows; `rows_filled`: the
    same rows, more columns. `committed` tells what was decided about which mention. `trouble`: nothing was saved.
    """

    mention_changed = Signal(object)
    mention_updated = Signal(object)
    rows_changed = Signal(object, int)
    rows_filled = Signal(object)
    mode_changed = Signal(str)
    committed = Signal(object, object)
    moved = Signal(int)
    finished = Signal()
    trouble = Signal(object)
    narrower_needed = Signal(str, object)

    def __init__(self, workspace: Workspace, queue: QueueModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._queue = queue
        self._rankings: tuple[Ranking, ...] = ()
        self._candidates: tuple[CandidateRow, ...] = ()
        self._selected = 0
        self._busy = False
        self._done_here: set[int] = set()
        self.mention: Mention | None = None
        self.rows: tuple[CandidateRow, ...] = ()
        self.mode: Mode = "candidates"
        workspace.store.changed.connect(self._changed)

    # What is on screen

    @property
    def rankings(self) -> tuple[Ranking, ...]:
        """All rankings of the mention on screen."""
        return self._rankings

    def show(self, mention_id: int) -> None:
        """Put a mention on screen and ask for what comes after it."""
        self.mention = self._workspace.reading.mention(mention_id)
        self._rankings = tuple(self._workspace.reading.rankings(mention_id))
        self._candidates = rows_of(self._rankings)
        self._workspace.effort.begin()
        self._set_mode("candidates")
        self.mention_changed.emit(self.mention)
        self._set_rows(self._candidates, self._first_choice())
        self._want()

    def show_nothing(self) -> None:
        self.mention, self._rankings, self._candidates = None, (), ()
        self._set_mode("candidates")
        self.mention_changed.emit(None)
        self._set_rows((), 0)

    def select(self, row: int) -> None:
        """The reviewer moved to another row."""
        if self.mode == "candidates":
            self._selected = row

    def show_results(self, mode: Mode, rows: Sequence[CandidateRow]) -> None:
        """Search results or narrower codes in the table's place."""
        self._set_mode(mode)
        self._set_rows(tuple(rows), 0)

    def back(self) -> None:
        """Return to the candidates, to the row that was selected."""
        if self.mode != "candidates":
            self._set_mode("candidates")
            self._set_rows(self._candidates, self._selected)

    # What a key does

    def pick(self, row: int) -> None:
        """Decide for a row's entity; one that may not be assigned shows its narrower codes instead."""
        if self.mention is None or self._busy or not 0 <= row < len(self.rows):
            return
        chosen, mention_id = self.rows[row], self.mention.id
        if not self._workspace.terminology.is_ready:
            self._take(chosen)
            return
        self._busy = True

        def known(concept: Concept | None) -> None:
            self._busy = False
            if self.mention is None or self.mention.id != mention_id:
                return
            if concept is not None and not concept.entity.assignable and concept.children:
                self._show_below(concept)
            else:
                self._take(chosen)

        self._workspace.terminology.concept(chosen.code, known, self._not_saved)

    def show_narrower(self, row: int) -> None:
        """The codes below a row's entity, in the table's place."""
        if 0 <= row < len(self.rows):
            self._workspace.terminology.concept(self.rows[row].code, self._show_below)

    def _show_below(self, concept: Concept | None) -> None:
        if concept is not None and concept.children:
            rows = tuple(CandidateRow(child.code, child.name) for child in concept.children)
            self.narrower_needed.emit(concept.entity.code, rows)

    def _take(self, chosen: CandidateRow) -> None:
        first = self._candidates[0].code if self._candidates else ""
        kind: DecisionKind = "accept" if chosen.code == first else "correct"
        self._decide(kind, code=chosen.code, name=chosen.name)

    def no_match(self, reason: NoMatchReason) -> None:
        self._decide("no_match", reason=reason)

    def defer(self) -> None:
        self._decide("defer")

    def reopen(self) -> None:
        """Take the decision in force back, as a step of its own; stays on the mention."""
        if self.mention is not None and self.mention.status != "unreviewed":
            self._decide("reopen")

    def flag(self, *, flagged: bool, reason: FlagReason | Literal[""] = "") -> None:
        if self.mention is not None:
            self._workspace.review.flag(self.mention.id, flagged, reason, self.trouble.emit)

    def comment(self, text: str) -> None:
        if self.mention is not None:
            self._workspace.review.comment(self.mention.id, text.strip(), self.trouble.emit)

    def undo(self) -> None:
        self._workspace.review.undo(self._go_to_undone, self.trouble.emit)

    def redo(self) -> None:
        self._workspace.review.redo(self._go_to_undone, self.trouble.emit)

    def step(self, by: int) -> None:
        """Move through the queue without deciding."""
        row = self._row() + by
        if 0 <= row < self._queue.rowCount():
            self._go(self._queue.id(row))

    # Inside

    def _decide(
        self, kind: DecisionKind, code: str = "", name: str = "", reason: NoMatchReason | Literal[""] = ""
    ) -> None:
        if self.mention is None or self._busy:
            return
        self._busy = True
        seconds = self._workspace.effort.seconds()
        decision = NewDecision(self.mention.id, kind, code, name, reason, self.mention.comment, self._rankings, seconds)
        mention = self.mention
        self._workspace.review.decide(decision, lambda _changes: self._saved(mention, decision), self._not_saved)

    def _saved(self, mention: Mention, decision: NewDecision) -> None:
        self._busy = False
        self.committed.emit(mention, decision)
        if decision.kind == "reopen":
            self._done_here.discard(mention.id)
        else:
            self._done_here.add(mention.id)
            self._advance(mention.id)

    def _not_saved(self, error: RpdrError) -> None:
        self._busy = False
        self.trouble.emit(error)

    def _advance(self, from_id: int) -> None:
        """To the next row that was not dealt with in this sitting; from the end once round to what was skipped."""
        row, count = self._queue.row(from_id), self._queue.rowCount()
        for offset in range(1, count):
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

    def _row(self) -> int:
        return self._queue.row(self.mention.id) if self.mention is not None else -1

    def _first_choice(self) -> int:
        """The row of the code decided before, else the first."""
        code = self.mention.code if self.mention is not None else ""
        return next((row for row, shown in enumerate(self._candidates) if shown.code == code), 0)

    def _set_rows(self, rows: tuple[CandidateRow, ...], selected: int) -> None:
        self.rows = rows
        if self.mode == "candidates":
            self._selected = selected
        self.rows_changed.emit(rows, selected)

    def _set_mode(self, mode: Mode) -> None:
        if mode != self.mode:
            self.mode = mode
            self.mode_changed.emit(mode)

    def _want(self) -> None:
        row = max(0, self._row())
        ahead = self._queue.ids(row, AHEAD + 1)
        shown = [self.mention.id] if self.mention is not None else []
        self._workspace.want([*shown, *(one for one in ahead if one not in shown)])

    def _changed(self, changes: Changes) -> None:
        self._queue.refresh(changes.mention_ids or ())
        here = self.mention.id if self.mention is not None else -1
        if changes.mention_ids and here not in changes.mention_ids:
            return
        if self.mention is not None and changes.kinds & {"mentions", "decisions"}:
            self.mention = self._workspace.reading.mention(here)
            self.mention_updated.emit(self.mention)
        if changes.kinds & {"rankings", "adapters"} and self.mention is not None:
            self._rankings_came(here)

    def _rankings_came(self, mention_id: int) -> None:
        """First candidates fill the empty table; later rankings only add columns to rows that stay."""
        self._rankings = tuple(self._workspace.reading.rankings(mention_id))
        if not self._candidates:
            self._candidates = rows_of(self._rankings)
            if self.mode == "candidates":
                self._set_rows(self._candidates, self._first_choice())
            return
        self._candidates = kept_in_place(self._candidates, self._rankings)
        if self.mode == "candidates":
            self.rows = self._candidates
            self.rows_filled.emit(self.rows)
