"""Adjudicate, Map lint and Dashboard: another person sits down, keys at the wrong moment, what undo says there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.desk_parts import FakeWorker, Rig, make_project, ranking, wait_until
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QTableView

from rpdr_core.records import NewDecision, NewOpinion, Reviewer, ReviewPlan
from rpdr_core.store import Project
from rpdr_desk import theme
from rpdr_desk.fonts import figures, scaled
from rpdr_desk.operations.compare_state import Figure, RankerFigures
from rpdr_desk.views import wording
from rpdr_desk.views.banner import Banner
from rpdr_desk.views.model.adjudicate.adjudicate_page import AdjudicatePage
from rpdr_desk.views.model.compare.figures_table import FiguresTable
from rpdr_desk.views.model.dashboard.dashboard_page import DashboardPage
from rpdr_desk.views.model.dashboard.figures_view import FiguresView
from rpdr_desk.views.model.lint.lint_page import LintPage

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]
CONTROL = Qt.KeyboardModifier.ControlModifier
Open = Callable[[Path, FakeWorker], Rig]


def decided(mention_id: int, code: str) -> NewDecision:
    return NewDecision(mention_id, "correct", code, code, shown=(ranking(mention_id),))


@pytest.fixture
def waiting(tmp_path: Path) -> Path:
    """Two faulty decisions of Ann's; the first waits for somebody who does not know it. One dispute, of mention 5."""
    path = make_project(tmp_path / "waiting.rpdr", 12, ranked=True)
    with Project.open(path) as project:
        project.set_review_plan(ReviewPlan(double_share=1.0))
        project.decide(decided(1, "NONE"), reviewer="Ann")
        project.decide(decided(5, "X01"), reviewer="Ann")
        project.give_opinion(NewOpinion(5, "second", "correct", "X02", "X02"), reviewer="Bo")
        project.set_review_plan(ReviewPlan(double_share=0.0))
        project.decide(decided(2, "NONE"), reviewer="Ann")
    return path


def go(rig: Rig, number: Qt.Key) -> object:
    rig.press(number, CONTROL)
    assert rig.window.pages is not None
    return rig.window.pages.currentWidget()


def lint_of(rig: Rig) -> LintPage:
    page = go(rig, Qt.Key.Key_6)
    assert isinstance(page, LintPage)
    wait_until(lambda: not page._running and not page._stale)
    return page


def told_of(page: LintPage) -> set[int]:
    return {one for line in page._groups.of("unknown_code") for one in line.mention_ids}


def test_findings_of_one_person_are_not_left_to_the_next(open_window: Open, waiting: Path) -> None:
    rig = open_window(waiting, FakeWorker())
    rig.settings.change(reviewer="Ann")
    page = lint_of(rig)
    assert told_of(page) == {1, 2}
    rig.settings.change(reviewer="Bo")
    assert 1 not in told_of(page), "at once, not when all was looked at again"
    wait_until(lambda: not page._running and told_of(page) == {2})


@pytest.mark.parametrize("name", ["Bo", ""])
def test_who_has_no_name_is_blind_as_well(open_window: Open, waiting: Path, name: str) -> None:
    rig = open_window(waiting, FakeWorker())
    rig.settings.change(reviewer=name)
    page = lint_of(rig)
    assert told_of(page) == {2}
    rig.workspace.store.change(lambda project: project.set_flag(1, True))
    rig.settle()
    rig.settle()
    wait_until(lambda: told_of(page) == {2})


def test_who_may_settle_follows_the_name(open_window: Open, waiting: Path) -> None:
    with Project.open(waiting) as project:
        project.set_reviewer(Reviewer("Ann", "lead"))
        project.set_reviewer(Reviewer("Cy", "adjudicator"), actor="Ann")
    rig = open_window(waiting, FakeWorker())
    rig.settings.change(reviewer="Cy")
    page = go(rig, Qt.Key.Key_5)
    assert isinstance(page, AdjudicatePage)
    wait_until(lambda: page.disputes.list.model_.rowCount() == 1)
    assert page.answers._hint.isHidden()
    rig.settings.change(reviewer="Ann")
    wait_until(lambda: "Ann gave one of the two answers" in page.answers._hint.text())


def test_a_digit_in_the_list_of_found_codes_settles_nothing(open_window: Open, waiting: Path) -> None:
    rig = open_window(waiting, FakeWorker())
    rig.settings.change(reviewer="Cy")
    page = go(rig, Qt.Key.Key_5)
    assert isinstance(page, AdjudicatePage)
    wait_until(lambda: page.settling.case is not None)
    rig.press("/")
    rig.press("Disorder number 12")
    wait_until(lambda: bool(page.search._rows))
    rig.press(Qt.Key.Key_Return)
    assert QApplication.focusWidget() is page.answers.found
    rig.press("1")
    rig.settle()
    rig.settle()
    assert page.disputes.list.model_.rowCount() == 1, "in the review it would have taken the first of these codes"
    rig.press(Qt.Key.Key_Escape)
    rig.press("1")
    wait_until(lambda: page.disputes.list.model_.rowCount() == 0)


