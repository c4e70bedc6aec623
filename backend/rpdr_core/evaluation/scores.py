"""Scores of ranked candidate lists against gold: acc@k, MRR with bootstrap intervals, seen and unseen apart.

A mention is right at k if any of its gold codes is among the first k candidates. *Seen* mentions occur (case folded)
in the memory or training set; a single acc@1 mostly measures memory.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

TIES = "no ties: lists are strict orders, and candidates that a student scores alike keep the order they came in"
"""How equal scores are judged; printed beside figures."""

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
        scores(outcomes, k=k),
        scores([outcome for outcome in outcomes if outcome.seen], k=k),
        scores([outcome for outcome in outcomes if not outcome.seen], k=k),
    )


def scores(outcomes: Sequence[Judged], *, k: int = 10) -> Scores:
    """Score outcomes that are not told apart."""
    names = ("acc@1", "acc@5", f"recall@{k}", "mrr")
    return Scores(len(outcomes), {name: _interval(metric(name, outcomes)) for name in names})


def metric(name: str, outcomes: Sequence[Judged]) -> list[float]:
    """Each outcome's share in a metric: `mrr`, or `acc@N` and `recall@N` (one thing for a mention with one entity)."""
    if name == "mrr":
        return [0.0 if outcome.rank is None else 1.0 / (outcome.rank + 1) for outcome in outcomes]
    depth = int(name.partition("@")[2])
    return [float(outcome.rank is not None and outcome.rank < depth) for outcome in outcomes]


def _interval(values: Sequence[float]) -> Interval:
    if not values:
        return Interval(0.0, 0.0, 0.0)
    source = random.Random(_SEED)  # noqa: S311 - a bootstrap needs no secrecy, only repeatability
    n = len(values)
    means = sorted(sum(source.choices(values, k=n)) / n for _ in range(_RESAMPLES))
    low, high = means[int(0.025 * _RESAMPLES)], means[int(0.975 * _RESAMPLES)]
    return Interval(round(sum(values) / n, 4), round(low, 4), round(high, 4))
