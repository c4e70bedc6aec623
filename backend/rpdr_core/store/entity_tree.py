"""The hierarchy of a knowledge base for a browser: roots and children as short lines, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass

from rpdr_core.store.database import Connection, Row

_COLUMNS = (
    "e.code, e.name, e.type, e.assignable, e.active,"
    " (SELECT count(*) FROM child below WHERE below.parent = e.code) AS children"
)


@dataclass(frozen=True, slots=True)
class Branch:
    """One entity in the hierarchy. `children` counts those right below it."""

    code: str
    name: str
    type: str
    assignable: bool
    active: bool
    children: int


def roots(connection: Connection) -> list[Branch]:
    """The entities without a parent, in the terminology's order; no retired ones unless something hangs on them."""
    sql = f"SELECT {_COLUMNS} FROM root JOIN entity e ON e.id = root.id ORDER BY e.id"  # noqa: S608
    return [_branch(row) for row in connection.rows(sql)]


def branches(connection: Connection, code: str, start: int, limit: int) -> list[Branch]:
    """Some of an entity's children, in the terminology's order; `start` counts from 0."""
    sql = (
        f"SELECT {_COLUMNS} FROM child c JOIN entity e ON e.id = c.position"  # noqa: S608
        " WHERE c.parent = ? ORDER BY e.id LIMIT ? OFFSET ?"
    )
    return [_branch(row) for row in connection.rows(sql, code, limit, start)]


def _branch(row: Row) -> Branch:
    code, name, type_, assignable, active, children = row
    return Branch(code, name, type_, bool(assignable), bool(active), children)
