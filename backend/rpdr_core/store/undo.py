"""Undo and redo, stored in the project: each step keeps the cells it changed, before and after, as JSON.

Only the cells that reviewers change are imaged, so an undo never takes back a count or a ranking that arrived since.
A decision stays in the record for good: taking its step back sets `undone` on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from rpdr_core.errors import DamagedFileError
from rpdr_core.store import audit
from rpdr_core.store.database import DAMAGED_HINT, Connection

Cell = str | int
Cells = dict[str, Cell]

UNDOABLE: dict[str, tuple[str, ...]] = {
    "mention": ("status", "flagged", "comment", "code", "name"),
    "decision": ("undone",),
}
"""The only tables and columns that a step may name; images come from a file and are checked against it."""


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
    connection.execute("DELETE FROM event WHERE state = 'undone'")
    event = connection.insert(
        "INSERT INTO event (state, summary, reviewer, made_at) VALUES ('done', ?, ?, ?)", summary, reviewer, audit.now()
    )
    encode = msgspec.json.encode
    connection.execute_many(
        "INSERT INTO event_change VALUES (?, ?, ?, ?, ?, ?)",
        (
            (
                event,
                position,
                change.table,
                change.row_id,
                encode(change.before).decode(),
                encode(change.after).decode(),
            )
            for position, change in enumerate(changes)
        ),
    )
    return event


def apply(connection: Connection, change: RowChange, image: Cells) -> None:
    """Write one image, `change.before` or `change.after`, into its row."""
    allowed = UNDOABLE.get(change.table, ())
    if not image or not all(column in allowed for column in image):
        raise DamagedFileError("the undo history is damaged", hint=DAMAGED_HINT, file=connection.path.name)
    cells = ", ".join(f"{column} = ?" for column in image)
    connection.execute(f"UPDATE {change.table} SET {cells} WHERE id = ?", *image.values(), change.row_id)  # noqa: S608


def next_undo(connection: Connection) -> Step | None:
    """The newest step that is done."""
    return _step(connection, "SELECT id, summary, reviewer FROM event WHERE state = 'done' ORDER BY id DESC LIMIT 1")


def next_redo(connection: Connection) -> Step | None:
    """The step that was undone last."""
    return _step(connection, "SELECT id, summary, reviewer FROM event WHERE state = 'undone' ORDER BY id LIMIT 1")


def changes_of(connection: Connection, step: Step) -> list[RowChange]:
    """A step's changes in the order they were made."""
    return list(_changes(connection, step))


def take_back(connection: Connection, step: Step, changes: Sequence[RowChange]) -> None:
    for change in reversed(changes):
        apply(connection, change, change.before)
    connection.execute("UPDATE event SET state = 'undone' WHERE id = ?", step.id)


def do_again(connection: Connection, step: Step, changes: Sequence[RowChange]) -> None:
    for change in changes:
        apply(connection, change, change.after)
    connection.execute("UPDATE event SET state = 'done' WHERE id = ?", step.id)


def _step(connection: Connection, sql: str) -> Step | None:
    found = connection.row(sql)
    return Step(*found) if found else None


def _changes(connection: Connection, step: Step) -> Iterator[RowChange]:
    rows = connection.rows(
        "SELECT table_name, row_id, before, after FROM event_change WHERE event_id = ? ORDER BY position", step.id
    )
    decoder = msgspec.json.Decoder(Cells)
    with connection.errors():
        for table, row_id, before, after in rows:
            yield RowChange(table, row_id, decoder.decode(before), decoder.decode(after))
