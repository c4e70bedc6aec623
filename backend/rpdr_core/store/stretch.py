"""A stretch of a queue: what stands on screen, before the whole list is known.

A list of a million mentions takes as long as a pass over a million; the rows in sight are near each other in one index.
They are walked from the top, or from a mention that the list holds, both ways. What an index does not hold (text, code)
is read from the rows on the way, as long as enough of them are hits; where they are rare, their sets are found first.
So it is with states (flagged, a reviewer): on the way while they are frequent, else by the index of states.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from rpdr_core.errors import Cancelled
from rpdr_core.folding import fold
from rpdr_core.store import queue
from rpdr_core.store.database import FEW_STOPS, Connection, Row
from rpdr_core.store.queue import KEYS, Key, QueueQuery

ROWS = 120
"""On each side of the mention, or from the top: several screens."""
_WALK_SECONDS = 0.01
"""By the clock: rows lie all over the file, and a slow drive is to be left alone."""
_PASS_SECONDS = 0.1
"""Of this thread's work: a pass over the index is what the whole list costs, too."""
Ended = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows of a queue, in its order and without a gap; `whole`: it has no others."""

    ids: array[int]
    whole: bool


def stretch(connection: Connection, query: QueueQuery, around: int = 0) -> Stretch | None:
    """The rows around a mention, from the top where the queue does not hold it. None: in the time there was, not found.

    The time is a tenth of a second, and that of a search for text and codes where hits are rare. The whole queue is
    what it gives for a small one.
    """
    rows_tell = bool(fold(query.text)) or query.codes is not None
    walk = _Walk(connection, query, by_row=rows_tell)
    found = _until(_ended(time.monotonic, _WALK_SECONDS), connection, walk, around)
    if found is not None:
        return found
    if (few := queue.few_ids(connection, query)) is not None:
        return Stretch(few, whole=True)
    walk = _Walk(connection, query, by_row=False)
    return _until(_ended(time.thread_time, _PASS_SECONDS), connection, walk, around)


def _ended(clock: Callable[[], float], seconds: float) -> Ended:
    end = clock() + seconds
    return lambda: clock() > end


def _until(ended: Ended, connection: Connection, walk: _Walk, around: int) -> Stretch | None:
    try:
        with connection.stoppable(ended, FEW_STOPS):
            return walk.stretch(around, ended)
    except Cancelled:
        return None


class _Walk:
    """Along the index of the query's order. `by_row`: text and code are read from each row, not from sets of ids."""

    def __init__(self, connection: Connection, query: QueueQuery, *, by_row: bool) -> None:
        self._connection, self._order = connection, query.order
        self._keys = KEYS[query.order]
        self._where = queue.conditions(connection, replace(query, text="", codes=None) if by_row else query)
        self._columns = ", folded, target" if by_row else ""
        self._fits = _fits(query) if by_row else None

    def stretch(self, around: int, ended: Ended) -> Stretch:
        place = self._place(around)
        if place is None:
            return _made([], self._rows("1", (), ended, self._keys, backwards=False))
        before = _first(self._beyond(place, ended, backwards=True))
        return _made(before, self._from(around, place, ended))

    def _place(self, mention_id: int) -> Row | None:
        """The values of a mention's keys, if the queue holds it."""
        keys = ", ".join(key.sql for key in self._keys)
        where = self._where
        sql = f"SELECT {keys}{self._columns} FROM mention WHERE id = ? AND {where.sql}"  # noqa: S608
        found = self._connection.row(sql, mention_id, *where.parameters)
        if found is None or (self._fits is not None and not self._fits(*found[-2:])):
            return None
        return found[: len(self._keys)]

    def _from(self, mention_id: int, place: Row, ended: Ended) -> Iterator[int]:
        yield mention_id
        yield from self._beyond(place, ended, backwards=False)

    def _beyond(self, place: Row, ended: Ended, *, backwards: bool) -> Iterator[int]:
        """The nearest first: those that share all keys but the last, then all but the last two, and so on."""
        for shared in range(len(self._keys) - 1, -1, -1):
            key = self._keys[shared]
            after = "<" if key.descending != backwards else ">"
            same = [f"{one.sql} = ?" for one in self._keys[:shared]]
            clause = " AND ".join([*same, f"{key.sql} {after} ?"])
            yield from self._rows(clause, place[: shared + 1], ended, self._keys[shared:], backwards=backwards)

    def _rows(
        self, clause: str, parameters: Row, ended: Ended, keys: Sequence[Key], *, backwards: bool
    ) -> Iterator[int]:
        order = ", ".join(key.order(backwards=backwards) for key in keys)
        sql = (
            f"SELECT id{self._columns} FROM mention INDEXED BY mention_{self._order}"  # noqa: S608
            f" WHERE {clause} AND {self._where.sql} ORDER BY {order}"
        )
        for number, row in enumerate(self._connection.stream(sql, *parameters, *self._where.parameters)):
            if number % 64 == 0 and ended():
                raise Cancelled("stopped")
            if self._fits is None or self._fits(*row[1:]):
                yield row[0]


def _fits(query: QueueQuery) -> Callable[[str, str], bool]:
    text, codes = fold(query.text), query.codes
    return lambda folded, target: text in folded and (codes is None or target in codes)


def _made(before: list[int], after: Iterator[int]) -> Stretch:
    rows = _first(after)
    whole = len(rows) <= ROWS and len(before) <= ROWS
    return Stretch(array("q", [*reversed(before[:ROWS]), *rows[:ROWS]]), whole)


def _first(ids: Iterator[int]) -> list[int]:
    """One more than are wanted, which says whether there are others."""
    return list(islice(ids, ROWS + 1))
