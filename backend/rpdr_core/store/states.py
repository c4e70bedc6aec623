"""The states that mentions are in: which combinations of the small columns, department and reviewer occur.

There are some hundreds of them in a million mentions, each a range of one index, so they are found by seeking from one
to the next, a millisecond in all, and mentions in a rare state without a pass over the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from rpdr_core.store.database import Connection, Row

MOST = 2_000
"""States beyond which it is not worth it: departments may be free text."""
_COLUMNS = ("facets", "department", "reviewer")
"""As the index `mention_facets` begins; the margin follows."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a state. `packed`: a condition over `facets`, without parameters."""

    packed: str = "1"
    department: Callable[[str], bool] | None = None
    reviewer: Callable[[str], bool] | None = None
    margin_below: float | None = None
    """In thousandths; leaves mentions out within each state."""

    @property
    def depth(self) -> int:
        """How many of the columns have to be known."""
        if self.reviewer is not None or self.margin_below is not None:
            return 3
        return 2 if self.department is not None else 1


@dataclass(frozen=True, slots=True)
class Ranges:
    """The end of a statement over `mention` that begins with WITH: it reads the ranges of some states alone."""

    begin: str
    source: str
    parameters: tuple[object, ...]


def ranges(connection: Connection, wanted: Wanted) -> Ranges | None:
    """The ranges of all states that are wanted; None for too many states."""
    found = _states(connection, wanted)
    if found is None:
        return None
    names = ", ".join(f"s{number}" for number in range(wanted.depth))
    values = ", ".join(f"value ->> {number}" for number in range(wanted.depth))
    same = [f"{column} = s{number}" for number, column in enumerate(_COLUMNS[: wanted.depth])]
    parameters: list[object] = [msgspec.json.encode(found).decode()]
    if wanted.margin_below is not None:
        same.append("margin < ?")
        parameters.append(wanted.margin_below)
    return Ranges(
        f"WITH state({names}) AS MATERIALIZED (SELECT {values} FROM json_each(?))",  # noqa: S608
        f"state CROSS JOIN mention INDEXED BY mention_facets ON {' AND '.join(same)}",
        tuple(parameters),
    )


def hold_at_most(connection: Connection, found: Ranges, most: int) -> bool:
    """Whether there are no more mentions than these; reads no more of the index than that."""
    sql = f"{found.begin} SELECT count(*) FROM (SELECT 1 FROM {found.source} LIMIT ?)"  # noqa: S608
    return int(connection.value(sql, *found.parameters, most + 1)) <= most


def _states(connection: Connection, wanted: Wanted) -> Sequence[Row] | None:
    tests = (None, wanted.department, wanted.reviewer)
    found: Sequence[Row] = [()]
    for depth in range(wanted.depth):
        longer = _longer(connection, found, depth)
        if longer is None:
            return None
        found = longer
        if depth == 0:
            found = _packed(connection, found, wanted.packed)
        elif (test := tests[depth]) is not None:
            found = [state for state in found if test(state[-1])]
    return found


def _longer(connection: Connection, known: Sequence[Row], depth: int) -> Sequence[Row] | None:
    """Each beginning of a state with the values of the next column that occur behind it; None for too many."""
    column = _COLUMNS[depth]
    names = "".join(f"s{number}, " for number in range(depth))
    values = "".join(f"value ->> {number}, " for number in range(depth))
    first = "".join(f"{_COLUMNS[number]} = value ->> {number} AND " for number in range(depth))
    later = "".join(f"{_COLUMNS[number]} = s{number} AND " for number in range(depth))
    least = f"SELECT min({column}) FROM mention INDEXED BY mention_facets WHERE"  # noqa: S608
    sql = (
        f"WITH RECURSIVE state({names}next) AS ("  # noqa: S608
        f" SELECT {values}({least} {first}1) FROM json_each(?)"
        f" UNION ALL SELECT {names}({least} {later}{column} > next) FROM state WHERE next IS NOT NULL"
        f" LIMIT {2 * MOST + 2}) SELECT {names}next FROM state WHERE next IS NOT NULL LIMIT {MOST + 1}"
    )
    rows = connection.rows(sql, msgspec.json.encode(known).decode())
    return rows if len(rows) <= MOST else None


def _packed(connection: Connection, known: Sequence[Row], condition: str) -> Sequence[Row]:
    sql = f"SELECT facets FROM (SELECT value ->> 0 AS facets FROM json_each(?)) WHERE {condition}"  # noqa: S608
    return connection.rows(sql, msgspec.json.encode(known).decode())
