"""The lowest confidence above which a ranker errs in at most a given share of cases, with a given certainty.

Learn then Test (Angelopoulos, Bates, Candès, Jordan and Lei 2021, arXiv:2110.01052) by fixed-sequence testing: the
thresholds are tested from the highest down, each with the exact binomial p-value of its errors, until one is not
rejected; the last rejected one is taken. The sequence and its start may depend on the confidences of cases that were
not judged, never on the outcomes. The promise holds for cases drawn from what it is used on, judged once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

CERTAINTY = 0.95
STEPS = 100
"""Thresholds are whole percents, from 99 down to 0."""

_TINY = 1e-18
_NUDGE = 1e-9
_MOST = 10_000_000
_TELLING = 20
"""From so many cases on their errors say something of a threshold."""


@dataclass(frozen=True, slots=True)
class Promise:
    """`threshold` (0..1) keeps the error rate at or below `alpha`; None where none does.

    `n` cases at or above it were judged, `wrong` of them wrong; without a threshold these are of the first one tested.
    `more`: how many more cases must be judged at least before one can hold, None where all thresholds err too often.
    """

    alpha: float
    threshold: float | None
    n: int
    wrong: int
    more: int | None = None


def percent(confidence: float) -> int:
    """The threshold in whole percents that a confidence reaches; 0.29 reaches 29 whatever its last digit says."""
    step = int(confidence * STEPS + _NUDGE)
    return step if 0 <= step < STEPS else 0 if step < 0 else STEPS - 1


@dataclass(frozen=True, slots=True)
class Spread:
    """Judged cases by threshold: `n[step]` of them at or above that whole percent, `wrong[step]` of these wrong."""

    n: tuple[int, ...]
    wrong: tuple[int, ...]


def spread(judged: Iterable[tuple[float, bool]]) -> Spread:
    """From (confidence, right) of the judged cases."""
    n, wrong = [0] * STEPS, [0] * STEPS
    for confidence, right in judged:
        step = percent(confidence)
        n[step] += 1
        wrong[step] += not right
    for step in reversed(range(STEPS - 1)):
        n[step] += n[step + 1]
        wrong[step] += wrong[step + 1]
    return Spread(tuple(n), tuple(wrong))


def controlled(judged: Spread, rest: Sequence[int], alpha: float) -> Promise:
    """The lowest threshold that keeps `alpha`. `rest`: how many unjudged cases reach each whole percent and no more
    (`STEPS` counts); they say where the tests begin, so that the first one has enough cases to succeed.
    """
    n, wrong = judged.n, judged.wrong
    first = _start(rest, n[0], alpha)
    best: Promise | None = None
    for step in range(first, -1, -1):
        if tail(n[step], wrong[step], alpha) > 1 - CERTAINTY:
            break
        best = Promise(alpha, step / STEPS, n[step], wrong[step])
    return best or Promise(alpha, None, n[first], wrong[first], _more(judged, alpha))


def enough(alpha: float, wrong: int = 1) -> int:
    """How many cases keep the promise when `wrong` of them are wrong."""
    low, high = wrong, wrong + 1
    while tail(high, wrong, alpha) > 1 - CERTAINTY:
        low, high = high, high * 2
        if high > _MOST:
            return _MOST
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if tail(middle, wrong, alpha) <= 1 - CERTAINTY else (middle, high)
    return high


def tail(n: int, wrong: int, alpha: float) -> float:
    """P(X <= wrong) for X binomial (n, alpha): the p-value of "the error rate is above alpha"."""
    if wrong >= n:
        return 1.0
    log_term = (
        math.lgamma(n + 1)
        - math.lgamma(wrong + 1)
        - math.lgamma(n - wrong + 1)
        + wrong * math.log(alpha)
        + (n - wrong) * math.log1p(-alpha)
    )
    total = factor = 1.0
    for count in range(wrong, 0, -1):
        factor *= count / (n - count + 1) * (1 - alpha) / alpha
        total += factor
        if factor < _TINY * total:
            break
    return min(1.0, math.exp(min(0.0, log_term + math.log(total))))


def _start(rest: Sequence[int], judged: int, alpha: float) -> int:
    """The first threshold to test, in percents: the highest at which the judged cases would be enough for one error,
    if they are spread as the unjudged ones.
    """
    total, needed, above = sum(rest), enough(alpha), 0
    for step in reversed(range(STEPS)):
        above += rest[step]
        if above and judged * above >= needed * total:
            return step
    return 0


def _more(judged: Spread, alpha: float) -> int | None:
    """At which threshold would the fewest further cases do, if they went as those so far, and none of them wrong?"""
    total, found = judged.n[0], []
    if not total:
        return enough(alpha)
    for n, wrong in zip(judged.n, judged.wrong, strict=True):
        if n >= _TELLING and wrong <= alpha * n:
            found.append(math.ceil(enough(alpha, max(1, wrong)) * total / n) - total)
    if found:
        return max(1, min(found))
    return enough(alpha) - total if total < _TELLING else None
