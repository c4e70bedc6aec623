"""How far people agree who answered the same questions: raw, Cohen's kappa, Fleiss' kappa, Krippendorff's alpha.

A *unit* is what was judged; its row holds the raters' answers, None where one gave none. Where a coefficient is not
defined, the result says why and has no value. Intervals are percentile bootstraps over units (Efron and Tibshirani
1993) with a fixed seed.

Cohen 1960, Educational and Psychological Measurement 20:37. Fleiss 1971, Psychological Bulletin 76:378. Krippendorff
2011, Computing Krippendorff's alpha-reliability; its bootstrap after Hayes and Krippendorff 2007, Communication
Methods and Measures 1:77, which holds the disagreement expected by chance fixed.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, TypeVar

Label = Hashable
Units = Sequence[Sequence[Label | None]]
Distance = Callable[[Label, Label], float]
Missing = Literal["", "empty", "raters", "one_category"]
"""Why there is no value: nothing was answered twice; not the raters it needs; all answers alike, so that chance alone
would give the same.
"""

_RESAMPLES, _LEAST_RESAMPLES = 1000, 200
# Draws altogether: many units need fewer resamples, for their interval is narrow.
_DRAWS = 2_000_000
_SEED = 20250519

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Agreement:
    """A coefficient over `n` units with its 95 % interval; 1 is perfect, 0 what chance gives (raw: never).

    `value` is None where it is not defined, `missing` says why. `low` and `high` are None with fewer than two units,
    and where most resamples have no value.
    """

    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    missing: Missing = ""


def same(one: Label, other: Label) -> float:
    """The distance of names: 0 for the same, 1 for any other."""
    return float(one != other)


def raw_agreement(units: Units) -> Agreement:
    """Mean share of pairs of answers to a unit that are equal. Units with fewer than two answers do not count."""
    shares = [_alike(given) for given in _pairable(units)]
    if not shares:
        return Agreement(0, missing="empty")
    return _with_interval(shares, lambda drawn: sum(share * times for share, times in drawn.items()) / drawn.total())


def cohen(units: Units) -> Agreement:
    """Cohen's kappa of exactly two raters, each with marginals of their own; units that one left out do not count."""
    if any(len(row) != 2 for row in units):
        return Agreement(0, missing="raters")
    pairs = [(one, other) for one, other in _numbered(units) if one is not None and other is not None]
    return _with_interval(pairs, _cohen) if pairs else Agreement(0, missing="empty")


def _cohen(pairs: Counter[tuple[int, int]]) -> float | None:
    n = pairs.total()
    first, second = Counter[int](), Counter[int]()
    for (one, other), times in pairs.items():
        first[one] += times
        second[other] += times
    observed = sum(times for (one, other), times in pairs.items() if one == other) / n
    return _beyond_chance(observed, sum(count * second[label] for label, count in first.items()) / (n * n))


def fleiss(units: Units) -> Agreement:
    """Fleiss' kappa: any raters, the same number of answers to each unit. Units with another number of answers than
    most do not count (of two numbers equally frequent the larger is taken).
    """
    answered = _pairable(_numbered(units))
    if not answered:
        return Agreement(0, missing="empty")
    sizes = Counter(map(len, answered))
    size = max(sizes, key=lambda one: (sizes[one], one))
    return _with_interval([(_alike(given), tuple(given)) for given in answered if len(given) == size], _fleiss)


def _fleiss(rows: Counter[tuple[float, tuple[int, ...]]]) -> float | None:
    """Of rows with the share of their pairs that are equal."""
    observed = sum(alike * times for (alike, _), times in rows.items()) / rows.total()
    totals = Counter[int]()
    for (_, row), times in rows.items():
        for label in row:
            totals[label] += times
    n = totals.total()
    return _beyond_chance(observed, sum(count * count for count in totals.values()) / (n * n))


def krippendorff(units: Units, distance: Distance = same) -> Agreement:
    """Krippendorff's alpha: any number of raters, answers may be missing. `distance` is symmetric, 0 for equal answers;
    it is used as it is (Krippendorff's squared difference of intervals is the distance `(a - b) ** 2`).
    """
    answered = _pairable(units)
    if not answered:
        return Agreement(0, missing="empty")
    expected = _expected(Counter(label for given in answered for label in given), distance)
    if expected == 0:
        return Agreement(len(answered), missing="one_category")
    parts = [(_apart(given, distance), len(given)) for given in answered]

    def alpha(drawn: Counter[tuple[float, int]]) -> float:
        observed = sum(apart * times for (apart, _), times in drawn.items())
        size = sum(size * times for (_, size), times in drawn.items())
        # A resample may hold nothing but the worst; what is below -1 counts as -1, as in the paper's bootstrap.
        return max(-1.0, 1 - observed / size / expected)

    return _with_interval(parts, alpha)


def _apart(given: Sequence[Label], distance: Distance) -> float:
    """A unit's part in the observed disagreement: ordered pairs, by one less than its answers."""
    return 2 * sum(distance(one, other) for one, other in combinations(given, 2)) / (len(given) - 1)


def _expected(totals: Counter[Label], distance: Distance) -> float:
    """Mean distance of two answers drawn from all, whoever gave them."""
    n = totals.total()
    if distance is same:
        return (n * n - sum(count * count for count in totals.values())) / (n * (n - 1))
    pairs = combinations(totals.items(), 2)
    return sum(2 * here * there * distance(one, other) for (one, here), (other, there) in pairs) / (n * (n - 1))


def _numbered(units: Units) -> list[list[int | None]]:
    """A number for each label: resampling compares labels a million times."""
    numbers: dict[Label, int] = {}
    return [[None if one is None else numbers.setdefault(one, len(numbers)) for one in row] for row in units]


def _pairable(units: Sequence[Sequence[T | None]]) -> list[list[T]]:
    given = ([label for label in row if label is not None] for row in units)
    return [labels for labels in given if len(labels) > 1]


def _alike(given: Sequence[Label]) -> float:
    """Share of the pairs of a unit's answers that are equal."""
    pairs = len(given) * (len(given) - 1)
    return sum(count * (count - 1) for count in Counter(given).values()) / pairs


def _beyond_chance(observed: float, chance: float) -> float | None:
    return None if chance >= 1 else (observed - chance) / (1 - chance)


def _with_interval(rows: Sequence[T], statistic: Callable[[Counter[T]], float | None]) -> Agreement:
    """The statistic of the rows, counted by kind, and its spread over resamples; those without a value are left out."""
    n, value = len(rows), statistic(Counter(rows))
    if value is None:
        return Agreement(n, missing="one_category")
    if n < 2:
        return Agreement(n, round(value, 4))
    source = random.Random(_SEED)  # noqa: S311 - a bootstrap needs no secrecy, only repeatability
    times = max(_LEAST_RESAMPLES, min(_RESAMPLES, _DRAWS // n))
    drawn = (statistic(Counter(source.choices(rows, k=n))) for _ in range(times))
    found = sorted(one for one in drawn if one is not None)
    if 2 * len(found) < times:
        return Agreement(n, round(value, 4))
    cut = int(0.025 * len(found))
    return Agreement(n, round(value, 4), round(found[cut], 4), round(found[-1 - cut], 4))
