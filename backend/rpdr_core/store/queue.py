"""Queues: which mentions, in which order, how many of each kind. Nothing here reads a row of the mention table.

Every order has an index that also holds the small columns, so a queue is one pass over one index. What such an index
cannot hold (the text, the target's code) is asked of its own index first; the ids found go into a second pass as a
string with one byte for each mention, which costs less than sorting them or looking each one up.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import msgspec

from rpdr_core.errors import Bug
from rpdr_core.folding import fold
from rpdr_core.records import FlagReason, NoMatchReason, Relation, ReviewState, Status, Verdict
from rpdr_core.store import packing, states, times
from rpdr_core.store.database import Connection
from rpdr_core.store.marks import code_marks, column_of_ids, marks, numbers, text_marks
from rpdr_core.store.states import Ranges, Wanted

FEW = 2_000
"""Mentions that are looked up and sorted in less time than a pass over an index takes."""
FEW_IN_INDEX = 50_000
"""The same where what they are sorted by is in the index of states, so that no row is looked up."""
Order = Literal["import", "frequent", "least_sure", "disagreement", "text", "worth", "recent"]
_IN_INDEX: frozenset[Order] = frozenset(("import", "recent"))


@dataclass(frozen=True, slots=True)
class Key:
    """An expression that a queue is ordered by."""

    sql: str
    descending: bool = False

    def order(self, *, backwards: bool = False) -> str:
        """As a term of ORDER BY."""
        return f"{self.sql} DESC" if self.descending != backwards else self.sql


# Each is served by one index, so the order costs nothing.
KEYS: dict[Order, tuple[Key, ...]] = {
    "import": (Key("id"),),
    "frequent": (Key("count", descending=True), Key("id")),
    "least_sure": (Key("coalesce(confidence, 2)"), Key("count", descending=True), Key("id")),
    "disagreement": (Key("disagreement", descending=True), Key("count", descending=True), Key("id")),
    "text": (Key("folded"), Key("id")),
    "worth": (Key("worth", descending=True), Key("count", descending=True), Key("id")),
    "recent": (Key("changed_at", descending=True), Key("id")),
}
ORDER_BY: dict[Order, str] = {order: ", ".join(key.order() for key in keys) for order, keys in KEYS.items()}


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """Which mentions, in which order. An empty set means all; `text` filters by substring of the mention.

    `not_by`: decided, and by another reviewer than this one. `codes`: the code decided, else the guess, is one of
    these (None: any; an empty set: no mention). `quarrel`: any of these bits. `margin_below` leaves out mentions
    whose margin is unknown. `changed_since`: ISO 8601, UTC. `blind_to`: leave out what waits for a second answer
    and was not decided by this reviewer (None: nothing is left out), so that no condition tells them what was
    decided. Order `worth`: disagreement x count x (1 - margin), greatest first, an unknown margin counting as 0;
    `recent`: changed last, first.
    """

    statuses: frozenset[Status] = frozenset()
    flagged: bool | None = None
    text: str = ""
    order: Order = "import"
    reviewers: frozenset[str] = frozenset()
    not_by: str = ""
    codes: frozenset[str] | None = None
    reasons: frozenset[NoMatchReason | Literal[""]] = frozenset()
    relations: frozenset[Relation | Literal[""]] = frozenset()
    verdicts: frozenset[Verdict] = frozenset()
    departments: frozenset[str] = frozenset()
    quarrel: int = 0
    margin_below: float | None = None
    review: frozenset[ReviewState] = frozenset()
    flag_reasons: frozenset[FlagReason | Literal[""]] = frozenset()
    changed_since: str = ""
    blind_to: str | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """A WHERE clause over the columns that every index of the queue holds, with its parameters. `rare`: most rows fail
    it.
    """

    sql: str
    parameters: tuple[object, ...]
    rare: bool = False


def ids(connection: Connection, query: QueueQuery) -> array[int]:
    """Ids of the mentions of a queue, in its order."""
    if query.order not in ORDER_BY:
        raise Bug(f"unknown order {query.order!r}")
    few = few_ids(connection, query)
    if few is not None:
        return few
    where = _by_text(connection, query) if query.order == "text" else conditions(connection, query)
    sql = (
        f"SELECT id FROM mention INDEXED BY mention_{query.order}"  # noqa: S608
        f" WHERE {where.sql} ORDER BY {ORDER_BY[query.order]}"
    )
    return column_of_ids(connection, sql, where.parameters)


def few_ids(connection: Connection, query: QueueQuery) -> array[int] | None:
    """The whole queue where its conditions leave few mentions: they are looked up and sorted. Else None."""
    found = in_few_states(connection, query)
    return found if found is not None else _of_few_marks(connection, query)


def ranges_of(connection: Connection, query: QueueQuery) -> Ranges | None:
    """The ranges of one index that hold the mentions in question, and others; None where the query asks for nothing
    that it is ordered by, or for too many of them.
    """
    reviewers, not_by = query.reviewers, query.not_by
    wanted = Wanted(
        " AND ".join(packed_clauses(query)) or "1",
        query.departments.__contains__ if query.departments else None,
        (lambda name: (not reviewers or name in reviewers) and (not not_by or name not in ("", not_by)))
        if reviewers or not_by
        else None,
        None if query.margin_below is None else query.margin_below * 1000,
    )
    return None if wanted == Wanted() else states.ranges(connection, wanted)


def in_few_states(connection: Connection, query: QueueQuery) -> array[int] | None:
    """The whole queue where few mentions are in the states that it asks for, whatever their text. Else None."""
    found = ranges_of(connection, query)
    text, by_index = fold(query.text), query.order in _IN_INDEX
    by_index &= not text and query.codes is None
    if found is None or not states.hold_at_most(connection, found, FEW_IN_INDEX if by_index else FEW):
        return None
    where = conditions(connection, replace(query, text="", codes=None))
    clauses, parameters = [where.sql], [*found.parameters, *where.parameters]
    if text:
        clauses.append("instr(folded, ?) > 0")
        parameters.append(text)
    _add_codes(query, clauses, parameters)
    sql = f"{found.begin} SELECT id FROM {found.source} WHERE {' AND '.join(clauses)} ORDER BY {ORDER_BY[query.order]}"  # noqa: S608
    return column_of_ids(connection, sql, parameters)


def _of_few_marks(connection: Connection, query: QueueQuery) -> array[int] | None:
    found: bytes | None = None
    if text := fold(query.text):
        found = text_marks(connection, text)
    elif query.codes is not None:
        found = code_marks(connection, query.codes)
    if found is None or found.count(1) > FEW:
        return None
    ids = msgspec.json.encode(numbers(found)).decode()
    where = conditions(connection, replace(query, text="", codes=None))
    clauses, parameters = ["id IN (SELECT value FROM json_each(?))", where.sql], [ids, *where.parameters]
    _add_codes(query, clauses, parameters)
    sql = f"SELECT id FROM mention NOT INDEXED WHERE {' AND '.join(clauses)} ORDER BY {ORDER_BY[query.order]}"  # noqa: S608
    return column_of_ids(connection, sql, parameters)


def _add_codes(query: QueueQuery, clauses: list[str], parameters: list[object]) -> None:
    """The condition on the target's code, asked of each row."""
    if query.codes is not None:
        clauses.append("target IN (SELECT value FROM json_each(?))")
        parameters.append(msgspec.json.encode(sorted(query.codes)).decode())


