"""Which rows of a project a student is trained on: the reviewers' decisions, and the teacher where nobody decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from rpdr_core.folding import fold
from rpdr_core.protocol.messages import TrainingRow
from rpdr_core.records import Decision, Mention, Ranking
from rpdr_core.store import ProjectReader, QueueQuery
from rpdr_core.store.answers import same as same_answer
from rpdr_core.workflow.held_out import HeldOut, held_out_of, place, refuse_leaks
from rpdr_core.workflow.labels import DISPUTED
from rpdr_core.workflow.origins import WEIGHTS, Origin
from rpdr_core.workflow.targets import Target, human_target, teacher_target

VALIDATION = 0.1
HELD_OUT = "held out to judge students by"
UNSEEN = "accepted unseen: the ranker said so, nobody else"
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

    A decision overrides the teacher, also where it teaches nothing, as in an open dispute. Held-out texts are left
    out, whoever labelled them. `validation` is the share of distinct mention texts to validate on; the same text and
    seed always fall on the same side. Where the teacher was asked twice, its agreement with itself scales the row's
    weight.
    """
    rule = held_out_of(reader)
    rows: list[TrainingRow] = []
    excluded: Counter[str] = Counter()
    for mention, target in _targets(reader, check):
        if isinstance(target, str):
            excluded[target] += 1
        elif mention.text in rule:
            excluded[HELD_OUT] += 1
        else:
            rows.append(_row(mention, target, weights[target.origin] * target.agreement))
    train, validating = split(rows, seed=seed, validation=validation)
    origins = Counter(row.origin for row in rows)
    return checked(TrainingRows(train, validating, dict(sorted(origins.items())), dict(sorted(excluded.items()))), rule)


def checked(rows: TrainingRows, rule: HeldOut) -> TrainingRows:
    """The same rows, once it is sure that no held-out text is among them; `NotAllowedError` otherwise.

    For rows from elsewhere (recorded rankings) that are to train a student of a project, too.
    """
    refuse_leaks(rule, chain(rows.train, rows.validation))
    return rows


def split(
    rows: Sequence[TrainingRow], *, seed: int = 0, validation: float = VALIDATION
) -> tuple[tuple[TrainingRow, ...], tuple[TrainingRow, ...]]:
    """Train and validation rows, divided by mention text. Where chance chooses nothing, one text validates."""
    places = {text: place("validation", seed, text) for text in {fold(row.mention) for row in rows}}
    chosen = {text for text, at in places.items() if at < validation}
    if not chosen and len(places) > 1 and validation > 0:
        chosen = {min(places, key=places.__getitem__)}
    train = tuple(row for row in rows if fold(row.mention) not in chosen)
    return train, tuple(row for row in rows if fold(row.mention) in chosen)


def _row(mention: Mention, target: Target, weight: float) -> TrainingRow:
    return TrainingRow(
        mention.text,
        mention.context,
        target.candidates,
        target.order,
        target.origin,
        round(weight, 4),
        target.rejected,
        target.verdict,
    )


def _targets(reader: ProjectReader, check: Callable[[], None]) -> Iterator[tuple[Mention, Target | str]]:
    """Each mention that somebody labelled, with its target or the reason why it has none."""
    decided = {decision.mention_id: decision for decision in reader.decisions()}
    together = reader.decided_together()
    stood = own_answers_that_stood(reader, decided.values())
    ids = reader.queue(QueueQuery(order="import"))
    for start in range(0, len(ids), _PAGE):
        check()
        for mention in reader.mentions(ids[start : start + _PAGE]):
            decision = decided.get(mention.id)
            if decision and decision.mode == "agreed":
                yield mention, UNSEEN
            elif decision and mention.review == "disputed":
                yield mention, DISPUTED
            elif decision:
                blind = decision.id in stood
                yield mention, _human(reader, decision, propagated=decision.id in together, blind=blind)
            elif (target := teacher_target(reader.rankings(mention.id))) is not None:
                yield mention, target


def own_answers_that_stood(reader: ProjectReader, decided: Iterable[Decision]) -> frozenset[int]:
    """Decisions that say what their reviewer had said before any ranking was there."""
    own = {(one.mention_id, one.reviewer): one for one in reader.all_opinions("independent")}
    return frozenset(
        decision.id
        for decision in decided
        if (before := own.get((decision.mention_id, decision.reviewer))) is not None and same_answer(before, decision)
    )


def _human(reader: ProjectReader, decision: Decision, *, propagated: bool, blind: bool) -> Target | str:
    shown = reader.shown(decision.id)
    # A decision made without a screen has no frozen rankings: the newest ones stand in for what it is about.
    standing_in: Sequence[Ranking] = () if shown else reader.rankings(decision.mention_id)
    return human_target(decision, shown, standing_in, propagated=propagated, blind=blind)
