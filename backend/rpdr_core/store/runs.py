"""The training runs of a project, here or on a host: enough to find them again after a restart."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from rpdr_core.records import Changes
from rpdr_core.store import audit
from rpdr_core.store.database import Connection

_COLUMNS = "id, name, host, state, created_at, finished_at, adapter_id, message, spec"


@dataclass(frozen=True, slots=True)
class StoredRun:
    """`host` is a host's name, empty for this machine. `state` as it was seen last; times are ISO 8601 in UTC,
    `finished_at` empty until then. `spec`: the `TrainingSpec` as JSON.
    """

    id: str
    name: str
    host: str
    state: str
    created_at: str
    finished_at: str = ""
    adapter_id: str = ""
    message: str = ""
    spec: str = "{}"


def record(connection: Connection, run: StoredRun) -> Changes:
    """Add a run, or note how it stands now. One that stands as it did is no change."""
    known = find(connection, run.id)
    if known == run:
        return Changes(frozenset())
    with connection.transaction():
        connection.execute(
            f"INSERT OR REPLACE INTO run ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            *astuple(run),
        )
        if known is None or known.state != run.state:
            audit.append(connection, "run", detail={"run": run.id, "state": run.state, "adapter": run.adapter_id})
    return Changes(frozenset(["runs"]), summary=f"run {run.name}: {run.state}")


def find(connection: Connection, id: str) -> StoredRun | None:
    row = connection.row(f"SELECT {_COLUMNS} FROM run WHERE id = ?", id)  # noqa: S608
    return StoredRun(*row) if row else None


def runs(connection: Connection) -> list[StoredRun]:
    """All runs, the newest first."""
    rows = connection.rows(f"SELECT {_COLUMNS} FROM run ORDER BY created_at DESC, id DESC")  # noqa: S608
    return [StoredRun(*row) for row in rows]