def _by_text(connection: Connection, query: QueueQuery) -> Conditions:
    """Conditions for the index of texts, which holds nothing else: the others are asked of an index that does."""
    clauses, parameters = ["1"], list[object]()
    if text := fold(query.text):
        clauses.append("instr(folded, ?) > 0")
        parameters.append(text)
    others = replace(query, text="", order="import")
    if others != QueueQuery():
        where = conditions(connection, others)
        sql = f"SELECT id FROM mention INDEXED BY mention_import WHERE {where.sql}"  # noqa: S608
        clauses.append("substr(?, id, 1) = x'01'")
        parameters.append(marks(connection, sql, where.parameters))
    return Conditions(" AND ".join(clauses), tuple(parameters))


def targets(connection: Connection, query: QueueQuery) -> list[tuple[str, int]]:
    """Each code that mentions are mapped to, or would be by the ranker that counts, with their number; most first.

    `query.codes` is left aside, as each facet leaves its own condition aside.
    """
    where = conditions(connection, replace(query, codes=None))
    rows = connection.rows(
        f"SELECT target, count(*) FROM mention INDEXED BY mention_target WHERE {where.sql} GROUP BY target",  # noqa: S608
        *where.parameters,
    )
    return sorted(((code, mentions) for code, mentions in rows if code), key=lambda pair: (-pair[1], pair[0]))


