from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpdr_worker.ranking.orders import agreement, common, merged

PAIRS = st.integers(1, 12).flatmap(lambda size: st.tuples(st.permutations(range(size)), st.permutations(range(size))))


@given(PAIRS)
def test_two_orders_make_one(pair: tuple[list[int], list[int]]) -> None:
    first, second = pair
    whole = merged(first, second)
    assert sorted(whole) == sorted(first)
    assert merged(first, first) == tuple(first)
    assert set(merged(second, first)) == set(whole)
    # What both put above another stays above it.
    for before, after in itertools.combinations(first, 2):
        if second.index(before) < second.index(after):
            assert whole.index(before) < whole.index(after)


@given(PAIRS)
def test_agreement_is_a_share_and_knows_no_order_of_asking(pair: tuple[list[int], list[int]]) -> None:
    first, second = pair
    assert 0.0 <= agreement(first, second) <= 1.0
    assert agreement(first, second) == agreement(second, first)
    assert agreement(first, first) == 1.0
    if len(first) > 1:
        assert agreement(first, first[::-1]) == 0.0


def test_agreement_by_hand() -> None:
    assert agreement((0, 1, 2), (0, 2, 1)) == pytest.approx((1 + 2 / 3) / 2, abs=0.005)
    assert agreement((0, 1, 2), (1, 0, 2)) == pytest.approx((0 + 2 / 3) / 2, abs=0.005)


def test_verdicts() -> None:
    assert common("exact", "exact") == "exact"
    assert common("close", "exact") == "close"
    assert common("none", "exact") == ""
    assert common("", "close") == ""
