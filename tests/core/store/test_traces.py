"""Whose decision it is, and which mapped mentions another reviewer may not know of yet."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.projects import SOURCE, correct, new_project, ranking

from rpdr_core.errors import NotFoundError
from rpdr_core.records import NewDecision, NewMention, NewOpinion, ReviewPlan


def test_a_decision_knows_its_mention(tmp_path: Path) -> None:
    with new_project(tmp_path) as project:
        project.decide(correct(3))
        decision = project.decision(3)
        assert decision is not None
        assert project.mention_of_decision(decision.id).id == 3
        with pytest.raises(NotFoundError):
            project.mention_of_decision(99)


def test_only_what_waits_for_somebody_else_is_hidden(tmp_path: Path) -> None:
    with new_project(tmp_path) as project:
        project.decide(correct(1), reviewer="Ann")
        project.set_review_plan(ReviewPlan(double_share=1.0))
        project.decide_many([correct(2), correct(3), correct(4, "Z99", "Other")], reviewer="Ann")
        assert list(project.waiting_here("H54.6", "Bob")) == [2, 3]
        assert list(project.waiting_here("H54.6", "Ann")) == []
        assert list(project.waiting_here("", "Bob")) == []
        project.give_opinion(NewOpinion(2, "second", "correct", "H54.6", "Unqualified visual loss"), reviewer="Bob")
        assert list(project.waiting_here("H54.6", "Bob")) == [3]


def test_putting_a_mention_off_leaves_room_for_an_answer_before_rankings(tmp_path: Path) -> None:
    with new_project(tmp_path) as project:
        project.set_review_plan(ReviewPlan(independent_share=1.0))
        project.decide(NewDecision(1, "defer"), reviewer="Ann")
        project.give_opinion(NewOpinion(1, "independent", "correct", "H54.6", "Name"), reviewer="Ann")
        assert [one.code for one in project.opinions(1)] == ["H54.6"]


def test_a_guess_and_a_mention_without_a_match_are_not_mapped_here(tmp_path: Path) -> None:
    with new_project(tmp_path) as project:
        project.set_review_plan(ReviewPlan(double_share=1.0))
        project.record_rankings(ranking(number, "retriever", "H54.6", "H53.8") for number in (1, 2, 3))
        project.decide(NewDecision(1, "no_match", reason="not_in_terminology"), reviewer="Ann")
        project.decide(correct(2), reviewer="Ann")
        assert list(project.waiting_here("H54.6", "Bob")) == [2]


def test_a_remembered_word_comes_from_the_newest_decision_that_one_may_know_of(tmp_path: Path) -> None:
    with new_project(tmp_path, ["MI"]) as project:
        project.add_mentions(SOURCE, [NewMention("mi", f"sentence {number}") for number in range(120)])
        assert project.memory_origin("MI", "H54.6", "Bob") is None
        project.decide_many([correct(number) for number in range(1, 61)], reviewer="Ann")
        for number in (100, 90):
            project.decide(correct(number), reviewer="Ann")
        project.decide(correct(100, "Z99", "Other"), reviewer="Ann")
        found = project.memory_origin("Mi", "H54.6", "Bob")
        assert found is not None
        assert found.mention_id == 90
        project.set_review_plan(ReviewPlan(double_share=1.0))
        project.decide(correct(120), reviewer="Ann")
        origins = {who: project.memory_origin("MI", "H54.6", who) for who in ("Ann", "Bob")}
        assert {who: one and one.mention_id for who, one in origins.items()} == {"Ann": 120, "Bob": 90}
