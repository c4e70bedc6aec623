"""Undo and redo, stored in the project: each step keeps the cells it changed, before and after, as JSON.

Only the cells that reviewers change are imaged, so an undo never takes back a count or a ranking that arrived since.
What a mention repeats of its decision in force (reviewer, reason, relation) is not imaged: it follows from the
decisions. A decision or an opinion stays in the record for good: taking its step back sets `undone` on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from rpdr_core.errors import DamagedFileError
from rpdr_core.knowledge_base.scope import SCOPE
from rpdr_core.store import audit, in_force
from rpdr_core.store.database import DAMAGED_HINT, Connection

KNOWLEDGE_BASE = "knowledge_base"
Side = Literal["before", "after"]
Cell = str | int
Cells = dict[str, Cell]

UNDOABLE: dict[str, tuple[str, ...]] = {
    "mention": ("status", "flagged", "comment", "code", "name", "review", "flag_reason", "changed_at"),
    "decision": ("undone",),
    "opinion": ("undone",),
    "ranking": ("newest",),
    "setting": (KNOWLEDGE_BASE, SCOPE),
}
"""The only tables and columns that a step may name; images come from a file and are checked against it. Settings
have no numbers: all that a step changes are one row 0, with their keys as columns."""


@dataclass(frozen=True, slots=True)
class RowChange:
    """Cells of one row, before and after. Both name the same columns."""

    table: str
    row_id: int
    before: Cells
    after: Cells


@dataclass(frozen=True, slots=True)
class Step:
    """A step as stored: what the user calls it, and who made it."""

    id: int
    summary: str
    reviewer: str


def record(connection: Connection, summary: str, reviewer: str, changes: Sequence[RowChange]) -> int:
    """Store a step that is already done; what could be redone is forgotten. Returns the step's id."""
    event = begin(connection, summary, reviewer)
    add(connection, event, 0, changes)
    return event


def begin(connection: Connection, summary: str, reviewer: str) -> int:
    """Open a step whose changes come in pieces (see `add`); what could be redone is forgotten. Returns its id."""
    connection.execute("DELETE FROM event WHERE state = 'undone'")
    return connection.insert(
        "INSERT INTO event (state, summary, reviewer, made_at) VALUES ('done', ?, ?, ?)", summary, reviewer, audit.now()
    )


def add(connection: Connection, event: int, position: int, changes: Sequence[RowChange]) -> int:
    """Add changes to a step, the first at `position`; where the next piece begins."""
    encode = msgspec.json.encode
    connection.execute_many(
        "INSERT INTO event_change VALUES (?, ?, ?, ?, ?, ?)",
        (
            (event, at, change.table, change.row_id, encode(change.before).decode(), encode(change.after).decode())
            for at, change in enumerate(changes, position)
        ),
    )
    return position + len(changes)


def apply(connection: Connection, change: RowChange, side: Side, beside: Cells | None = None) -> None:
    """Write one image into its row, and the cells `beside` it that follow from something else.

    The time of the last change is only set where it still says what the other image says: a ranking that came since
    has changed the mention later.
    """
    image, other = (change.after, change.before) if side == "after" else (change.before, change.after)
    allowed = UNDOABLE.get(change.table, ())
    if not image or image.keys() != other.keys() or not all(column in allowed for column in image):
        raise DamagedFileError("the undo history is damaged", hint=DAMAGED_HINT, file=connection.path.name)
    if change.table == "setting":
        for key, value in image.items():
            connection.execute(*((_SET, key, value) if value else (_UNSET, key)))
        return
    if change.table == "ranking" and image["newest"]:
        # One that came since is put away: of each ranker one list counts.
        connection.execute(_PUT_AWAY, change.row_id)
    cells, values = [], []
    for column, value in (image | (beside or {})).items():
        if column == "changed_at":
            cells.append("changed_at = CASE changed_at WHEN ? THEN ? ELSE changed_at END")
            values += [other[column], value]
        else:
            cells.append(f"{column} = ?")
            values.append(value)
    connection.execute(f"UPDATE {change.table} SET {', '.join(cells)} WHERE id = ?", *values, change.row_id)  # noqa: S608


def next_undo(connection: Connection) -> Step | None:
    """The newest step that is done."""
    return _step(connection, "SELECT id, summary, reviewer FROM event WHERE state = 'done' ORDER BY id DESC LIMIT 1")


def next_redo(connection: Connection) -> Step | None:
    """The step that was undone last."""
    return _step(connection, "SELECT id, summary, reviewer FROM event WHERE state = 'undone' ORDER BY id LIMIT 1")


_SET = "INSERT INTO setting VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
_UNSET = "DELETE FROM setting WHERE key = ?"
_PUT_AWAY = (
    "UPDATE ranking SET newest = 0 WHERE newest = 1"
    " AND (mention_id, ranker) = (SELECT mention_id, ranker FROM ranking WHERE id = ?)"
)


def tables_of(connection: Connection, step: Step) -> frozenset[str]:
    """The tables that a step changed rows of."""
    rows = connection.rows("SELECT DISTINCT table_name FROM event_change WHERE event_id = ?", step.id)
    return frozenset(row[0] for row in rows) & UNDOABLE.keys()


def mentions_of(connection: Connection, step: Step) -> tuple[int, ...]:
    """The mentions that a step changed, in its order."""
    sql = (
        "SELECT CASE c.table_name WHEN 'mention' THEN c.row_id ELSE r.mention_id END FROM event_change c"
        " LEFT JOIN ranking r ON c.table_name = 'ranking' AND r.id = c.row_id"
        " WHERE c.event_id = ? AND c.table_name IN ('mention', 'ranking') ORDER BY c.position"
    )
    return tuple(dict.fromkeys(row[0] for row in connection.rows(sql, step.id) if row[0] is not None))


def replay(connection: Connection, step: Step, side: Side) -> int:
    """Take a step back (`before`) or do it again (`after`); how many rows that changed.

    Mentions come last, when the decisions that they repeat are in force again or no longer.
    """
    decided = "decision" in tables_of(connection, step)
    number = 0
    for mentions in (False, True):
        for change in _changes(connection, step, side, mentions=mentions):
            beside = in_force.cells(connection, change.row_id) if mentions and decided else None
            apply(connection, change, side, beside)
            number += 1
    state = "done" if side == "after" else "undone"
    connection.execute("UPDATE event SET state = ? WHERE id = ?", state, step.id)
    return number


def _step(connection: Connection, sql: str) -> Step | None:
    found = connection.row(sql)
    return Step(*found) if found else None


def _changes(connection: Connection, step: Step, side: Side, *, mentions: bool) -> Iterator[RowChange]:
    """A step's changes to mentions, or all others, in the order in which they are to be applied (streams)."""
    those, way = "=" if mentions else "<>", "ASC" if side == "after" else "DESC"
    sql = (
        "SELECT table_name, row_id, before, after FROM event_change"  # noqa: S608
        f" WHERE event_id = ? AND table_name {those} 'mention' ORDER BY position {way}"
    )
    decoder = msgspec.json.Decoder(Cells)
    for table, row_id, before, after in connection.stream(sql, step.id):
        with connection.errors():
            change = RowChange(table, row_id, decoder.decode(before), decoder.decode(after))
        yield change
