"""Which decision a memory term comes from: the newest in force that mapped this very text to this code."""

from __future__ import annotations

from rpdr_core.folding import fold
from rpdr_core.records import Decision
from rpdr_core.store import in_force
from rpdr_core.store.database import Connection


def memory_origin(connection: Connection, text: str, code: str, reviewer: str) -> Decision | None:
    """None where there is none, or none that `reviewer` may know of: one that waits for a blind answer is not told."""
    sql = (
        "SELECT m.id FROM mention m INDEXED BY mention_text JOIN decision d ON d.mention_id = m.id AND d.undone = 0"
        " WHERE m.folded = ? AND m.code = ? AND NOT (m.review = 'waiting' AND m.reviewer <> ?)"
        " ORDER BY d.id DESC LIMIT 1"
    )
    newest = connection.row(sql, fold(text), code, reviewer)
    return None if newest is None else in_force.decision(connection, newest[0])
