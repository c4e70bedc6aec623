"""Any sequence of steps, undos and redos against a plain-Python model of what a project should say."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from helpers.projects import TEXTS, accept, correct, new_project
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.records import Changes, NewDecision
from rpdr_core.store import Project, QueueQuery

Cells = tuple[str, str, bool, str]  # status, code, flagged, comment
IDS = st.integers(1, len(TEXTS))


@dataclass
class Model:
    """History as whole snapshots, which the store does not keep."""

    past: list[dict[int, Cells]] = field(default_factory=list)
    future: list[dict[int, Cells]] = field(default_factory=list)
    now: dict[int, Cells] = field(
        default_factory=lambda: dict.fromkeys(range(1, len(TEXTS) + 1), ("unreviewed", "", False, ""))
    )

    def step(self, new: dict[int, Cells]) -> None:
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

    def decided(self, mention_id: int, status: str, code: str) -> Cells:
        return (status, code, *self.now[mention_id][2:])


steps = st.one_of(
    st.tuples(st.just("accept"), IDS, st.sampled_from(["H1", "H2"])),
    st.tuples(st.just("correct"), IDS, st.sampled_from(["H1", "H2"])),
    st.tuples(st.just("defer"), IDS, st.just("")),
    st.tuples(st.just("reopen"), IDS, st.just("")),
    st.tuples(st.just("bulk"), IDS, st.sampled_from(["H3", "H4"])),
    st.tuples(st.just("flag"), IDS, st.sampled_from(["on", ""])),
    st.tuples(st.just("comment"), IDS, st.sampled_from(["", "a", "备注"])),
    st.tuples(st.sampled_from(["undo", "undo", "redo", "reopen file"]), st.just(0), st.just("")),
)


def take(project: Project, model: Model, kind: str, mention_id: int, value: str) -> Changes:
    """Do one step on both; returns what the store says of it."""
    cells = model.now.get(mention_id, ("", "", False, ""))
    if kind == "undo":
        model.undo()
        return project.undo()
    if kind == "redo":
        model.redo()
        return project.redo()
    if kind == "flag":
        if cells[2] != bool(value):
            model.step({mention_id: (*cells[:2], bool(value), cells[3])})
        return project.set_flag(mention_id, bool(value))
    if kind == "comment":
        if cells[3] != value:
            model.step({mention_id: (*cells[:3], value)})
        return project.set_comment(mention_id, value)
    if kind == "bulk":
        ids = range(mention_id, len(TEXTS) + 1)
        model.step({id_: model.decided(id_, "accepted", value) for id_ in ids})
        return project.decide_many([accept(id_, value, "A name") for id_ in ids])
    if kind in ("accept", "correct"):
        model.step({mention_id: model.decided(mention_id, f"{kind}ed", value)})
        return project.decide((accept if kind == "accept" else correct)(mention_id, value, "A name"))
    model.step({mention_id: model.decided(mention_id, "deferred" if kind == "defer" else "unreviewed", "")})
    return project.decide(NewDecision(mention_id, kind))  # type: ignore[arg-type]


def check(project: Project, model: Model) -> None:
    mentions = project.mentions(project.queue(QueueQuery()))
    assert {m.id: (m.status, m.code, m.flagged, m.comment) for m in mentions} == model.now
    expected = {id_: (code, status) for id_, (status, code, _, _) in model.now.items() if status != "unreviewed"}
    in_force = {d.mention_id: d for d in project.decisions()}
    assert {id_: d.code for id_, d in in_force.items()} == {id_: code for id_, (code, _) in expected.items()}
    mapped = {(TEXTS[id_ - 1], code) for id_, (code, status) in expected.items() if status != "deferred"}
    assert {(term.term, term.code) for term in project.memory()} == mapped
    progress = project.progress()
    assert progress.decided == len(mapped)
    assert progress.flagged == sum(cells[2] for cells in model.now.values())
    assert progress.occurrences_decided == sum(m.count for m in mentions if m.id in expected) - sum(
        m.count for m in mentions if m.status == "deferred"
    )
    assert bool(project.undo_text()) == bool(model.past)
    assert bool(project.redo_text()) == bool(model.future)


@settings(max_examples=40, deadline=None)
@given(st.lists(steps, max_size=25))
def test_the_store_says_what_the_model_says(
    tmp_path_factory: pytest.TempPathFactory, sequence: list[tuple[str, int, str]]
) -> None:
    folder: Path = tmp_path_factory.mktemp("model")
    project, model = new_project(folder), Model()
    memory: dict[int, tuple[str, str]] = {}
    try:
        for kind, mention_id, value in sequence:
            if kind == "reopen file":
                project.close()
                project = Project.open(project.path)
            else:
                changes = take(project, model, kind, mention_id, value)
                # A retriever that only follows the changes must end with the memory that the store has.
                for term in changes.forgotten:
                    del memory[term.decision_id]
                for term in changes.remembered:
                    assert term.decision_id not in memory
                    memory[term.decision_id] = (term.term, term.code)
            check(project, model)
            assert memory == {term.decision_id: (term.term, term.code) for term in project.memory()}
        assert project.verify_audit().ok
    finally:
        project.close()
