"""Facets: for each property the values that occur, counted under all *other* conditions of a query.

One pass over an index that is grouped already: each group is one combination of the small columns, department and
reviewer. A group that meets every condition counts for all facets; one that fails a single facet's counts for that one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from rpdr_core.store import packing, queue
from rpdr_core.store.database import Connection
from rpdr_core.store.queue import QueueQuery

MARGINS = (50, 100, 200, 500)
"""Edges of the margins that are counted, in thousandths."""


@dataclass(frozen=True, slots=True)
class FacetCount:
    """A value and the number of distinct mentions that have it."""

    value: str
    mentions: int


_Counts = tuple[FacetCount, ...]


@dataclass(frozen=True, slots=True)
class Facets:
    """The values of each facet that occur, most mentions first. `total`: mentions that meet all conditions.

    `flagged`: `yes` and `no`. `quarrels`: bits (see `records`), a mention counting under each of its own. `margins`:
    edges such as `0.05`, with the mentions below, smallest first. Empty values are counted as all others.
    """

    total: int
    statuses: _Counts
    flagged: _Counts
    verdicts: _Counts
    quarrels: _Counts
    reviews: _Counts
    reasons: _Counts
    relations: _Counts
    flag_reasons: _Counts
    reviewers: _Counts
    departments: _Counts
    margins: _Counts


@dataclass(frozen=True, slots=True)
class _Group:
    packed: int
    department: str
    reviewer: str
    mentions: int
    near: int
    """Mentions whose margin meets the query."""
    below: tuple[int, ...]
    """Mentions below each of the edges."""


def facets(connection: Connection, query: QueueQuery) -> Facets:
    """Count, in a pass over one index."""
    tests = _tests(query)
    counts: dict[str, Counter[str]] = {
        name: Counter() for name in (*packing.FIELDS, "reviewer", "department", "margin")
    }
    met: Counter[int] = Counter()
    below = [0] * len(MARGINS)
    unpacked = cache(packing.unpacked)
    for group in _groups(connection, query):
        values = {**unpacked(group.packed), "reviewer": group.reviewer, "department": group.department}
        failed = [name for name, test in tests.items() if not test(values[name])]
        if not failed:
            met[group.packed] += group.near
            below = [sum(pair) for pair in zip(below, group.below, strict=True)]
        for name in failed if len(failed) == 1 else () if failed else ("reviewer", "department"):
            _add(counts, name, values[name], group.near)
    for packed, mentions in met.items():
        for name, value in unpacked(packed).items():
            _add(counts, name, value, mentions)
    counts["margin"].update({f"{edge / 1000:g}": number for edge, number in zip(MARGINS, below, strict=True)})
    return _facets(met.total(), counts)


def _add(counts: dict[str, Counter[str]], name: str, value: str, mentions: int) -> None:
    for one in _bits(value) if name == "quarrel" else (value,):
        counts[name][one] += mentions


def _facets(total: int, counts: dict[str, Counter[str]]) -> Facets:
    def most(name: str) -> _Counts:
        found = [pair for pair in counts[name].items() if pair[1]]
        return tuple(FacetCount(*pair) for pair in sorted(found, key=lambda pair: (-pair[1], pair[0])))

    return Facets(
        total=total,
        statuses=most("status"),
        flagged=most("flagged"),
        verdicts=most("verdict"),
        quarrels=most("quarrel"),
        reviews=most("review"),
        reasons=most("reason"),
        relations=most("relation"),
        flag_reasons=most("flag_reason"),
        reviewers=most("reviewer"),
        departments=most("department"),
        margins=tuple(FacetCount(edge, mentions) for edge, mentions in counts["margin"].items() if mentions),
    )


def _tests(query: QueueQuery) -> dict[str, Callable[[str], bool]]:
    """By facet, whether a value meets what the query asks of that facet; those it asks nothing of are left out."""
    asked = {
        "status": query.statuses,
        "verdict": query.verdicts,
        "review": query.review,
        "reason": query.reasons,
        "relation": query.relations,
        "flag_reason": query.flag_reasons,
        "department": query.departments,
    }
    tests: dict[str, Callable[[str], bool]] = {name: values.__contains__ for name, values in asked.items() if values}
    if query.flagged is not None:
        tests["flagged"] = ("yes" if query.flagged else "no").__eq__
    if query.quarrel:
        tests["quarrel"] = lambda value: bool(int(value) & query.quarrel)
    if query.reviewers or query.not_by:
        tests["reviewer"] = lambda value: (
            (not query.reviewers or value in query.reviewers) and (not query.not_by or value not in ("", query.not_by))
        )
    return tests


def _bits(value: str) -> list[str]:
    return [str(bit) for bit in (1, 2, 4) if int(value) & bit]


def _groups(connection: Connection, query: QueueQuery) -> list[_Group]:
    where = queue.free_conditions(connection, query)
    near = "count(*)" if query.margin_below is None else "count(*) FILTER (WHERE margin < ?)"
    below = ", ".join(f"count(*) FILTER (WHERE margin < {edge})" for edge in MARGINS)
    rows = connection.rows(
        f"SELECT facets, department, reviewer, count(*), {near}, {below}"  # noqa: S608
        f" FROM mention INDEXED BY mention_facets WHERE {where.sql} GROUP BY facets, department, reviewer",
        *(() if query.margin_below is None else (query.margin_below * 1000,)),
        *where.parameters,
    )
    return [_Group(*(*row[:5], tuple(row[5:]))) for row in rows]
