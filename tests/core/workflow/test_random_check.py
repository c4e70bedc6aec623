"""The random check where the plain course is left: after an acceptance, with two rankers, with answers carried over."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.projects import new_project, ranking
from helpers.reviewed import decide_as, ranked_project
from helpers.students import adapter_folder

from rpdr_core.records import NewDecision, ReviewPlan
from rpdr_core.store import Project
from rpdr_core.workflow import sure_acceptance
from rpdr_core.workflow.adapters import register_adapter
from rpdr_core.workflow.dashboard import dashboard_of
from rpdr_core.workflow.dashboard_figures import ALPHAS, Offer
from rpdr_core.workflow.random_check import draw, unanswered
from rpdr_core.workflow.sure_acceptance import accept_all, preview

TEN = ALPHAS.index(0.1)


def of_two_kinds(folder: Path, sure: int, unsure: int, right: float) -> tuple[Project, dict[int, str]]:
    """Mentions at 95 %, all right, and some at 70 % that are right as often as said."""
    total = sure + unsure
    project = new_project(folder, [f"mention {number}" for number in range(1, total + 1)])
    project.record_rankings(
        ranking(number, "retriever", "A1", "B2", confidence=0.95 if number <= sure else 0.7)
        for number in range(1, total + 1)
    )
    source = random.Random(1)
    truth = {number: "A1" if number <= sure or source.random() < right else "B2" for number in range(1, total + 1)}
    return project, truth


def offer_of(project: Project) -> Offer:
    return dashboard_of(project).safety.promises[TEN]


def test_what_was_accepted_no_longer_vouches_for_the_rest(tmp_path: Path) -> None:
    project, truth = of_two_kinds(tmp_path, 700, 400, right=0.82)
    with project:
        draw(project, 300, seed=3)
        for number in unanswered(project):
            decide_as(project, number, truth[number])
        assert offer_of(project).promise.threshold == 0.0, "both kinds together err little enough"
        seen = preview(project, 0.9)
        accept_all(project, seen.ids, 0.9, reviewer="ann")
        rest = preview(project, 0.0).ids
        assert sum(truth[number] == "B2" for number in rest) > 0.1 * len(rest)
        after = offer_of(project)
        assert after.promise.threshold is None, (
            "the sure ones of the check say nothing of the unsure ones that are left"
        )
        project.undo()
        assert offer_of(project).promise.threshold == 0.0


def test_a_step_that_ends_among_equally_sure_ones_may_go_on(tmp_path: Path) -> None:
    project, truth = of_two_kinds(tmp_path, 700, 100, right=0.5)
    with project:
        draw(project, 200, seed=3)
        for number in unanswered(project):
            decide_as(project, number, truth[number])
        before = offer_of(project)
        assert before.promise.threshold is not None
        accept_all(project, preview(project, 0.9).ids[:200], 0.9, reviewer="ann")
        after = offer_of(project)
        assert after.promise.threshold is not None
        assert after.promise.n == before.promise.n


def test_a_mention_that_the_student_has_not_ranked_is_judged_by_the_confidence_it_has(tmp_path: Path) -> None:
    with ranked_project(tmp_path, 300) as project:
        student = adapter_folder(tmp_path / "adapters", "new")
        register_adapter(project, student)
        project.promote(student.id)
        ranked = range(1, 151)
        project.record_rankings(
            ranking(number, f"student:{student.id}", "A1", "B2", confidence=0.9) for number in ranked
        )
        draw(project, 100, seed=3)
        for number in unanswered(project):
            decide_as(project, number, "A1" if number in ranked else "B2")
        promise = offer_of(project).promise
        assert promise.threshold is None, "the retriever's are all wrong, and they would be accepted with the others"


def test_an_answer_carried_over_counts_in_the_check(tmp_path: Path) -> None:
    with ranked_project(tmp_path, 300) as project:
        decide_as(project, 1, "B2")
        origin = project.decision(1)
        assert origin is not None
        draw(project, 100, seed=3)
        for number in unanswered(project):
            project.decide(
                NewDecision(number, "correct", "B2", "Name of B2", mode="propagated", origin_id=origin.id),
                reviewer="ann",
            )
        found = dashboard_of(project).safety
        assert (found.check, found.promises[TEN].promise.threshold) == ("done", None)
        assert found.promises[TEN].promise.wrong == found.promises[TEN].promise.n > 0


def test_what_nothing_fits_is_not_promised(tmp_path: Path) -> None:
    with ranked_project(tmp_path, 300) as project:
        project.record_rankings(
            [replace(ranking(number, "teacher", "A1", "B2"), verdict="none") for number in range(1, 101)]
        )
        draw(project, 100, seed=3)
        for number in unanswered(project):
            if number > 100:
                decide_as(project, number, "A1")
            else:
                project.decide(NewDecision(number, "no_match", reason="not_retrieved"), reviewer="ann")
        offer = offer_of(project)
        assert offer.promise.threshold is not None
        assert offer.mentions == len(preview(project, offer.promise.threshold).ids)


def test_nobody_works_at_what_is_accepted_unseen(tmp_path: Path) -> None:
    with ranked_project(tmp_path, 120) as project:
        for number in range(1, 11):
            decide_as(project, number, "A1")
        accept_all(project, preview(project, 0.6).ids, 0.6, reviewer="ann")
        decide_as(project, preview(project, 0.0).ids[0], "A1", reviewer="bo")
        worked = {one.reviewer: one.mentions for one in dashboard_of(project).pace.worked}
    assert worked == {"ann": 10, "bo": 1}


def test_what_is_left_to_people_does_not_use_up_what_may_be_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sure_acceptance, "MOST", 10)
    with ranked_project(tmp_path, 80) as project:
        project.set_review_plan(ReviewPlan(independent_share=0.5, seed=3))
        drawn = {number for number in range(1, 81) if project.drawn(number).independent}
        assert len(drawn) > 20
        accepted: set[int] = set()
        while ids := preview(project, 0.0).ids:
            assert len(ids) <= 10
            accepted |= set(accept_all(project, ids, 0.0, reviewer="ann").mention_ids)
        assert accepted == set(range(1, 81)) - drawn


def test_the_sure_ones_that_are_left_to_people_vouch_for_nobody_else(tmp_path: Path) -> None:
    project, truth = of_two_kinds(tmp_path, 700, 400, right=0.82)
    with project:
        draw(project, 300, seed=3)
        for number in unanswered(project):
            decide_as(project, number, truth[number])
        project.set_review_plan(ReviewPlan(independent_share=0.6, seed=3))
        accept_all(project, preview(project, 0.9).ids, 0.9, reviewer="ann")
        assert offer_of(project).promise.threshold is None
