from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.protocol.messages import TrainingRow
from rpdr_core.records import Candidate, Verdict
from rpdr_worker.distillation.judgement_fit import (
    FEWEST,
    FEWEST_NONE,
    Judged,
    calibration_error,
    fit_judgement,
    judged,
)
from rpdr_worker.ranking.student_judgement import Chances, Judgement, Signs, signs_of, verdict_of

FLOATS = st.floats(-50, 50)


def drawn(count: int, seed: int, *, none: float = 0.1, scores: bool = True) -> list[Judged]:
    """Rows whose truth follows the signs: a high cosine is right, a low score has no right candidate."""
    draw = random.Random(seed)
    rows = []
    for _ in range(count):
        cosine, score, odds = draw.random(), draw.random(), draw.uniform(0, 6)
        signs = Signs(odds, cosine, score if scores else None)
        if score < none:
            rows.append(Judged(signs, 0.0, 0.0, 1.0))
        else:
            right = float(draw.random() < 1 / (1 + math.exp(-8 * (cosine - 0.4))))
            rows.append(Judged(signs, right, 1.0 - right, 0.0))
    return rows


def fitted(rows: list[Judged]) -> Judgement:
    found = fit_judgement(rows)
    assert found is not None
    return found


def test_the_chance_to_be_right_meets_the_truth_of_new_lists() -> None:
    found = fitted(drawn(600, 1, none=0.0))
    fresh = drawn(2_000, 2, none=0.0)
    chances = [found.chances(row.signs).right for row in fresh]
    assert calibration_error(chances, fresh) < 0.05
    assert found.reliability < 0.08
    assert max(chances) > 0.9
    assert min(chances) < 0.1


def test_it_tells_lists_without_a_right_candidate() -> None:
    found = fitted(drawn(600, 1, none=0.3))
    said = [(verdict_of(found.chances(row.signs)) == "none", row.none == 1.0) for row in drawn(500, 2, none=0.3)]
    assert sum(a == b for a, b in said) / len(said) > 0.85
    assert sum(a and b for a, b in said) > 0.7 * sum(b for _, b in said)


def test_few_rows_give_no_judgement() -> None:
    assert fit_judgement(drawn(FEWEST - 1, 1, none=0.0)) is None
    assert fit_judgement([]) is None


def test_without_enough_empty_lists_none_is_never_said() -> None:
    rows = drawn(200, 1, none=0.0)
    rows += [Judged(Signs(0.0, 0.0, 0.0), 0.0, 0.0, 1.0)] * (FEWEST_NONE - 1)
    found = fitted(rows)
    assert found.none == ()
    assert found.rows == 200
    assert found.chances(Signs(0.0, 0.0, 0.0)).none == 0.0


def test_lists_without_scores_are_judged_by_the_rest() -> None:
    found = fitted(drawn(400, 1))
    low, high = (found.chances(Signs(2.0, cosine, None)).right for cosine in (0.1, 0.9))
    assert low < high
    bare = fitted(drawn(400, 1, scores=False))
    assert bare.usual_score == 0.0
    assert bare.chances(Signs(2.0, 0.9, None)).right > bare.chances(Signs(2.0, 0.1, None)).right


def test_a_weight_of_nothing_counts_for_nothing() -> None:
    rows = drawn(300, 1)
    wrong = [Judged(row.signs, 0.0, 1.0, 0.0, 1e-9) for row in rows]
    plain, mixed = fitted(rows), fitted(rows + wrong)
    assert mixed.chances(Signs(3.0, 0.9, 0.9)).right == pytest.approx(
        plain.chances(Signs(3.0, 0.9, 0.9)).right, abs=0.02
    )


def test_equal_rows_give_an_equal_judgement() -> None:
    assert fit_judgement(drawn(200, 1)) == fit_judgement(drawn(200, 1))


@pytest.mark.parametrize(
    ("verdict", "first", "shares"),
    [
        ("exact", 1, (1.0, 0.0, 0.0)),
        ("", 1, (1.0, 0.0, 0.0)),
        ("close", 1, (0.5, 0.5, 0.0)),
        ("exact", 0, (0.0, 1.0, 0.0)),
        ("close", 0, (0.0, 1.0, 0.0)),
        ("none", 1, (0.0, 0.0, 1.0)),
    ],
)
def test_what_a_row_says_of_the_students_first(verdict: Verdict, first: int, shares: tuple[float, ...]) -> None:
    row = TrainingRow("m", "", (Candidate("A", "a"), Candidate("B", "b")), (1, 0), "teacher-exact", verdict=verdict)
    found = judged(row, Signs(0.0, 0.0, None), first=first)
    assert (found.right, found.wrong, found.none) == shares


@given(st.lists(st.tuples(FLOATS, st.floats(-1, 1), FLOATS), min_size=2, max_size=10))
def test_signs_are_those_of_the_best(rows: list[tuple[float, float, float]]) -> None:
    scores, cosines, retrieved = (list(column) for column in zip(*rows, strict=True))
    signs = signs_of(scores, cosines, retrieved)
    best = scores.index(max(scores))
    assert signs.cosine == cosines[best]
    assert signs.score == (retrieved[best] if len(set(retrieved)) > 1 else None)
    assert math.isfinite(signs.odds)
    share = math.exp(scores[best]) / sum(map(math.exp, scores))
    assert 1 / (1 + math.exp(-signs.odds)) == pytest.approx(share, abs=1e-4)


@given(st.tuples(FLOATS, FLOATS, FLOATS, FLOATS), st.tuples(FLOATS, FLOATS, FLOATS, FLOATS), FLOATS, FLOATS)
def test_chances_are_shares_whatever_the_weights(
    right: tuple[float, float, float, float], none: tuple[float, float, float, float], odds: float, score: float
) -> None:
    for weights in (none, ()):
        found = Judgement(right, weights, 0.5, 0.1, 40).chances(Signs(odds, 0.5, score))
        assert 0.0 <= found.right <= 1.0
        assert 0.0 <= found.none <= 1.0
        assert found.right + found.none <= 1.0 + 1e-9


def test_verdicts() -> None:
    assert verdict_of(Chances(0.8, 0.1)) == "exact"
    assert verdict_of(Chances(0.5, 0.1)) == "close"
    assert verdict_of(Chances(0.2, 0.3)) == "none"


def test_calibration_error_by_hand() -> None:
    rows = [Judged(Signs(0, 0, 0), right, 1 - right, 0.0) for right in (1.0, 0.0)]
    assert calibration_error([0.95, 0.95], rows) == pytest.approx(0.45)
    assert calibration_error([1.0, 0.0], rows) == 0.0
