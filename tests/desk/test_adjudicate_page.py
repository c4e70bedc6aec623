"""The Adjudicate page by keys: two answers side by side, settle, undo, figures, who reviews by which plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.desk_parts import FakeWorker, Rig, make_project, ranking, wait_until
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QFileDialog, QLineEdit, QPlainTextEdit

from rpdr_core.records import Decision, NewDecision, NewOpinion, Reviewer, ReviewPlan, Target
from rpdr_core.store import Project, open_reader
from rpdr_desk.item_models.dispute_model import CASE
from rpdr_desk.shortcuts import Scope, conflicts, overlap
from rpdr_desk.translation import Languages
from rpdr_desk.views.model.adjudicate.adjudicate_page import AdjudicatePage
from rpdr_desk.views.model.adjudicate.dispute_list import described
from rpdr_desk.views.model.adjudicate.plan_card import PlanCard
from rpdr_desk.views.model.adjudicate.roster_card import RosterCard
from rpdr_desk.views.model.adjudicate.roster_dialog import show_reviewers

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]
CONTROL = Qt.KeyboardModifier.ControlModifier
Open = Callable[[Path, FakeWorker], Rig]


def decided(mention_id: int, code: str, **more: object) -> NewDecision:
    shown = (ranking(mention_id),)
    if not code:
        return NewDecision(mention_id, "no_match", reason="unreadable", shown=shown, **more)  # type: ignore[arg-type]
    return NewDecision(mention_id, "correct", code, f"Name of {code}", shown=shown, **more)  # type: ignore[arg-type]


def opinion(mention_id: int, code: str, stage: str = "second", **more: object) -> NewOpinion:
    if not code:
        return NewOpinion(mention_id, stage, "no_match", reason="not_a_mention", **more)  # type: ignore[arg-type]
    return NewOpinion(mention_id, stage, "correct", code, f"Name of {code}", **more)  # type: ignore[arg-type]


def answer(project: Project, mention_id: int, first: str, second: str) -> None:
    project.decide(decided(mention_id, first, comment=f"Ann on {mention_id}"), reviewer="Ann")
    project.give_opinion(opinion(mention_id, second, comment=f"Bo on {mention_id}"), reviewer="Bo")


@pytest.fixture
def disputed(tmp_path: Path) -> Path:
    """Four disputes and two agreements; one mention waits."""
    path = make_project(tmp_path / "disputed.rpdr", 12, ranked=True)
    with Project.open(path) as project:
        for reviewer in (Reviewer("Ann"), Reviewer("Bo"), Reviewer("Cy", "adjudicator")):
            project.set_reviewer(reviewer)
        project.set_review_plan(ReviewPlan(double_share=1.0, independent_share=0.0))
        answer(project, 1, "X01", "X02")
        answer(project, 2, "X03", "")
        project.decide(decided(3, "X04", relation="broader"), reviewer="Ann")
        project.give_opinion(opinion(3, "X04"), reviewer="Bo")
        answer(project, 4, "X20", "X20.1")
        answer(project, 5, "X06", "X06")
        answer(project, 6, "X07", "X07")
        project.decide(decided(7, "X08"), reviewer="Ann")
    return path


@pytest.fixture
def rig(open_window: Open, disputed: Path) -> Rig:
    made = open_window(disputed, FakeWorker())
    made.settings.change(reviewer="Cy")
    return made


def page_of(rig: Rig) -> AdjudicatePage:
    rig.press(Qt.Key.Key_5, CONTROL)
    assert rig.window.pages is not None
    page = rig.window.pages.currentWidget()
    assert isinstance(page, AdjudicatePage)
    return page


def at_work(rig: Rig, disputes: int = 4) -> AdjudicatePage:
    page = page_of(rig)
    wait_until(lambda: page.disputes.list.model_.rowCount() == disputes)
    wait_until(lambda: page.answers.cards[0]._list.isVisible())
    return page


def on_screen(page: AdjudicatePage) -> int:
    return page.settling.case.mention.id if page.settling.case is not None else 0


def go_to(rig: Rig, page: AdjudicatePage, mention_id: int) -> None:
    for _ in page.disputes.list.model_.cases:
        if on_screen(page) != mention_id:
            rig.press("J")
    assert on_screen(page) == mention_id


def in_force(rig: Rig, mention_id: int) -> Decision | None:
    with open_reader(rig.workspace.path) as reader:
        return reader.decision(mention_id)


def test_the_most_material_dispute_comes_first(rig: Rig) -> None:
    page = at_work(rig)
    cases = page.disputes.list.model_.cases
    assert [(case.mention.id, case.kind) for case in cases] == [
        (2, "material"),
        (1, "material"),
        (4, "category"),
        (3, "relation"),
    ]
    assert page.disputes._title.text() == "4 disputes"
    assert "1 wait" in page.disputes._lead.text()
    assert on_screen(page) == 2


def test_both_answers_stand_side_by_side(rig: Rig) -> None:
    page = at_work(rig)
    rig.press("J")
    wait_until(lambda: on_screen(page) == 1 and page.answers.cards[0]._list.isVisible())
    first, second = page.answers.cards
    assert (first._who.text(), first._code.text(), first._comment.text()) == ("Ann", "X01", "“Ann on 1”")
    assert (second._who.text(), second._code.text(), second._comment.text()) == ("Bo", "X02", "“Bo on 1”")
    assert first._place.text() == "All disorders  ›  Numbered disorders"
    assert "retriever" in first._list_title.text()
    assert "Disorder number 3" in first._list.text()
    assert "without any ranking" in second._list_title.text()
    assert page.answers.mention.context.mark_is_visible()


def test_one_key_takes_an_answer_and_goes_on(rig: Rig) -> None:
    page = at_work(rig)
    rig.press("1")
    wait_until(lambda: on_screen(page) == 1)
    assert page.disputes.list.model_.rowCount() == 3
    decision = in_force(rig, 2)
    assert decision is not None
    assert (decision.code, decision.mode, decision.reviewer) == ("X03", "adjudicated", "Cy")
    rig.press("2")
    wait_until(lambda: on_screen(page) == 4)
    decision = in_force(rig, 1)
    assert decision is not None
    assert (decision.code, decision.name) == ("X02", "Name of X02")
    with open_reader(rig.workspace.path) as reader:
        assert [one.review for one in reader.mentions([1, 2])] == ["adjudicated", "adjudicated"]
        assert [one.ranker for one in reader.shown(decision.id)] == ["retriever"], "what was on the cards is frozen"


def test_who_moved_on_before_it_was_saved_stays_there(rig: Rig) -> None:
    page = at_work(rig)
    rig.press("J")
    rig.press("J")
    assert on_screen(page) == 4
    rig.press("1")
    rig.press("K")
    rig.press("K")
    assert on_screen(page) == 2
    wait_until(lambda: page.disputes.list.model_.rowCount() == 3)
    rig.settle()
    assert on_screen(page) == 2


def test_an_answer_keeps_its_relation_and_further_codes(open_window: Open, disputed: Path) -> None:
    with Project.open(disputed) as project:
        project.decide(decided(8, "X09"), reviewer="Ann")
        also = (Target("X05", "Name of X05", "narrower"),)
        project.give_opinion(opinion(8, "X10", relation="broader", also=also), reviewer="Bo")
    rig = open_window(disputed, FakeWorker())
    rig.settings.change(reviewer="Cy")
    page = at_work(rig, 5)
    go_to(rig, page, 8)
    rig.press("2")
    wait_until(lambda: on_screen(page) != 8)
    decision = in_force(rig, 8)
    assert decision is not None
    assert (decision.code, decision.relation, decision.also) == ("X10", "broader", also)


def test_the_no_match_of_an_answer_is_taken_with_its_reason(rig: Rig) -> None:
    page = at_work(rig)
    rig.press("2")
    wait_until(lambda: on_screen(page) == 1)
    decision = in_force(rig, 2)
    assert decision is not None
    assert (decision.kind, decision.reason) == ("no_match", "not_a_mention")


def test_no_match_asks_for_a_reason_and_escape_takes_the_question_back(rig: Rig) -> None:
    page = at_work(rig)
    rig.press("n")
    assert page.keys._stack.currentIndex() == 2
    rig.press("1")
    rig.settle()
    assert on_screen(page) == 2, "while the reasons are asked no answer is taken"
    rig.press(Qt.Key.Key_Escape)
    assert page.keys._stack.currentIndex() == 0
    rig.press("u")
    rig.settle()
    assert on_screen(page) == 2, "without the question its letters mean nothing"
    rig.press("n")
    rig.press("t")
    wait_until(lambda: on_screen(page) == 1)
    decision = in_force(rig, 2)
    assert decision is not None
    assert decision.reason == "not_in_terminology"


def test_space_and_return_decide_nothing_without_a_choice(rig: Rig) -> None:
    page = at_work(rig)
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
        rig.press(key)
        rig.settle()
    assert page.disputes.list.model_.rowCount() == 4
    assert on_screen(page) == 2


def test_another_code_is_searched_and_taken(rig: Rig) -> None:
    page = at_work(rig)
    rig.press("/")
    assert isinstance(QApplication.focusWidget(), QLineEdit)
    rig.press("Disorder number 12")
    wait_until(lambda: bool(page.search._rows))
    assert page.search._rows[0].code == "X12"
    rig.press(Qt.Key.Key_Return)
    assert on_screen(page) == 2, "Return in the line only goes to what was found"
    assert QApplication.focusWidget() is page.answers.found
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: on_screen(page) == 1)
    decision = in_force(rig, 2)
    assert decision is not None
    assert decision.code == "X12"
    assert not page.answers.searching
    assert QApplication.focusWidget() is page.disputes.list


def test_a_code_that_may_not_be_assigned_shows_the_codes_below(rig: Rig) -> None:
    page = at_work(rig)
    rig.press("/")
    rig.press("X20")
    wait_until(lambda: bool(page.search._rows) and page.search._rows[0].code == "X20")
    rig.press(Qt.Key.Key_Down)
    rig.press(Qt.Key.Key_Return)
    wait_until(lambda: [row.code for row in page.search._rows] == ["X20.1", "X20.2"])
    assert on_screen(page) == 2
    rig.press(Qt.Key.Key_Escape)
    assert not page.answers.searching


def test_undo_brings_the_dispute_back_under_the_hand(rig: Rig) -> None:
    page = at_work(rig)
    rig.press("1")
    wait_until(lambda: on_screen(page) == 1)
    wait_until(lambda: not page._later.isActive())
    rig.settle()
    rig.press("z", CONTROL)
    wait_until(lambda: page.disputes.list.model_.rowCount() == 4)
    wait_until(lambda: on_screen(page) == 2)
    rig.press("y", CONTROL)
    wait_until(lambda: page.disputes.list.model_.rowCount() == 3)


def test_when_all_is_settled_it_is_said(rig: Rig) -> None:
    page = at_work(rig)
    for left in (3, 2, 1, 0):
        rig.press("1")
        wait_until(lambda left=left: page.disputes.list.model_.rowCount() == left)
    assert "Every dispute is settled" in page.banner.text
    assert on_screen(page) == 0
    assert page.settling.case is None
    rig.press("1")
    rig.press("n")
    rig.press("/")
    rig.settle()
    assert QApplication.focusWidget() is page.disputes.list, "no key does anything without a case"


def test_who_may_not_settle_is_told_so(rig: Rig) -> None:
    rig.settings.change(reviewer="Bo")
    page = at_work(rig)
    assert "Bo may not settle" in page.answers._hint.text()
    rig.press("1")
    wait_until(lambda: page.banner.isVisible())
    assert "may not settle disputes" in page.banner.text
    assert page.disputes.list.model_.rowCount() == 4
    assert on_screen(page) == 2


def test_an_own_answer_is_not_judged_by_who_gave_it(open_window: Open, disputed: Path) -> None:
    with Project.open(disputed) as project:
        project.set_reviewer(Reviewer("Ann", "lead"))
    rig = open_window(disputed, FakeWorker())
    rig.settings.change(reviewer="Ann")
    page = at_work(rig)
    assert "Ann gave one of the two answers" in page.answers._hint.text()
    rig.press("1")
    wait_until(lambda: page.banner.isVisible())
    with open_reader(rig.workspace.path) as reader:
        assert reader.mentions([2])[0].review == "disputed"


def test_a_comment_on_the_disputed_mention(rig: Rig) -> None:
    page = at_work(rig)
    rig.press("c")
    dialog = rig.window.findChild(QDialog)
    assert dialog is not None
    wait_until(lambda: isinstance(QApplication.focusWidget(), QPlainTextEdit))
    rig.press("see the guideline")
    rig.press(Qt.Key.Key_Return, CONTROL)
    wait_until(lambda: rig.workspace.reading.mention(2).comment == "see the guideline")  # type: ignore[union-attr]
    wait_until(lambda: "see the guideline" in page.answers.mention._facts.text())
    assert on_screen(page) == 2


def test_the_keys_of_the_review_and_of_this_page_never_meet(rig: Rig) -> None:
    actions = rig.window.actions_
    assert not actions["settle_first"].isEnabled()
    page = at_work(rig)
    assert actions["settle_first"].isEnabled()
    before = in_force(rig, rig.mention)
    rig.press("d")
    rig.settle()
    assert in_force(rig, rig.mention) == before, "the review's keys are not heard here"
    rig.press(Qt.Key.Key_1, CONTROL)
    assert not page.isVisible()
    assert not actions["settle_first"].isEnabled(), "nor offered by the list of commands"
    assert conflicts(actions.claims()) == []
    assert not overlap(Scope.ADJUDICATE, Scope.REVIEW)
    assert overlap(Scope.ADJUDICATE, Scope.ADJUDICATE_LISTS)
    assert not overlap(Scope.ADJUDICATE, Scope.ADJUDICATE_REASONS)


def test_the_figures_of_agreement(rig: Rig) -> None:
    page = at_work(rig)
    rig.press("g")
    assert page.figures_shown
    wait_until(lambda: page.figures.agreement.rowCount() > 0)
    cells = [page.figures.agreement.item(0, column).text() for column in range(7)]  # type: ignore[union-attr]
    assert cells[:3] == ["All", "6", "50%"], "two agree, and one dispute is about the relation alone"
    assert "Relation only: 1" in page.figures._kinds.text()
    assert page.figures.agreement.isColumnHidden(4), "Fleiss' kappa says nothing new of two reviewers"
    assert "Nobody has answered before seeing rankings" in page.figures._bias_explained.text()
    rig.press("1")
    rig.settle()
    assert page.disputes.list.model_.rowCount() == 4, "nothing is settled that is not on screen"
    rig.press(Qt.Key.Key_Escape)
    assert not page.figures_shown


def test_moving_to_a_dispute_leaves_the_figures(rig: Rig) -> None:
    page = at_work(rig)
    rig.press("g")
    assert QApplication.focusWidget() is page.figures, "the arrows scroll what is on screen"
    rig.press("J")
    assert not page.figures_shown
    assert on_screen(page) == 2, "the first step only goes back"
    rig.press("J")
    wait_until(lambda: on_screen(page) == 1)


def test_the_meter_of_automation_bias(open_window: Open, disputed: Path) -> None:
    with Project.open(disputed) as project:
        for mention_id, own, then in ((8, "X03", "X09"), (9, "X11", "X11"), (10, "X03", "X03")):
            project.give_opinion(opinion(mention_id, own, "independent"), reviewer="Ann")
            project.decide(decided(mention_id, then), reviewer="Ann")
        # Mention 8's list begins with X09: Ann gave X03 up for it, and Bo says that it was right.
        project.give_opinion(opinion(8, "X03"), reviewer="Bo")
        project.adjudicate(decided(8, "X03"), reviewer="Cy")
    rig = open_window(disputed, FakeWorker())
    rig.settings.change(reviewer="Cy")
    page = at_work(rig)
    rig.press("g")
    wait_until(lambda: page.figures.bias.rowCount() > 0)
    told = page.figures._told.text()
    assert told == "Of 3 own answers one was changed to what the model said. It had been right before."
    cells = [page.figures.bias.item(0, column).text() for column in range(6)]  # type: ignore[union-attr]
    assert cells == ["Ann", "3", "2 of 3", "1 of 3", "1 of 1", "–"]


def test_the_report_is_saved(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "agreement.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    page = at_work(rig)
    rig.press("g")
    wait_until(page.figures.export.isVisible)
    page.figures.export.click()
    wait_until(lambda: page.banner.isVisible())
    assert page.banner.text == "Saved as agreement.csv"
    assert "raw agreement" in target.read_text(encoding="utf-8-sig")


def test_without_double_review_the_page_says_how_to_begin(open_window: Open, tmp_path: Path) -> None:
    rig = open_window(make_project(tmp_path / "plain.rpdr", 3, ranked=True), FakeWorker())
    page = page_of(rig)
    wait_until(lambda: page.figures_shown)
    wait_until(lambda: page._reported)
    assert "Double review is off" in page.disputes.list._empty
    assert "No mention has two answers yet" in page.figures._lead.text()
    assert not page.figures.export.isVisible()
    page.disputes.reviewers.click()
    dialog = rig.window.findChild(QDialog)
    assert dialog is not None
    dialog.reject()


def test_the_dialog_of_reviewers_and_plan(rig: Rig) -> None:
    work = rig.workspace.adjudicating
    dialog = show_reviewers(rig.window, work, rig.settings)
    wait_until(lambda: any(box.accessibleName() == "Role of Cy" for box in dialog.findChildren(QComboBox)))
    people, plan = dialog.findChild(RosterCard), dialog.findChild(PlanCard)
    assert people is not None
    assert plan is not None
    assert plan.double.value() == 100
    people.name.setFocus()
    rig.press("Dee Long")
    rig.press(Qt.Key.Key_Return)
    wait_until(lambda: len([line for line in people._lines if line.name.isVisible()]) == 4)
    assert dialog.isVisible(), "Return in the line closes nothing"
    line = next(line for line in people._lines if line.name.text() == "Dee Long")
    line.role.setCurrentIndex(2)
    line.role.activated.emit(2)
    plan.double.setValue(25)
    plan.seed.setValue(7)
    plan.own.click()
    rig.settle()
    people.me.activated.emit(people.me.findData("Dee Long"))
    assert rig.settings.values.reviewer == "Dee Long"
    rig.settle()
    with open_reader(rig.workspace.path) as reader:
        assert Reviewer("Dee Long", "lead") in reader.reviewers()
        assert reader.review_plan() == ReviewPlan(0.25, 0.0, 7, own_adjudication=True)
    dialog.reject()


def test_the_first_name_on_the_list_is_a_lead(open_window: Open, tmp_path: Path) -> None:
    rig = open_window(make_project(tmp_path / "plain.rpdr", 3, ranked=True), FakeWorker())
    dialog = show_reviewers(rig.window, rig.workspace.adjudicating, rig.settings)
    people = dialog.findChild(RosterCard)
    assert people is not None
    people.name.setText("  Ann   Lee ")
    people.add.click()
    rig.settle()
    with open_reader(rig.workspace.path) as reader:
        assert reader.reviewers() == [Reviewer("Ann Lee", "lead")]
    dialog.reject()


def test_the_settings_offer_the_names_of_the_list(rig: Rig) -> None:
    rig.window.actions_["settings"].trigger()
    dialog = rig.window.findChild(QDialog)
    assert dialog is not None
    [names] = [box for box in dialog.findChildren(QComboBox) if box.findData("Ann") >= 0]
    assert [names.itemData(at) for at in range(names.count())] == ["Ann", "Bo", "Cy"]
    assert names.currentData() == "Cy"
    dialog.reject()


def test_the_list_is_a_sound_model(rig: Rig, qtmodeltester: object) -> None:
    page = at_work(rig)
    model = page.disputes.list.model_
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    cases = model.cases
    model.remove(99)
    model.remove(cases[1].mention.id)
    assert model.rowCount() == 3
    model.set_cases(cases)
    model.set_cases(cases)
    model.set_cases(())
    model.set_cases(cases)
    assert model.row(cases[2].mention.id) == 2
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == described(cases[0])
    assert model.index(0).data(CASE) is cases[0]
    assert not model.flags(model.index(0)) & Qt.ItemFlag.ItemIsEditable, "no input method takes the keys"
    del tester


def test_another_language_at_once(rig: Rig) -> None:
    """Words come from the catalogue; what is on screen stays."""
    page = at_work(rig)
    before = on_screen(page)
    languages = Languages(QApplication.instance())  # type: ignore[arg-type]
    try:
        languages.use("zh_CN")
        QApplication.processEvents()
        assert page.disputes._title.text() == "4 条争议"
        assert on_screen(page) == before
    finally:
        languages.use("en")
        QApplication.processEvents()


def test_a_relation_of_ones_own_for_what_is_taken(rig: Rig) -> None:
    page = at_work(rig)
    go_to(rig, page, 3)
    rig.press("r")
    assert page.keys._stack.currentIndex() == 3
    rig.press("i")
    assert "only overlaps" in page.answers._as.text()
    rig.press("1")
    wait_until(lambda: on_screen(page) != 3)
    decision = in_force(rig, 3)
    assert decision is not None
    assert (decision.code, decision.relation) == ("X04", "inexact")
    assert page.settling.relation is None, "it is not carried over to the next one"
    rig.press("r")
    rig.press("b")
    rig.press(Qt.Key.Key_Escape)
    assert page.settling.relation is None


def test_the_figures_are_reckoned_anew_when_an_answer_came(rig: Rig) -> None:
    page = at_work(rig)
    rig.press("g")
    wait_until(lambda: page.figures.agreement.rowCount() > 0)
    reports: list[object] = []
    show = page.figures.show_report
    page.figures.show_report = lambda report: (reports.append(report), show(report))[1]  # type: ignore[method-assign]
    rig.press("g")
    rig.press("g")
    rig.settle()
    assert reports == [], "nothing has changed"
    rig.workspace.store.change(lambda project: project.give_opinion(opinion(7, "X09"), reviewer="Bo"))
    wait_until(lambda: len(reports) == 1)
    assert page.figures.agreement.item(0, 1).text() == "7"  # type: ignore[union-attr]
    assert page.disputes.list.model_.rowCount() == 5


def test_from_two_blind_answers_to_a_settled_dispute_by_keys(open_window: Open, tmp_path: Path) -> None:
    """Ann and Bo answer in the review, each as if alone; Cy finds the dispute here, settles it, and takes it back."""
    path = make_project(tmp_path / "two.rpdr", 3, ranked=True)
    with Project.open(path) as project:
        for reviewer in (Reviewer("Ann"), Reviewer("Bo"), Reviewer("Cy", "adjudicator")):
            project.set_reviewer(reviewer)
        project.set_review_plan(ReviewPlan(double_share=1.0))
    rig = open_window(path, FakeWorker())
    for name, key in (("Ann", "1"), ("Bo", "3")):
        rig.settings.change(reviewer=name)
        rig.settle()
        rig.page.go_to(1)
        rig.settle()
        rig.page.table.setFocus()
        rig.press(key)
        wait_until(lambda: rig.mention != 1)
        rig.settle()
    rig.settings.change(reviewer="Cy")
    page = at_work(rig, 1)
    case = page.settling.case
    assert case is not None
    assert (case.mention.id, case.first.reviewer, case.second.reviewer) == (1, "Ann", "Bo")
    assert (case.first.code, case.second.code) == ("X02", "X04")
    rig.press("2")
    wait_until(lambda: page.disputes.list.model_.rowCount() == 0)
    decision = in_force(rig, 1)
    assert decision is not None
    assert (decision.code, decision.reviewer, decision.mode) == ("X04", "Cy", "adjudicated")
    rig.settle()
    rig.press("z", CONTROL)
    wait_until(lambda: on_screen(page) == 1)
