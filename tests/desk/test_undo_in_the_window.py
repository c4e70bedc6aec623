"""Undo and redo in the window: without end, after a restart, with the memory and the candidates as they were."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.desk_parts import FakeWorker, Rig, make_project, wait_until
from PySide6.QtCore import Qt

from rpdr_core.records import NewDecision
from rpdr_core.store import Project

pytestmark = pytest.mark.gui
CTRL = Qt.KeyboardModifier.ControlModifier
Open = Callable[[Path, FakeWorker], Rig]


def decide(rig: Rig, key: str) -> None:
    before = rig.mention
    rig.press(key)
    wait_until(lambda: rig.mention != before)


def press_and_settle(rig: Rig, key: Qt.Key) -> None:
    rig.press(key, CTRL)
    rig.settle()


def statuses(rig: Rig, count: int) -> list[str]:
    return [one.status for one in rig.workspace.reading.mentions(range(1, count + 1))]


def test_thirty_steps_are_undone_and_redone_across_two_restarts(open_window: Open, tmp_path: Path) -> None:
    path = make_project(tmp_path / "many.rpdr", 31, ranked=True)
    rig = open_window(path, FakeWorker())
    for number in range(30):
        decide(rig, "123"[number % 3])
    after = statuses(rig, 31)
    rig = open_window(path, FakeWorker())
    for _ in range(30):
        press_and_settle(rig, Qt.Key.Key_Z)
    wait_until(lambda: set(statuses(rig, 31)) == {"unreviewed"})
    assert rig.mention == 1
    rig = open_window(path, FakeWorker())
    for _ in range(30):
        press_and_settle(rig, Qt.Key.Key_Y)
    wait_until(lambda: statuses(rig, 31) == after)


def test_the_list_of_candidates_comes_back_with_the_selection(rig: Rig) -> None:
    before = rig.page.flow.rows
    decide(rig, "2")
    rig.press(Qt.Key.Key_Z, CTRL)
    wait_until(lambda: rig.mention == 1)
    assert rig.page.flow.rows == before
    assert rig.page.table.selected_row() == 0
    assert rig.page.table.delegate.decided == ""
    rig.press(Qt.Key.Key_Y, CTRL)
    wait_until(lambda: rig.page.table.delegate.decided == before[1].code)
    assert rig.page.flow.rows == before
    assert rig.page.table.selected_row() == 1


def test_what_memory_learnt_is_forgotten_and_learnt_again(rig: Rig) -> None:
    decide(rig, "2")
    wait_until(lambda: "memory.remember" in rig.worker.methods())
    rig.press(Qt.Key.Key_Z, CTRL)
    wait_until(lambda: "memory.forget" in rig.worker.methods())
    learnt = rig.worker.methods().count("memory.remember")
    rig.press(Qt.Key.Key_Y, CTRL)
    wait_until(lambda: rig.worker.methods().count("memory.remember") == learnt + 1)


def test_the_mention_that_an_undo_shows_is_ranked_without_the_decision(rig: Rig) -> None:
    decide(rig, "2")
    wait_until(lambda: "memory.remember" in rig.worker.methods())
    rig.press(Qt.Key.Key_Z, CTRL)
    wait_until(lambda: "memory.forget" in rig.worker.methods())

    def ranked_anew() -> list[int]:
        since = rig.worker.asked[rig.worker.methods().index("memory.forget") :]
        return [one.id for method, params in since if method == "retrieve" for one in params.mentions]

    wait_until(lambda: 1 in ranked_anew())
    assert rig.mention == 1
    assert rig.page.aftermath.words.text() == "“mention 1”: as it was"


def test_many_decisions_of_one_step_are_one_undo_after_a_restart(open_window: Open, tmp_path: Path) -> None:
    path = make_project(tmp_path / "bulk.rpdr", 12, ranked=True)
    with Project.open(path) as project:
        project.decide(NewDecision(1, "accept", "X02", "Disorder number 2"))
        project.decide_many([NewDecision(number, "correct", "X05", "n") for number in range(2, 12)])
    rig = open_window(path, FakeWorker())
    press_and_settle(rig, Qt.Key.Key_Z)
    wait_until(lambda: statuses(rig, 12) == ["accepted", *["unreviewed"] * 11])
    press_and_settle(rig, Qt.Key.Key_Y)
    wait_until(lambda: statuses(rig, 12) == ["accepted", *["corrected"] * 10, "unreviewed"])


def test_flags_comments_and_relations_are_steps_too(rig: Rig) -> None:
    decide(rig, "1")
    rig.press("k")
    rig.press("r")
    rig.press("b")
    wait_until(lambda: rig.page.flow.draft.relation == "broader")
    rig.page.flow.comment("a word")
    wait_until(lambda: rig.page.flow.comment_text == "a word")
    press_and_settle(rig, Qt.Key.Key_Z)
    wait_until(lambda: rig.page.flow.comment_text == "")
    press_and_settle(rig, Qt.Key.Key_Z)
    wait_until(lambda: rig.page.flow.draft.relation == "equivalent")
    assert rig.page.flow.mention is not None
    assert rig.page.flow.mention.status == "accepted"
    press_and_settle(rig, Qt.Key.Key_Z)
    wait_until(lambda: statuses(rig, 1) == ["unreviewed"])
    press_and_settle(rig, Qt.Key.Key_Z)
    assert statuses(rig, 1) == ["unreviewed"]
