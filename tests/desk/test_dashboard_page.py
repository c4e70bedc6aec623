"""The Dashboard page: figures, plots as tables, the random check, acceptance, what keeps coming back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.desk_parts import FakeWorker, Rig, make_project, ranking, wait_until
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QPalette
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QLabel

from rpdr_core.errors import WorldError
from rpdr_core.records import NewDecision
from rpdr_core.store import Project, open_reader
from rpdr_core.workflow import dashboard, random_check
from rpdr_desk import theme
from rpdr_desk.item_models.rows_model import RowsModel
from rpdr_desk.operations.asked import Asked, QueueName
from rpdr_desk.translation import Languages
from rpdr_desk.views.model.dashboard import words
from rpdr_desk.views.model.dashboard.acceptance_card import AcceptanceCard
from rpdr_desk.views.model.dashboard.dashboard_page import DashboardPage
from rpdr_desk.views.model.dashboard.shares_plot import SharesPlot, colour_of

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]
CONTROL = Qt.KeyboardModifier.ControlModifier
Open = Callable[[Path, FakeWorker], Rig]


def decided(project: Project, mention_id: int, *codes: str) -> None:
    """Decide a mention once for each code, with its rankings on screen."""
    for code in codes:
        shown = tuple(project.rankings(mention_id))
        kind = "accept" if shown[0].candidates[0].code == code else "correct"
        project.decide(NewDecision(mention_id, kind, code, f"Disorder {code}", shown=shown), reviewer="ann")


def first_of(mention_id: int) -> str:
    return ranking(mention_id).candidates[0].code


@pytest.fixture
def rig(open_window: Open, tmp_path: Path) -> Rig:
    """160 mentions with candidates: 40 decided, two of them again and again."""
    path = make_project(tmp_path / "d.rpdr", 160, ranked=True)
    with Project.open(path) as project:
        for number in range(1, 41):
            decided(project, number, first_of(number) if number % 4 else "X20.1")
        for number in (3, 5):
            decided(project, number, "X20.1", first_of(number))
    return open_window(path, FakeWorker())


def page_of(rig: Rig) -> DashboardPage:
    rig.press(Qt.Key.Key_7, CONTROL)
    assert rig.window.pages is not None
    page = rig.window.pages.currentWidget()
    assert isinstance(page, DashboardPage)
    return page


def shown(rig: Rig) -> DashboardPage:
    page = page_of(rig)
    wait_until(lambda: page.leeches.table.rows.rowCount() > 0)
    return page


def test_every_figure_is_told_in_words(rig: Rig) -> None:
    page = shown(rig)
    assert page.progress.mentions.text() == "Mentions: 40 of 160 decided (25.0%)"
    assert page.pace.estimate.text() == "Not enough decisions yet", "all of it was on one day"
    assert page.pace.days.rows.index(0, 1).data() == "ann"
    assert (
        "70.0%" in page.accuracy.plot.accessibleDescription() or "75.0%" in page.accuracy.plot.accessibleDescription()
    )
    assert page.calibration.plot.marks("retriever")
    assert "Expected calibration error" in page.calibration.plot.accessibleDescription()
    assert page.cost.facts.isHidden()


def test_a_plot_can_be_read_as_a_table(rig: Rig) -> None:
    page = shown(rig)
    for card in (page.accuracy, page.calibration):
        assert card.plot.isVisibleTo(card)
        assert card.table.isHidden()
        card.as_table.setFocus()
        rig.press(Qt.Key.Key_Space)
        assert card.plot.isHidden()
        assert card.table.rows.rowCount() > 0
        assert card.table.accessibleName()
    assert [page.accuracy.table.rows.headerData(n, Qt.Orientation.Horizontal) for n in range(3)] == [
        "Decided", "Decisions", "Retriever",
    ]  # fmt: skip


def test_accuracy_by_week_is_another_cut_of_the_same(rig: Rig) -> None:
    page = shown(rig)
    by_block = page.accuracy.table.rows.rowCount()
    page.accuracy.by_week.click()
    assert page.accuracy.table.rows.rowCount() == 1
    page.accuracy.by_block.click()
    assert page.accuracy.table.rows.rowCount() == by_block


def test_what_keeps_coming_back_is_opened_by_return(rig: Rig) -> None:
    page = shown(rig)
    page.leeches.table.setFocus()
    wanted = page.leeches.table.rows.key(page.leeches.table.currentIndex().row())
    assert wanted in (3, 5)
    rig.press(Qt.Key.Key_Return)
    wait_until(lambda: rig.mention == wanted)
    assert rig.window.tabs.currentIndex() == 0


def test_what_keeps_coming_back_is_put_aside_by_a_key_and_taken_back_by_one(rig: Rig) -> None:
    page = shown(rig)
    table = page.leeches.table
    table.setFocus()
    rig.press("a", CONTROL)
    assert sorted(page.leeches.selected()) == [3, 5]
    rig.press("f")
    wait_until(lambda: page.leeches.take_back.isVisible())
    assert table.rows.rowCount() == 2
    assert all("put aside" in str(table.rows.index(row, 2).data()) for row in range(2))
    assert "2 put aside" in page.banner.text
    assert "Put aside for discussion: 2." in page.leeches._lead.text()
    with open_reader(rig.workspace.path) as reader:
        assert [one.flag_reason for one in reader.mentions([3, 5])] == ["guideline", "guideline"]
    rig.press("z", CONTROL)
    wait_until(lambda: not page.leeches.take_back.isVisible())
    assert table.rows.rowCount() == 2


def test_what_was_put_aside_is_taken_back_by_the_same_key_and_by_its_button(rig: Rig) -> None:
    page = shown(rig)
    page.leeches.table.setFocus()
    for press in (lambda: rig.press("f"), page.leeches.take_back.click):
        rig.press("a", CONTROL)
        rig.press("f")
        wait_until(lambda: page.leeches.take_back.isVisible())
        rig.press("a", CONTROL)
        press()
        wait_until(lambda: not page.leeches.take_back.isVisible())
        with open_reader(rig.workspace.path) as reader:
            assert [one.flagged for one in reader.mentions([3, 5])] == [False, False]


@pytest.mark.parametrize("queue", ["unreviewed", "least_sure", "most_frequent"])
def test_what_is_put_aside_is_out_of_the_queues_of_what_is_to_be_done(rig: Rig, queue: QueueName) -> None:
    wanted = rig.workspace.queues
    seen: list[list[int]] = []
    counts: list[tuple[int, int]] = []
    wanted.snapshot(Asked(queue), lambda ids: seen.append(list(ids)))
    wait_until(lambda: len(seen) == 1)
    one = seen[0][3]
    rig.workspace.store.change(lambda project: project.set_flags([one], "guideline"))
    wanted.snapshot(Asked(queue), lambda ids: seen.append(list(ids)))
    wanted.progress(lambda found, _double: counts.append((found.mentions, found.unreviewed)))
    wait_until(lambda: len(seen) == 2 and len(counts) == 1)
    assert set(seen[0]) - set(seen[1]) == {one}
    assert counts[0][1] == len(seen[1])
    wanted.snapshot(Asked("flagged"), lambda ids: seen.append(list(ids)))
    wait_until(lambda: len(seen) == 3)
    assert one in seen[2]
    rig.workspace.store.change(lambda project: project.clear_flags([one]))
    wanted.snapshot(Asked(queue), lambda ids: seen.append(list(ids)))
    wait_until(lambda: len(seen) == 4)
    assert seen[3] == seen[0]


def test_the_key_that_puts_aside_is_dead_elsewhere(rig: Rig) -> None:
    page = shown(rig)
    action = rig.window.actions_["put_aside"]
    assert action.isEnabled()
    rig.press(Qt.Key.Key_1, CONTROL)
    assert not action.isEnabled()
    assert page.isHidden()


def test_figures_follow_what_is_decided_while_they_are_on_screen(rig: Rig) -> None:
    page = shown(rig)
    rig.workspace.store.change(lambda project: project.decide(NewDecision(50, "defer")))
    rig.workspace.store.change(lambda project: project.decide(NewDecision(51, "no_match", reason="unreadable")))
    wait_until(lambda: "41 of 160" in page.progress.mentions.text())


def test_they_are_reckoned_in_a_thread_of_their_own(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    real, threads = dashboard.dashboard_of, []

    def noted(*arguments: Any, **more: Any) -> Any:
        threads.append(threading.current_thread().name)
        return real(*arguments, **more)

    monkeypatch.setattr(dashboard, "dashboard_of", noted)
    shown(rig)
    assert set(threads) == {"dashboard"}


def test_only_the_newest_reading_is_told(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    page = shown(rig)
    told: list[object] = []
    rig.workspace.overview.measured.connect(told.append)
    for _ in range(5):
        rig.workspace.overview.read(lambda error: pytest.fail(str(error)))
    wait_until(lambda: bool(told))
    rig.settle()
    assert len(told) == 1
    assert page.banner.isHidden()


def test_closing_does_not_wait_for_figures(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[bool] = []

    def endless(*_: object, check: Callable[[], None]) -> object:
        begun.append(True)
        while True:
            check()

    monkeypatch.setattr(dashboard, "dashboard_of", endless)
    page_of(rig)
    wait_until(lambda: bool(begun))
    rig.window.close_project()
    assert "dashboard" not in [thread.name for thread in threading.enumerate()]


def test_the_language_changes_while_it_is_shown(rig: Rig, qapp: QApplication) -> None:
    page = shown(rig)
    languages = Languages(qapp)
    languages.use("zh_CN")
    try:
        wait_until(lambda: page.progress.mentions.text() == "提及：已决定 40 / 160（25.0%）")
        assert page.pace.estimate.text() == "决定数量还不够"
        assert page.accuracy.table.rows.headerData(2, Qt.Orientation.Horizontal) == "检索器"
    finally:
        languages.use("en")
    wait_until(lambda: page.progress.mentions.text().startswith("Mentions: 40"))


def test_a_failure_is_told(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    page = shown(rig)

    def fails(*_: object, **__: object) -> object:
        raise WorldError("the disk is gone", hint="plug it in")

    monkeypatch.setattr(dashboard, "dashboard_of", fails)
    page._read()
    wait_until(page.banner.isVisible)
    assert "plug it in" in page.banner.text


def test_an_empty_project_says_what_to_do(open_window: Open, tmp_path: Path) -> None:
    rig = open_window(make_project(tmp_path / "e.rpdr", 3), FakeWorker())
    page = page_of(rig)
    wait_until(lambda: "0 of 3" in page.progress.mentions.text())
    assert page.pace.estimate.text() == "Not enough decisions yet"
    for card in (page.accuracy, page.calibration):
        assert "Nothing to measure yet" in card.lead.text()
        assert card.plot.isHidden()
        assert card.as_table.isHidden()
    assert page.acceptance.result.text() == "Nothing can be promised yet"
    assert page.acceptance.draw.isHidden()
    assert page.leeches.table.isHidden()


# The random check


@pytest.fixture
def easy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks of 40 mentions."""
    from rpdr_desk.views.model.dashboard import acceptance_card

    monkeypatch.setattr(acceptance_card, "size_for", lambda _alpha: 40)


