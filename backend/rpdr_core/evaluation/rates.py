"""A share of few cases with an interval that holds for few: Wilson 1927, JASA 22:209."""

from __future__ import annotations

import math
from dataclasses import dataclass

# Normal quantile of a two-sided 95 % interval.
_QUANTILE = 1.959964


@dataclass(frozen=True, slots=True)
class Rate:
    """`count` of `n` cases. The share and its 95 % interval are None where there is no case."""

    count: int
    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None


def rate(count: int, n: int) -> Rate:
    """The share of `count` in `n`."""
    if n == 0:
        return Rate(count, 0)
    share, square = count / n, _QUANTILE * _QUANTILE
    middle = (share + square / (2 * n)) / (1 + square / n)
    reach = _QUANTILE * math.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    # At 0 and 1 the bounds are exact, whatever the last digit of the root says.
    low = 0.0 if count == 0 else max(0.0, middle - reach)
    high = 1.0 if count == n else min(1.0, middle + reach)
    return Rate(count, n, round(share, 4), round(low, 4), round(high, 4))
