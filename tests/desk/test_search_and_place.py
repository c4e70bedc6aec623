"""Keys in text fields type text; search, filter and restart keep the reviewer's place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.desk_parts import FakeWorker, Rig, focus_is_in, make_project, wait_until
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]


def decided(rig: Rig) -> int:
    answers: list[int] = []
    rig.workspace.store.query(lambda project: project.progress().decided, answers.append)
    wait_until(lambda: bool(answers))
    return answers[0]


def search_for(rig: Rig, words: str) -> None:
    rig.press("/")
    assert focus_is_in(rig.page.search.edit)
    rig.press(words)
    wait_until(lambda: rig.page.flow.mode == "search")


def test_every_decision_key_types_text_in_the_search_line(rig: Rig) -> None:
    rig.press("/")
    rig.press("1n d2f trmu")
    assert rig.page.search.edit.text() == "1n d2f trmu"
    rig.settle()
    assert decided(rig) == 0
    assert rig.mention == 1


def test_every_decision_key_types_text_in_the_filter(rig: Rig) -> None:
    rig.press(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    rig.press("n1d 2")
    assert rig.page.queue_pane.filter.text() == "n1d 2"
    assert decided(rig) == 0


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_return_in_the_search_line_goes_to_the_results_and_decides_nothing(rig: Rig, key: Qt.Key) -> None:
    search_for(rig, "trouble 7")
    rig.press(key)
    rig.settle()
    assert focus_is_in(rig.page.table)
    assert decided(rig) == 0
    rig.press(key)
    wait_until(lambda: rig.mention == 2)
    decision = rig.workspace.reading.decision(1)
    assert decision is not None
    assert (decision.code, decision.kind) == ("X07", "correct")


def test_return_in_the_filter_decides_nothing(rig: Rig) -> None:
    rig.press(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    rig.press("mention 5")
    rig.press(Qt.Key.Key_Return)
    wait_until(lambda: rig.mention == 5)
    assert decided(rig) == 0
    assert focus_is_in(rig.page.queue_pane.list)


def test_return_with_an_empty_search_line_decides_nothing(rig: Rig) -> None:
    rig.press("/")
    rig.press(Qt.Key.Key_Return)
    rig.settle()
    assert decided(rig) == 0


def test_escape_returns_to_the_same_mention_row_and_focus(rig: Rig) -> None:
    rig.press("j")
    rig.press(Qt.Key.Key_Down)
    rig.press(Qt.Key.Key_Down)
    codes = [row.code for row in rig.page.flow.rows]
    search_for(rig, "disorder")
    rig.press(Qt.Key.Key_Escape)
    assert rig.mention == 2
    assert [row.code for row in rig.page.flow.rows] == codes
    assert rig.page.table.selected_row() == 2
    assert focus_is_in(rig.page.table)
    assert rig.page.search.edit.text() == ""


def test_escape_from_the_results_too(rig: Rig) -> None:
    search_for(rig, "disorder")
    rig.press(Qt.Key.Key_Return)
    rig.press(Qt.Key.Key_Escape)
    assert rig.page.flow.mode == "candidates"
    assert rig.mention == 1


def test_a_search_without_hits_says_so_and_decides_nothing(rig: Rig) -> None:
    search_for(rig, "zzzz")
    wait_until(lambda: rig.page.flow.rows == ())
    rig.press(Qt.Key.Key_Return)
    assert focus_is_in(rig.page.search.edit)
    assert decided(rig) == 0


def test_filter_keeps_the_mention_on_screen_where_it_still_fits(rig: Rig) -> None:
    for _ in range(10):
        rig.press("j")
    assert rig.mention == 11
    rig.page.queue_pane.filter.setText("mention 1")
    wait_until(lambda: rig.page.model.rowCount() == 4)
    assert rig.mention == 11
    rig.page.queue_pane.filter.clear()
    wait_until(lambda: rig.page.model.rowCount() == 12)
    assert rig.mention == 11


def test_decided_rows_keep_their_place_until_the_queue_is_read_anew(rig: Rig) -> None:
    before = rig.page.model.ids(0, 20)
    rig.press("1")
    wait_until(lambda: rig.mention == 2)
    rig.settle()
    assert rig.page.model.ids(0, 20) == before
    rig.press(Qt.Key.Key_F5)
    wait_until(lambda: rig.page.model.rowCount() == 11)
    assert rig.mention == 2


def test_the_place_is_kept_over_a_restart(open_window: Callable[[Path, FakeWorker], Rig], tmp_path: Path) -> None:
    path = make_project(tmp_path / "place.rpdr", 30, ranked=True)
    rig = open_window(path, FakeWorker())
    rig.page.queue_pane.set_queue("most_frequent")
    rig.page.queue_pane.filter.setText("mention 2")
    wait_until(lambda: rig.page.model.rowCount() == 11)
    rig.press("j")
    rig.press("j")
    here = rig.mention
    rig = open_window(path, FakeWorker())
    wait_until(lambda: rig.mention == here)
    assert rig.page.queue_pane.queue == "most_frequent"
    assert rig.page.queue_pane.filter_text == "mention 2"


def test_alt_and_a_digit_change_the_queue_and_decide_nothing(rig: Rig) -> None:
    rig.press(Qt.Key.Key_9, Qt.KeyboardModifier.AltModifier)
    assert rig.page.queue_pane.queue == "all"
    rig.settle()
    assert decided(rig) == 0


def test_views_do_not_switch_the_input_method_on(rig: Rig) -> None:
    for view in (rig.page.table, rig.page.queue_pane.list):
        view.setFocus()
        assert not view.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)


def test_a_late_ranking_fills_columns_and_moves_no_row(rig: Rig) -> None:
    from helpers.desk_parts import ranking

    rig.press(Qt.Key.Key_Down)
    before = [row.code for row in rig.page.flow.rows]
    late = ranking(1, "teacher", first=5)
    rig.workspace.store.change(lambda project: project.record_rankings([late]))
    wait_until(lambda: any(row.teacher is not None for row in rig.page.flow.rows))
    assert [row.code for row in rig.page.flow.rows][: len(before)] == before
    assert rig.page.table.selected_row() == 1
    assert rig.page.table.model_.rows == rig.page.flow.rows


def test_a_comment_is_saved_and_shown(rig: Rig) -> None:
    rig.page.flow.comment("ask again")
    wait_until(lambda: comment_of(rig) == "ask again")
    rig.press("c")
    field = rig.page.findChild(QPlainTextEdit)
    assert field is not None
    assert field.toPlainText() == "ask again"
    QTest.keyClicks(field, "1 d")
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    wait_until(lambda: comment_of(rig) == "ask again1 d")
    assert decided(rig) == 0


def comment_of(rig: Rig) -> str:
    return rig.page.flow.mention.comment if rig.page.flow.mention is not None else ""