def test_a_check_is_drawn_answered_by_keys_and_makes_a_promise(easy: None, rig: Rig) -> None:
    page = shown(rig)
    card = page.acceptance
    wait_until(lambda: not card.draw.isHidden())
    assert "guess" in card._detail.text()
    assert card.accept.isHidden(), "a guess accepts nothing"
    card.alphas[3].setFocus()
    rig.press(Qt.Key.Key_Space)
    assert card.alpha == 0.1
    card.draw.setFocus()
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: rig.window.tabs.currentIndex() == 0)
    assert rig.page.queue_pane.chips.texts == ["Random check"]
    assert rig.page.model.rowCount() == 40
    with open_reader(rig.workspace.path) as reader:
        left = random_check.unanswered(reader)
    wait_until(lambda: rig.mention in left)
    for answered in range(1, len(left) + 1):
        # The lot may have drawn the mention that is on screen: the review goes on from there and round the list's end.
        here = rig.mention
        wait_until(lambda: bool(rig.page.flow.rows))
        rig.press("1")
        wait_until(lambda here=here: rig.workspace.reading.decision(here) is not None)
        last = answered == len(left)
        wait_until(lambda here=here, last=last: last or rig.mention != here)
    assert all(rig.workspace.reading.decision(one) is not None for one in left)
    rig.settle()
    page_of(rig)
    wait_until(lambda: not card.accept.isHidden())
    assert "95% certainty" in card._detail.text()
    assert "80 mentions" in card.result.text()
    assert card.draw.isHidden()


