"""Risk-controlled acceptance: the p-values are exact, and the promise is kept in simulated projects."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from rpdr_core.evaluation.risk import CERTAINTY, MANY, STEPS, Promise, controlled, enough, p_value, percent, spread

PROJECTS, CHECK = 400, 300
# 20 of 400 may break at 5 %; 34 is three standard deviations above that.
NOISE = 34


@given(st.integers(1, 200), st.integers(0, 200), st.integers(1, 400), st.sampled_from([0.01, 0.02, 0.05, 0.1, 0.5]))
def test_the_p_value_is_that_of_drawing_without_replacement(n: int, wrong: int, left: int, alpha: float) -> None:
    wrong = min(n, wrong)
    bad = wrong + int(alpha * left) + 1
    assert p_value(n, wrong, left, alpha) == pytest.approx(stats.hypergeom.cdf(wrong, n + left, bad, n), abs=1e-9)


@given(st.integers(1, 200), st.integers(0, 5), st.sampled_from([0.01, 0.02, 0.05, 0.1]))
def test_with_very_many_left_it_is_the_binomial_one(n: int, wrong: int, alpha: float) -> None:
    wrong = min(n - 1, wrong)
    assert p_value(n, wrong, MANY, alpha) == pytest.approx(stats.binom.cdf(wrong, n, alpha), abs=1e-4)


def test_nothing_judged_or_nothing_left_shows_nothing() -> None:
    assert p_value(0, 0, 10, 0.05) == p_value(10, 0, 0, 0.05) == 1.0


@given(st.integers(1, 60), st.integers(1, 60), st.sampled_from([0.05, 0.1, 0.3]))
def test_it_never_says_so_wrongly_more_often_than_it_may(n: int, left: int, alpha: float) -> None:
    """Whatever number of all cases is wrong: the chance of a draw that promises although too many are left wrong."""
    for bad in range(n + left + 1):
        lies = [
            wrong
            for wrong in range(max(0, bad - left), min(n, bad) + 1)
            if bad - wrong > alpha * left and p_value(n, wrong, left, alpha) <= 1 - CERTAINTY
        ]
        assert sum(stats.hypergeom.pmf(wrong, n + left, bad, n) for wrong in lies) <= 1 - CERTAINTY + 1e-9


@pytest.mark.parametrize(("alpha", "none", "one"), [(0.01, 299, 473), (0.02, 149, 236), (0.05, 59, 93), (0.1, 29, 46)])
def test_how_many_cases_are_enough(alpha: float, none: int, one: int) -> None:
    assert (enough(alpha, 0), enough(alpha, 1)) == (none, one)
    assert p_value(none, 0, MANY, alpha) <= 1 - CERTAINTY < p_value(none - 1, 0, MANY, alpha)


@given(st.floats(0, 1))
def test_a_confidence_reaches_the_percent_that_it_is_compared_with(confidence: float) -> None:
    at = percent(confidence)
    assert 0 <= at < STEPS
    assert confidence + 1e-9 >= at / STEPS
    assert at == STEPS - 1 or confidence < (at + 1) / STEPS


def test_whole_percents_reach_themselves() -> None:
    assert [percent(step / STEPS) for step in range(STEPS)] == list(range(STEPS))


def evenly(n: int) -> list[int]:
    return [n // STEPS] * STEPS


def test_a_ranker_without_errors_is_taken_at_any_confidence() -> None:
    judged = [(step % STEPS / STEPS, True) for step in range(1000)]
    assert controlled(spread(judged), evenly(10_000), 0.05) == Promise(0.05, 0.0, 1000, 0)


def test_the_threshold_stands_where_the_errors_begin() -> None:
    judged = [(step % STEPS / STEPS, step % STEPS >= 60) for step in range(4000)]
    found = controlled(spread(judged), evenly(10_000), 0.05)
    assert found.threshold is not None
    assert 0.5 < found.threshold <= 0.6
    assert found.wrong / found.n < 0.05


def test_too_few_decisions_say_how_many_more_are_needed() -> None:
    judged = [(0.9, True)] * 20
    found = controlled(spread(judged), [0] * 90 + [10_000] + [0] * 9, 0.05)
    assert (found.threshold, found.n, found.wrong) == (None, 20, 0)
    assert found.more == enough(0.05, 1, 10_000) - 20


def test_more_decisions_are_asked_for_in_proportion_to_what_lies_above_the_threshold() -> None:
    rest = [0] * STEPS
    rest[95], rest[10] = 5000, 5000
    judged = [(0.95, True)] * 94 + [(0.95, False)] * 3 + [(0.1, False)] * 97
    found = controlled(spread(judged), rest, 0.05)
    assert found.threshold is None
    assert (found.n, found.wrong) == (97, 3)
    assert found.more == 2 * (enough(0.05, 3, 5000) - 97)


def test_a_higher_threshold_than_could_be_tested_may_still_be_hoped_for() -> None:
    judged = [(0.99, True)] * 25 + [(0.5, False)] * 75
    found = controlled(spread(judged), evenly(10_000), 0.05)
    assert found.threshold is None
    assert found.more == 4 * enough(0.05, 1, 5000) - 100, "half of what is left lies above 50 %"


def test_more_of_the_same_does_not_help_a_ranker_that_errs_too_often() -> None:
    judged = [(0.9, place % 2 == 0) for place in range(300)]
    assert controlled(spread(judged), [0] * 90 + [1000] + [0] * 9, 0.05).more is None


def test_nothing_judged_and_nothing_left() -> None:
    assert controlled(spread([]), [0] * STEPS, 0.05) == Promise(0.05, None, 0, 0, 93)
    assert controlled(spread([(0.9, True)] * 500), [0] * STEPS, 0.05).threshold is None


Error = Callable[[float, float], float]
ERRORS: dict[str, Error] = {
    "just above the target everywhere": lambda _sure, alpha: 1.02 * alpha,
    "around the target": lambda sure, alpha: alpha * (0.6 + 2 * (1 - sure)),
    "calibrated": lambda sure, _alpha: 1 - sure,
    "two kinds": lambda sure, alpha: 0.2 * alpha if sure > 0.8 else 1.5 * alpha,
}


@pytest.mark.parametrize(("alpha", "left"), [(0.02, 600), (0.05, 600), (0.05, 1500), (0.1, 600)])
@pytest.mark.parametrize("shape", ERRORS)
def test_the_promise_is_broken_in_at_most_one_project_of_twenty(shape: str, alpha: float, left: int) -> None:
    """Simulated projects with a check of 300: where a threshold is given, so much of what is left above it is wrong."""
    source = random.Random(20250519)
    mentions = [source.betavariate(4, 1) for _ in range(left + CHECK)]
    chances = [(sure, ERRORS[shape](sure, alpha)) for sure in mentions]
    broken = 0
    for _ in range(PROJECTS):
        cases = [(sure, source.random() >= chance) for sure, chance in chances]
        source.shuffle(cases)
        judged, others = spread(cases[:CHECK]), spread(cases[CHECK:])
        rest = [n - above for n, above in zip(others.n, (*others.n[1:], 0), strict=True)]
        threshold = controlled(judged, rest, alpha).threshold
        if threshold is not None:
            at = round(threshold * STEPS)
            broken += others.wrong[at] > alpha * others.n[at]
    assert broken <= NOISE


def test_a_threshold_is_found_where_there_is_one() -> None:
    """A promise that is never given is never broken: this says that it is given."""
    source = random.Random(20250519)
    given = 0
    for _ in range(100):
        judged = [(0.95, source.random() >= 0.01) for _ in range(200)]
        given += controlled(spread(judged), [0] * 95 + [1000] + [0] * 4, 0.05).threshold is not None
    assert given >= 90
