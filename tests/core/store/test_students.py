from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.projects import accept, new_project, ranking
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import Bug, NotAllowedError, NotFoundError
from rpdr_core.store import Project, Promotion, StoredAdapter, open_reader
from rpdr_core.store.students import in_use


def adapter(id: str, folder: str = "/adapters/a", run_id: str = "") -> StoredAdapter:
    return StoredAdapter(id, "encoder", folder, run_id, "", "anna", "{}")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with new_project(tmp_path) as made:
        for name in ("aa", "bb"):
            made.register_adapter(adapter(name))
        yield made


def used(project: Project) -> str:
    history = project.promotions()
    assert project.promoted() == (history[-1].adapter_id if history else None)
    return history[-1].adapter_id if history else "nobody ever"


def test_registered_adapters_come_back_with_their_time(project: Project) -> None:
    found = project.adapters()
    assert [replace(one, registered_at="") for one in found] == [adapter("aa"), adapter("bb")]
    assert all(one.registered_at.endswith("Z") for one in found)


def test_registering_again_is_no_change_unless_it_moved(project: Project) -> None:
    assert project.register_adapter(adapter("aa")).kinds == set()
    assert project.register_adapter(adapter("aa", "/elsewhere", "run-1")).kinds == {"adapters"}
    assert project.register_adapter(adapter("aa", "/elsewhere")).kinds == set()
    found = {one.id: one for one in project.adapters()}
    assert (found["aa"].folder, found["aa"].run_id) == ("/elsewhere", "run-1")
    assert len(found) == 2


def test_promote_and_roll_back_are_one_step_each(project: Project) -> None:
    changes = project.promote("aa", report='{"n":1}', reviewer="bo")
    assert (changes.kinds, changes.summary) == ({"adapters"}, "promote student aa")
    project.promote("bb", reviewer="bo")
    assert used(project) == "bb"
    assert project.roll_back(reviewer="anna").summary == "roll back to student aa"
    assert used(project) == "aa"
    assert project.roll_back().summary == "roll back to no student"
    assert used(project) == ""
    with pytest.raises(NotAllowedError, match="no promotion"):
        project.roll_back()
    first = project.promotions()[0]
    assert (first.report, first.reviewer, first.reason) == ('{"n":1}', "bo", "promote")
    assert [one.reason for one in project.promotions()] == ["promote", "promote", "rollback", "rollback"]
    assert project.verify_audit().ok


def test_after_a_rollback_the_next_promotion_stands_on_what_is_in_use(project: Project) -> None:
    for step in ("aa", "bb", "", "bb", ""):
        project.promote(step) if step else project.roll_back()
    assert used(project) == "aa"


def test_the_one_in_use_is_not_promoted_again(project: Project) -> None:
    project.promote("aa")
    assert project.promote("aa").kinds == set()
    assert len(project.promotions()) == 1


def test_a_stranger_cannot_be_promoted(project: Project) -> None:
    with pytest.raises(NotFoundError, match="no student cc"):
        project.promote("cc")
    assert project.promotions() == []


def test_history_cannot_be_rewritten(project: Project) -> None:
    project.promote("aa")
    for statement in ("UPDATE promotion SET adapter_id = 'bb'", "DELETE FROM promotion"):
        with pytest.raises(Bug):
            project._connection.execute(statement)
    assert used(project) == "aa"


def test_the_queue_follows_the_student_in_use(project: Project) -> None:
    """Confidence and disagreement of a mention are those of the student in use, or of none after a rollback."""
    project.record_rankings([ranking(1, "retriever", "H53.8", "H54.6", confidence=0.4)])
    project.record_rankings([ranking(1, "student:aaaa", "H54.6", "H53.8", confidence=0.9)])
    project.record_rankings([ranking(1, "student:bbbb", "H53.8", "H54.6", confidence=0.2)])

    def stands() -> tuple[float | None, int]:
        [mention] = project.mentions([1])
        return mention.confidence, mention.disagreement

    assert stands() == (0.2, 0), "the newest, as long as none was put in use"
    for name in ("aaaa", "bbbb"):
        project.register_adapter(adapter(name))
    changes = project.promote("aaaa")
    assert stands() == (0.9, 1)
    assert changes.mention_ids == (1,)
    assert "mentions" in changes.kinds
    project.record_rankings([ranking(1, "student:bbbb", "H53.8", "H54.6", confidence=0.3)])
    assert stands() == (0.9, 1), "a student that is not in use says nothing"
    project.promote("bbbb")
    assert stands() == (0.3, 0)
    project.roll_back()
    assert stands() == (0.9, 1)
    project.roll_back()
    assert stands() == (0.4, 0), "no student, no student's word"


def test_undo_leaves_students_alone(project: Project) -> None:
    project.decide(accept(1))
    project.promote("aa")
    project.undo()
    assert used(project) == "aa"
    assert project.decision(1) is None


def test_readers_see_it_after_a_restart(project: Project) -> None:
    project.promote("bb")
    path = project.path
    project.close()
    with open_reader(path) as reader:
        assert [one.id for one in reader.adapters()] == ["aa", "bb"]
        assert reader.promotions()[-1].adapter_id == "bb"


@given(st.lists(st.sampled_from(["aa", "bb", "cc", ""]), max_size=30))
def test_the_newest_row_agrees_with_the_stack(steps: list[str]) -> None:
    """A model: promotions push, rollbacks pop, and the row written names what is on top then."""
    stack: list[str] = []
    rows: list[Promotion] = []
    for number, step in enumerate(steps):
        if step:
            stack.append(step)
        elif stack:
            stack.pop()
        else:
            continue
        rows.append(Promotion(number, stack[-1] if stack else "", "", "", "promote" if step else "rollback", ""))
    assert in_use(rows) == stack
    assert (rows[-1].adapter_id if rows else "") == (stack[-1] if stack else "")
