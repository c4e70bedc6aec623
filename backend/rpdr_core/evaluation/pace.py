"""When a review will be finished at its recent pace, with an interval."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

LOOK_BACK = 7
"""Working days that the pace is taken from: days on which somebody decided."""

LEAST_DAYS, LEAST_DECISIONS = 2, 20
_RESAMPLES = 1000
_SEED = 20250519


@dataclass(frozen=True, slots=True)
class Finish:
    """`low` to `high` working days are left (95 %) at the pace of the last `days` working days, `per_day` mentions."""

    low: int
    high: int
    per_day: float
    days: int


def finish(per_day: Sequence[int], left: int) -> Finish | None:
    """From the mentions decided on each working day, oldest first, and how many are left. None: too few to tell.

    Percentile interval of a bootstrap over the days (Efron and Tibshirani 1993).
    """
    recent = [count for count in per_day if count > 0][-LOOK_BACK:]
    if len(recent) < LEAST_DAYS or sum(recent) < LEAST_DECISIONS:
        return None
    source = random.Random(_SEED)  # noqa: S311 - a bootstrap needs no secrecy, only repeatability
    days = len(recent)
    means = sorted(sum(source.choices(recent, k=days)) / days for _ in range(_RESAMPLES))
    cut = int(0.025 * _RESAMPLES)
    slow, fast = means[cut], means[-1 - cut]
    return Finish(math.ceil(left / fast), math.ceil(left / slow), round(sum(recent) / days, 1), days)
