"""Whose decision it is, and which mapped mentions another reviewer may not know of yet."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.projects import correct, new_project

from rpdr_core.errors import NotFoundError
from rpdr_core.records import NewDecision, NewOpinion, ReviewPlan


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
