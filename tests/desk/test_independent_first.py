"""Answering before any ranking is there: absent from every widget and model, then shown with one's own answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.desk_parts import FakeWorker, Rig, make_project, ranking, wait_until
from helpers.widget_trees import cells, words
from PySide6.QtCore import QAbstractItemModel, Qt

from rpdr_core.records import Ranking, ReviewPlan
from rpdr_core.store import Project
from rpdr_desk.item_models.candidate_model import ROW, UNRANKED
from rpdr_desk.item_models.candidate_rows import CandidateRow
from rpdr_desk.item_models.queue_model import MENTION

pytestmark = pytest.mark.gui
CTRL = Qt.KeyboardModifier.ControlModifier
Open = Callable[[Path, FakeWorker], Rig]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Six mentions that retriever, teacher and student have ranked, each in another order; all answered first."""
    made = make_project(tmp_path / "first.rpdr", 6, ranked=True)
    with Project.open(made) as project:
        project.record_rankings(ranking(number, "teacher", number + 3) for number in range(1, 7))
        project.record_rankings(ranking(number, "student:s1", number + 5) for number in range(1, 7))
        project.set_review_plan(ReviewPlan(independent_share=1.0))
    return made


@pytest.fixture
def rig(path: Path, open_window: Open) -> Rig:
    return open_window(path, FakeWorker(alive=False))


def opened(open_window: Open, path: Path) -> Rig:
    rig = open_window(path, FakeWorker(alive=False))
    wait_until(lambda: bool(rig.page.flow.rows))
    return rig


def test_ranks_are_absent_from_every_model_and_widget(rig: Rig) -> None:
    table = rig.page.table
    assert table.model_.columnCount() == UNRANKED
    assert rig.page.flow.rankings == ()
    found = [cell for model in rig.page.findChildren(QAbstractItemModel) for cell in cells(model, (ROW, ROW + 1))]
    rows = [cell for cell in found if isinstance(cell, CandidateRow)]
    assert rows
    for row in rows:
        assert (row.retriever, row.teacher, row.student, row.weight, row.confidence) == (None,) * 5
        assert (row.matched, row.source) == ("", "name")
    mention = rig.page.model.index(0).data(MENTION)
    assert (mention.confidence, mention.guess, mention.margin, mention.verdict) == (None, "", None, "")
    assert (mention.disagreement, mention.quarrel) == (0, 0)
    assert not any(isinstance(cell, Ranking) for cell in found)
    told = list(words(rig.page))
    assert not any("Retriever X" in word or "Teacher X" in word or "Student X" in word for word in told)
    assert not any("%" in word for word in told if "answer" not in word)


def test_candidates_of_all_rankers_stand_by_code_and_none_is_selected(rig: Rig) -> None:
    codes = [row.code for row in rig.page.flow.rows]
    assert codes == sorted(codes)
    assert len(codes) == 12
    assert rig.page.table.selected_row() == -1
    rig.press(Qt.Key.Key_Space)
    rig.settle()
    assert rig.mention == 1
    assert rig.workspace.reading.standing_of(1).owes


def answer(rig: Rig, *keys: str) -> None:
    for key in keys:
        rig.press(key)
    wait_until(lambda: not rig.page.flow.owes)


def test_after_the_own_answer_rankings_come_with_it_selected_and_one_key_confirms(rig: Rig) -> None:
    own = rig.page.flow.rows[3].code
    answer(rig, "4")
    flow, table = rig.page.flow, rig.page.table
    assert rig.mention == 1
    assert len(flow.rankings) == 3
    assert table.model_.columnCount() > UNRANKED
    assert flow.rows[table.selected_row()].code == own
    assert "yours" in str(table.model_.index(table.selected_row(), 0).data(Qt.ItemDataRole.AccessibleTextRole))
    assert own in rig.page.mention_pane.opinions.text()
    assert rig.workspace.reading.decision(1) is None
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: rig.mention == 2)
    decision = rig.workspace.reading.decision(1)
    assert decision is not None
    assert (decision.code, decision.mode) == (own, "independent")
    assert rig.page.flow.owes


