"""Any sequence of steps, undos and redos against a plain-Python model of what a project should say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import pytest
from helpers.projects import TEXTS, accept, correct, new_project, state
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.errors import NotAllowedError
from rpdr_core.records import Changes, NewDecision, NewOpinion, Relation, ReviewPlan, ReviewState
from rpdr_core.store import Project, QueueQuery

IDS = st.integers(1, len(TEXTS))
PEOPLE = ("anna", "bo", "cy")
DRAWN = frozenset((1, 3, 4))
"""The mentions that the plan of these tests draws for two reviewers (see `test_the_draw_of_these_tests`)."""
PLAN = ReviewPlan(double_share=0.5, seed=1)


@dataclass(frozen=True)
class Said:
    """What a project says of one mention. `number` is that of the decision in force among all ever made, from 1;
    `origin` that of the decision it was carried over from."""

    status: str = "unreviewed"
    code: str = ""
    flagged: bool = False
    comment: str = ""
    relation: Relation | Literal[""] = ""
    reviewer: str = ""
    review: ReviewState = ""
    number: int = 0
    origin: int = 0
    second: str = ""


Everything = dict[int, Said]


@dataclass
class Model:
    """History as whole snapshots, which the store does not keep."""

    past: list[Everything] = field(default_factory=list)
    future: list[Everything] = field(default_factory=list)
    now: Everything = field(default_factory=lambda: dict.fromkeys(range(1, len(TEXTS) + 1), Said()))
    decisions: int = 0

    def step(self, new: Everything) -> None:
        self.past.append(self.now)
        self.future.clear()
        self.now = {**self.now, **new}

    def undo(self) -> None:
        if self.past:
            self.future.append(self.now)
            self.now = self.past.pop()

    def redo(self) -> None:
        if self.future:
            self.past.append(self.now)
            self.now = self.future.pop()

    def decided(self, id_: int, status: str, code: str, who: str, relation: Relation = "equivalent") -> Said | None:
        """After a decision; None where double review forbids it."""
        before = self.now[id_]
        answers, reopens = status not in ("deferred", "unreviewed"), status == "unreviewed"
        if before.review == "waiting" and who != before.reviewer:
            return None
        if before.review in ("agreed", "disputed", "adjudicated") and not reopens:
            return None
        waits = answers and who and id_ in DRAWN
        self.decisions += 1
        return replace(
            before, status=status, code=code, relation=relation if code else "", reviewer="" if reopens else who,
            review="waiting" if waits else "", number=self.decisions, origin=0, second="",
        )  # fmt: skip

    def in_force(self, number: int) -> tuple[int, Said] | None:
        found = [(id_, said) for id_, said in self.now.items() if said.number == number and said.status != "unreviewed"]
        return found[0] if found else None


KINDS = (
    "accept correct broader defer reopen bulk flag comment second settle carry revoke undo undo redo closing".split()  # noqa: SIM905
)
steps = st.tuples(st.sampled_from(KINDS), IDS, st.sampled_from(["", "a", "b"]), st.sampled_from(["", *PEOPLE, *PEOPLE]))


def take(project: Project, model: Model, kind: str, id_: int, value: str, who: str) -> Changes:
    """Do one step on both; what is illegal must be refused. Returns what the store says of it."""
    said, code = model.now[id_], f"H{value}"
    if kind in ("undo", "redo"):
        (model.undo if kind == "undo" else model.redo)()
        return project.undo() if kind == "undo" else project.redo()
    if kind == "flag":
        if said.flagged != bool(value):
            model.step({id_: replace(said, flagged=bool(value))})
        return project.set_flag(id_, bool(value))
    if kind == "comment":
        if said.comment != value:
            model.step({id_: replace(said, comment=value)})
        return project.set_comment(id_, value)
    if kind in ("second", "settle"):
        return (second if kind == "second" else settle)(project, model, id_, code, who)
    if kind in ("carry", "revoke"):
        return (carry if kind == "carry" else revoke)(project, model, id_, who)
    ids = range(id_, len(TEXTS) + 1 if kind == "bulk" else id_ + 1)
    made: dict[str, tuple[str, Callable[[int], NewDecision]]] = {
        "bulk": ("accepted", lambda one: accept(one, code, "A name")),
        "accept": ("accepted", lambda one: accept(one, code, "A name")),
        "correct": ("corrected", lambda one: correct(one, code, "A name")),
        "broader": ("corrected", lambda one: replace(correct(one, code, "A name"), relation="broader")),
        "defer": ("deferred", lambda one: NewDecision(one, "defer")),
        "reopen": ("unreviewed", lambda one: NewDecision(one, "reopen")),
    }
    status, new = made[kind]
    return decide(project, model, [new(one) for one in ids], status, who)


def decide(project: Project, model: Model, new: list[NewDecision], status: str, who: str) -> Changes:
    before = model.decisions
    after = {one.mention_id: model.decided(one.mention_id, status, one.code, who, one.relation) for one in new}
    if None in after.values():
        model.decisions = before
        return refused(lambda: project.decide_many(new, reviewer=who))
    model.step({id_: said for id_, said in after.items() if said is not None})
    return project.decide_many(new, reviewer=who)


def refused(step: Callable[[], Changes]) -> Changes:
    with pytest.raises(NotAllowedError):
        step()
    return Changes(frozenset())


def second(project: Project, model: Model, id_: int, code: str, who: str) -> Changes:
    said = model.now[id_]
    opinion = NewOpinion(id_, "second", "correct", code, "A name")
    if said.review != "waiting" or not who or who == said.reviewer:
        return refused(lambda: project.give_opinion(opinion, reviewer=who))
    state: ReviewState = "agreed" if (said.code, said.relation) == (code, "equivalent") else "disputed"
    model.step({id_: replace(said, review=state, second=who)})
    return project.give_opinion(opinion, reviewer=who)


def settle(project: Project, model: Model, id_: int, code: str, who: str) -> Changes:
    said = model.now[id_]
    if said.review != "disputed" or who in ("", said.reviewer, said.second):
        return refused(lambda: project.adjudicate(correct(id_, code, "A name"), reviewer=who))
    model.decisions += 1
    settled = replace(
        said, status="corrected", code=code, relation="equivalent", reviewer=who, review="adjudicated",
        number=model.decisions, origin=0,
    )  # fmt: skip
    model.step({id_: settled})
    return project.adjudicate(correct(id_, code, "A name"), reviewer=who)


def carry(project: Project, model: Model, id_: int, who: str) -> Changes:
    """Carry a mapping over to the next mention."""
    said, target = model.now[id_], id_ % len(TEXTS) + 1
    relation = said.relation or "equivalent"
    new = replace(
        accept(target, said.code or "Hx", "A name"), relation=relation, mode="propagated", origin_id=said.number or 999
    )
    before = model.decisions
    after = model.decided(target, "accepted", said.code, who, relation) if said.code else None
    if after is None:
        model.decisions = before
        return refused(lambda: project.decide(new, reviewer=who))
    model.step({target: replace(after, origin=said.number)})
    return project.decide(new, reviewer=who)


def revoke(project: Project, model: Model, id_: int, who: str) -> Changes:
    """Take back all that was carried over from a mention's decision."""
    number = model.now[id_].number
    carried = [one for one, said in model.now.items() if number and said.origin == number]
    before = model.decisions
    after = {one: model.decided(one, "unreviewed", "", who) for one in carried}
    if None in after.values():
        model.decisions = before
        return refused(lambda: project.revoke(number, reviewer=who))
    if carried:
        model.step({one: said for one, said in after.items() if said is not None})
    return project.revoke(number, reviewer=who)


