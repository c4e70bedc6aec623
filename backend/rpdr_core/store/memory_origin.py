"""Which decision a memory term comes from: the newest in force that mapped this very text to this code."""

from __future__ import annotations

from rpdr_core.folding import fold
from rpdr_core.records import Decision
from rpdr_core.store import in_force
from rpdr_core.store.database import Connection

_MOST = 50


def memory_origin(connection: Connection, text: str, code: str, reviewer: str) -> Decision | None:
    """None where there is none, or none that `reviewer` may know of: one that waits for a blind answer is not told."""
    sql = (
        "SELECT id FROM mention INDEXED BY mention_text WHERE folded = ? AND code = ?"
        " AND NOT (review = 'waiting' AND reviewer <> ?) ORDER BY id LIMIT ?"
    )
    ids = [row[0] for row in connection.rows(sql, fold(text), code, reviewer, _MOST)]
    found = [decision for one in ids if (decision := in_force.decision(connection, one)) is not None]
    return max(found, key=lambda one: one.id, default=None)