def test_undo_that_fails_is_told_where_it_was_asked(open_window: Open, tmp_path: Path) -> None:
    path = make_project(tmp_path / "plain.rpdr", 3, ranked=True)
    with Project.open(path) as project:
        project.set_review_plan(ReviewPlan(double_share=1.0))
        project.decide(decided(1, "X01"), reviewer="Ann")
    rig = open_window(path, FakeWorker())
    rig.settings.change(reviewer="Cy")
    for key, kind in ((Qt.Key.Key_5, AdjudicatePage), (Qt.Key.Key_6, LintPage), (Qt.Key.Key_7, DashboardPage)):
        page = go(rig, key)
        assert isinstance(page, kind)
        rig.settle()
        rig.press("z", CONTROL)
        wait_until(lambda page=page: page.banner.isVisible() and "Not saved" in page.banner.text)  # type: ignore[misc]


def test_undo_says_what_it_took_back_where_it_was_asked(open_window: Open, tmp_path: Path) -> None:
    rig = open_window(make_project(tmp_path / "plain.rpdr", 3, ranked=True), FakeWorker())
    rig.workspace.store.change(lambda project: project.decide(decided(2, "X02"), reviewer="Cy"))
    page = go(rig, Qt.Key.Key_7)
    assert isinstance(page, DashboardPage)
    rig.settle()
    rig.press("z", CONTROL)
    wait_until(lambda: page.banner.isVisible() and "as it was" in page.banner.text)


def test_a_reason_that_is_typed_stays_while_other_findings_go(open_window: Open, waiting: Path) -> None:
    rig = open_window(waiting, FakeWorker())
    rig.settings.change(reviewer="Ann")
    page = lint_of(rig)
    page.table.stand_on(1)
    kept = page.table.current()
    assert kept is not None
    rig.press("x")
    QTest.keyClicks(page.card.reason, "a loc")
    other = next(line for line in page.model.lines if line.key != kept.key)
    rig.workspace.store.change(lambda project: project.decide(decided(other.mention_ids[0], "X03"), reviewer="Ann"))
    rig.settle()
    wait_until(lambda: told_of(page) == set(kept.mention_ids))
    assert page.table.current() == kept, "the same finding, wherever it stands now"
    assert page.card.reason.hasFocus()
    assert page.card.reason.text() == "a loc"
    QTest.keyClicks(page.card.reason, "al code")
    rig.press(Qt.Key.Key_Return)
    wait_until(lambda: [one.dismissed for one in page._groups.of(None)] == ["a local code"])


def test_a_value_that_looks_like_a_place_is_a_value() -> None:
    assert wording.fill("%1 and %2", "50%2", "%1") == "50%2 and %1"
    assert wording.fill("%1 of %2, %3", "a", "b") == "a of b, %3"


def test_the_finding_on_screen_is_the_one_that_is_cured(open_window: Open, waiting: Path) -> None:
    """Rows above it go between two keys: the hand stays on its finding."""
    rig = open_window(waiting, FakeWorker())
    rig.settings.change(reviewer="Ann")
    page = lint_of(rig)
    lines = [
        replace(line, suggested=f"X0{place + 3}", suggested_name="x") for place, line in enumerate(page.model.lines)
    ]
    page.model.set_lines([*lines, replace(lines[0], key="third", mention_ids=(9,))])
    page.table.stand_on(1)
    page._take_away(frozenset((lines[0].key,)))
    now = page.table.current()
    assert now is not None
    assert now.key == lines[1].key


def test_figures_are_whole_at_every_text_size(qtbot: object, qapp: QApplication) -> None:
    def all_seen(table: QTableView) -> bool:
        qapp.processEvents()
        metrics, rows = table.fontMetrics(), table.model().rowCount()
        high = table.rowViewportPosition(rows - 1) + table.rowHeight(rows - 1)
        return high <= table.viewport().height() and table.rowHeight(0) >= metrics.height()

    before = qapp.font()
    compared, days = FiguresTable(), FiguresView(most=4)
    figure = Figure(0.981, 0.940, 0.999)
    compared.show_rankers([RankerFigures("teacher", 53, figure, figure, figure, figure, figure, 0.2, 1311.0, 0.2)])
    days.rows.set_rows(("Day", "Mentions"), [(f"{day} Nov", "12") for day in range(4)])
    try:
        for table in (compared, days):
            table.resize(1500, 300)
            table.show()
        for percent in (100, 200, 100):
            font = QFont(before)
            font.setPointSizeF(10.0 * percent / 100)
            qapp.setFont(font)
            theme.apply(qapp, "light")
            wait_until(lambda: all_seen(compared) and all_seen(days))
            small = QFontMetrics(figures(scaled(compared.font(), 0.82)))
            assert compared.columnWidth(2) > small.horizontalAdvance("0.940–0.999")
            assert compared.rowHeight(0) >= compared.fontMetrics().height() + small.height()
    finally:
        qapp.setFont(before)
        for table in (compared, days):
            table.close()
            table.deleteLater()


def test_a_banner_says_a_mention_letter_by_letter(qtbot: object) -> None:
    banner = Banner()
    try:
        banner.show_text("<b>glaucoma</b>: as it was")
        shown = banner.findChildren(QLabel)[1]
        assert (shown.text(), shown.textFormat()) == ("<b>glaucoma</b>: as it was", Qt.TextFormat.PlainText)
    finally:
        banner.close()
        banner.deleteLater()
