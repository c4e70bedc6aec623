"""Decisions taken over from a file: with their reviewer, time and relation, as one step, never over one in force.

What a taken decision means here:

- It teaches the memory as one made here does.
- Its reviewer's name stays as the file writes it. Names that are not in the roster are counted and entered nowhere: a
  roster gives rights, a file does not. Who reviews no more may stand in a file: the decision was made before.
- In double review it is a first answer: a mention that the plan draws waits for a second one. A dispute that was
  settled where the file comes from (mode `adjudicated`) stays settled.
- Occurrences count where the mention was not here before; of one that was here, they have been counted.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from rpdr_core.errors import NotAllowedError
from rpdr_core.folding import fold
from rpdr_core.records import Changes, FlagReason, MemoryTerm, NewDecision, NewMention
from rpdr_core.store import answers, audit, decisions, in_force, mentions, reviewers, times, undo
from rpdr_core.store.database import Connection
from rpdr_core.store.decisions import Making
from rpdr_core.store.mentions import SourceFile, mention_key
from rpdr_core.store.reviewers import Roster
from rpdr_core.store.undo import Cells, RowChange

NOTED = 1_000
_PIECE = 2_000

Fate = Literal["taken", "same", "repeated", "conflict", "contradiction", "in_review", "ambiguous", "remark"]
"""What became of a row's decision:

