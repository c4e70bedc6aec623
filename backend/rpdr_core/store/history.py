"""What became of each mention over time: its decisions, and what the rankers said when each was made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

import msgspec

from rpdr_core.store.database import Connection

_PAST_SQL = (
    "SELECT d.mention_id, d.id, d.kind, d.undone, d.code, d.also, d.reason, d.reviewer, d.made_at, d.mode, d.seconds,"
    " d.shown, m.count, m.flag_reason FROM decision d JOIN mention m ON m.id = d.mention_id"
    " ORDER BY d.mention_id, d.id"
)
_SURENESS_SQL = (
    "SELECT CAST(confidence * 100 + 1e-9 AS INTEGER), count(*), sum(count) FROM mention"
    " WHERE status = 'unreviewed' AND flagged = 0 AND confidence IS NOT NULL GROUP BY 1"
)
_SUREST_SQL = (
    "SELECT id FROM mention WHERE status = 'unreviewed' AND flagged = 0 AND confidence + 1e-11 >= ? AND guess <> ''"
    " ORDER BY confidence DESC, count DESC, id LIMIT ?"
)
_first = json.JSONDecoder().raw_decode


@dataclass(frozen=True, slots=True)
class Said:
    """What a ranker put first, as frozen with a decision; `code` empty for "none of these"."""

    ranker: str
    code: str
    confidence: float | None


@dataclass(frozen=True, slots=True)
class PastDecision:
    """A decision with its mention's count and flag; `shown` is read by `said`, as few of them are needed."""

    mention_id: int
    id: int
    kind: str
    undone: bool
    code: str
    also: tuple[str, ...]
    reason: str
    reviewer: str
    made_at: str
    mode: str
    seconds: float | None
    shown: str
    count: int
    flag_reason: str


@dataclass(frozen=True, slots=True)
class Sureness:
    """Unreviewed mentions whose confidence is `percent` whole percents (rounded down), and their occurrences."""

    percent: int
    mentions: int
    occurrences: int


class _Shown(msgspec.Struct):
    ranker: str
    candidates: msgspec.Raw
    verdict: str = ""
    confidence: float | None = None


class _Also(msgspec.Struct):
    code: str


_shown = msgspec.json.Decoder(list[_Shown])
_also = msgspec.json.Decoder(list[_Also])


def histories(connection: Connection) -> Iterator[tuple[PastDecision, ...]]:
    """The decisions of each mention that has any, oldest first, undone ones too (streams)."""
    for _, made in groupby(_past(connection), attrgetter("mention_id")):
        yield tuple(made)


def _past(connection: Connection) -> Iterator[PastDecision]:
    for mention_id, id_, kind, undone, code, also, *rest in connection.stream(_PAST_SQL):
        further = () if also in ("", "[]") else tuple(one.code for one in _also.decode(also))
        yield PastDecision(mention_id, id_, kind, bool(undone), code, further, *rest)


def said(shown: str) -> tuple[Said, ...]:
    """The first of each ranking that was on screen. Only the first candidate of each list is decoded."""
    return tuple(Said(one.ranker, _answer(one), one.confidence) for one in _shown.decode(shown))


def _answer(one: _Shown) -> str:
    candidates = bytes(one.candidates)
    if one.verdict == "none" or len(candidates) <= len("[]"):
        return ""
    first, _ = _first(candidates.decode(), 1)
    return str(first["code"])


def sureness(connection: Connection) -> list[Sureness]:
    """How sure the ranker that counts is of the unreviewed mentions, the flagged ones left out."""
    return [Sureness(*row) for row in connection.rows(_SURENESS_SQL)]


def surest(connection: Connection, threshold: float, limit: int) -> list[int]:
    """Ids of unreviewed, unflagged mentions with an answer of at least this confidence, surest first."""
    return [row[0] for row in connection.rows(_SUREST_SQL, threshold, limit)]


def last_decision(connection: Connection) -> int:
    """Id of the newest decision, 0 where there is none."""
    return int(connection.value("SELECT coalesce(max(id), 0) FROM decision"))