def test_what_was_frozen_with_the_own_answer_holds_no_ranking(rig: Rig) -> None:
    answer(rig, "4")
    found: list[object] = []
    rig.workspace.store.query(lambda project: project.opinions(1), found.append)
    wait_until(lambda: bool(found))
    (opinion,) = found[0]  # type: ignore[misc]
    assert (opinion.stage, opinion.kind) == ("independent", "correct")
    shown: list[object] = []
    rig.workspace.store.query(lambda project: project.opinion_shown(opinion.id), shown.append)
    wait_until(lambda: bool(shown))
    assert shown == [()]


def test_an_own_no_match_is_confirmed_by_one_key_too(rig: Rig) -> None:
    answer(rig, "n", "u")
    assert rig.page.table.selected_row() == -1
    assert "unreadable" in rig.page.mention_pane.opinions.text()
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: rig.mention == 2)
    decision = rig.workspace.reading.decision(1)
    assert decision is not None
    assert (decision.kind, decision.reason, decision.mode) == ("no_match", "unreadable", "independent")


def test_another_choice_after_the_rankings_is_kept_beside_the_own_answer(rig: Rig) -> None:
    answer(rig, "4")
    other = next(row.code for row in rig.page.flow.rows if row.code != rig.page.flow.rows[0].code)
    rig.press("2")
    wait_until(lambda: rig.mention == 2)
    decision = rig.workspace.reading.decision(1)
    assert decision is not None
    assert decision.code == other
    standing = rig.workspace.reading.standing_of(1)
    assert standing.own is not None
    assert standing.own.code != decision.code


def test_relation_and_further_codes_of_the_own_answer_are_confirmed_with_it(rig: Rig) -> None:
    rig.press(Qt.Key.Key_Down)
    rig.press("a")
    wait_until(lambda: bool(rig.page.flow.draft.also))
    rig.press("r")
    rig.press("b")
    answer(rig, "4")
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: rig.mention == 2)
    decision = rig.workspace.reading.decision(1)
    assert decision is not None
    assert decision.relation == "broader"
    assert len(decision.also) == 1


def test_undo_takes_the_rankings_away_again_and_redo_brings_them(rig: Rig) -> None:
    answer(rig, "4")
    rig.press(Qt.Key.Key_Z, CTRL)
    wait_until(lambda: rig.page.flow.owes)
    assert rig.page.flow.rankings == ()
    assert rig.page.table.model_.columnCount() == UNRANKED
    rig.press(Qt.Key.Key_Y, CTRL)
    wait_until(lambda: not rig.page.flow.owes)
    assert len(rig.page.flow.rankings) == 3


def test_a_mention_put_off_stays_without_rankings(rig: Rig) -> None:
    rig.press("d")
    wait_until(lambda: rig.mention == 2)
    rig.press("k")
    assert rig.page.flow.owes
    assert rig.page.flow.rankings == ()
    answer(rig, "4")
    assert rig.page.flow.rankings


def test_rankings_that_arrive_meanwhile_are_not_shown(rig: Rig) -> None:
    before = [row.code for row in rig.page.flow.rows]
    rig.workspace.store.change(lambda project: project.record_rankings([ranking(1, "teacher", 8)]))
    rig.settle()
    assert rig.page.flow.rankings == ()
    assert [row.code for row in rig.page.flow.rows] == before
    assert rig.page.table.model_.columnCount() == UNRANKED


def test_another_reviewer_answers_for_themselves(path: Path, open_window: Open) -> None:
    rig = opened(open_window, path)
    rig.settings.change(reviewer="Ann")
    answer(rig, "4")
    rig.settings.change(reviewer="Bob")
    wait_until(lambda: rig.page.flow.owes)
    rig.settings.change(reviewer="Ann")
    wait_until(lambda: not rig.page.flow.owes)


def test_without_a_plan_nothing_is_withheld(open_window: Open, tmp_path: Path) -> None:
    rig = opened(open_window, make_project(tmp_path / "plain.rpdr", 3, ranked=True))
    assert not rig.page.flow.owes
    assert rig.page.flow.rankings
    rig.workspace.store.change(lambda project: project.set_review_plan(ReviewPlan(independent_share=1.0)))
    wait_until(lambda: rig.page.flow.owes)
