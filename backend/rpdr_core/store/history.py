"""What became of each mention over time: its decisions, and what the rankers said when each was made."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import msgspec

from rpdr_core.store.database import Connection
from rpdr_core.store.packing import within

_PAST_SQL = """
SELECT d.mention_id, d.id, d.kind, d.undone, d.code, d.also, d.reason, d.reviewer, d.made_at, d.mode, d.seconds,
    CAST(d.shown AS BLOB), m.count, CASE WHEN m.flagged THEN m.flag_reason ELSE '' END
FROM decision d JOIN mention m ON m.id = d.mention_id ORDER BY d.mention_id, d.id
"""
_PERCENTS = 100
# Unknown confidence is 2 in the index, which holds all that is asked for here.
_OPEN = f"{within('status', ['unreviewed'])} AND {within('flagged', ['no'])} AND NOT ({within('verdict', ['none'])})"
_SURENESS_SQL = (
    "SELECT count(*), coalesce(sum(count), 0) FROM mention INDEXED BY mention_least_sure"  # noqa: S608 - our own words
    f" WHERE coalesce(confidence, 2) >= ? - 1e-11 AND coalesce(confidence, 2) < ? - 1e-11 AND {_OPEN}"
)
_SUREST_SQL = (
    "SELECT id FROM mention INDEXED BY mention_least_sure"  # noqa: S608 - our own words
    f" WHERE coalesce(confidence, 2) >= ? - 1e-11 AND coalesce(confidence, 2) < 2 AND {_OPEN} AND guess <> ''"
    " ORDER BY coalesce(confidence, 2) DESC, count DESC, id LIMIT ?"
)
_first = json.JSONDecoder().raw_decode


class Said(msgspec.Struct, frozen=True, gc=False):
    """What a ranker put first, as frozen with a decision; `code` empty for "none of these"."""

    ranker: str
    code: str
    confidence: float | None


class PastDecision(msgspec.Struct, frozen=True, gc=False):
    """A decision with its mention's count and flag. `also` and `shown` are JSON, to be read by `further` and `said`.

    A struct like `Said`: of a hundred thousand records each, dataclasses take three times as long to make.
    """

    mention_id: int
    id: int
    kind: str
    undone: int
    code: str
    also: str
    reason: str
    reviewer: str
    made_at: str
    mode: str
    seconds: float | None
    shown: bytes
    count: int
    flag_reason: str


@dataclass(frozen=True, slots=True)
class Sureness:
    """Unreviewed mentions whose confidence is `percent` whole percents (rounded down), and their occurrences."""

    percent: int
    mentions: int
    occurrences: int


class _Shown(msgspec.Struct, gc=False):
    ranker: str
    candidates: msgspec.Raw
    verdict: str = ""
    confidence: float | None = None


class _Also(msgspec.Struct):
    code: str


_shown = msgspec.json.Decoder(list[_Shown])
_also = msgspec.json.Decoder(list[_Also])
NOTHING, NOTHING_SHOWN = "[]", b"[]"
# How a list of candidates begins where its first code needs no unescaping.
_PLAIN_CODE = re.compile(rb'\[\{"code":"([^"\\]*)"')


def histories(connection: Connection) -> Iterator[list[PastDecision]]:
    """The decisions of each mention that has any, oldest first, undone ones too (streams)."""
    made: list[PastDecision] = []
    for row in connection.stream(_PAST_SQL):
        if made and made[0].mention_id != row[0]:
            yield made
            made = []
        made.append(PastDecision(*row))
    if made:
        yield made


def further(also: str) -> tuple[str, ...]:
    """The further codes of a decision."""
    return () if also == NOTHING else tuple(one.code for one in _also.decode(also))


def said(shown: bytes) -> list[Said]:
    """The first of each ranking that was on screen. Only the first candidate of each list is read."""
    return [
        Said(one.ranker, "" if one.verdict == "none" else _code(one.candidates), one.confidence)
        for one in _shown.decode(shown)
    ]


def _code(candidates: msgspec.Raw) -> str:
    plain = _PLAIN_CODE.match(memoryview(candidates))
    if plain is not None:
        return bytes(plain[1]).decode()
    whole = bytes(candidates).decode()
    return "" if whole == NOTHING else str(_first(whole, 1)[0]["code"])


def sureness(connection: Connection) -> list[Sureness]:
    """How sure the ranker that counts is of the unreviewed mentions; the flagged ones, those that it says nothing fits,
    and percents without any are left out. One range of the index after the other: a grouping would sort them all.
    """
    bounds = [*range(_PERCENTS), 2 * _PERCENTS]
    found = [
        Sureness(low, *connection.rows(_SURENESS_SQL, low / _PERCENTS, high / _PERCENTS)[0])
        for low, high in pairwise(bounds)
    ]
    return [one for one in found if one.mentions]


def surest(connection: Connection, threshold: float, limit: int) -> list[int]:
    """Ids of unreviewed, unflagged mentions with an answer of at least this confidence, surest first."""
    return [row[0] for row in connection.rows(_SUREST_SQL, threshold, limit)]


def last_decision(connection: Connection) -> int:
    """Id of the newest decision, 0 where there is none."""
    return int(connection.value("SELECT coalesce(max(id), 0) FROM decision"))
