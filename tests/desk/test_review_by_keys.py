"""A review by keys alone, over the real store: what a reviewer does for eight hours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.desk_parts import FakeWorker, Rig, focus_is_in, make_project, wait_until
from PySide6.QtCore import Qt

from rpdr_core.errors import WorldError
from rpdr_core.records import Changes, NewDecision
from rpdr_core.store import Project

pytestmark = pytest.mark.gui
SHIFT_CTRL = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier


def decide_and_wait(rig: Rig, key: Qt.Key | str) -> None:
    before = rig.mention
    rig.press(key)
    wait_until(lambda: rig.mention != before or rig.page.banner.isVisible())


def test_two_hundred_decisions_take_one_key_each(
    open_window: Callable[[Path, FakeWorker], Rig], tmp_path: Path
) -> None:
    path = make_project(tmp_path / "many.rpdr", 200, ranked=True)
    rig = open_window(path, FakeWorker())
    keys = 0
    for number in range(200):
        decide_and_wait(rig, (Qt.Key.Key_Space, "2", Qt.Key.Key_Return, "3")[number % 4])
        keys += 1
    rig.close()
    project = Project.open(path)
    progress = project.progress()
    kinds = [decision.kind for decision in project.decisions()]
    project.close()
    assert keys == 200
    assert progress.decided == 200
    assert kinds.count("accept") == 100
    assert kinds.count("correct") == 100


def test_space_accepts_the_selected_row_and_advances(rig: Rig) -> None:
    first = rig.page.flow.rows[0].code
    decide_and_wait(rig, Qt.Key.Key_Space)
    assert rig.mention == 2
    decision = rig.workspace.reading.decision(1)
    assert decision is not None
    assert (decision.kind, decision.code) == ("accept", first)


def test_a_digit_takes_that_candidate(rig: Rig) -> None:
    third = rig.page.flow.rows[2].code
    decide_and_wait(rig, "3")
    decision = rig.workspace.reading.decision(1)
    assert decision is not None
    assert (decision.kind, decision.code) == ("correct", third)


def test_arrow_then_return_takes_the_row_below(rig: Rig) -> None:
    second = rig.page.flow.rows[1].code
    rig.press(Qt.Key.Key_Down)
    decide_and_wait(rig, Qt.Key.Key_Return)
    decision = rig.workspace.reading.decision(1)
    assert decision is not None
    assert decision.code == second


@pytest.mark.parametrize(
    ("key", "reason"),
    [("t", "not_in_terminology"), ("r", "not_retrieved"), ("m", "not_a_mention"), ("u", "unreadable")],
)
def test_no_match_asks_for_one_reason(rig: Rig, key: str, reason: str) -> None:
    rig.press("n")
    assert rig.mention == 1
    decide_and_wait(rig, key)
    decision = rig.workspace.reading.decision(1)
    assert decision is not None
    assert (decision.kind, decision.reason) == ("no_match", reason)


def test_while_reasons_are_asked_no_digit_decides(rig: Rig) -> None:
    rig.press("n")
    rig.press("1")
    rig.press(Qt.Key.Key_Space)
    rig.settle()
    assert rig.workspace.reading.decision(1) is None
    rig.press(Qt.Key.Key_Escape)
    decide_and_wait(rig, "1")
    assert rig.workspace.reading.decision(1) is not None


def test_reason_keys_are_dead_otherwise(rig: Rig) -> None:
    rig.press("t")
    rig.settle()
    assert rig.mention == 1
    assert rig.workspace.reading.decision(1) is None


def test_defer_flag_and_reopen(rig: Rig) -> None:
    rig.press("f")
    rig.press("g")
    rig.settle()
    wait_until(lambda: rig.page.flow.mention is not None and rig.page.flow.mention.flagged)
    decide_and_wait(rig, "d")
    rig.press("k")
    assert rig.page.flow.mention is not None
    assert rig.page.flow.mention.status == "deferred"
    rig.press("o")
    wait_until(lambda: rig.page.flow.mention is not None and rig.page.flow.mention.status == "unreviewed")
    assert rig.mention == 1


def test_j_and_k_move_without_deciding(rig: Rig) -> None:
    rig.press("j")
    rig.press("j")
    assert rig.mention == 3
    rig.press("k")
    assert rig.mention == 2
    assert rig.workspace.reading.decision(1) is None


def test_undo_goes_back_to_the_mention_and_redo_does_it_again(rig: Rig) -> None:
    decide_and_wait(rig, "1")
    decide_and_wait(rig, "2")
    rig.press(Qt.Key.Key_Z, CTRL)
    wait_until(lambda: rig.mention == 2)
    assert rig.workspace.reading.decision(2) is None
    rig.press(Qt.Key.Key_Z, SHIFT_CTRL)
    wait_until(lambda: rig.workspace.reading.decision(2) is not None)


def test_undo_survives_a_restart(open_window: Callable[[Path, FakeWorker], Rig], project: Path) -> None:
    rig = open_window(project, FakeWorker())
    decide_and_wait(rig, "1")
    rig = open_window(project, FakeWorker())
    rig.press(Qt.Key.Key_Z, CTRL)
    wait_until(lambda: rig.mention == 1)
    assert rig.workspace.reading.decision(1) is None


def test_a_failed_save_shows_one_banner_and_does_not_advance(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: Project, _decision: NewDecision, *, reviewer: str = "") -> Changes:
        raise WorldError("the disk is full", hint="free some space")

    monkeypatch.setattr(Project, "decide", full)
    decide_and_wait(rig, "1")
    assert rig.mention == 1
    assert rig.page.banner.isVisible()
    assert "the disk is full" in rig.page.banner.text
    monkeypatch.undo()
    decide_and_wait(rig, "1")
    wait_until(lambda: rig.mention == 2)
    assert not rig.page.banner.isVisible()


def test_a_second_key_before_the_commit_is_not_a_second_decision(rig: Rig) -> None:
    rig.press("1")
    rig.press("1")
    rig.settle()
    wait_until(lambda: rig.mention == 2)
    assert rig.workspace.reading.decision(2) is None


def test_the_end_of_the_queue_says_so(rig: Rig) -> None:
    for _ in range(11):
        decide_and_wait(rig, "1")
    rig.press("1")
    wait_until(rig.page.banner.isVisible)
    assert "F5" in rig.page.banner.text


def test_what_was_on_screen_is_frozen_with_the_decision(rig: Rig) -> None:
    decide_and_wait(rig, "1")
    shown: list[object] = []
    rig.workspace.store.query(lambda project: project.shown(1), shown.append)
    wait_until(lambda: bool(shown))
    assert [ranking.ranker for ranking in shown[0]] == ["retriever"]  # type: ignore[attr-defined]


def test_terminology_and_mode_are_frozen_and_seconds_only_where_they_are_wanted(rig: Rig) -> None:
    decide_and_wait(rig, "1")
    rig.settings.change(record_seconds=True)
    rig.press("j")
    here = rig.mention
    decide_and_wait(rig, "1")
    first, later = rig.workspace.reading.decision(1), rig.workspace.reading.decision(here)
    assert first is not None
    assert later is not None
    assert first.knowledge_base == rig.workspace.knowledge_base.fingerprint != ""
    assert (first.mode, first.seconds) == ("open", None)
    assert later.seconds is not None


def test_a_group_that_may_not_be_assigned_shows_its_codes_instead(rig: Rig) -> None:
    rig.press("/")
    rig.press("X20")
    wait_until(lambda: rig.page.flow.mode == "search" and bool(rig.page.flow.rows))
    assert rig.page.flow.rows[0].code == "X20"
    rig.press(Qt.Key.Key_Return)
    rig.press("1")
    wait_until(lambda: rig.page.flow.mode == "narrower")
    assert rig.workspace.reading.decision(1) is None
    assert focus_is_in(rig.page.table)
    decide_and_wait(rig, "2")
    decision = rig.workspace.reading.decision(1)
    assert decision is not None
    assert decision.code == "X20.2"


def test_focus_on_the_mention_list_decides_too(rig: Rig) -> None:
    rig.page.queue_pane.list.setFocus()
    decide_and_wait(rig, Qt.Key.Key_Space)
    assert rig.workspace.reading.decision(1) is not None
