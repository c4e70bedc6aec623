"""What is tuned on the validation rows after training: the prior's weight, the temperature, the line exact | close."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rpdr_worker.ranking.generative_scores import ListScores, fused, log_share

_WEIGHTS = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
_TEMPERATURES = tuple(math.exp(step / 10) for step in range(-15, 31))
# Fewer rows than this say too little: no prior, temperature 1 and a line at 0 stay.
FEWEST = 30
NONE_IS_RIGHT = -1


@dataclass(frozen=True, slots=True)
class Judged:
    """A validation row as it was read. `right`: place of the right candidate, or `NONE_IS_RIGHT`. `exact`: what the
    row says of the match; None where it says nothing."""

    scores: ListScores
    priors: tuple[float, ...]
    right: int
    exact: bool | None


@dataclass(frozen=True, slots=True)
class Calibration:
    prior: float
    temperature: float
    exact_above: float


def calibrate(rows: Sequence[Judged]) -> Calibration:
    """Weight and temperature by likelihood, the line by balanced accuracy."""
    named = [row for row in rows if row.right != NONE_IS_RIGHT]
    if len(named) < FEWEST:
        return Calibration(0.0, 1.0, 0.0)
    weight = min(_WEIGHTS, key=lambda value: _loss(named, value, 1.0))
    known = [row for row in rows if row.right != NONE_IS_RIGHT or row.scores.none > -math.inf]
    temperature = min(_TEMPERATURES, key=lambda value: _loss(known, weight, value))
    return Calibration(weight, temperature, _line(rows))


def accuracy(rows: Sequence[Judged], weight: float) -> float:
    """Share of rows with a right candidate that have it first (the first of equals); 0 without such rows."""
    named = [row for row in rows if row.right != NONE_IS_RIGHT]
    right = 0
    for row in named:
        scores = fused(row.scores, row.priors, weight)
        right += max(range(len(scores)), key=scores.__getitem__) == row.right
    return right / len(named) if named else 0.0


def likelihood(rows: Sequence[Judged]) -> float:
    """Mean logarithm of the right label's share; 0 without rows."""
    return -_loss(rows, 0.0, 1.0) / len(rows) if rows else 0.0


def _loss(rows: Sequence[Judged], weight: float, temperature: float) -> float:
    total = 0.0
    for row in rows:
        scores = [*fused(row.scores, row.priors, weight), row.scores.none]
        total -= log_share(scores, row.right if row.right != NONE_IS_RIGHT else len(scores) - 1, temperature)
    return total


def _line(rows: Sequence[Judged]) -> float:
    """The judged logit that best parts exact from close; 0 where one of them is rare."""
    exact = sorted(row.scores.judged for row in rows if row.exact is True)
    close = sorted(row.scores.judged for row in rows if row.exact is False)
    if min(len(exact), len(close)) < FEWEST // 3:
        return 0.0
    marks = sorted({0.0, *exact, *close})
    lines: list[float] = [0.0, *((a + b) / 2 for a, b in pairwise(marks))]

    def balanced(line: float) -> float:
        return sum(v > line for v in exact) / len(exact) + sum(v <= line for v in close) / len(close)

    best: float = max(lines, key=lambda line: (balanced(line), -abs(line)))
    return round(best, 4)
