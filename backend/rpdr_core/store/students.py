"""The students of a project: which adapters are registered, and which of them is in use.

The promotion table is append-only. Its newest row says who is in use; a rollback is a row of its own, which names
the student from before the promotion that it takes back. Neither is a step of the reviewer's undo.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rpdr_core.errors import NotAllowedError, NotFoundError
from rpdr_core.records import Changed, Changes
from rpdr_core.store import audit, rankings
from rpdr_core.store.database import Connection

_ADAPTERS: frozenset[Changed] = frozenset(["adapters"])
_COLUMNS = "id, kind, folder, run_id, registered_at, actor, info"


@dataclass(frozen=True, slots=True)
class StoredAdapter:
    """An adapter that the project knows. `folder`: where it lay on the machine that registered it; `info`: its
    `AdapterInfo` as JSON. `registered_at` is empty until it is stored.
    """

    id: str
    kind: str
    folder: str
    run_id: str
    registered_at: str
    actor: str
    info: str


@dataclass(frozen=True, slots=True)
class Promotion:
    """A change of the student in use. An empty `adapter_id`: none is. `report`: what it was decided on, as JSON."""

    id: int
    adapter_id: str
    made_at: str
    reviewer: str
    reason: Literal["promote", "rollback"]
    report: str


def register(connection: Connection, adapter: StoredAdapter) -> Changes:
    """Add an adapter, or note where a known one lies now. An adapter that is as it was is no change."""
    known = find(connection, adapter.id)
    if known and known.folder == adapter.folder and adapter.run_id in ("", known.run_id):
        return Changes(frozenset())
    with connection.transaction():
        connection.execute(
            f"INSERT INTO adapter ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
            " ON CONFLICT (id) DO UPDATE SET folder = excluded.folder,"
            " run_id = CASE excluded.run_id WHEN '' THEN run_id ELSE excluded.run_id END",
            adapter.id, adapter.kind, adapter.folder, adapter.run_id, audit.now(), adapter.actor, adapter.info,
        )  # fmt: skip
        audit.append(connection, "register_adapter", actor=adapter.actor, detail={"adapter": adapter.id})
    return Changes(_ADAPTERS, summary=f"register student {adapter.id}")


def adapters(connection: Connection) -> list[StoredAdapter]:
    """All registered adapters, oldest first."""
    rows = connection.rows(f"SELECT {_COLUMNS} FROM adapter ORDER BY registered_at, id")  # noqa: S608
    return [StoredAdapter(*row) for row in rows]


def find(connection: Connection, id: str) -> StoredAdapter | None:
    row = connection.row(f"SELECT {_COLUMNS} FROM adapter WHERE id = ?", id)  # noqa: S608
    return StoredAdapter(*row) if row else None


def promotions(connection: Connection) -> list[Promotion]:
    """Every promotion and rollback, oldest first."""
    rows = connection.rows("SELECT id, adapter_id, made_at, reviewer, reason, report FROM promotion ORDER BY id")
    return [Promotion(*row) for row in rows]


def promoted(connection: Connection) -> str | None:
    """The student in use, empty after a rollback to none; None in a project that never promoted one."""
    return rankings.student_in_use(connection)


def in_use(history: Iterable[Promotion]) -> list[str]:
    """The students that rollbacks would bring back, the one in use last. Each rollback takes one promotion back."""
    stack: list[str] = []
    for promotion in history:
        if promotion.reason == "promote":
            stack.append(promotion.adapter_id)
        elif stack:
            stack.pop()
    return stack


def promote(connection: Connection, id: str, report: str, reviewer: str) -> Changes:
    """Put a registered adapter in use. One that is in use already is no change."""
    with connection.transaction():
        if find(connection, id) is None:
            raise NotFoundError(f"no student {id} in this project", hint="register it first")
        if in_use(promotions(connection))[-1:] == [id]:
            return Changes(frozenset())
        _append(connection, id, reviewer, "promote", report)
        touched = rankings.follow_students(connection)
    return Changes(_changed(touched), touched, summary=f"promote student {id}")


def roll_back(connection: Connection, reviewer: str) -> Changes:
    """Take the newest promotion in force back: the student from before it is in use again, or none."""
    with connection.transaction():
        stack = in_use(promotions(connection))
        if not stack:
            raise NotAllowedError("no promotion to take back", hint="promote a student first")
        before = stack[-2] if len(stack) > 1 else ""
        _append(connection, before, reviewer, "rollback", "")
        touched = rankings.follow_students(connection)
    summary = f"roll back to student {before}" if before else "roll back to no student"
    return Changes(_changed(touched), touched, summary=summary)


def _changed(touched: tuple[int, ...]) -> frozenset[Changed]:
    return _ADAPTERS | {"mentions"} if touched else _ADAPTERS


def _append(connection: Connection, id: str, reviewer: str, reason: str, report: str) -> None:
    connection.execute(
        "INSERT INTO promotion (adapter_id, made_at, reviewer, reason, report) VALUES (?, ?, ?, ?, ?)",
        id, audit.now(), reviewer, reason, report,
    )  # fmt: skip
    detail = {"adapter": id, "report_sha256": audit.digest_of(report)}
    audit.append(connection, reason if reason == "promote" else "roll_back", actor=reviewer, detail=detail)
