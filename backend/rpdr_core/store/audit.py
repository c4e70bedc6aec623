"""The audit: append-only rows, each sealed with the SHA-256 of its content and of the row before.

A row that is changed, removed or put in later breaks the chain from there on. A chain cannot show that rows were cut
off at its end; who needs that keeps the last seal elsewhere (a backup does). Decisions are covered too: the row of
a step carries the digest of the decisions it stored. No mention text is written here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from rpdr_core.store.database import Connection, Row

DECISION_COLUMNS = "id, mention_id, kind, code, name, term, reason, comment, reviewer, made_at, seconds, shown"


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """`rows` checked; `broken_at` is the id of the first row that does not hold, 0 if all do."""

    rows: int
    broken_at: int = 0

    @property
    def ok(self) -> bool:
        return self.broken_at == 0


@dataclass(frozen=True, slots=True)
class StoredDecisions:
    """The decisions of one step: a run of ids and the SHA-256 of their rows."""

    first: int
    last: int
    sha256: str


@dataclass(frozen=True, slots=True)
class _Detail:
    decisions: StoredDecisions | None = None


def now() -> str:
    """UTC, milliseconds, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def append(connection: Connection, action: str, *, actor: str = "", detail: object = None) -> None:
    """Add a row; `detail` is encoded as JSON. Call it inside the transaction of the change it records."""
    last = connection.row("SELECT id, chain FROM audit ORDER BY id DESC LIMIT 1")
    number, before = (int(last[0]) + 1, str(last[1])) if last else (1, "")
    row = (number, now(), actor, action, msgspec.json.encode({} if detail is None else detail).decode())
    connection.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?)", *row, _seal(before, row))


def stored_decisions(connection: Connection, first: int, last: int) -> StoredDecisions:
    """The digest of decisions `first` to `last`, for the detail of their audit row."""
    rows = connection.stream(
        f"SELECT {DECISION_COLUMNS} FROM decision WHERE id BETWEEN ? AND ? ORDER BY id",  # noqa: S608
        first,
        last,
    )
    return StoredDecisions(first, last, _digest(rows))


def check(connection: Connection) -> AuditCheck:
    """Verify the chain and every decision it vouches for."""
    before, rows, vouched = "", 0, 0
    for number, at, actor, action, detail, chain in connection.stream("SELECT * FROM audit ORDER BY id"):
        rows += 1
        if number != rows or chain != _seal(before, (number, at, actor, action, detail)):
            return AuditCheck(rows, broken_at=rows)
        found = msgspec.json.decode(detail, type=_Detail).decisions
        if found is not None:
            if found.first != vouched + 1 or stored_decisions(connection, found.first, found.last) != found:
                return AuditCheck(rows, broken_at=rows)
            vouched = found.last
        before = chain
    unvouched = connection.value("SELECT count(*) FROM decision WHERE id > ?", vouched)
    return AuditCheck(rows, broken_at=rows + 1 if unvouched else 0)


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
