"""A second answer without a glimpse of the first: not in the list, the panes, the history, or the mapped mentions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.desk_parts import FakeWorker, Rig, make_project, wait_until
from helpers.widget_trees import words
from PySide6.QtCore import Qt

from rpdr_core.records import NewDecision, ReviewPlan
from rpdr_core.store import Project
from rpdr_desk.item_models.queue_model import MENTION
from rpdr_desk.operations.eyes import unremembered
from rpdr_desk.operations.history import history_of
from rpdr_desk.operations.reviewing import mapped_here

pytestmark = pytest.mark.gui
CTRL = Qt.KeyboardModifier.ControlModifier
Open = Callable[[Path, FakeWorker], Rig]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Ann has decided the first four of six, and said why; all are drawn for two reviewers."""
    made = make_project(tmp_path / "two.rpdr", 6, ranked=True)
    with Project.open(made) as project:
        project.set_review_plan(ReviewPlan(double_share=1.0))
        for number in (1, 2):
            project.set_comment(number, "SECRET")
            project.decide(NewDecision(number, "correct", "X09", "Disorder number 9", comment="SECRET"), reviewer="Ann")
        project.decide(NewDecision(3, "no_match", reason="unreadable"), reviewer="Ann")
        project.decide(NewDecision(4, "correct", "X09", "Disorder number 9"), reviewer="Ann")
    return made


@pytest.fixture
def bob(path: Path, open_window: Open) -> Rig:
    """The second reviewer's window, on every mention."""
    rig = open_window(path, FakeWorker(alive=False))
    rig.settings.change(reviewer="Bob")
    rig.page.queue_pane.set_queue("all")
    wait_until(lambda: rig.page.model.rowCount() == 6)
    rig.page.go_to(1)
    rig.page.table.setFocus()
    return rig


def review_of(rig: Rig, mention_id: int) -> str:
    found: list[str] = []
    rig.workspace.store.query(lambda project: project.mentions([mention_id])[0].review, found.append)
    wait_until(lambda: bool(found))
    return found[0]


def test_the_mention_looks_untouched(bob: Rig) -> None:
    seen = bob.page.flow.mention
    assert seen is not None
    assert (seen.status, seen.code, seen.name, seen.comment, seen.reviewer) == ("unreviewed", "", "", "", "")
    assert (seen.reason, seen.relation, seen.more, seen.review, seen.changed_at) == ("", "", 0, "", "")
    assert bob.workspace.reading.decision(1) is None
    rows = [bob.page.model.index(row).data(MENTION) for row in range(6)]
    assert {row.status for row in rows} == {"unreviewed"}
    assert bob.page.table.delegate.decided == ""
    assert "Second review" in bob.page.mention_pane.opinions.text()


def test_the_first_reviewer_sees_their_own_decision(bob: Rig) -> None:
    bob.settings.change(reviewer="Ann")
    wait_until(lambda: bob.page.flow.mention is not None and bob.page.flow.mention.code == "X09")
    assert "waits for a second reviewer" in bob.page.mention_pane._facts.text()


def test_no_trace_of_the_decision_is_on_the_page(bob: Rig) -> None:
    bob.settle()
    assert not any("SECRET" in word or "Ann" in word for word in words(bob.page))


def test_who_is_mapped_there_leaves_the_waiting_out(path: Path) -> None:
    with Project.open(path) as project:
        assert mapped_here(project, "X09", "Bob") == (0, [])
        total, found = mapped_here(project, "X09", "Ann")
    assert (total, [one.id for one in found]) == (3, [4, 1, 2]) or total == 3


def test_the_history_is_closed_until_the_own_answer(path: Path) -> None:
    with Project.open(path) as project:
        closed = history_of(project, "Bob", 1)
        own = history_of(project, "Ann", 1)
    assert closed is not None
    assert own is not None
    assert (closed.entries, closed.withheld, closed.mention.code) == ((), True, "")
    assert (len(own.entries), own.withheld) == (1, False)


