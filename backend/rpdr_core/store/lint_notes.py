"""What map lint keeps in a project, and the one question it asks that nobody else does: who shares a record.

A dismissed finding is a setting under its key; an empty value takes the dismissal back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from rpdr_core.store.database import Connection

PREFIX = "lint.dismissed."


@dataclass(frozen=True, slots=True)
class Dismissal:
    """Why somebody will not hear of a finding again. `at`: UTC, ISO 8601."""

    reason: str
    reviewer: str
    at: str


def setting_key(finding: str) -> str:
    return PREFIX + finding


def encoded(dismissal: Dismissal) -> str:
    return msgspec.json.encode(dismissal).decode()


def dismissals(connection: Connection) -> dict[str, Dismissal]:
    """The dismissals in force, by the finding's key."""
    sql = "SELECT key, value FROM setting WHERE key >= ? AND key < ? AND value <> ''"
    rows = connection.rows(sql, PREFIX, PREFIX + "\U0010ffff")
    with connection.errors():
        return {key.removeprefix(PREFIX): msgspec.json.decode(value, type=Dismissal) for key, value in rows}


def shared_records(connection: Connection) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Row keys that several mapped mentions of one source share, with the mentions' ids (streams)."""
    sql = """SELECT r.row_key, json_group_array(DISTINCT r.mention_id) FROM mention_row r
        JOIN mention m ON m.id = r.mention_id
        WHERE r.row_key <> '' AND m.status IN ('accepted', 'corrected')
        GROUP BY r.source_id, r.row_key HAVING count(DISTINCT r.mention_id) > 1"""
    for key, ids in connection.stream(sql):
        yield key, tuple(sorted(msgspec.json.decode(ids, type=list[int])))
