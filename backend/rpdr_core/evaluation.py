"""Scores of ranked candidate lists against gold: acc@k, recall@k with bootstrap intervals, seen and unseen apart.

A mention is right at k if any of its gold codes is among the first k candidates. Ties do not occur: lists are
ordered. *Seen* mentions occur (case folded) in the memory or training set; a single acc@1 mostly measures memory.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

_RESAMPLES = 1000
_SEED = 20250519


@dataclass(frozen=True, slots=True)
class Judged:
    """One mention's outcome: 0-based rank of its first gold code, None if it is not in the list."""

    rank: int | None
    seen: bool = False


@dataclass(frozen=True, slots=True)
class Interval:
    """A share with its 95 % percentile bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Scores:
    """Metrics by name (`acc@1`, `acc@5`, `recall@10`, `mrr`) over `n` mentions."""

    n: int
    metrics: dict[str, Interval]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All mentions, and the seen and unseen parts of them."""

    overall: Scores
    seen: Scores
    unseen: Scores


def judge(candidates: Sequence[str], gold: Sequence[str], *, seen: bool = False) -> Judged:
    """Outcome of one ranked list of codes."""
    wanted = set(gold)
    return Judged(next((at for at, code in enumerate(candidates) if code in wanted), None), seen)


def evaluate(outcomes: Sequence[Judged], *, k: int = 10) -> Evaluation:
    """Score outcomes; `recall@k` is the share whose gold is among the first k."""
    return Evaluation(
        _scores(outcomes, k),
        _scores([outcome for outcome in outcomes if outcome.seen], k),
        _scores([outcome for outcome in outcomes if not outcome.seen], k),
    )


def _scores(outcomes: Sequence[Judged], k: int) -> Scores:
    values = {
        "acc@1": [float(outcome.rank is not None and outcome.rank < 1) for outcome in outcomes],
        "acc@5": [float(outcome.rank is not None and outcome.rank < 5) for outcome in outcomes],
        f"recall@{k}": [float(outcome.rank is not None and outcome.rank < k) for outcome in outcomes],
        "mrr": [0.0 if outcome.rank is None else 1.0 / (outcome.rank + 1) for outcome in outcomes],
    }
    return Scores(len(outcomes), {name: _interval(column) for name, column in values.items()})


def _interval(values: Sequence[float]) -> Interval:
    if not values:
        return Interval(0.0, 0.0, 0.0)
    source = random.Random(_SEED)  # noqa: S311 - a bootstrap needs no secrecy, only repeatability
    n = len(values)
    means = sorted(sum(source.choices(values, k=n)) / n for _ in range(_RESAMPLES))
    low, high = means[int(0.025 * _RESAMPLES)], means[int(0.975 * _RESAMPLES)]
    return Interval(round(sum(values) / n, 4), round(low, 4), round(high, 4))
