"""The audit: append-only rows, each sealed with the SHA-256 of its content and of the row before.

A row that is changed, removed or put in later breaks the chain from there on. A chain cannot show that rows were cut
off at its end; who needs that keeps the last seal elsewhere (a backup does). Decisions and opinions are covered too:
the row of a step carries the digest of those it stored. No mention text is written here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import msgspec

from rpdr_core.store.database import Connection, Row
from rpdr_core.store.times import now

__all__ = ["AuditCheck", "Stored", "append", "check", "digest_of", "now", "stored"]

Table = Literal["decision", "opinion"]

# What a digest covers, by table and schema; older digests stay what they were.
_COLUMNS: dict[tuple[Table, int], str] = {
    ("decision", 1): "id, mention_id, kind, code, name, term, reason, comment, reviewer, made_at, seconds, shown",
    ("decision", 3): (
        "id, mention_id, kind, code, name, term, reason, comment, reviewer, made_at, seconds, shown, relation, also,"
        " mode, origin_id, knowledge_base"
    ),
    ("decision", 4): (
        "id, mention_id, kind, code, name, term, reason, comment, reviewer, made_at, seconds, shown, relation, also,"
        " mode, origin_id, knowledge_base, taken_from"
    ),
    ("opinion", 3): (
        "id, mention_id, decision_id, stage, kind, code, name, relation, also, reason, comment, reviewer, made_at,"
        " seconds, knowledge_base, shown"
    ),
}
_PRESENT: dict[Table, int] = {"decision": 4, "opinion": 3}

# Decisions from before a schema: nobody vouches for what the upgrade put into its columns but these. A row that they
# find is not as upgraded.
_NOT_AS_UPGRADED = {
    3: """SELECT 1 FROM decision WHERE id BETWEEN ? AND ? AND NOT (
        also = '[]' AND mode = 'open' AND origin_id IS NULL AND knowledge_base = '' AND relation =
        CASE code WHEN '' THEN '' ELSE 'the target means the same as the source' END)""",
    4: "SELECT 1 FROM decision WHERE id BETWEEN ? AND ? AND taken_from IS NOT NULL",
}


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """`rows` checked; `broken_at` is the id of the first row that does not hold, 0 if all do."""

    rows: int
    broken_at: int = 0

    @property
    def ok(self) -> bool:
        return self.broken_at == 0


@dataclass(frozen=True, slots=True)
class Stored:
    """The decisions or opinions of one step: a run of ids and the SHA-256 of their rows, as of a schema."""

    first: int
    last: int
    sha256: str
    schema: int = 1


@dataclass(frozen=True, slots=True)
class _Detail:
    decisions: Stored | None = None
    opinions: Stored | None = None


def append(connection: Connection, action: str, *, actor: str = "", detail: object = None) -> None:
    """Add a row; `detail` is encoded as JSON. Call it inside the transaction of the change it records."""
    last = connection.row("SELECT id, chain FROM audit ORDER BY id DESC LIMIT 1")
    number, before = (int(last[0]) + 1, str(last[1])) if last else (1, "")
    row = (number, now(), actor, action, msgspec.json.encode({} if detail is None else detail).decode())
    connection.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?)", *row, _seal(before, row))


def stored(connection: Connection, table: Table, first: int, last: int, schema: int = 0) -> Stored:
    """The digest of rows `first` to `last`, for the detail of their audit row; 0: the present schema."""
    schema = schema or _PRESENT[table]
    columns = _COLUMNS[table, schema]
    rows = connection.stream(f"SELECT {columns} FROM {table} WHERE id BETWEEN ? AND ? ORDER BY id", first, last)  # noqa: S608
    return Stored(first, last, _digest(rows), schema)


def check(connection: Connection) -> AuditCheck:
    """Verify the chain, and every decision and opinion it vouches for."""
    before, rows = "", 0
    vouched: dict[Table, int] = {"decision": 0, "opinion": 0}
    for number, at, actor, action, detail, chain in connection.stream("SELECT * FROM audit ORDER BY id"):
        rows += 1
        if number != rows or chain != _seal(before, (number, at, actor, action, detail)):
            return AuditCheck(rows, broken_at=rows)
        found = msgspec.json.decode(detail, type=_Detail)
        given: list[tuple[Table, Stored | None]] = [("decision", found.decisions), ("opinion", found.opinions)]
        for table, run in given:
            if run is not None:
                if run.first != vouched[table] + 1 or not _holds(connection, table, run):
                    return AuditCheck(rows, broken_at=rows)
                vouched[table] = run.last
        before = chain
    for table, last in vouched.items():
        if connection.row(f"SELECT 1 FROM {table} WHERE id > ?", last) is not None:  # noqa: S608
            return AuditCheck(rows, broken_at=rows + 1)
    return AuditCheck(rows)


def _holds(connection: Connection, table: Table, run: Stored) -> bool:
    if (table, run.schema) not in _COLUMNS or stored(connection, table, run.first, run.last, run.schema) != run:
        return False
    later = [sql for schema, sql in _NOT_AS_UPGRADED.items() if table == "decision" and run.schema < schema]
    return all(connection.row(sql, run.first, run.last) is None for sql in later)


def _seal(before: str, row: Row) -> str:
    return hashlib.sha256(before.encode() + msgspec.json.encode(row)).hexdigest()


def _digest(rows: Iterable[Row]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(msgspec.json.encode(row) + b"\n")
    return digest.hexdigest()


def digest_of(value: object) -> str:
    """SHA-256 of a value's JSON: vouches for it without repeating it."""
    return hashlib.sha256(msgspec.json.encode(value)).hexdigest()
