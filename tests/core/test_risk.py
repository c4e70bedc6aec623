"""Risk-controlled acceptance: the p-values are exact, and the promise is kept in simulated projects."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.evaluation.risk import CERTAINTY, STEPS, Promise, controlled, enough, percent, spread, tail

PROJECTS, LEFT = 400, 3000
# 20 of 400 may break at 5 %; 34 is three standard deviations above that.
NOISE = 34


def exact_tail(n: int, wrong: int, alpha: float) -> float:
    return math.fsum(math.comb(n, k) * alpha**k * (1 - alpha) ** (n - k) for k in range(wrong + 1))


@given(st.integers(1, 200), st.integers(0, 200), st.sampled_from([0.01, 0.02, 0.05, 0.1, 0.5]))
def test_the_p_value_is_the_binomial_tail(n: int, wrong: int, alpha: float) -> None:
    assert math.isclose(tail(n, min(n, wrong), alpha), min(1.0, exact_tail(n, min(n, wrong), alpha)), rel_tol=1e-9)


def test_a_tail_of_very_many_cases_does_not_vanish() -> None:
    assert tail(100_000, 5_000, 0.05) == pytest.approx(0.5, abs=0.01)
    assert tail(1_000_000, 40_000, 0.05) < 1e-100


@pytest.mark.parametrize(("alpha", "none", "one"), [(0.01, 299, 473), (0.02, 149, 236), (0.05, 59, 93), (0.1, 29, 46)])
def test_how_many_cases_are_enough(alpha: float, none: int, one: int) -> None:
    assert (enough(alpha, 0), enough(alpha, 1)) == (none, one)
    assert tail(none, 0, alpha) <= 1 - CERTAINTY < tail(none - 1, 0, alpha)


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
    found = controlled(spread(judged), [0] * 90 + [100] + [0] * 9, 0.05)
    assert (found.threshold, found.n, found.wrong) == (None, 20, 0)
    assert found.more == 73, "93 with one error would do"


def test_more_decisions_are_asked_for_in_proportion_to_what_lies_above_the_threshold() -> None:
    rest = [0] * STEPS
    rest[95], rest[10] = 500, 500
    judged = [(0.95, True)] * 94 + [(0.95, False)] * 3 + [(0.1, False)] * 97
    found = controlled(spread(judged), rest, 0.05)
    assert found.threshold is None
    assert (found.n, found.wrong) == (97, 3)
    assert found.more == 2 * (enough(0.05, 3) - 97)


def test_a_higher_threshold_than_could_be_tested_may_still_be_hoped_for() -> None:
    judged = [(0.99, True)] * 25 + [(0.5, False)] * 75
    found = controlled(spread(judged), evenly(1000), 0.05)
    assert found.threshold is None
    assert found.more == 4 * 93 - 100


def test_more_of_the_same_does_not_help_a_ranker_that_errs_too_often() -> None:
    judged = [(0.9, place % 2 == 0) for place in range(300)]
    assert controlled(spread(judged), [0] * 90 + [100] + [0] * 9, 0.05).more is None


def test_nothing_judged_and_nothing_left() -> None:
    assert controlled(spread([]), [0] * STEPS, 0.05) == Promise(0.05, None, 0, 0, 93)


Error = Callable[[float, float], float]
ERRORS: dict[str, Error] = {
    "just above the target everywhere": lambda _sure, alpha: 1.02 * alpha,
    "around the target": lambda sure, alpha: alpha * (0.6 + 2 * (1 - sure)),
    "calibrated": lambda sure, _alpha: 1 - sure,
    "two kinds": lambda sure, alpha: 0.2 * alpha if sure > 0.8 else 1.5 * alpha,
}


@pytest.mark.parametrize("alpha", [0.02, 0.05, 0.1])
@pytest.mark.parametrize("shape", ERRORS)
def test_the_promise_is_broken_in_at_most_one_project_of_twenty(shape: str, alpha: float) -> None:
    """Draw a check from each simulated project; the rest above the threshold errs more than promised in few of them."""
    source = random.Random(20250519)
    error = ERRORS[shape]
    mentions = [source.betavariate(4, 1) for _ in range(LEFT)]
    chances = [error(sure, alpha) for sure in mentions]
    risk_from = [_mean([c for s, c in zip(mentions, chances, strict=True) if percent(s) >= t]) for t in range(STEPS)]
    rest = [sum(percent(sure) == step for sure in mentions) for step in range(STEPS)]
    broken = 0
    for _ in range(PROJECTS):
        drawn = source.choices(range(LEFT), k=300)
        judged = [(mentions[at], source.random() >= chances[at]) for at in drawn]
        threshold = controlled(spread(judged), rest, alpha).threshold
        broken += threshold is not None and risk_from[round(threshold * STEPS)] > alpha
    assert broken <= NOISE


def test_a_threshold_is_found_where_there_is_one() -> None:
    """A promise that is never given is never broken: this says that it is given."""
    source = random.Random(20250519)
    given = 0
    for _ in range(100):
        judged = [(0.95, source.random() >= 0.01) for _ in range(200)]
        given += controlled(spread(judged), [0] * 95 + [1000] + [0] * 4, 0.05).threshold is not None
    assert given >= 90


def _mean(values: list[float]) -> float:
    return math.fsum(values) / len(values) if values else 0.0
