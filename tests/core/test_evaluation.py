from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.evaluation import Interval, Judged, evaluate, judge

# Ranks of ten mentions: right at once, on place 2, 5, 6, 10, and never.
RANKS = (0, 0, 0, 0, 1, 4, 5, 9, None, None)


@pytest.mark.parametrize(
    ("candidates", "gold", "rank"),
    [
        (["A", "B", "C"], ["A"], 0),
        (["A", "B", "C"], ["C"], 2),
        (["A", "B", "C"], ["C", "B"], 1),
        (["A", "A", "B"], ["B"], 2),
        (["A"], ["Z"], None),
        ([], ["A"], None),
        (["A"], [], None),
    ],
)
def test_the_rank_is_that_of_the_first_gold_code(candidates: list[str], gold: list[str], rank: int | None) -> None:
    assert judge(candidates, gold) == Judged(rank)


def test_values_by_hand() -> None:
    found = evaluate([Judged(rank) for rank in RANKS]).overall
    assert found.n == 10
    assert {name: interval.value for name, interval in found.metrics.items()} == {
        "acc@1": 0.4,
        "acc@5": 0.6,
        "recall@10": 0.8,
        "mrr": pytest.approx((4 + 1 / 2 + 1 / 5 + 1 / 6 + 1 / 10) / 10, abs=1e-4),
    }


def test_recall_follows_k() -> None:
    outcomes = [Judged(rank) for rank in RANKS]
    assert evaluate(outcomes, k=6).overall.metrics["recall@6"].value == 0.7
    assert "recall@10" not in evaluate(outcomes, k=6).overall.metrics


def test_seen_and_unseen_are_scored_apart() -> None:
    found = evaluate([Judged(0, seen=True), Judged(0, seen=True), Judged(3), Judged(None)])
    assert (found.overall.n, found.seen.n, found.unseen.n) == (4, 2, 2)
    assert found.overall.metrics["acc@1"].value == 0.5
    assert found.seen.metrics["acc@1"].value == 1.0
    assert (found.unseen.metrics["acc@1"].value, found.unseen.metrics["acc@5"].value) == (0.0, 0.5)


def test_nothing_to_judge_is_nought_not_a_crash() -> None:
    found = evaluate([])
    assert found.overall.n == 0
    assert set(found.overall.metrics.values()) == {Interval(0.0, 0.0, 0.0)}


def test_an_interval_by_the_book() -> None:
    """Half of 100 right: the 95 % interval of a share is about +-1.96 sqrt(.25 / 100) = +-0.098."""
    found = evaluate([Judged(0 if at % 2 else None) for at in range(100)]).overall.metrics["acc@1"]
    assert found.low == pytest.approx(0.402, abs=0.02)
    assert found.high == pytest.approx(0.598, abs=0.02)


def test_more_mentions_narrow_the_interval() -> None:
    few, many = (evaluate([Judged(rank) for rank in RANKS * times]).overall.metrics["acc@1"] for times in (2, 20))
    assert many.high - many.low < (few.high - few.low) / 2


OUTCOMES = st.lists(st.builds(Judged, st.one_of(st.none(), st.integers(0, 30)), st.booleans()), min_size=1, max_size=12)


@settings(max_examples=30, deadline=None)
@given(OUTCOMES)
def test_laws(outcomes: list[Judged]) -> None:
    found = evaluate(outcomes)
    assert found == evaluate(outcomes), "the bootstrap must be repeatable"
    assert found.seen.n + found.unseen.n == found.overall.n
    for scores in (found.overall, found.seen, found.unseen):
        metrics = scores.metrics
        assert all(0 <= one.low <= one.value <= one.high <= 1 for one in metrics.values())
        assert metrics["acc@1"].value <= metrics["acc@5"].value <= metrics["recall@10"].value
        assert metrics["acc@1"].value <= metrics["mrr"].value + 1e-4
