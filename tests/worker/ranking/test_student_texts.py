from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.records import Candidate
from rpdr_worker.ranking.student_texts import candidate_texts, mention_text, prior_scores, usual_gaps


@pytest.mark.parametrize(
    ("mention", "context", "width", "read"),
    [
        ("blurry  vision", "", 40, "blurry vision"),
        ("blurry vision", "has blurry vision today", 0, "blurry vision"),
        ("blurry vision", "blurry vision", 40, "blurry vision"),
        ("blurry vision", "has Blurry Vision today", 40, "blurry vision (has Blurry Vision today)"),
        ("MI", "x" * 50 + " MI " + "y" * 50, 5, "MI (xxxx MI yyyy)"),
        ("MI", "elsewhere in the note", 5, "MI (elsewhere)"),
    ],
)
def test_what_is_read_of_a_mention(mention: str, context: str, width: int, read: str) -> None:
    assert mention_text(mention, context, width) == read


def test_what_is_read_of_a_candidate() -> None:
    assert candidate_texts(Candidate("A", "Myopia", "Myopia")) == ("Myopia",)
    assert candidate_texts(Candidate("A", "Myopia", "myopia")) == ("Myopia",)
    assert candidate_texts(Candidate("A", "Myopia", "")) == ("Myopia",)
    assert candidate_texts(Candidate("A", "Myopia", "short sight", "synonym")) == ("Myopia", "short sight")
    assert candidate_texts(Candidate("A", "Myopia", "short sight", "lexicon")) == ("Myopia", "short sight")
    assert candidate_texts(Candidate("A", "Myopia", "my eyes are bad", "memory")) == ("Myopia",)
    assert candidate_texts(Candidate("H52.1", "Myopia", "H52.1", "code")) == ("Myopia",)


def scored(*scores: float) -> list[Candidate]:
    return [Candidate(str(place), "n", score=score) for place, score in enumerate(scores)]


def test_the_prior_is_the_distance_to_the_best() -> None:
    assert prior_scores(scored(0.75, 0.5, 0.25), ()) == [0.0, -0.25, -0.5]


def test_the_order_of_a_foreign_list_counts_a_little() -> None:
    own, foreign = prior_scores(scored(0.75, 0.5, 0.5), ()), prior_scores(scored(0.5, 0.75, 0.5), ())
    assert own == [0.0, -0.25, -0.25]
    assert foreign[1] == 0.0
    assert foreign[0] > -0.25
    assert foreign[2] < -0.25


def test_a_list_without_scores_gets_the_usual_gaps() -> None:
    assert prior_scores(scored(0.0, 0.0, 0.0), (0.0, -0.1)) == [0.0, -0.1, -0.1]
    assert prior_scores(scored(0.0, 0.0), ()) == [0.0, 0.0]
    assert prior_scores(scored(0.7), (0.0, -0.1)) == [0.0]
    assert prior_scores([], (0.0,)) == []


def test_usual_gaps_are_means_over_lists_with_scores() -> None:
    assert usual_gaps([scored(1.0, 0.5), scored(1.0, 0.75, 0.25), scored(0.0, 0.0), []]) == (0.0, -0.375, -0.75)
    assert usual_gaps([]) == ()


@given(st.lists(st.floats(-2, 2), min_size=1, max_size=12))
def test_no_prior_is_above_zero(scores: list[float]) -> None:
    found = prior_scores(scored(*scores), usual_gaps([scored(*scores)]))
    assert len(found) == len(scores)
    assert max(found) == 0.0
