"""Which rows of a project a student is trained on: the reviewers' decisions, and the teacher where nobody decided."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from rpdr_core.protocol.messages import TrainingRow
from rpdr_core.records import Candidate, Decision, Mention, Ranking
from rpdr_core.store import ProjectReader, QueueQuery
from rpdr_core.store.folding import fold
from rpdr_core.workflow.labels import Label, label_of
from rpdr_core.workflow.leading import by_role

Origin = Literal["teacher-exact", "teacher-close", "accepted", "corrected"]
WEIGHTS: Mapping[Origin, float] = {"teacher-exact": 1.0, "teacher-close": 0.5, "accepted": 1.5, "corrected": 2.0}
"""A correction says most: a person saw what the ranker got wrong. A close match is the teacher's own doubt."""

VALIDATION = 0.1
_PAGE = 500


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """Rows for training and validation. No mention text (case and white space folded) is in both.

    `origins` counts the rows by origin; `excluded` counts the labelled mentions left out, by the reason.
    """

    train: tuple[TrainingRow, ...]
    validation: tuple[TrainingRow, ...]
    origins: Mapping[str, int] = field(default_factory=dict)
    excluded: Mapping[str, int] = field(default_factory=dict)


def select_rows(
    reader: ProjectReader,
    *,
    seed: int = 0,
    validation: float = VALIDATION,
    weights: Mapping[Origin, float] = WEIGHTS,
    check: Callable[[], None] = lambda: None,
) -> TrainingRows:
    """Rows from decisions in force (with the candidates frozen on screen) and from the teacher's newest rankings.

    A decision overrides the teacher, also where it teaches nothing. `validation` is the share of distinct mention
    texts held out; the same text and seed always fall on the same side.
    """
    rows: list[TrainingRow] = []
    excluded: Counter[str] = Counter()
    for mention, label in _labels(reader, check):
        if isinstance(label, str):
            excluded[label] += 1
        else:
            rows.append(_row(mention, label, weights))
    train, held_out = split(rows, seed=seed, validation=validation)
    origins = Counter(row.origin for row in rows)
    return TrainingRows(train, held_out, dict(sorted(origins.items())), dict(sorted(excluded.items())))


def split(
    rows: list[TrainingRow], *, seed: int = 0, validation: float = VALIDATION
) -> tuple[tuple[TrainingRow, ...], tuple[TrainingRow, ...]]:
    """Train and validation rows, divided by mention text. Where chance holds out nothing, one text is held out."""
    places = {fold(row.mention): _place(fold(row.mention), seed) for row in rows}
    held = {text for text, place in places.items() if place < validation}
    if not held and len(places) > 1 and validation > 0:
        held = {min(places, key=places.__getitem__)}
    train = tuple(row for row in rows if fold(row.mention) not in held)
    return train, tuple(row for row in rows if fold(row.mention) in held)


def _place(text: str, seed: int) -> float:
    digest = hashlib.sha256(f"{seed}:{text}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


@dataclass(frozen=True, slots=True)
class _Target:
    """Candidates in retriever order, and their indexes from best to worst."""

    candidates: tuple[Candidate, ...]
    order: tuple[int, ...]
    origin: Origin


def _row(mention: Mention, target: _Target, weights: Mapping[Origin, float]) -> TrainingRow:
    return TrainingRow(
        mention.text, mention.context, target.candidates, target.order, target.origin, weights[target.origin]
    )


def _labels(reader: ProjectReader, check: Callable[[], None]) -> Iterator[tuple[Mention, _Target | str]]:
    """Each mention that somebody labelled, with its target or the reason why it has none."""
    decided = {decision.mention_id: decision for decision in reader.decisions()}
    ids = reader.queue(QueueQuery(order="import"))
    for start in range(0, len(ids), _PAGE):
        check()
        for mention in reader.mentions(ids[start : start + _PAGE]):
            decision = decided.get(mention.id)
            label = _human(reader, decision) if decision else _teacher(reader.rankings(mention.id))
            if label is not None:
                yield mention, label


def _human(reader: ProjectReader, decision: Decision) -> _Target | str:
    # A decision made without a screen (from a file) has no frozen rankings: the newest ones stand in.
    shown = reader.shown(decision.id) or tuple(reader.rankings(decision.mention_id))
    label = label_of(decision, shown)
    if not isinstance(label, Label):
        return label
    if label.meaning == "no_match":
        return "no match: no candidate is right"
    if len(label.candidates) < 2:
        return "a single candidate has no order"
    return _Target(label.candidates, tuple(number - 1 for number in label.order), label.meaning)


def _teacher(rankings: list[Ranking]) -> _Target | str | None:
    taught = by_role(rankings, "teacher")
    if taught is None:
        return None
    if taught.verdict not in ("exact", "close"):
        return "the teacher found no match" if taught.verdict == "none" else "the teacher gave no verdict"
    if len(taught.candidates) < 2:
        return "a single candidate has no order"
    candidates = _in_retriever_order(taught.candidates, by_role(rankings, "retriever"))
    places = {candidate.code: place for place, candidate in enumerate(candidates)}
    order = tuple(places[candidate.code] for candidate in taught.candidates)
    return _Target(candidates, order, "teacher-exact" if taught.verdict == "exact" else "teacher-close")


def _in_retriever_order(candidates: tuple[Candidate, ...], retrieved: Ranking | None) -> tuple[Candidate, ...]:
    """As the student will see them. A list that the retriever gives no longer is sorted by its scores of then."""
    codes = {candidate.code for candidate in candidates}
    if retrieved is not None and {candidate.code for candidate in retrieved.candidates} == codes:
        return retrieved.candidates
    return tuple(sorted(candidates, key=lambda candidate: -candidate.score))