def test_a_check_goes_on_where_it_was_left(easy: None, rig: Rig) -> None:
    page = shown(rig)
    wait_until(lambda: not page.acceptance.draw.isHidden())
    page.acceptance.draw.click()
    wait_until(lambda: rig.window.tabs.currentIndex() == 0)
    before = rig.mention
    rig.press("1")
    wait_until(lambda: rig.mention != before)
    page_of(rig)
    wait_until(lambda: page.acceptance.check.text() == "Answer the check (39 left)")
    page.acceptance.check.click()
    wait_until(lambda: rig.window.tabs.currentIndex() == 0)
    assert rig.page.model.rowCount() == 39
    rig.page.queue_pane.chips.chip(0).click()
    wait_until(lambda: rig.page.model.rowCount() > 39)
    assert rig.page.queue_pane.given is None


def promised(rig: Rig) -> DashboardPage:
    """A finished check, and the page that shows its promise."""

    def answered(project: Project) -> Any:
        changes = random_check.draw(project, 40, seed=3)
        for mention_id in random_check.unanswered(project):
            decided(project, mention_id, first_of(mention_id))
        return changes

    rig.workspace.store.change(answered)
    rig.settle()
    page = shown(rig)
    page.acceptance.choose(3)
    wait_until(lambda: not page.acceptance.accept.isHidden())
    return page


