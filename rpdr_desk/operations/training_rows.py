"""Which stored decisions and teacher rankings a student learns from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rpdr_core.protocol.messages import TrainingRow
from rpdr_core.records import Candidate, Mention, Ranking

if TYPE_CHECKING:
    from rpdr_core.store import ProjectReader

VALIDATION_SHARE = 0.2


def training_rows(reader: ProjectReader) -> tuple[tuple[TrainingRow, ...], tuple[TrainingRow, ...]]:
    """Training and validation rows, split by the mention's text so that one wording is never in both."""
    train: list[TrainingRow] = []
    validation: list[TrainingRow] = []
    for row in (*_decided(reader), *_taught(reader)):
        (validation if _held_out(row.mention) else train).append(row)
    return tuple(train), tuple(validation)


def _decided(reader: ProjectReader) -> Iterator[TrainingRow]:
    for decision in reader.decisions():
        if decision.kind in ("accept", "correct"):
            mention = next(iter(reader.mentions([decision.mention_id])), None)
            origin = "accepted" if decision.kind == "accept" else "corrected"
            if mention is not None:
                yield from _row(mention, reader.rankings(mention.id), decision.code, origin)


def _taught(reader: ProjectReader) -> Iterator[TrainingRow]:
    """Teacher's answers for mentions that nobody decided; a verdict of none, or no verdict, teaches nothing."""
    from rpdr_core.store import QueueQuery

    for mention_id in reader.queue(QueueQuery(frozenset(("unreviewed",)))):
        rankings = reader.rankings(mention_id)
        teacher = next((ranking for ranking in rankings if ranking.ranker == "teacher"), None)
        if teacher is not None and teacher.candidates and teacher.verdict in ("exact", "close"):
            mention = reader.mentions([mention_id])[0]
            yield from _row(mention, rankings, teacher.candidates[0].code, f"teacher-{teacher.verdict}")


def _row(mention: Mention, rankings: Iterable[Ranking], code: str, origin: str) -> Iterator[TrainingRow]:
    """One row where the retriever lists the code; elsewhere there is nothing to re-rank."""
    candidates = next((ranking.candidates for ranking in rankings if ranking.ranker == "retriever"), ())
    first = next((place for place, one in enumerate(candidates) if one.code == code), None)
    if first is not None:
        yield TrainingRow(mention.text, mention.context, candidates, _order(candidates, first), origin)


def _order(candidates: tuple[Candidate, ...], first: int) -> tuple[int, ...]:
    return (first, *(place for place in range(len(candidates)) if place != first))


def _held_out(text: str) -> bool:
    digest = hashlib.sha256(" ".join(text.casefold().split()).encode()).digest()
    return digest[0] < 256 * VALIDATION_SHARE