def test_an_equal_answer_agrees_and_the_flow_goes_on(bob: Rig) -> None:
    row = [one.code for one in bob.page.flow.rows].index("X09")
    bob.press(str(row + 1))
    wait_until(lambda: bob.mention == 2)
    assert review_of(bob, 1) == "agreed"
    bob.press("k")
    assert bob.page.flow.mention is not None
    assert bob.page.flow.mention.code == "X09"
    assert "two reviewers agree" in bob.page.mention_pane._facts.text()


def test_another_answer_is_a_dispute_and_decides_nothing(bob: Rig) -> None:
    row = next(number for number, one in enumerate(bob.page.flow.rows) if one.code != "X09")
    bob.press(str(row + 1))
    wait_until(lambda: bob.mention == 2)
    assert review_of(bob, 1) == "disputed"
    bob.press("k")
    assert bob.page.flow.mention is not None
    assert bob.page.flow.mention.code == "X09"
    assert "disputed" in bob.page.mention_pane._facts.text()
    bob.press("1")
    wait_until(bob.page.banner.isVisible)
    assert bob.mention == 1
    assert review_of(bob, 1) == "disputed"


def test_who_takes_over_goes_through_what_the_one_before_has_dealt_with(path: Path, open_window: Open) -> None:
    rig = open_window(path, FakeWorker(alive=False))
    rig.settings.change(reviewer="Ann")
    rig.page.queue_pane.set_queue("unreviewed")
    wait_until(lambda: rig.page.model.rowCount() == 2)
    rig.page.go_to(5)
    rig.page.table.setFocus()
    rig.press("1")
    wait_until(lambda: rig.mention == 6)
    rig.press("1")
    wait_until(rig.page.banner.isVisible)
    assert "dealt with" in rig.page.banner.text
    assert rig.window.strip._figures.text().startswith("Ann ")
    rig.settings.change(reviewer="Bob")
    assert rig.window.strip._figures.text().startswith("Bob "), "the window says whose decisions these are"
    rig.page.queue_pane.set_queue("second_review")
    wait_until(lambda: rig.page.model.rowCount() == 6)
    waiting = [rig.page.model.id(row) for row in range(6)]
    rig.page.go_to(waiting[waiting.index(6) - 1])
    rig.page.table.setFocus()
    rig.press("2")
    wait_until(lambda: rig.mention == 6)


def test_no_match_with_a_reason_is_an_answer_too(bob: Rig) -> None:
    bob.page.go_to(3)
    bob.press("n")
    bob.press("u")
    wait_until(lambda: bob.mention == 4)
    assert review_of(bob, 3) == "agreed"


def test_putting_off_leaves_the_first_decision_waiting(bob: Rig) -> None:
    bob.press("d")
    wait_until(lambda: bob.mention == 2)
    bob.press("o")
    bob.settle()
    assert (review_of(bob, 1), review_of(bob, 2)) == ("waiting", "waiting")


def test_a_comment_goes_with_the_own_answer_and_overwrites_nothing(bob: Rig) -> None:
    bob.page.flow.comment("mine")
    assert bob.page.flow.comment_text == "mine"
    bob.press("1")
    wait_until(lambda: bob.mention == 2)
    found: list[tuple[str, str]] = []
    bob.workspace.store.query(
        lambda project: (project.mentions([1])[0].comment, project.opinions(1)[0].comment), found.append
    )
    wait_until(lambda: bool(found))
    assert found == [("SECRET", "mine")]


def test_undo_of_a_second_answer_makes_it_blind_again(bob: Rig) -> None:
    bob.press("1")
    wait_until(lambda: bob.mention == 2)
    bob.press(Qt.Key.Key_Z, CTRL)
    wait_until(lambda: bob.mention == 1)
    assert review_of(bob, 1) == "waiting"
    assert bob.page.flow.mention is not None
    assert bob.page.flow.mention.code == ""


def test_the_relation_of_a_blind_mention_waits_for_the_answer(bob: Rig) -> None:
    bob.press("r")
    bob.press("b")
    bob.settle()
    assert review_of(bob, 1) == "waiting"
    row = [one.code for one in bob.page.flow.rows].index("X09")
    bob.press(str(row + 1))
    wait_until(lambda: bob.mention == 2)
    assert review_of(bob, 1) == "disputed"