- `taken`; `same`: the one in force says so already; `repeated`: an earlier row of the file said so.
- `conflict`: the one in force says otherwise; `contradiction`: an earlier row of the file does.
- `in_review`: it was to replace one that two reviewers are at.
- `ambiguous`: the file has no contexts, and the text stands in several.
- `remark`: another comment stands on the mention, or on a decision that says the same, and is left alone.
"""
NOTABLE: frozenset[Fate] = frozenset(("conflict", "contradiction", "in_review", "ambiguous", "remark"))


@dataclass(frozen=True, slots=True)
class Taking:
    """A row of a file: its mention, and what is to be taken over. `decision` names no mention yet.

    `made_at`: UTC as the store writes times; empty: now. `anywhere`: the file has no contexts, so that the row is meant
    for the text wherever it stands. `line` is where it stands in the file.
    """

    new: NewMention
    decision: NewDecision | None = None
    reviewer: str = ""
    made_at: str = ""
    flagged: bool = False
    flag_reason: FlagReason | Literal[""] = ""
    remark: str = ""
    anywhere: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class TakeNote:
    """A row that was left alone, and why. `theirs` is what the file says, `ours` what is in force (codes)."""

    line: int
    fate: Fate
    theirs: str = ""
    ours: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """`rows` read; `added` mentions were made; `fates` counts the rows' decisions; `flags` and `remarks` were set.

    `notes`: the first rows that were left alone. `strangers`: reviewers' names that the roster does not have, with
    their decisions. `source_id` is 0 where nothing was kept.
    """

    rows: int
    added: int
    fates: Mapping[Fate, int]
    changes: Changes
    flags: int = 0
    remarks: int = 0
    notes: tuple[TakeNote, ...] = ()
    strangers: Mapping[str, int] = field(default_factory=dict)
    source_id: int = 0


class _OnlyLookedError(Exception):
    """Ends the transaction of a look; nothing stays."""


def take(
    connection: Connection,
    source: SourceFile,
    rows: Callable[[], Iterable[Taking]],
    actor: str,
    *,
    replace: bool,
    only_look: bool,
) -> Taken:
    """Take all rows or, if reading or storing one fails, none. Raises `NotAllowedError` for an actor who may not."""
    found: list[Taken] = []
    try:
        with connection.transaction():
            found.append(_take(connection, source, rows(), actor, replace=replace))
            if only_look or not _kept(found[0]):
                raise _OnlyLookedError
    except _OnlyLookedError:
        return _unstored(found[0])
    return found[0]


def _kept(found: Taken) -> bool:
    """Whether a file brought anything; one that did not leaves no trace."""
    return bool(found.added or found.fates.get("taken") or found.flags or found.remarks)


def _unstored(found: Taken) -> Taken:
    return replace(found, changes=Changes(frozenset()), source_id=0)


def _take(connection: Connection, source: SourceFile, rows: Iterable[Taking], actor: str, *, replace: bool) -> Taken:
    roster = reviewers.roster(connection)
    roster.refuse_inactive(actor)
    step = _Step(connection, source, actor, roster, replace)
    number = 0
    for number, row in enumerate(rows, 1):  # noqa: B007 - the last number is the count
        step.take(row)
    return step.close(number)


class _Step:
    """Rows of one file as they come, in one transaction."""

    def __init__(self, connection: Connection, source: SourceFile, actor: str, roster: Roster, replacing: bool) -> None:
        self._connection = connection
        self._source = source
        self._actor = actor
        self._roster = roster
        self._replacing = replacing
        self._plan = reviewers.plan(connection)
        self._now = audit.now()
        self._source_id = mentions.enter_source(connection, source)
        self._last_before = int(connection.value("SELECT coalesce(max(id), 0) FROM mention"))
        # Mentions that a row has spoken of; false where what it said was left alone.
        self._heard: dict[int, bool] = {}
        self._summary = f"take decisions from {source.name}"
        self._event = self._position = self._rows_added = self._flags = self._remarks = 0
        self._waiting: list[RowChange] = []
        self._first = self._last = 0
        self._fates: Counter[Fate] = Counter()
        self._notes: list[TakeNote] = []
        self._strangers: Counter[str] = Counter()
        self._terms: dict[int, MemoryTerm] = {}
        self._touched: dict[int, None] = {}

    def take(self, row: Taking) -> None:
        mention_id = self._mention(row)
        if mention_id is None:
            self._note(row, "ambiguous", "")
            return
        if row.decision is not None:
            self._decide(mention_id, row, row.decision)
        self._mark(mention_id, row)
        if len(self._waiting) >= _PIECE:
            self._keep()

    def close(self, rows: int) -> Taken:
        connection = self._connection
        self._keep()
        connection.execute("UPDATE source SET row_count = ? WHERE id = ?", self._rows_added, self._source_id)
        newest = int(connection.value("SELECT coalesce(max(id), 0) FROM mention"))
        added = int(connection.value("SELECT count(*) FROM mention WHERE id > ?", self._last_before)) if newest else 0
        detail: dict[str, object] = {"source": self._source_id, "sha256": self._source.sha256, "rows": rows}
        detail |= {"added": added, "fates": dict(self._fates), "flags": self._flags, "remarks": self._remarks}
        if self._last:
            detail["decisions"] = audit.stored(connection, "decision", self._first, self._last)
        audit.append(connection, "take", actor=self._actor, detail=detail)
        changes = decisions.changes_since(
            connection, self._terms, tuple(self._touched), self._summary, frozenset(["mentions", "decisions"])
        )
        return Taken(
            rows, added, dict(self._fates), changes, self._flags, self._remarks, tuple(self._notes),
            dict(self._strangers), self._source_id,
        )  # fmt: skip

    def _mention(self, row: Taking) -> int | None:
        """The mention that a row is about, made where it is missing; None where it may be several."""
        new = row.new
        known = self._known(mention_key(new.text, new.context))
        if known is None and row.anywhere:
            elsewhere = self._elsewhere(row)
            if len(elsewhere) > 1:
                return None
            known = elsewhere[0] if elsewhere else None
        if known is None or known > self._last_before:
            key = mentions.add_row(self._connection, self._source, self._source_id, new)
            self._rows_added += 1
            known = known or self._known(key)
        return known

    def _known(self, key: bytes) -> int | None:
        found = self._connection.row("SELECT id FROM mention WHERE key = ?", key)
        return None if found is None else int(found[0])

    def _elsewhere(self, row: Taking) -> list[int]:
        """Mentions with the row's text in whatever context, of which the row's key may tell the one."""
        text = unicodedata.normalize("NFC", row.new.text)
        sql = "SELECT id, text FROM mention WHERE folded = ? AND id <= ?"
        rows = self._connection.rows(sql, fold(row.new.text), self._last_before)
        found = [int(id_) for id_, other in rows if unicodedata.normalize("NFC", other) == text]
        if len(found) < 2 or not row.new.row.key:
            return found
        marks = ", ".join("?" * len(found))
        sql = f"SELECT DISTINCT mention_id FROM mention_row WHERE row_key = ? AND mention_id IN ({marks})"  # noqa: S608
        keyed = [int(found_id) for (found_id,) in self._connection.rows(sql, row.new.row.key, *found)]
        return keyed or found

    def _decide(self, mention_id: int, row: Taking, decision: NewDecision) -> None:
        before = in_force.decision(self._connection, mention_id)
        heard = self._heard.get(mention_id)
        self._heard.setdefault(mention_id, True)
        if before is not None:
            # To put a mention off is no answer, and says the same as itself alone.
            same = answers.same(before, decision) and (before.kind == "defer") == (decision.kind == "defer")
            commented = decision.comment not in ("", before.comment)
            if same and commented and not self._replacing:
                self._note(row, "remark", "")
            if same and (heard or not (commented and self._replacing)):
                self._fates["repeated" if heard else "same"] += 1
                return
            if heard or not self._replacing:
                self._note(row, "contradiction" if heard else "conflict", before.code)
                self._heard[mention_id] = bool(heard)
                return
        self._terms |= decisions.memory_of(self._connection, [mention_id])
        reviewer, at = row.reviewer, row.made_at or self._now
        making = Making("take", reviewer, at, self._roster, self._plan, self._now)
        placed = replace(decision, mention_id=mention_id, taken_from=self._source_id)
        try:
            decision_id, changes = decisions.store_one(self._connection, placed, making)
        except NotAllowedError:
            self._note(row, "in_review", before.code if before else "")
            return
        self._first, self._last = self._first or decision_id, decision_id
        self._waiting += changes
        self._touched[mention_id] = None
        self._fates["taken"] += 1
        if reviewer and self._roster.everybody and reviewer not in self._roster.everybody:
            self._strangers[reviewer] += 1

    def _mark(self, mention_id: int, row: Taking) -> None:
        """Set the flag and the remark of a row, where the mention has none."""
        if not (row.flagged or row.remark):
            return
        sql = "SELECT flagged, flag_reason, comment, changed_at FROM mention WHERE id = ?"
        found = self._connection.row(sql, mention_id)
        assert found is not None
        flagged, reason, comment, changed_at = found
        cells: Cells = {}
        if row.flagged and not flagged:
            cells |= {"flagged": 1, "flag_reason": row.flag_reason}
            self._flags += 1
        if row.remark and (not comment or (self._replacing and comment != row.remark)):
            cells["comment"] = row.remark
            self._remarks += 1
        elif row.remark and comment != row.remark:
            self._note(row, "remark", "")
        if not cells:
            return
        images: Cells = {"flagged": flagged, "flag_reason": reason, "comment": comment}
        before: Cells = {column: images[column] for column in cells} | {"changed_at": changed_at}
        change = RowChange("mention", mention_id, before, cells | {"changed_at": times.millis(self._now)})
        undo.apply(self._connection, change, "after")
        self._waiting.append(change)
        self._touched[mention_id] = None

    def _keep(self) -> None:
        if not self._waiting:
            return
        if not self._event:
            self._event = undo.begin(self._connection, self._summary, self._actor)
        self._position = undo.add(self._connection, self._event, self._position, self._waiting)
        self._waiting.clear()

    def _note(self, row: Taking, fate: Fate, ours: str) -> None:
        self._fates[fate] += 1
        if len(self._notes) < NOTED:
            theirs = row.decision.code if row.decision else ""
            self._notes.append(TakeNote(row.line, fate, theirs, ours))