def check(project: Project, model: Model) -> None:
    mentions = project.mentions(project.queue(QueueQuery()))
    in_force = {d.mention_id: d for d in project.decisions()}
    found = {m.id: (m.status, m.code, m.flagged, m.comment, m.relation, m.reviewer, m.review) for m in mentions}
    assert found == {
        id_: (s.status, s.code, s.flagged, s.comment, s.relation, s.reviewer, s.review) for id_, s in model.now.items()
    }
    expected = {id_: said for id_, said in model.now.items() if said.status != "unreviewed"}
    assert {id_: (d.id, d.code, d.origin_id or 0) for id_, d in in_force.items()} == {
        id_: (said.number, said.code, said.origin) for id_, said in expected.items()
    }
    taught = {
        (TEXTS[id_ - 1], said.code) for id_, said in expected.items() if said.code and said.relation == "equivalent"
    }
    assert {(term.term, term.code) for term in project.memory()} == taught
    second = {one.mention_id: one.reviewer for one in project.all_opinions("second")}
    assert all(second[id_] == said.second for id_, said in model.now.items() if said.second)
    progress = project.progress()
    assert progress.decided == sum(said.status != "deferred" for said in expected.values())
    assert progress.flagged == sum(said.flagged for said in model.now.values())
    assert progress.occurrences_decided == sum(m.count for m in mentions if m.id in expected and m.status != "deferred")
    assert bool(project.undo_text()) == bool(model.past)
    assert bool(project.redo_text()) == bool(model.future)


def test_the_draw_of_these_tests(tmp_path: Path) -> None:
    with new_project(tmp_path) as project:
        project.set_review_plan(PLAN)
        assert {id_ for id_ in range(1, len(TEXTS) + 1) if project.drawn(id_).double} == DRAWN


@settings(max_examples=120, deadline=None)
@given(st.lists(steps, max_size=30))
def test_the_store_says_what_the_model_says(
    tmp_path_factory: pytest.TempPathFactory, sequence: list[tuple[str, int, str, str]]
) -> None:
    folder: Path = tmp_path_factory.mktemp("model")
    project, model = new_project(folder), Model()
    project.set_review_plan(PLAN)
    memory: dict[int, tuple[str, str]] = {}
    states: list[dict[str, list[tuple[object, ...]]]] = []
    try:
        for kind, mention_id, value, who in sequence:
            depth = len(model.past)
            before = state(project.path)
            if kind == "closing":
                project.close()
                project = Project.open(project.path)
            else:
                changes = take(project, model, kind, mention_id, value, who)
                # A retriever that only follows the changes must end with the memory that the store has.
                for term in changes.forgotten:
                    del memory[term.decision_id]
                for term in changes.remembered:
                    assert term.decision_id not in memory
                    memory[term.decision_id] = (term.term, term.code)
            check(project, model)
            assert memory == {term.decision_id: (term.term, term.code) for term in project.memory()}
            if len(model.past) > depth and kind != "redo":
                states = [*states[:depth], before]
            elif len(model.past) < depth:
                # Byte for byte, not only as far as the model knows.
                assert state(project.path) == states[len(model.past)]
        assert project.verify_audit().ok
    finally:
        project.close()
