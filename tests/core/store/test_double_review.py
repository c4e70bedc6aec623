"""Double review: only legal steps, each illegal one refused with a cure; opinions beside the decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.projects import TEXTS, accept, correct, new_project, ranking, run_sql, state
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import Bug, NotAllowedError, NotFoundError, UserInputError
from rpdr_core.records import Changes, NewDecision, NewOpinion, Reviewer, ReviewPlan, Target
from rpdr_core.store import Project, QueueQuery
from rpdr_core.store.answers import same
from rpdr_core.store.reviewers import drawn

Step = Callable[[Project], Changes]

AGREES = NewOpinion(1, "second", "correct", "H53.8", "Other visual disturbances")
DIFFERS = NewOpinion(1, "second", "no_match", reason="unreadable")
SETTLED = replace(correct(1), comment="settled")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with new_project(tmp_path) as made:
        made.set_review_plan(ReviewPlan(double_share=1.0))
        yield made


def bring_to(project: Project, review: str) -> None:
    """A first decision by anna, and what it takes to get to a state."""
    if review:
        project.decide(accept(1), reviewer="anna")
    if review in ("agreed", "disputed", "adjudicated"):
        project.give_opinion(AGREES if review == "agreed" else DIFFERS, reviewer="bo")
    if review == "adjudicated":
        project.adjudicate(SETTLED, reviewer="cy")
    assert project.mentions([1])[0].review == review


def test_a_decision_of_a_drawn_mention_waits_for_the_second_reviewer(project: Project) -> None:
    project.decide(accept(1), reviewer="anna")
    assert project.mentions([1])[0].review == "waiting"
    project.decide(correct(1), reviewer="anna")
    assert project.mentions([1])[0].review == "waiting"
    project.decide(NewDecision(1, "defer"), reviewer="anna")
    assert project.mentions([1])[0].review == ""
    project.decide(NewDecision(1, "no_match", reason="unreadable"), reviewer="bo")
    assert project.mentions([1])[0].review == "waiting"
    project.decide(NewDecision(1, "reopen"), reviewer="bo")
    assert project.mentions([1])[0].review == ""


def test_a_decision_without_a_name_or_a_draw_waits_for_nobody(project: Project) -> None:
    project.decide(accept(1))
    project.set_review_plan(ReviewPlan())
    project.decide(accept(2), reviewer="anna")
    assert [mention.review for mention in project.mentions([1, 2])] == ["", ""]


@pytest.mark.parametrize(
    ("first", "second", "agree"),
    [
        (accept(1), AGREES, True),
        (accept(1), replace(AGREES, kind="accept", comment="sure", name="By another name"), True),
        (accept(1), replace(AGREES, relation="broader"), False),
        (accept(1), replace(AGREES, code="H54.6"), False),
        (accept(1), DIFFERS, False),
        (accept(1), replace(AGREES, also=(Target("H00", "Stye"),)), False),
        (
            replace(accept(1), also=(Target("H00", "Stye", "broader"),)),
            NewOpinion(1, "second", "accept", "H00", "Stye", "broader", (Target("H53.8", "Other"),)),
            True,
        ),
        (
            replace(accept(1), also=(Target("H00", "Stye", "broader"),)),
            NewOpinion(1, "second", "accept", "H00", "Stye", "equivalent", (Target("H53.8", "Other", "broader"),)),
            False,
        ),
        (NewDecision(1, "no_match", reason="unreadable"), DIFFERS, True),
        (NewDecision(1, "no_match", reason="not_retrieved"), DIFFERS, False),
    ],
)
def test_equal_answers_agree(project: Project, first: NewDecision, second: NewOpinion, agree: bool) -> None:
    project.decide(first, reviewer="anna")
    before = project.mentions([1])[0]
    changes = project.give_opinion(second, reviewer="bo")
    assert changes.kinds == {"mentions", "opinions"}
    assert changes.mention_ids == (1,)
    after = project.mentions([1])[0]
    assert after.review == ("agreed" if agree else "disputed")
    assert (after.status, after.code, after.reviewer) == (before.status, before.code, "anna")
    decision = project.decision(1)
    assert decision is not None
    assert project.opinions(1)[0].decision_id == decision.id
    assert (project.undo().kinds, project.mentions([1])[0]) == (changes.kinds, before)
    assert [one.undone for one in project.opinions(1)] == [True]
    assert list(project.all_opinions()) == []
    project.redo()
    assert project.mentions([1])[0] == after
    assert project.verify_audit().ok


def test_what_an_opinion_says_is_kept(project: Project) -> None:
    project.decide(accept(1), reviewer="anna")
    shown = (ranking(1, "retriever", "H53.8"),)
    also = (Target("H00", "Stye", "narrower"),)
    given_opinion = replace(
        AGREES, relation="inexact", also=also, comment="左眼", shown=shown, seconds=3.5, knowledge_base="kb"
    )
    project.give_opinion(given_opinion, reviewer="bo")
    (stored,) = project.all_opinions("second")
    for field in ("mention_id", "stage", "kind", "code", "name", "relation", "also", "reason", "comment", "seconds"):
        assert getattr(stored, field) == getattr(given_opinion, field)
    assert (stored.reviewer, stored.undone, stored.knowledge_base) == ("bo", False, "kb")
    assert project.opinion_shown(stored.id) == shown
    assert list(project.all_opinions("independent")) == []


def test_a_dispute_is_settled_by_somebody_else(project: Project) -> None:
    bring_to(project, "disputed")
    before = project.mentions([1])[0]
    project.adjudicate(SETTLED, reviewer="cy")
    after = project.mentions([1])[0]
    decision = project.decision(1)
    assert decision is not None
    assert (decision.mode, decision.reviewer, decision.comment) == ("adjudicated", "cy", "settled")
    assert (after.review, after.code, after.reviewer) == ("adjudicated", "H54.6", "cy")
    assert project.undo_text() == f"settle '{TEXTS[0]}'"
    project.undo()
    assert project.mentions([1])[0] == before
    project.redo()
    assert project.mentions([1])[0] == after


ROSTER = (Reviewer("anna"), Reviewer("bo"), Reviewer("cy", "adjudicator"), Reviewer("old", "lead", active=False))

ILLEGAL: dict[str, tuple[str, Step]] = {
    "another decides while one waits": ("waiting", lambda p: p.decide(correct(1), reviewer="bo")),
    "nobody decides while one waits": ("waiting", lambda p: p.decide(correct(1))),
    "another defers what waits": ("waiting", lambda p: p.decide(NewDecision(1, "defer"), reviewer="bo")),
    "another reopens what waits": ("waiting", lambda p: p.decide(NewDecision(1, "reopen"), reviewer="bo")),
    "the first answers again": ("waiting", lambda p: p.give_opinion(AGREES, reviewer="anna")),
    "the second has no name": ("waiting", lambda p: p.give_opinion(AGREES, reviewer="")),
    "a second answer without a first": ("", lambda p: p.give_opinion(AGREES, reviewer="bo")),
    "a third answer": ("agreed", lambda p: p.give_opinion(AGREES, reviewer="cy")),
    "a third answer in a dispute": ("disputed", lambda p: p.give_opinion(AGREES, reviewer="cy")),
    "deciding a dispute": ("disputed", lambda p: p.decide(correct(1), reviewer="anna")),
    "deferring a dispute": ("disputed", lambda p: p.decide(NewDecision(1, "defer"), reviewer="anna")),
    "deciding what is agreed": ("agreed", lambda p: p.decide(correct(1), reviewer="anna")),
    "deciding what is settled": ("adjudicated", lambda p: p.decide(correct(1), reviewer="cy")),
    "settling nothing": ("", lambda p: p.adjudicate(SETTLED, reviewer="cy")),
    "settling what waits": ("waiting", lambda p: p.adjudicate(SETTLED, reviewer="cy")),
    "settling what is agreed": ("agreed", lambda p: p.adjudicate(SETTLED, reviewer="cy")),
    "settling twice": ("adjudicated", lambda p: p.adjudicate(SETTLED, reviewer="cy")),
    "settling without a name": ("disputed", lambda p: p.adjudicate(SETTLED, reviewer="")),
    "the first settles": ("disputed", lambda p: p.adjudicate(SETTLED, reviewer="anna")),
    "the second settles": ("disputed", lambda p: p.adjudicate(SETTLED, reviewer="bo")),
    "an own answer after deciding": (
        "waiting",
        lambda p: p.give_opinion(replace(AGREES, stage="independent"), reviewer="anna"),
    ),
    "independent without an answer before": ("", lambda p: p.decide(replace(accept(1), mode="independent"))),
    "adjudicated by saying so": ("", lambda p: p.decide(replace(accept(1), mode="adjudicated"), reviewer="cy")),
    "propagated from nothing": ("", lambda p: p.decide(replace(accept(1), mode="propagated", origin_id=99))),
    "with a roster: a reviewer settles": (
        "disputed", lambda p: with_roster(p).adjudicate(SETTLED, reviewer="eve"),
    ),
    "with a roster: one who left settles": (
        "disputed", lambda p: with_roster(p).adjudicate(SETTLED, reviewer="old"),
    ),
    "with a roster: a reviewer reopens a dispute": (
        "disputed", lambda p: with_roster(p).decide(NewDecision(1, "reopen"), reviewer="anna"),
    ),
    "with a roster: one who left decides": ("", lambda p: with_roster(p).decide(accept(2), reviewer="old")),
    "with a roster: one who left answers": ("waiting", lambda p: with_roster(p).give_opinion(AGREES, reviewer="old")),
}  # fmt: skip


def with_roster(project: Project) -> Project:
    for reviewer in ROSTER:
        project.set_reviewer(reviewer, actor="anna")
    return project


@pytest.mark.parametrize("name", ILLEGAL)
def test_an_illegal_step_is_refused_with_a_cure(project: Project, name: str) -> None:
    review, step = ILLEGAL[name]
    bring_to(project, review)
    before, text = state(project.path), project.undo_text()
    with pytest.raises(NotAllowedError) as refused:
        step(project)
    assert refused.value.message
    assert refused.value.hint
    after = state(project.path)
    assert {table: rows for table, rows in after.items() if table not in ("reviewer", "setting")} == {
        table: rows for table, rows in before.items() if table not in ("reviewer", "setting")
    }
    assert project.undo_text() == text


LEGAL: dict[str, tuple[str, Step, str]] = {
    "the first thinks again": ("waiting", lambda p: p.decide(correct(1), reviewer="anna"), "waiting"),
    "an adjudicator reopens what waits": (
        "waiting", lambda p: with_roster(p).decide(NewDecision(1, "reopen"), reviewer="cy"), "",
    ),
    "a dispute is reopened": ("disputed", lambda p: p.decide(NewDecision(1, "reopen"), reviewer="anna"), ""),
    "an adjudicator reopens a dispute": (
        "disputed", lambda p: with_roster(p).decide(NewDecision(1, "reopen"), reviewer="cy"), "",
    ),
    "what is agreed is reopened": ("agreed", lambda p: p.decide(NewDecision(1, "reopen"), reviewer="bo"), ""),
    "what is settled is reopened": ("adjudicated", lambda p: p.decide(NewDecision(1, "reopen"), reviewer="cy"), ""),
    "an adjudicator of the roster settles": (
        "disputed", lambda p: with_roster(p).adjudicate(SETTLED, reviewer="cy"), "adjudicated",
    ),
    "one of the two settles, as the plan allows": (
        "disputed", lambda p: own(p).adjudicate(SETTLED, reviewer="bo"), "adjudicated",
    ),
}  # fmt: skip


def own(project: Project) -> Project:
    project.set_review_plan(ReviewPlan(double_share=1.0, own_adjudication=True))
    return project


@pytest.mark.parametrize("name", LEGAL)
def test_a_legal_step_leads_where_it_should(project: Project, name: str) -> None:
    review, step, after = LEGAL[name]
    bring_to(project, review)
    step(project)
    assert project.mentions([1])[0].review == after
    assert project.verify_audit().ok


def test_after_reopening_double_review_begins_anew(project: Project) -> None:
    bring_to(project, "disputed")
    project.decide(NewDecision(1, "reopen"), reviewer="anna")
    project.decide(correct(1), reviewer="bo")
    project.give_opinion(AGREES, reviewer="anna")
    assert project.mentions([1])[0].review == "disputed"
    # The opinion of the first round is not one of the two any more: only who answered now may not settle.
    with pytest.raises(NotAllowedError):
        project.adjudicate(SETTLED, reviewer="bo")
    with pytest.raises(NotAllowedError):
        project.adjudicate(SETTLED, reviewer="anna")


def test_answered_before_any_ranking(project: Project) -> None:
    opinion = NewOpinion(1, "independent", "correct", "H54.6", "Unqualified visual loss")
    before = project.mentions([1])[0]
    changes = project.give_opinion(opinion, reviewer="anna")
    assert changes.mention_ids == (1,)
    assert project.mentions([1])[0] == before, "an opinion changes no status"
    with pytest.raises(NotAllowedError, match="you have answered"):
        project.give_opinion(opinion, reviewer="anna")
    project.give_opinion(opinion, reviewer="bo")
    project.decide(replace(accept(1), mode="independent"), reviewer="anna")
    assert project.decision_history(1)[0].mode == "independent"
    assert [one.reviewer for one in project.all_opinions("independent")] == ["anna", "bo"]
    project.undo()
    undone = project.undo()
    assert (undone.mention_ids, undone.kinds) == ((1,), {"mentions", "opinions"})
    assert [one.undone for one in project.opinions(1)] == [False, True]
    project.redo()
    assert [one.undone for one in project.opinions(1)] == [False, False]


@pytest.mark.parametrize(
    "opinion",
    [
        NewOpinion(1, "independent", "defer"),
        NewOpinion(1, "independent", "reopen"),
        NewOpinion(1, "independent", "accept"),
        NewOpinion(1, "independent", "no_match"),
        NewOpinion(1, "independent", "accept", "H1", "x", "wider"),  # type: ignore[arg-type]
        NewOpinion(1, "independent", "accept", "H1", "x", also=(Target("H1", "x"),)),
        NewOpinion(1, "independent", "no_match", also=(Target("H1", "x"),), reason="unreadable"),
        NewOpinion(1, "independent", "no_match", reason="tired"),  # type: ignore[arg-type]
    ],
)
def test_an_opinion_that_says_nothing_sensible(project: Project, opinion: NewOpinion) -> None:
    with pytest.raises(UserInputError) as refused:
        project.give_opinion(opinion, reviewer="anna")
    assert refused.value.hint
    assert project.opinions(1) == []


def test_about_a_mention_that_is_not_there(project: Project) -> None:
    for step in (
        lambda: project.give_opinion(replace(AGREES, mention_id=99), reviewer="bo"),
        lambda: project.adjudicate(replace(SETTLED, mention_id=99), reviewer="cy"),
        lambda: project.drawn(99),
        lambda: project.opinion_shown(99),
    ):
        with pytest.raises(NotFoundError):
            step()
    with pytest.raises(UserInputError, match="settles nothing"):
        project.adjudicate(NewDecision(1, "defer"), reviewer="cy")


def test_opinions_are_append_only_and_vouched_for(tmp_path: Path) -> None:
    with new_project(tmp_path) as project:
        project.give_opinion(NewOpinion(1, "independent", "no_match", reason="unreadable"), reviewer="anna")
        for statement in ("UPDATE opinion SET reason = 'x'", "DELETE FROM opinion"):
            with pytest.raises(Bug, match="CONSTRAINT"):
                project._connection.execute(statement)
    run_sql(project.path, "DROP TRIGGER opinion_kept", "UPDATE opinion SET reviewer = 'eve'")
    with open_meddled(project.path) as connection:
        assert not connection.verify_audit().ok


def open_meddled(path: Path) -> Project:
    """A project whose trigger a meddler took away and put back."""
    run_sql(
        path,
        """CREATE TRIGGER opinion_kept BEFORE UPDATE OF
        id, mention_id, decision_id, stage, kind, code, name, relation, also, reason, comment, reviewer, made_at,
        seconds, knowledge_base, shown ON opinion
        BEGIN SELECT RAISE(ABORT, 'opinions are append-only'); END""",
    )
    return Project.open(path)


def test_the_roster(project: Project) -> None:
    assert project.reviewers() == []
    for reviewer in ROSTER:
        assert project.set_reviewer(reviewer, actor="anna").kinds == {"settings"}
    assert project.set_reviewer(ROSTER[0]).kinds == frozenset()
    project.set_reviewer(Reviewer("bo", "lead"))
    assert [(one.name, one.role, one.active) for one in project.reviewers()] == [
        ("anna", "reviewer", True), ("bo", "lead", True), ("cy", "adjudicator", True), ("old", "lead", False),
    ]  # fmt: skip
    for bad in (Reviewer(" "), Reviewer("x", "king")):  # type: ignore[arg-type]
        with pytest.raises(UserInputError):
            project.set_reviewer(bad)
    assert project.undo_text() == ""
    assert project.verify_audit().ok


def test_the_plan(project: Project) -> None:
    new = ReviewPlan(0.1, 0.2, seed=3, own_adjudication=True)
    assert project.set_review_plan(new, actor="anna").kinds == {"settings"}
    assert project.set_review_plan(new).kinds == frozenset()
    assert project.review_plan() == new
    for bad in (ReviewPlan(1.1), ReviewPlan(0.0, -0.1), ReviewPlan(float("nan"))):
        with pytest.raises(UserInputError):
            project.set_review_plan(bad)


def test_the_draw_is_seeded_and_stable(project: Project) -> None:
    first = [project.drawn(number) for number in range(1, len(TEXTS) + 1)]
    assert all(one.double and not one.independent for one in first)
    project.set_review_plan(ReviewPlan(0.5, 0.5, seed=1))
    keys = [number.to_bytes(4) for number in range(4_000)]
    draws = [drawn(ReviewPlan(0.3, 0.5, seed=1), key) for key in keys]
    assert 0.27 < sum(one.double for one in draws) / len(keys) < 0.33
    assert 0.47 < sum(one.independent for one in draws) / len(keys) < 0.53
    both = sum(one.double and one.independent for one in draws) / len(keys)
    assert 0.12 < both < 0.18, "the two draws know nothing of each other"
    more = [drawn(ReviewPlan(0.4, 0.5, seed=1), key) for key in keys]
    assert all(new.double for old, new in zip(draws, more, strict=True) if old.double)
    other = [drawn(ReviewPlan(0.3, 0.5, seed=2), key).double for key in keys]
    assert other != [one.double for one in draws]


@given(st.sampled_from(["accept", "correct"]), st.sampled_from(["accept", "correct"]), st.permutations(["A", "B", "C"]))
def test_answers_are_sets(kind: str, other: str, codes: list[str]) -> None:
    def answer(kind: str, codes: list[str]) -> NewDecision:
        first, *rest = codes
        return NewDecision(1, kind, first, "x", also=tuple(Target(code, "y") for code in rest))  # type: ignore[arg-type]

    assert same(answer(kind, ["A", "B", "C"]), answer(other, codes))
    assert not same(answer(kind, ["A", "B"]), answer(other, codes))


def test_propagation_is_traced_and_revoked_as_one_step(tmp_path: Path) -> None:
    with new_project(tmp_path, ["MI", "mi", "Mi", "other"]) as project:
        project.decide(accept(1), reviewer="anna")
        origin = project.decision(1)
        assert origin is not None
        carried = [replace(accept(id_), mode="propagated", origin_id=origin.id) for id_ in (2, 3)]
        project.decide_many(carried, reviewer="anna")
        before = state(project.path)
        assert [one.mention_id for one in project.propagated_from(origin.id)] == [2, 3]
        project.decide(correct(3), reviewer="anna")
        assert [one.mention_id for one in project.propagated_from(origin.id)] == [2]
        project.undo()
        changes = project.revoke(origin.id, reviewer="anna")
        assert changes.mention_ids == (2, 3)
        assert len(changes.forgotten) == 2
        assert [mention.status for mention in project.mentions([1, 2, 3])] == ["accepted", "unreviewed", "unreviewed"]
        assert project.propagated_from(origin.id) == []
        assert project.revoke(origin.id).kinds == frozenset()
        project.undo()
        assert state(project.path) == before
        assert project.verify_audit().ok


@pytest.mark.parametrize(
    "decision",
    [
        replace(accept(2), mode="propagated"),
        replace(accept(2), origin_id=1),
        replace(correct(2), mode="propagated", origin_id=1),
        replace(accept(2), relation="broader", mode="propagated", origin_id=1),
        replace(accept(1), mode="propagated", origin_id=1),
        replace(accept(2), mode="propagated", origin_id=2),
    ],
)
def test_what_is_no_propagation_is_refused(tmp_path: Path, decision: NewDecision) -> None:
    with new_project(tmp_path) as project:
        project.decide(accept(1))
        project.decide(accept(3))
        project.undo()
        with pytest.raises(UserInputError):
            project.decide(decision)
        assert list(project.queue(QueueQuery(frozenset(["accepted"])))) == [1]
