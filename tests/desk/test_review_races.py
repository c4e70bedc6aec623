"""Keys that come faster than answers, and answers that come later than the mention they were meant for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.desk_parts import FakeWorker, Rig, focus_is_in, make_project, ranking, wait_until
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from rpdr_core.records import NewDecision
from rpdr_core.store import Project
from rpdr_desk.item_models.candidate_rows import CandidateRow
from rpdr_desk.operations.asked import Asked
from rpdr_desk.operations.effort import Effort
from rpdr_desk.operations.facets import Pick
from rpdr_desk.shortcuts import Scope
from rpdr_desk.views.review.history_dialog import HistoryDialog

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]
CTRL = Qt.KeyboardModifier.ControlModifier
Open = Callable[[Path, FakeWorker], Rig]


def settled(rig: Rig) -> None:
    """Whatever was asked of terminology and store has been answered, also what followed from an answer."""
    for _ in range(3):
        answered: list[bool] = []
        rig.workspace.terminology.ask(lambda _search: True, answered.append)
        wait_until(lambda answered=answered: bool(answered))
        rig.settle()


def statuses(rig: Rig, count: int = 12) -> list[str]:
    return [one.status for one in rig.workspace.reading.mentions(range(1, count + 1))]


def dialogs() -> list[QDialog]:
    return [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]


# Late answers


def test_narrower_codes_of_a_mention_that_was_left_are_not_shown_on_the_next(rig: Rig) -> None:
    flow = rig.page.flow
    flow.show_results("search", [CandidateRow("X20", "Split disorder")])
    flow.show_narrower(0)
    flow.step(1)
    settled(rig)
    assert rig.mention == 2
    assert flow.mode == "candidates"


def test_return_before_the_results_waits_for_them_and_the_next_key_decides_nothing_else(rig: Rig) -> None:
    rig.press("/")
    rig.press("number 9")
    rig.press(Qt.Key.Key_Return)
    assert not focus_is_in(rig.page.table), "these are still the candidates"
    wait_until(lambda: focus_is_in(rig.page.table))
    assert rig.page.flow.mode == "search"
    assert rig.page.flow.rows[rig.page.table.selected_row()].code == "X09"
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: rig.mention == 2)
    assert rig.workspace.reading.mention(1).code == "X09"  # type: ignore[union-attr]


def test_a_comment_belongs_to_the_mention_that_it_was_asked_for(rig: Rig) -> None:
    rig.press("1")
    rig.press("c")
    wait_until(lambda: rig.mention == 2)
    dialog = dialogs()[0]
    QTest.keyClicks(QApplication.focusWidget() or dialog, "about the first")
    QTest.keyClick(QApplication.focusWidget() or dialog, Qt.Key.Key_Return, CTRL)
    settled(rig)
    assert [one.comment for one in rig.workspace.reading.mentions([1, 2])] == ["about the first", ""]


def test_undo_takes_back_a_choice_that_still_waits_for_the_terminology(rig: Rig) -> None:
    rig.press("1")
    wait_until(lambda: rig.mention == 2)
    flow = rig.page.flow
    flow.pick(0)
    flow.undo()
    settled(rig)
    assert statuses(rig)[:2] == ["accepted", "unreviewed"], "the decision before stays"
    flow.undo()
    settled(rig)
    assert statuses(rig)[:2] == ["unreviewed", "unreviewed"]


def test_a_commit_does_not_pull_back_who_has_gone_on(rig: Rig) -> None:
    flow = rig.page.flow
    flow.no_match("unreadable")
    flow.step(1)
    flow.step(1)
    assert rig.mention == 3
    settled(rig)
    assert statuses(rig)[0] == "no_match"
    assert rig.mention == 3


# Rows


def test_back_from_a_search_stands_on_the_code_that_was_selected_also_if_rankings_came(rig: Rig) -> None:
    flow, page = rig.page.flow, rig.page
    missing = next(code for code in ("X01", "X02", "X12", "X11") if code not in {row.code for row in flow.rows})
    flow.show_results("search", [CandidateRow(missing, "Beside")])
    flow.pick(0)
    wait_until(lambda: rig.mention == 2)
    flow.step(-1)
    assert flow.rows[page.table.selected_row()].code == missing
    flow.show_results("search", [CandidateRow("X05", "Five")])
    late = ranking(1, "teacher", first=9)
    assert {one.code for one in late.candidates} - {row.code for row in flow.rows} - {missing}
    rig.workspace.store.change(lambda project: project.record_rankings([late]))
    settled(rig)
    flow.back()
    assert flow.rows[page.table.selected_row()].code == missing


def test_a_selection_outlives_rows_that_are_taken_away(rig: Rig) -> None:
    table, rows = rig.page.table, rig.page.flow.rows
    table.selectRow(4)
    table.fill_rows(rows[1:])
    assert table.selected_row() == 3
    assert table.model_.rows[3] == rows[4]
    table.fill_rows(rows[:2])
    assert table.selected_row() < 0, "no other code slips under the key that takes the selected one"


def test_no_row_moves_when_a_ranking_drops_a_candidate(rig: Rig) -> None:
    flow, page = rig.page.flow, rig.page
    before = [row.code for row in flow.rows]
    page.table.selectRow(4)
    fewer = replace(ranking(1), candidates=ranking(1).candidates[2:])
    rig.workspace.store.change(lambda project: project.record_rankings([fewer]))
    settled(rig)
    assert [row.code for row in flow.rows] == before
    assert page.table.selected_row() == 4
    assert [row.code for row in page.table.model_.rows] == before


# Moving


def test_from_outside_the_queue_the_last_one_of_it_is_not_passed_over(tmp_path: Path, open_window: Open) -> None:
    path = make_project(tmp_path / "two.rpdr", 2, ranked=True)
    with Project.open(path) as project:
        project.decide(NewDecision(1, "accept", "X03", "Disorder number 3"))
    rig = open_window(path, FakeWorker())
    assert rig.page.model.rowCount() == 1
    rig.page.go_to(1)
    rig.press("2")
    wait_until(lambda: rig.mention == 2)
    assert not rig.page.banner.isVisible()


def test_what_was_revoked_is_met_again(rig: Rig) -> None:
    def carry(project: Project) -> object:
        origin = project.decision(1)
        assert origin is not None
        copy = NewDecision(2, "correct", origin.code, origin.name, mode="propagated", origin_id=origin.id)
        return project.decide_many([copy], reviewer="")

    rig.press("1")
    wait_until(lambda: rig.mention == 2)
    rig.workspace.store.change(carry)  # type: ignore[arg-type]
    settled(rig)
    rig.page.flow.dealt_with([2])
    assert rig.mention == 3
    rig.page.go_to(1)
    rig.page.past.revoke_here()
    settled(rig)
    assert statuses(rig)[1] == "unreviewed"
    rig.press("2")
    wait_until(lambda: rig.mention == 2)


# Questions and lines


def test_a_question_asked_from_a_line_of_text_hears_its_keys(rig: Rig) -> None:
    rig.press("/")
    assert focus_is_in(rig.page.search.edit)
    rig.page._actions["no_match"].trigger()
    assert rig.page.faces.asked is Scope.REASONS
    rig.press("u")
    wait_until(lambda: rig.mention == 2)
    assert statuses(rig)[0] == "no_match"
    assert rig.page.search.edit.text() == ""


def test_the_offer_to_carry_a_decision_over_goes_with_its_reviewer(rig: Rig) -> None:
    rig.page.aftermath.offer("Apply X09 ...", "1 more undecided mention in this list reads “knee”.")
    rig.settings.change(reviewer="Bob")
    assert rig.page.aftermath.isHidden()
    assert "knee" not in rig.page.aftermath.accessibleName() + rig.page.aftermath.words.toolTip()


def test_the_queue_of_second_reviews_shows_no_condition_that_it_does_not_obey(rig: Rig) -> None:
    pane = rig.page.queue_pane
    pane.ask(Asked("all", picks=frozenset((Pick("status", "accepted"), Pick("department", "Ward")))))
    pane.set_queue("second_review")
    assert pane.asked.picks == frozenset((Pick("department", "Ward"),))
    assert [one.facet for one in pane.asked.picks] == ["department"]


def test_time_on_another_page_does_not_count_for_a_mention_that_was_shown_meanwhile(qapp: QApplication) -> None:
    now = [0.0]
    effort = Effort(lambda: True, lambda: now[0])
    effort.pause()
    effort.begin()
    now[0] = 30.0
    effort.resume()
    now[0] = 32.0
    assert effort.seconds() == 2.0
    effort._watch(False)


# Pages, the filter, what is beside


def test_menu_and_palette_decide_nothing_while_another_page_is_on_screen(rig: Rig) -> None:
    actions = rig.window.actions_
    rig.press("n")
    assert rig.page.faces.asked is Scope.REASONS
    actions["go_compare"].trigger()
    assert rig.page.faces.asked is None
    for name in ("accept", "pick_1", "defer", "no_match", "reason_unreadable", "comment", "identical"):
        assert not actions[name].isEnabled(), name
        actions[name].trigger()
    assert actions["undo"].isEnabled()
    settled(rig)
    assert set(statuses(rig)) == {"unreviewed"}
    actions["go_review"].trigger()
    rig.press("1")
    wait_until(lambda: rig.mention == 2)


def test_return_in_the_filter_waits_for_the_list_it_goes_to(rig: Rig) -> None:
    pane = rig.page.queue_pane
    pane.filter.setFocus()
    rig.press("mention 7")
    rig.press(Qt.Key.Key_Return)
    assert not focus_is_in(pane.list), "this is still the list before"
    wait_until(lambda: focus_is_in(pane.list))
    assert rig.mention == 7
    pane.filter.setFocus()
    rig.press(Qt.Key.Key_Return)
    assert focus_is_in(pane.list), "nothing new was asked for"


def test_what_was_chosen_in_the_tree_is_not_shown_on_another_mention(rig: Rig) -> None:
    wait_until(lambda: rig.page.concept_pane.concept is not None)
    rig.page.concept.open_tree()
    tree = rig.page.concept.tree
    assert tree is not None
    wait_until(lambda: tree.current() is not None)
    rig.page.flow.step(1)
    settled(rig)
    tree._choose()
    assert (rig.mention, rig.page.flow.mode) == (2, "candidates")
    assert rig.page.concept.tree is None


def test_the_unknown_is_said_of_the_code_that_was_asked_for(rig: Rig) -> None:
    side = rig.page.concept
    wait_until(lambda: rig.page.concept_pane.concept is not None)
    side.show("NOWHERE")
    side.show("X07")
    seen: list[str] = []
    pane, show = rig.page.concept_pane, rig.page.concept_pane.show_concept
    pane.show_concept = lambda *given, **more: (seen.append(str(given[1:])), show(*given, **more))  # type: ignore
    settled(rig)
    assert not [words for words in seen if "is not in" in words]
    assert pane.concept is not None
    assert pane.concept.entity.code == "X07"


def test_a_saved_filter_that_waits_for_the_terminology_does_not_hold_up_the_counts(rig: Rig) -> None:
    shelf, queues = rig.page.queue.shelf, rig.workspace.queues
    rig.workspace.saved_filters.save("By chapter", Asked("all", picks=frozenset((Pick("chapter", "X"),))), print)
    rig.workspace.saved_filters.save("By ward", Asked("all", picks=frozenset((Pick("department", "Ward"),))), print)
    settled(rig)
    search, rig.workspace.terminology._search = rig.workspace.terminology._search, None
    assert not queues.can_count(Asked("all", picks=frozenset((Pick("chapter", "X"),))))
    shelf.stop_counting()
    shelf._count_all()
    wait_until(lambda: shelf.counts is not None and shelf.counts.saved.get("By ward") == 12)
    rig.workspace.terminology._search = search


def test_an_answer_that_comes_after_the_history_was_closed_finds_nobody(rig: Rig) -> None:
    rig.press("1")
    wait_until(lambda: rig.mention == 2)
    rig.page.go_to(1)
    opened: list[HistoryDialog] = []
    rig.page.past.opened.connect(opened.append)
    rig.press("h")
    wait_until(lambda: bool(opened))
    opened[0].reject()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    settled(rig)


def test_what_people_wrote_is_shown_letter_by_letter(rig: Rig) -> None:
    rig.page.flow.comment("<b>see</b> note")
    settled(rig)
    facts, words = rig.page.mention_pane._facts, rig.page.aftermath.words
    assert "<b>see</b> note" in facts.text()
    assert facts.textFormat() == words.textFormat() == Qt.TextFormat.PlainText
