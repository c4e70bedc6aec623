"""Whose decision it is, and which mapped mentions another reviewer may not know of yet."""

from __future__ import annotations

from array import array

from rpdr_core.errors import NotFoundError
from rpdr_core.store import marks, packing
from rpdr_core.store.database import Connection


def mention_of(connection: Connection, decision_id: int) -> int:
    """Id of the mention that a decision is about."""
    found = connection.row("SELECT mention_id FROM decision WHERE id = ?", decision_id)
    if found is None:
        raise NotFoundError(f"decision {decision_id} is not in this project")
    return int(found[0])


def waiting_here(connection: Connection, code: str, reviewer: str) -> array[int]:
    """Ids of the mentions that somebody else has mapped to `code` and that wait for a second answer."""
    sql = (
        "SELECT id FROM mention INDEXED BY mention_target WHERE target = ? AND reviewer <> ?"  # noqa: S608
        f" AND {packing.within('review', ('waiting',))} AND {packing.within('status', ('accepted', 'corrected'))}"
        " ORDER BY id"
    )
    return marks.column_of_ids(connection, sql, (code, reviewer)) if code else array("q")
