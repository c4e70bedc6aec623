"""The history of a mention: every word about it, what was on screen then, and taking a propagation back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.desk_parts import FakeWorker, Rig, make_project, wait_until
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest

from rpdr_core.records import Decision, Mention, NewDecision, ReviewPlan, Target
from rpdr_core.store import Project
from rpdr_core.workflow.identical import decisions_for
from rpdr_desk.item_models.history_model import HistoryModel
from rpdr_desk.operations.history import Entry, History, history_of
from rpdr_desk.views.review import history_words
from rpdr_desk.views.review.history_dialog import HistoryDialog

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]
CTRL = Qt.KeyboardModifier.ControlModifier


def open_history(rig: Rig) -> HistoryDialog:
    seen: list[HistoryDialog] = []
    rig.page.past.opened.connect(seen.append)
    rig.press("h")
    wait_until(lambda: bool(seen))
    return seen[0]


def decide(rig: Rig, key: str) -> None:
    before = rig.mention
    rig.press(key)
    wait_until(lambda: rig.mention != before)


def lines(dialog: HistoryDialog) -> list[str]:
    return [str(dialog.model.index(row).data()) for row in range(dialog.model.rowCount())]


def test_every_decision_is_told_with_who_what_and_whether_it_counts(rig: Rig) -> None:
    rig.settings.change(reviewer="Ann")
    decide(rig, "2")
    rig.press("k")
    decide(rig, "3")
    rig.press(Qt.Key.Key_Z, CTRL)
    wait_until(lambda: rig.mention == 1)
    dialog = open_history(rig)
    found = lines(dialog)
    assert len(found) == 2
    assert all("Ann" in line for line in found)
    assert "X04" in found[0]
    assert "undone" in found[0]
    assert "X03" in found[1]
    assert "in force" in found[1]


def test_what_was_on_screen_is_shown_with_its_ranks(rig: Rig) -> None:
    codes = [row.code for row in rig.page.flow.rows]
    decide(rig, "2")
    rig.press("k")
    dialog = open_history(rig)
    wait_until(lambda: codes[9] in dialog.page.toPlainText())
    assert f"{codes[1]} Disorder" in dialog.page.toPlainText()
    assert "(chosen)" in dialog.page.toPlainText()
    assert "with the rankings on screen" in dialog.page.toPlainText()


def test_a_mention_without_a_word_says_so(rig: Rig) -> None:
    from PySide6.QtWidgets import QLabel

    dialog = open_history(rig)
    assert dialog.model.rowCount() == 0
    assert any(label.text() == "Nothing was decided yet." for label in dialog.findChildren(QLabel))
    assert dialog.revoke.isHidden()
    assert not dialog.list.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)


@pytest.fixture
def carried(tmp_path: Path) -> Path:
    """Mention 1 decided, and carried over to 2 and 3."""
    path = make_project(tmp_path / "carried.rpdr", 5, ranked=True)
    with Project.open(path) as project:
        project.decide(NewDecision(1, "correct", "X09", "Disorder number 9"), reviewer="Ann")
        origin = project.decision(1)
        assert origin is not None
        project.decide_many(decisions_for(origin, project.mentions([2, 3])), reviewer="Bob")
    return path


def codes_of(rig: Rig) -> list[str]:
    return [one.code for one in rig.workspace.reading.mentions(range(1, 6))]


@pytest.mark.parametrize("mention_id", [1, 2])
def test_a_propagation_is_revoked_from_its_origin_or_from_a_member(
    carried: Path, open_window: Callable[[Path, FakeWorker], Rig], mention_id: int
) -> None:
    rig = open_window(carried, FakeWorker())
    rig.page.go_to(mention_id)
    dialog = open_history(rig)
    wait_until(lambda: not dialog.revoke.isHidden())
    assert dialog.revoke.text() == "Revoke from 2 mentions"
    if mention_id == 2:
        assert "carried over from an identical mention" in dialog.page.toPlainText()
        assert "mention 1" in dialog.page.toPlainText()
    dialog.revoke.click()
    wait_until(lambda: codes_of(rig) == ["X09", "", "", "", ""])
    rig.window.activateWindow()
    wait_until(rig.window.isActiveWindow)
    rig.page.table.setFocus()
    rig.press(Qt.Key.Key_Z, CTRL)
    wait_until(lambda: codes_of(rig) == ["X09", "X09", "X09", "", ""])


def test_after_a_restart_it_is_revoked_all_the_same(
    carried: Path, open_window: Callable[[Path, FakeWorker], Rig]
) -> None:
    rig = open_window(carried, FakeWorker())
    rig = open_window(carried, FakeWorker())
    rig.page.go_to(1)
    dialog = open_history(rig)
    wait_until(lambda: not dialog.revoke.isHidden())
    dialog.revoke.click()
    wait_until(lambda: codes_of(rig)[1:3] == ["", ""])


def test_own_answers_stand_in_the_history_and_hide_what_was_not_on_screen(tmp_path: Path) -> None:
    path = make_project(tmp_path / "own.rpdr", 2, ranked=True)
    with Project.open(path) as project:
        project.decide(NewDecision(1, "correct", "X05", "n"), reviewer="Bob")
        project.decide(NewDecision(1, "reopen"), reviewer="Bob")
        project.set_review_plan(ReviewPlan(independent_share=1.0))
        closed = history_of(project, "Ann", 1)
        whole = history_of(project, "Bob", 1)
    assert closed is not None
    assert whole is not None
    assert (closed.entries, closed.withheld) == ((), True)
    assert len(whole.entries) == 2


# The parts alone


DECISION = Decision(
    5, 1, "correct", "X09", "Name <b>", "", "say & do", "Ann", "2026-11-21T17:05:00+00:00", False, "broader",
    (Target("X01", "More"),), "open", None, 12.34, "ab" * 32,
)  # fmt: skip
MENTION = Mention(1, "knee", "", None, None, 1, "", "corrected", False, "")


def test_the_page_tells_everything_that_was_kept(qapp: object) -> None:
    page = history_words.page(Entry(DECISION, True, carried_id=5, carried=3), (), "#000000", "#ffffff")
    for words in ("Ann", "X09 Name &lt;b&gt;", "say &amp; do", "code is broader", "X01 More", "12.3 s", "abababababab"):
        assert words in page
    assert "3 mentions" in page
    assert "No ranking was on screen." in page


def test_the_model_keeps_qts_rules(qapp: object) -> None:
    model = HistoryModel(History(MENTION, (Entry(DECISION), Entry(DECISION, True))), history_words.described)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert model.rowCount() == 2
    assert not model.flags(model.index(0)) & Qt.ItemFlag.ItemIsEditable


def test_the_palette_revokes_without_the_history(carried: Path, open_window: Callable[[Path, FakeWorker], Rig]) -> None:
    rig = open_window(carried, FakeWorker())
    rig.page.go_to(4)
    rig.window.actions_["revoke"].trigger()
    wait_until(lambda: "Nothing was carried over" in rig.page.aftermath.words.text())
    assert codes_of(rig)[1:3] == ["X09", "X09"]
    rig.page.go_to(1)
    rig.window.actions_["revoke"].trigger()
    wait_until(lambda: codes_of(rig) == ["X09", "", "", "", ""])
    wait_until(lambda: "Revoked from 2 mentions" in rig.page.aftermath.words.text())
