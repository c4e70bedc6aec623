"""Two rankers on the same mentions: paired bootstrap of a metric's difference, McNemar's test, what can be seen at all.

The bootstrap resamples mentions (Efron and Tibshirani 1993), percentile interval. McNemar's exact and mid-p tests:
Fagerland, Lydersen and Laake 2013, BMC Medical Research Methodology 13:91.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from rpdr_core.errors import Bug

_RESAMPLES = 1000
_SEED = 20250519
# Normal quantiles of a two-sided 5 % test and of 80 % power.
_ALPHA_QUANTILE, _POWER_QUANTILE = 1.959964, 0.841621


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean of (second less first) with its 95 % interval. `p`: two-sided share of resamples at or beyond 0."""

    value: float
    low: float
    high: float
    p: float
    n: int


@dataclass(frozen=True, slots=True)
class McNemar:
    """`gained`: wrong before, right now; `lost`: the other way. Both p-values are two-sided."""

    gained: int
    lost: int
    exact: float
    mid_p: float


def difference(first: Sequence[float], second: Sequence[float], *, seed: int = _SEED) -> Difference:
    """Paired bootstrap of two rankers' values of the same mentions, in the same order. Swapping them turns the sign."""
    if len(first) != len(second):
        raise Bug("a paired comparison needs the same mentions on both sides")
    n = len(first)
    if n == 0:
        return Difference(0.0, 0.0, 0.0, 1.0, 0)
    gaps = [after - before for before, after in zip(first, second, strict=True)]
    source = random.Random(seed)  # noqa: S311 - a bootstrap needs no secrecy, only repeatability
    # fsum: the same mean whatever the sign, so that the two directions agree to the last digit.
    means = sorted(math.fsum(source.choices(gaps, k=n)) / n for _ in range(_RESAMPLES))
    cut = int(0.025 * _RESAMPLES)
    tail = min(sum(mean <= 0 for mean in means), sum(mean >= 0 for mean in means)) / _RESAMPLES
    low, high = means[cut], means[-1 - cut]
    return Difference(round(math.fsum(gaps) / n, 4), round(low, 4), round(high, 4), round(min(1.0, 2 * tail), 4), n)


def mcnemar(first: Sequence[bool], second: Sequence[bool]) -> McNemar:
    """Do two rankers differ in how often they are right? Only mentions where one is right and one wrong count."""
    pairs = list(zip(first, second, strict=True))
    gained = sum(after and not before for before, after in pairs)
    lost = sum(before and not after for before, after in pairs)
    total, least = gained + lost, min(gained, lost)
    at_least_as_odd = sum(math.comb(total, count) for count in range(least + 1))
    point = _share(math.comb(total, least), total)
    exact = min(1.0, 2 * _share(at_least_as_odd, total))
    mid_p = 1 - point / 2 if gained == lost and total else exact - point if total else 1.0
    return McNemar(gained, lost, round(exact, 6), round(mid_p, 6))


def _share(count: int, flips: int) -> float:
    """`count` of the 2^flips outcomes of that many coins; exact before the last division, however many coins."""
    return count / (1 << flips)


def detectable(n: int, discordant: int) -> float:
    """The smallest difference of two shares that `n` mentions show with 80 % power at 5 %, given how many of them
    the two rankers answer differently (one right, one wrong). 1.0 where nothing can be shown.

    Normal approximation of McNemar's test: delta = (z_0.975 + z_0.8) * sqrt(discordant share / n). Fewer than one
    discordant mention is taken as one: agreement on a few mentions proves nothing.
    """
    if n == 0:
        return 1.0
    share = max(1, discordant) / n
    return round(min(1.0, (_ALPHA_QUANTILE + _POWER_QUANTILE) * math.sqrt(share / n)), 4)