def test_somebody_without_a_name_is_told_so(bob: Rig) -> None:
    bob.settings.change(reviewer="")
    wait_until(lambda: bob.workspace.reviewer == "")
    bob.press("1")
    wait_until(bob.page.banner.isVisible)
    assert "name" in bob.page.banner.text
    assert review_of(bob, 1) == "waiting"


def test_a_candidate_that_memory_brought_does_not_say_so() -> None:
    from rpdr_core.records import Candidate, Provenance, Ranking

    brought = Candidate("X09", "Disorder number 9", "mention 1", "memory", 1.0)
    plain = unremembered(Ranking(1, "retriever", (brought,), Provenance("retriever", "", ""))).candidates[0]
    assert (plain.source, plain.matched, plain.code) == ("name", "", "X09")


# The list and what it is narrowed by


def test_no_facet_tells_what_was_decided(bob: Rig) -> None:
    from rpdr_desk.operations.asked import Asked
    from rpdr_desk.operations.facets import OF_DECISIONS, FacetsShown

    for queue in ("second_review", "all", "decided"):
        found: list[FacetsShown] = []
        bob.workspace.queues.facets(Asked(queue), lambda shown, _told, found=found: found.append(shown))  # type: ignore[misc]
        wait_until(lambda found=found: bool(found))  # type: ignore[misc]
        told = {value.value for group in found[0].groups if group.facet in OF_DECISIONS for value in group.values}
        assert not told & {"Ann", "accepted", "corrected", "no_match", "unreadable", "equivalent"}, queue


def test_narrowed_by_a_decision_the_list_leaves_the_waiting_out(bob: Rig) -> None:
    from rpdr_desk.operations.asked import Asked
    from rpdr_desk.operations.facets import Pick

    def ids(asked: Asked) -> list[int]:
        found: list[list[int]] = []
        bob.workspace.queues.snapshot(asked, lambda got: found.append(list(got)))
        wait_until(lambda: bool(found))
        return found[0]

    assert ids(Asked("second_review")) == [1, 2, 3, 4]
    assert ids(Asked("second_review", picks=frozenset((Pick("reason", "unreadable"),)))) == [1, 2, 3, 4]
    assert ids(Asked("decided")) == []
    assert ids(Asked("all", picks=frozenset((Pick("status", "corrected"),)))) == []
    assert len(ids(Asked("all"))) == 6
    bob.settings.change(reviewer="Ann")
    assert ids(Asked("decided")) == [1, 2, 3, 4]
    assert ids(Asked("all", picks=frozenset((Pick("reason", "unreadable"),)))) == [3]


def test_nobody_takes_back_unseen_what_they_are_to_answer_blind(bob: Rig) -> None:
    bob.press("1")
    wait_until(lambda: bob.mention == 2)
    bob.press(Qt.Key.Key_Z, CTRL)
    wait_until(lambda: bob.mention == 1)
    assert review_of(bob, 1) == "waiting"
    bob.press(Qt.Key.Key_Z, CTRL)
    wait_until(bob.page.banner.isVisible)
    assert "another reviewer" in bob.page.banner.text
    assert review_of(bob, 4) == "waiting"
    bob.settings.change(reviewer="Ann")
    bob.press(Qt.Key.Key_Z, CTRL)
    wait_until(lambda: review_of(bob, 4) == "")


def test_a_second_answer_that_is_owed_before_rankings_takes_both_steps(path: Path, open_window: Open) -> None:
    with Project.open(path) as project:
        project.set_review_plan(ReviewPlan(double_share=1.0, independent_share=1.0))
    rig = open_window(path, FakeWorker(alive=False))
    rig.settings.change(reviewer="Bob")
    rig.page.queue_pane.set_queue("all")
    wait_until(lambda: rig.page.model.rowCount() == 6)
    rig.page.go_to(1)
    rig.page.table.setFocus()
    assert rig.page.flow.owes
    row = [one.code for one in rig.page.flow.rows].index("X09")
    rig.press(str(row + 1))
    wait_until(lambda: not rig.page.flow.owes)
    assert rig.mention == 1
    assert rig.page.flow.mention is not None
    assert rig.page.flow.mention.code == ""
    assert rig.page.flow.rankings
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: rig.mention == 2)
    assert review_of(rig, 1) == "agreed"
    assert rig.page.flow.owes
