"""Identical mentions: an offer, a preview, one step for all that are ticked, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.desk_parts import FakeWorker, Rig, make_catalogue, wait_until
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QDialog

from rpdr_core.knowledge_base.catalogue import read_manifest
from rpdr_core.records import Decision, Mention, NewDecision, NewMention, ReviewPlan, SourceRow
from rpdr_core.store import Project, SourceFile
from rpdr_core.workflow.identical import Preview, groups_of
from rpdr_desk.item_models.identical_model import LINE, IdenticalModel, Line
from rpdr_desk.views.review import identical_words
from rpdr_desk.views.review.identical_dialog import IdenticalDialog

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]
CTRL = Qt.KeyboardModifier.ControlModifier
Open = Callable[[Path, FakeWorker], Rig]
CONTEXTS = (
    "a bad knee since spring",
    "a bad Knee since May",
    "no bad knee at all",
    "mother had a bad knee",
    "a bad knee since winter",
)


def make(path: Path, contexts: tuple[str, ...] = CONTEXTS) -> Path:
    """Identical mentions (ids 1 ...), then two that read otherwise."""
    project = Project.create(path, name="Knees", knowledge_base=read_manifest(make_catalogue()).info)
    rows = [
        NewMention(context[at : at + 8], context, at, at + 8, 1, "", "Ward", SourceRow(number))
        for number, context in enumerate(contexts, 1)
        for at in (context.lower().index("bad knee"),)
    ]
    rows += [NewMention(f"other {word}", "", row=SourceRow(90)) for word in ("one", "two")]
    project.add_mentions(SourceFile("m.csv", "0" * 64, "csv", "utf-8"), rows)
    project.close()
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return make(tmp_path / "knees.rpdr")


@pytest.fixture
def rig(path: Path, open_window: Open) -> Rig:
    return open_window(path, FakeWorker())


def decide(rig: Rig, key: str = "1") -> None:
    wait_until(lambda: bool(rig.page.flow.rows))
    before = rig.mention
    rig.press(key)
    wait_until(lambda: rig.mention != before)


def preview(rig: Rig) -> IdenticalDialog:
    """Ask for the preview and wait for it."""
    seen: list[IdenticalDialog] = []
    rig.page.identical.opened.connect(seen.append)
    rig.press("i")
    wait_until(lambda: bool(seen) or rig.page.banner.isVisible())
    assert seen, rig.page.banner.text
    return seen[0]


def in_front(rig: Rig) -> None:
    """The window as it is after a dialog has closed; a window manager sees to that, the offscreen one does not."""
    rig.window.activateWindow()
    wait_until(rig.window.isActiveWindow)
    rig.page.table.setFocus()


def statuses(path_or_rig: Rig | Path) -> list[str]:
    if isinstance(path_or_rig, Path):
        with Project.open(path_or_rig) as project:
            return [one.status for one in project.mentions(range(1, 8))]
    return [one.status for one in path_or_rig.workspace.reading.mentions(range(1, 8))]


# Offer


def test_a_decision_with_identical_undecided_mentions_is_offered_to_them(rig: Rig) -> None:
    line = rig.page.aftermath
    assert line.isHidden()
    decide(rig)
    wait_until(lambda: line.offers)
    assert "4 more undecided mentions in this list read “bad knee”" in line.words.text()
    assert rig.mention == 2
    assert statuses(rig)[1:] == ["unreviewed"] * 6


def test_nothing_is_offered_where_nothing_reads_the_same(rig: Rig) -> None:
    rig.page.go_to(6)
    decide(rig)
    rig.settle()
    QTest.qWait(500)
    rig.settle()
    assert rig.page.aftermath.isHidden()


def test_no_match_says_where_it_goes(rig: Rig) -> None:
    rig.page.go_to(6)
    rig.press("n")
    rig.press("r")
    wait_until(lambda: not rig.page.aftermath.isHidden())
    assert "Misses of the retriever" in rig.page.aftermath.words.text()


def test_where_a_no_match_goes_is_still_told_beside_the_offer(rig: Rig) -> None:
    wait_until(lambda: bool(rig.page.flow.rows))
    rig.press("n")
    rig.press("r")
    wait_until(lambda: rig.page.aftermath.offers)
    words = rig.page.aftermath.words.text()
    assert "Misses of the retriever" in words
    assert "4 more undecided" in words


# Preview and apply


def test_only_the_undecided_of_the_same_cue_are_ticked(rig: Rig) -> None:
    decide(rig)
    wait_until(lambda: rig.page.aftermath.offers)
    dialog = preview(rig)
    assert set(dialog.model.chosen) == {2, 5}
    assert dialog.button.text() == "Apply to 2 mentions"
    rows = [dialog.model.line(row) for row in range(dialog.model.rowCount())]
    assert [row.group.cue for row in rows if row.mention is None] in (
        ["", "family", "negated"],
        ["", "negated", "family"],
    )
    assert dialog.list.hasFocus()


def test_return_applies_inside_the_dialog_and_it_is_one_step(rig: Rig) -> None:
    decide(rig)
    wait_until(lambda: rig.page.aftermath.offers)
    dialog = preview(rig)
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    wait_until(lambda: statuses(rig)[4] != "unreviewed")
    decided = ["unreviewed" if number in (3, 4, 6, 7) else "accepted" for number in range(1, 8)]
    assert [("unreviewed" if one == "unreviewed" else "accepted") for one in statuses(rig)] == decided
    wait_until(lambda: "Applied" in rig.page.aftermath.words.text())
    assert rig.mention == 3
    carried = rig.workspace.reading.decision(2)
    first = rig.workspace.reading.decision(1)
    assert carried is not None
    assert first is not None
    assert (carried.code, carried.mode, carried.origin_id) == (first.code, "propagated", first.id)
    in_front(rig)
    rig.press(Qt.Key.Key_Z, CTRL)
    wait_until(lambda: statuses(rig)[1] == "unreviewed")
    assert statuses(rig)[4] == "unreviewed"
    assert rig.workspace.reading.decision(1) is not None


def test_arrows_move_space_ticks_and_left_and_right_fold(rig: Rig) -> None:
    decide(rig)
    wait_until(lambda: rig.page.aftermath.offers)
    dialog = preview(rig)
    rows = dialog.model.rowCount()
    QTest.keyClick(dialog.list, Qt.Key.Key_Down)
    QTest.keyClick(dialog.list, Qt.Key.Key_Space)
    assert len(dialog.model.chosen) == 1
    assert dialog.button.text() == "Apply to 1 mention"
    QTest.keyClick(dialog.list, Qt.Key.Key_Left)
    assert dialog.model.rowCount() == rows - 2
    assert dialog.list.currentIndex().row() == 0
    QTest.keyClick(dialog.list, Qt.Key.Key_Space)
    assert len(dialog.model.chosen) == 2
    QTest.keyClick(dialog.list, Qt.Key.Key_Space)
    assert not dialog.button.isEnabled()
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    rig.settle()
    assert statuses(rig)[1] == "unreviewed"
    QTest.keyClick(dialog.list, Qt.Key.Key_Right)
    assert dialog.model.rowCount() == rows
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    rig.settle()
    assert statuses(rig)[1:] == ["unreviewed"] * 6


def test_only_what_is_in_the_list_on_screen_and_the_rest_is_counted(rig: Rig) -> None:
    for number in (1, 2):
        rig.workspace.store.change(lambda project, number=number: project.set_flag(number, True))  # type: ignore[misc]
    rig.page.queue_pane.set_queue("flagged")
    wait_until(lambda: rig.page.model.rowCount() == 2)
    rig.page.go_to(1)
    decide(rig)
    dialog = preview(rig)
    assert dialog.model.chosen == (2,)
    assert any("3 more read the same" in label for label in texts(dialog))


def texts(dialog: IdenticalDialog) -> list[str]:
    from PySide6.QtWidgets import QLabel

    return [label.text() for label in dialog.findChildren(QLabel)]


def test_without_a_decision_there_is_nothing_to_carry_over(rig: Rig) -> None:
    rig.press("i")
    wait_until(rig.page.banner.isVisible)
    assert "no decision on this mention" in rig.page.banner.text


def test_a_decision_that_changed_meanwhile_is_not_applied(rig: Rig) -> None:
    decide(rig)
    wait_until(lambda: rig.page.aftermath.offers)
    dialog = preview(rig)
    rig.workspace.store.change(lambda project: project.decide(NewDecision(1, "correct", "X05", "Disorder number 5")))
    rig.settle()
    dialog.apply()
    wait_until(rig.page.banner.isVisible)
    assert "has changed" in rig.page.banner.text
    assert statuses(rig)[1] == "unreviewed"


def test_mentions_that_wait_for_an_answer_of_their_own_are_left_out(rig: Rig) -> None:
    decide(rig)
    wait_until(lambda: rig.page.aftermath.offers)
    rig.workspace.store.change(lambda project: project.set_review_plan(ReviewPlan(independent_share=1.0)))
    rig.settle()
    rig.page.go_to(1)
    rig.press("i")
    wait_until(lambda: "4 wait for an answer of their own" in rig.page.aftermath.words.text())
    assert "No other mention in this list" in rig.page.aftermath.words.text()
    assert QApplication.activeModalWidget() is None, "no empty dialog for what is one sentence"


def test_undo_after_a_restart_takes_all_of_it_back(path: Path, open_window: Open) -> None:
    rig = open_window(path, FakeWorker())
    decide(rig)
    wait_until(lambda: rig.page.aftermath.offers)
    preview(rig).apply()
    wait_until(lambda: statuses(rig)[4] != "unreviewed")
    rig = open_window(path, FakeWorker())
    assert statuses(rig)[4] != "unreviewed"
    rig.press(Qt.Key.Key_Z, CTRL)
    wait_until(lambda: statuses(rig)[4] == "unreviewed")
    assert statuses(rig)[1] == "unreviewed"
    assert statuses(rig)[0] != "unreviewed"


# Model


def mentions(count: int) -> list[Mention]:
    return [
        Mention(number, "knee", f"{'no ' if number % 3 == 0 else 'a '}knee", None, None, 1, "", "unreviewed", False, "")
        for number in range(2, 2 + count)
    ]


def model_of(count: int) -> IdenticalModel:
    origin = Mention(1, "knee", "a knee", None, None, 1, "", "accepted", False, "", "X01", "Name")
    decision = Decision(1, 1, "accept", "X01", "Name", "", "", "", "", False)
    return IdenticalModel(Preview(origin, decision, groups_of(origin, mentions(count))), identical_words.described)


def test_the_model_keeps_qts_rules(qapp: object) -> None:
    model = model_of(30)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for row in (0, 3, model.rowCount() - 1):
        model.toggle(row)
        heading = model.set_open(row, False)
        model.toggle(heading)
        model.set_open(heading, True)
    assert not model.flags(model.index(0)) & Qt.ItemFlag.ItemIsEditable
    assert model.data(QModelIndex()) is None


def test_no_input_method_takes_the_keys_of_the_preview(rig: Rig) -> None:
    decide(rig)
    wait_until(lambda: rig.page.aftermath.offers)
    dialog = preview(rig)
    assert not dialog.list.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
    dialog.reject()


def test_a_heading_ticks_all_of_its_group_and_knows_halves(qapp: object) -> None:
    model = model_of(9)
    heading = model.line(0)
    assert heading.mention is None
    assert heading.state is Qt.CheckState.Checked
    model.toggle(1)
    assert model.line(0).state is Qt.CheckState.PartiallyChecked
    model.toggle(0)
    assert model.line(0).state is Qt.CheckState.Checked
    model.toggle(0)
    assert model.line(0).state is Qt.CheckState.Unchecked


def test_five_thousand_rows_are_there_and_only_those_on_screen_are_asked_for(qapp: object) -> None:
    asked: list[Line] = []
    origin = Mention(1, "knee", "a knee", None, None, 1, "", "accepted", False, "", "X01", "Name")
    decision = Decision(1, 1, "accept", "X01", "Name", "", "", "", "", False)
    model = IdenticalModel(
        Preview(origin, decision, groups_of(origin, mentions(5_000))), lambda line: str(asked.append(line))
    )
    assert model.rowCount() >= 5_000
    assert len(model.chosen) == len([one for one in mentions(5_000) if "no" not in one.context])
    from rpdr_desk.views.review.identical_list import IdenticalList

    view = IdenticalList(model)
    view.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    view.resize(600, 400)
    view.show()
    view.grab()
    view.scrollToBottom()
    view.grab()
    assert len(asked) < 200
    assert isinstance(model.index(4_000).data(LINE), Line)
    view.close()
    view.deleteLater()


# Between the preview and the step


def test_what_was_decided_since_the_preview_is_not_overwritten(rig: Rig) -> None:
    decide(rig)
    dialog = preview(rig)
    assert 2 in dialog.model.chosen
    other = NewDecision(2, "correct", "X09", "Disorder number 9")
    rig.workspace.store.change(lambda project: project.decide(other, reviewer="Cleo"))
    rig.settle()
    dialog.apply()
    rig.settle()
    wait_until(rig.page.banner.isVisible)
    assert "since the preview was made" in rig.page.banner.text
    assert statuses(rig)[:5] == ["accepted", "corrected", *["unreviewed"] * 3]
    assert rig.workspace.reading.mention(2).code == "X09"  # type: ignore[union-attr]
    in_front(rig)


def test_asking_twice_opens_one_preview(rig: Rig) -> None:
    decide(rig)
    seen: list[IdenticalDialog] = []
    rig.page.identical.opened.connect(seen.append)
    rig.page.identical.open()
    rig.page.identical.open()
    rig.page.past.open()
    wait_until(lambda: bool(seen))
    rig.settle()
    rig.settle()
    assert len(seen) == 1
    assert [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()] == seen
    seen[0].reject()
    in_front(rig)


def test_the_concept_on_screen_tells_at_once_who_is_mapped_there_now(rig: Rig) -> None:
    wait_until(lambda: rig.page.concept_pane.concept is not None)
    concept = rig.page.concept_pane.concept
    assert concept is not None
    code, name = concept.entity.code, concept.entity.name
    rig.workspace.store.change(
        lambda project: project.decide_many([NewDecision(one, "accept", code, name) for one in (6, 7)])
    )
    wait_until(lambda: rig.page.concept_pane._beside.mapped[0] == 2)
