"""The lowest confidence above which a ranker errs in at most a given share of what is left, with a given certainty.

Learn then Test (Angelopoulos, Bates, Candès, Jordan and Lei 2021, arXiv:2110.01052) by fixed-sequence testing: the
thresholds are tested from the highest down until one is not rejected; the last rejected one is taken. The judged cases
are drawn by lot from all cases, so the p-values are those of drawing without replacement (hypergeometric, exact) and
speak of the cases that are left, however few; with many left they are the binomial ones. The sequence and its start
depend on the confidences of what is left, never on the outcomes. The promise holds for a draw that is judged once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

CERTAINTY = 0.95
MANY = 1_000_000_000
"""Cases that are left where nobody has counted them."""

STEPS = 100
"""Thresholds are whole percents, from 99 down to 0."""

_TINY = 1e-18
_NUDGE = 1e-9
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
    (`STEPS` counts).
    """
    left = _summed(rest)
    first = _start(judged.n[0], left, alpha)
    best: Promise | None = None
    for step in range(first, -1, -1):
        if p_value(judged.n[step], judged.wrong[step], left[step], alpha) > 1 - CERTAINTY:
            break
        best = Promise(alpha, step / STEPS, judged.n[step], judged.wrong[step])
    if best is not None and left[0]:
        return best
    return Promise(alpha, None, judged.n[first], judged.wrong[first], _more(judged, left, alpha))


def enough(alpha: float, wrong: int = 1, left: int = MANY) -> int:
    """How many judged cases keep the promise about `left` others when `wrong` of them are wrong."""
    low, high = wrong, wrong + 1
    while p_value(high, wrong, left, alpha) > 1 - CERTAINTY:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if p_value(middle, wrong, left, alpha) <= 1 - CERTAINTY else (middle, high)
    return high


def p_value(n: int, wrong: int, left: int, alpha: float) -> float:
    """Of "more than `alpha` of the `left` cases are wrong", where `wrong` of `n` drawn by lot from all were.

    P(X <= wrong) for X hypergeometric: n drawn from n + left, of which as many are wrong as were found and the fewest
    that would break the promise. A greater number of wrong ones only makes so few in the draw less likely.
    """
    if left == 0 or n == 0:
        return 1.0
    total, bad = n + left, wrong + int(alpha * left) + 1
    log_term = _log_choose(bad, wrong) + _log_choose(total - bad, n - wrong) - _log_choose(total, n)
    sum_ = factor = 1.0
    for count in range(wrong, 0, -1):
        factor *= count * (left - bad + count) / ((bad - count + 1) * (n - count + 1))
        if factor <= 0:
            break
        sum_ += factor
        if factor < _TINY * sum_:
            break
    return min(1.0, math.exp(min(0.0, log_term + math.log(sum_))))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _summed(rest: Sequence[int]) -> list[int]:
    left = list(rest)
    for step in reversed(range(STEPS - 1)):
        left[step] += left[step + 1]
    return left


def _start(judged: int, left: Sequence[int], alpha: float) -> int:
    """The first threshold to test, in percents: the highest at which the promise would be kept with one error, if the
    judged cases are spread as the unjudged ones.
    """
    for step in reversed(range(1, STEPS)):
        expected = judged * left[step] // max(1, left[0])
        if expected > 1 and p_value(expected, 1, left[step], alpha) <= 1 - CERTAINTY:
            return step
    return 0


def _more(judged: Spread, left: Sequence[int], alpha: float) -> int | None:
    """At which threshold would the fewest further cases do, if they went as those so far, and none of them wrong?"""
    total, found = judged.n[0], []
    for n, wrong, rest in zip(judged.n, judged.wrong, left, strict=True):
        if n >= _TELLING and wrong <= alpha * n and rest:
            found.append(math.ceil(enough(alpha, max(1, wrong), rest) * total / n) - total)
    if found:
        return max(1, min(found))
    return max(1, enough(alpha) - total) if total < _TELLING else None
