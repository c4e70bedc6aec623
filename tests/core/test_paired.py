"""Paired comparison against plain references, and its laws."""

from __future__ import annotations

import random
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from rpdr_core.errors import Bug
from rpdr_core.evaluation import (
    Calibration,
    Difference,
    Judged,
    McNemar,
    calibration,
    detectable,
    difference,
    mcnemar,
    metric,
)
from rpdr_core.evaluation.calibration import reliability

RIGHTS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60)


@given(st.integers(0, 40), st.integers(0, 40))
def test_mcnemar_is_scipys_binomial_test(gained: int, lost: int) -> None:
    found = mcnemar([False] * gained + [True] * lost, [True] * gained + [False] * lost)
    exact = stats.binomtest(gained, gained + lost, 0.5).pvalue if gained + lost else 1.0
    assert (found.gained, found.lost) == (gained, lost)
    assert found.exact == pytest.approx(exact, abs=1e-6)


@given(st.integers(0, 30), st.integers(0, 30))
def test_mid_p_counts_the_table_itself_half(gained: int, lost: int) -> None:
    """From its definition: tables less likely than this one, and half of those as likely (both tails)."""
    n = gained + lost
    found = mcnemar([False] * gained + [True] * lost, [True] * gained + [False] * lost)
    odds = [comb(n, k) / 2**n for k in range(n + 1)]
    own = abs(gained - n / 2)
    expected = sum(
        share if abs(k - n / 2) > own else share / 2 for k, share in enumerate(odds) if abs(k - n / 2) >= own
    )
    assert found.mid_p == pytest.approx(expected if n else 1.0, abs=1e-6)


def test_agreement_counts_for_nothing() -> None:
    assert mcnemar([True] * 50 + [False] * 9, [True] * 50 + [False] * 9) == McNemar(0, 0, 1.0, 1.0)


def test_many_mentions_are_no_burden() -> None:
    found = mcnemar([False] * 3000 + [True] * 2700, [True] * 3000 + [False] * 2700)
    assert found.exact == pytest.approx(stats.binomtest(3000, 5700, 0.5).pvalue, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(RIGHTS)
def test_swapping_the_two_turns_the_sign_and_nothing_else(pairs: list[tuple[bool, bool]]) -> None:
    first, second = [float(one) for one, _ in pairs], [float(two) for _, two in pairs]
    there, back = difference(first, second), difference(second, first)
    assert (there.value, there.low, there.high) == (-back.value, -back.high, -back.low)
    assert there.p == back.p
    assert there.low <= there.value <= there.high
    turned = mcnemar([two > 0 for two in second], [one > 0 for one in first])
    straight = mcnemar([one > 0 for one in first], [two > 0 for two in second])
    assert (turned.gained, turned.lost) == (straight.lost, straight.gained)
    assert (turned.exact, turned.mid_p) == (straight.exact, straight.mid_p)


def test_the_interval_is_that_of_scipys_bootstrap() -> None:
    draw = random.Random(5)
    first = [float(draw.random() < 0.6) for _ in range(200)]
    second = [float(draw.random() < 0.75) for _ in range(200)]
    ours = difference(first, second)
    gaps = [b - a for a, b in zip(first, second, strict=True)]
    theirs = stats.bootstrap(
        (gaps,), lambda x, axis: x.mean(axis=axis), n_resamples=4000, method="percentile", rng=1
    ).confidence_interval
    assert ours.value == pytest.approx(sum(gaps) / 200, abs=1e-4)
    assert ours.low == pytest.approx(theirs.low, abs=0.02)
    assert ours.high == pytest.approx(theirs.high, abs=0.02)


def test_a_clear_gain_is_seen_and_none_is_not() -> None:
    gain = difference([0.0] * 40 + [1.0] * 60, [1.0] * 100)
    assert gain.low > 0
    assert gain.p == 0.0
    same = difference([1.0, 0.0] * 50, [1.0, 0.0] * 50)
    assert (same.value, same.low, same.high, same.p) == (0.0, 0.0, 0.0, 1.0)


def test_the_seed_decides_the_resamples() -> None:
    first, second = [0.0, 1.0, 0.5, 0.2] * 5, [0.3, 0.9, 0.1, 0.7] * 5
    assert difference(first, second) == difference(first, second)
    assert difference(first, second, seed=1) != difference(first, second, seed=2)


def test_nothing_to_compare_is_no_difference() -> None:
    assert difference([], []) == Difference(0.0, 0.0, 0.0, 1.0, 0)
    assert mcnemar([], []) == McNemar(0, 0, 1.0, 1.0)


def test_lists_of_other_mentions_cannot_be_compared() -> None:
    with pytest.raises(Bug, match="same mentions"):
        difference([1.0], [1.0, 0.0])


def test_what_can_be_seen_falls_with_more_mentions() -> None:
    assert detectable(0, 0) == 1.0
    assert detectable(100, 20) == pytest.approx(2.80 * (0.2 / 100) ** 0.5, abs=1e-3)
    assert detectable(4, 4) == 1.0, "no difference of shares exceeds one"
    assert detectable(400, 80) == pytest.approx(detectable(100, 20) / 2, abs=1e-3)
    assert detectable(100, 0) == detectable(100, 1) > 0


def test_the_detectable_difference_is_found_eight_times_in_ten() -> None:
    n, discordant = 400, 80
    gap = detectable(n, discordant)
    draw = random.Random(3)
    to_gain, to_lose = (discordant / n + gap) / 2, (discordant / n - gap) / 2
    shown = 0
    for _ in range(300):
        outcomes = draw.choices((1, -1, 0), (to_gain, to_lose, 1 - to_gain - to_lose), k=n)
        test = mcnemar([one == -1 for one in outcomes], [one == 1 for one in outcomes])
        shown += test.mid_p < 0.05
    assert 0.68 < shown / 300 < 0.92


def test_reciprocal_ranks_and_depths() -> None:
    outcomes = [Judged(0), Judged(3), Judged(None)]
    assert metric("mrr", outcomes) == [1.0, 0.25, 0.0]
    assert metric("acc@1", outcomes) == [1.0, 0.0, 0.0]
    assert metric("recall@4", outcomes) == [1.0, 1.0, 0.0]


def test_calibration_by_hand() -> None:
    sure = [(0.95, True)] * 3 + [(0.95, False)] + [(0.15, False)] * 4
    assert calibration(sure) == Calibration(8, pytest.approx((0.2 * 4 + 0.15 * 4) / 8), pytest.approx(0.175))
    assert calibration([(1.0, True)] * 5) == Calibration(5, 0.0, 0.0)
    assert calibration([]) == Calibration(0, 0.0, 0.0)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=50))
def test_the_error_is_at_least_the_surplus(answers: list[tuple[float, bool]]) -> None:
    found = calibration(answers)
    assert abs(found.surplus) - 1e-3 <= found.error <= 1


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans())))
def test_the_bins_of_a_reliability_diagram_hold_every_answer_once(answers: list[tuple[float, bool]]) -> None:
    bins, _ = reliability(answers)
    assert sum(one.right.n for one in bins) == len(answers)
    assert sum(one.right.count for one in bins) == sum(right for _, right in answers)
    assert [one.confidence for one in bins] == sorted(one.confidence for one in bins)
    gaps = [abs(one.confidence - (one.right.value or 0.0)) * one.right.n for one in bins]
    assert calibration(answers).error == pytest.approx(sum(gaps) / max(1, len(answers)), abs=2e-4)