def test_what_lies_above_the_threshold_can_be_reviewed_by_hand(rig: Rig) -> None:
    page = promised(rig)
    page.acceptance.review.click()
    wait_until(lambda: rig.window.tabs.currentIndex() == 0)
    assert rig.page.model.rowCount() == 80
    assert rig.page.queue_pane.chips.texts[0].startswith("Confidence from")


def test_nothing_is_accepted_before_the_counts_were_seen_and_the_box_ticked(rig: Rig) -> None:
    page = promised(rig)
    page.acceptance.accept.click()
    wait_until(lambda: page.accepting is not None)
    asked = page.accepting
    assert asked is not None
    assert any("80 mentions" in label.text() for label in asked.dialog.findChildren(QLabel))
    assert asked.table.rows.rowCount() == 50, "the least sure"
    assert not asked.accept.isEnabled()
    rig.press(Qt.Key.Key_Return)
    rig.settle()
    with open_reader(rig.workspace.path) as reader:
        assert reader.progress().decided == 80
    asked.sure.setFocus()
    rig.press(Qt.Key.Key_Space)
    asked.accept.click()
    wait_until(lambda: "80 mentions accepted" in page.banner.text)
    wait_until(lambda: "160 of 160" in page.progress.mentions.text())
    assert page.pace.estimate.text() == "Everything is decided"
    rig.window.activateWindow()
    wait_until(lambda: QApplication.activeWindow() is rig.window)
    rig.press("z", CONTROL)
    wait_until(lambda: "80 of 160" in page.progress.mentions.text())