def same_text(connection: Connection, mention_id: int) -> array[int]:
    """Ids of the other mentions whose text is the same but for case, width and white space, in order of import."""
    sql = (
        "SELECT id FROM mention INDEXED BY mention_text"
        " WHERE folded = (SELECT folded FROM mention WHERE id = ?1) AND id <> ?1 ORDER BY id"
    )
    return column_of_ids(connection, sql, (mention_id,))


def conditions(connection: Connection, query: QueueQuery) -> Conditions:
    """All that a query asks but its order."""
    clauses, parameters = packed_clauses(query), list[object]()
    if query.margin_below is not None:
        clauses.append("margin < ?")
        parameters.append(query.margin_below * 1000)
    for name, values in (("reviewer", query.reviewers), ("department", query.departments)):
        if values:
            clauses.append(f"{name} IN ({', '.join('?' * len(values))})")
            parameters += sorted(values)
    if query.not_by:
        clauses.append("reviewer NOT IN ('', ?)")
        parameters.append(query.not_by)
    beside = free_conditions(connection, query)
    if beside.rare:  # the first condition that fails is the last that is asked
        return Conditions(" AND ".join([beside.sql, *clauses]), (*beside.parameters, *parameters))
    return Conditions(" AND ".join(["1", *clauses, beside.sql]), (*parameters, *beside.parameters))


def packed_clauses(query: QueueQuery) -> list[str]:
    """What is asked of the small columns."""
    asked: dict[str, Iterable[str]] = {
        "status": query.statuses,
        "verdict": query.verdicts,
        "review": query.review,
        "reason": query.reasons,
        "relation": query.relations,
        "flag_reason": query.flag_reasons,
    }
    if query.flagged is not None:
        asked["flagged"] = ("yes" if query.flagged else "no",)
    clauses = [packing.within(name, values) for name, values in asked.items() if values]
    return [*clauses, packing.any_bit("quarrel", query.quarrel)] if query.quarrel else clauses


def free_conditions(connection: Connection, query: QueueQuery) -> Conditions:
    """What is no facet, or has too many values for one: the time of change, text and target."""
    clauses, parameters = ["1"], list[object]()
    if query.changed_since:
        clauses.append("changed_at >= ?")
        parameters.append(times.millis(query.changed_since))
    if query.blind_to is not None:
        clauses.append(f"NOT ({packing.within('review', ('waiting',))} AND reviewer <> ?)")
        parameters.append(query.blind_to)
    sets = list[bytes]()
    if text := fold(query.text):
        sets.append(text_marks(connection, text))
    if query.codes is not None:
        sets.append(code_marks(connection, query.codes))
    clauses[:0] = ["substr(?, id, 1) = x'01'"] * len(sets)
    rare = any(2 * marked.count(1) < len(marked) for marked in sets)
    return Conditions(" AND ".join(clauses), (*sets, *parameters), rare)
