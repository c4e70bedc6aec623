"""The finish estimate: from working days, with an interval, silent where there is too little."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.evaluation.pace import LEAST_DECISIONS, LOOK_BACK, Finish, finish


@pytest.mark.parametrize("counts", [[], [500], [9, 9], [0, 0, 300]])
def test_too_little_to_tell_by(counts: list[int]) -> None:
    assert finish(counts, 100) is None


def test_an_even_pace_has_no_width() -> None:
    assert finish([100, 100, 100], 450) == Finish(5, 5, 100.0, 3)


def test_an_uneven_pace_has() -> None:
    found = finish([40, 160, 100, 90, 110], 1000)
    assert found is not None
    assert found.low < 10 < found.high


def test_only_the_last_working_days_count_and_holidays_do_not() -> None:
    found = finish([1] * 50 + [100, 0, 0, 100, 100, 100, 100, 100, 100], 100)
    assert found == Finish(1, 1, 100.0, LOOK_BACK)


def test_nothing_left_takes_no_day() -> None:
    assert finish([50, 50], 0) == Finish(0, 0, 50.0, 2)


@given(st.lists(st.integers(0, 2000), max_size=30), st.integers(0, 1_000_000))
def test_the_interval_holds_what_a_steady_pace_would_take(counts: list[int], left: int) -> None:
    found = finish(counts, left)
    recent = [count for count in counts if count][-LOOK_BACK:]
    if len(recent) < 2 or sum(recent) < LEAST_DECISIONS:
        assert found is None
        return
    assert found is not None
    assert -(-left // max(recent)) <= found.low <= found.high <= -(-left // min(recent))