def test_a_dialog_that_is_left_accepts_nothing(rig: Rig) -> None:
    page = promised(rig)
    page.acceptance.accept.click()
    wait_until(lambda: page.accepting is not None)
    assert page.accepting is not None
    rig.press(Qt.Key.Key_Escape)
    rig.settle()
    assert page.banner.isHidden()
    assert "80 of 160" in page.progress.mentions.text()


# Looks


def test_narrow_windows_and_large_text_put_cards_below_each_other(rig: Rig) -> None:
    page = shown(rig)
    rig.window.resize(1280, 800)
    wait_until(lambda: page.progress.y() == page.pace.y())
    rig.window.resize(960, 700)
    wait_until(lambda: page.progress.x() == page.pace.x())
    assert page.area.horizontalScrollBar().maximum() == 0


def test_rankers_differ_in_more_than_colour(qtbot: object) -> None:
    from rpdr_desk.views.model.dashboard import shares_plot

    styles = list(shares_plot._STYLES.values())
    assert len({mark for mark, _ in styles}) == len({line for _, line in styles}) == 3
    for dark in (False, True):
        palette = theme.palette(dark)
        base = palette.color(QPalette.ColorRole.Base)
        tones = {role: colour_of(role, palette) for role in shares_plot._STYLES}
        assert len({tone.name() for tone in tones.values()}) == 3
        assert all(abs(tone.lightnessF() - base.lightnessF()) > 0.2 for tone in tones.values())


def test_a_plot_follows_the_theme(qtbot: object, qapp: QApplication) -> None:
    plot = SharesPlot()
    plot.setPalette(theme.palette(True))
    assert plot._plot.backgroundBrush().color() == theme.palette(True).color(QPalette.ColorRole.Base)
    plot.deleteLater()


def test_the_card_speaks_for_every_state(qtbot: object) -> None:
    from rpdr_core.evaluation.risk import Promise
    from rpdr_core.workflow.dashboard_figures import Offer, Safety

    card = AcceptanceCard()

    def said(*promises: Promise, state: str = "none") -> str:
        offers = tuple(Offer(one, 12, 34) for one in promises * 4)
        card.show_safety(Safety(state, 1, 30, (), offers), 1000)  # type: ignore[arg-type]
        return card.result.text()

    assert "12 mentions, 34 occurrences" in said(Promise(0.05, 0.9, 100, 1))
    assert "at least 39 more" in said(Promise(0.05, None, 20, 0, 39))
    assert "wrong too often" in said(Promise(0.05, None, 20, 10, None))
    said(Promise(0.05, 0.9, 100, 1), state="stale")
    assert "Draw a new one" in card._detail.text()
    card.deleteLater()


def test_the_rows_are_a_sound_model(qtbot: object) -> None:
    model = RowsModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_rows(("Name", "Count"), [("a", "1"), ("b", "2")], frozenset((1,)), (7, 8))
    assert (model.rowCount(), model.columnCount()) == (2, 2)
    assert model.rowCount(model.index(0, 0)) == 0
    assert model.data(model.index(1, 1), Qt.ItemDataRole.AccessibleTextRole) == "b, Count: 2"
    assert (model.key(1), model.key(5), model.row_of(8), model.row_of(9)) == (8, 0, 1, -1)
    assert model.data(QModelIndex()) is None
    assert not model.flags(model.index(0, 0)) & Qt.ItemFlag.ItemIsEditable
    model.set_rows((), [])
    assert model.rowCount() == 0


def test_days_left_in_plain_words() -> None:
    from rpdr_core.evaluation.pace import Finish

    assert words.days_left(Finish(3, 5, 100.0, 7)) == "About 3 to 5 working days"
    assert words.days_left(Finish(4, 4, 100.0, 7)) == "About 4 working days"
    assert words.days_left(Finish(0, 1, 100.0, 7)) == "A working day at most"
