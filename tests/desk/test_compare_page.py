"""The Compare page: figures of a student on held-out decisions, what would change, promote, roll back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.desk_parts import FakeWorker, Rig, make_project, wait_until
from helpers.training_worker import Trained, job_ended, trained
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from rpdr_core.errors import Cancelled
from rpdr_core.store import open_reader
from rpdr_core.workflow import comparing, held_out
from rpdr_core.workflow.promotion import report_in
from rpdr_desk.views.model.compare.compare_page import ComparePage

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def rig(open_window: Callable[[Path, FakeWorker], Rig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    """A project where half of the mentions are held out, with candidates for all."""
    monkeypatch.setattr(held_out, "SHARE", 0.5)
    return open_window(make_project(tmp_path / "c.rpdr", 24, ranked=True), FakeWorker())


def decide(rig: Rig, times: int) -> None:
    for _ in range(times):
        before = rig.mention
        rig.press("1")
        wait_until(lambda before=before: rig.mention != before)


def compare_page(rig: Rig) -> ComparePage:
    rig.press(Qt.Key.Key_4, CONTROL)
    assert rig.window.pages is not None
    page = rig.window.pages.currentWidget()
    assert isinstance(page, ComparePage)
    rig.settle()
    return page


def with_a_student(rig: Rig) -> ComparePage:
    Trained(rig.worker)
    decide(rig, 14)
    trained(rig)
    page = compare_page(rig)
    wait_until(lambda: page.students.list.count() == 1)
    return page


def compared(page: ComparePage) -> None:
    page.students.compare.click()
    wait_until(lambda: page.report.figures.isVisible())


def test_without_a_student_the_page_says_what_to_do(rig: Rig) -> None:
    page = compare_page(rig)
    assert page.students._none.isVisible()
    assert "Train" in page.students._none.text()
    assert not page.students.promote.isVisible()
    assert not page.students.roll_back.isVisible()


def test_a_student_is_promoted_only_after_its_figures_were_seen(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(QMessageBox, "question", lambda *_: asked.append("sure") or QMessageBox.StandardButton.Yes)
    page = with_a_student(rig)
    assert not page.students.promote.isEnabled()
    compared(page)
    rows = [page.report.figures.item(row, 0).text() for row in range(page.report.figures.rowCount())]  # type: ignore[union-attr]
    assert rows == ["Retriever", "Teacher", "This student"]
    assert page.report.flips.rowCount() > 0
    assert page.students.promote.isEnabled()
    page.students.promote.click()
    wait_until(lambda: page.students.roll_back.isVisible())
    wait_until(lambda: job_ended(rig, "student"))
    assert "in use" in page.students.list.item(0).text()  # type: ignore[union-attr]
    assert not page.students.promote.isEnabled()
    with open_reader(rig.workspace.path) as reader:
        [promotion] = reader.promotions()
        report = report_in(promotion)
    assert report is not None
    assert report.comparison.adapter.id == "a1"
    assert report.impact is not None
    assert report.impact.flips == page.report.flips.rowCount()
    page._comparison = None
    page._choose("a1")
    assert page.report.figures.isVisible(), "what it was put in use on is kept"
    assert not page.report.flips.isVisible()
    assert "Put in use on these figures" in page.report._lead.text()
    assert asked == ["sure"]


def test_the_window_does_not_wait_for_the_figures(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    real, threads = comparing.comparison_of, []

    def noted(*arguments: Any) -> Any:
        threads.append(threading.current_thread().name)
        return real(*arguments)

    monkeypatch.setattr(comparing, "comparison_of", noted)
    compared(with_a_student(rig))
    assert threads == ["compare"]


def test_a_worse_student_is_not_put_in_use_by_mistake(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.No)
    page = with_a_student(rig)
    compared(page)
    assert page._comparison is not None
    assert page._comparison.worse, "the reversed lists of the stand-in are worse than the retriever's"
    page.students.promote.click()
    rig.settle()
    with open_reader(rig.workspace.path) as reader:
        assert reader.promotions() == []


def test_a_rollback_takes_one_step_back(rig: Rig) -> None:
    page = with_a_student(rig)
    rig.workspace.store.change(lambda project: project.promote("a1"))
    rig.workspace.comparing.read()
    wait_until(lambda: page.students.roll_back.isVisible())
    assert page.students.roll_back.text() == "Roll back to no student"
    page.students.roll_back.click()
    wait_until(lambda: not page.students.roll_back.isVisible())
    with open_reader(rig.workspace.path) as reader:
        assert [one.reason for one in reader.promotions()] == ["promote", "rollback"]


def test_a_comparison_that_is_stopped_at_once_ranks_nothing(rig: Rig) -> None:
    page = with_a_student(rig)
    before = rig.worker.methods().count("rank.student")
    page.students.compare.click()
    rig.workspace.comparing.stop()
    wait_until(lambda: page.banner.isVisible())
    assert rig.worker.methods().count("rank.student") == before
    assert page.students.compare.isEnabled()


def test_a_comparison_can_be_stopped(rig: Rig) -> None:
    page = with_a_student(rig)
    rank = rig.worker.answers["rank.student"]

    def stop(*arguments: object) -> object:
        page.report.stop.click()
        return rank(*arguments)

    rig.worker.answers["rank.student"] = stop
    page.students.compare.click()
    wait_until(lambda: page.banner.isVisible())
    assert page._comparison is None
    assert not page.report.figures.isVisible()
    assert page.students.compare.isEnabled()
    rig.worker.answers["rank.student"] = rank
    compared(page)


def test_what_would_change_is_saved_and_leads_to_the_mention(rig: Rig, tmp_path: Path) -> None:
    page = with_a_student(rig)
    compared(page)
    target = tmp_path / "changes.csv"
    rig.workspace.comparing.export(target, lambda error: pytest.fail(str(error)))
    wait_until(target.exists)
    assert len(target.read_text(encoding="utf-8-sig").splitlines()) == page.report.flips.rowCount() + 1
    item = page.report.flips.item(0, 0)
    assert item is not None
    wanted = item.data(Qt.ItemDataRole.UserRole)
    page.report.flips.itemActivated.emit(item)
    wait_until(lambda: rig.mention == wanted)
    assert rig.window.tabs.currentIndex() == 0


def test_a_failure_is_told_with_its_cure(rig: Rig) -> None:
    page = with_a_student(rig)

    def gone(*_: object) -> object:
        raise Cancelled("the worker stopped", hint="start it again")

    rig.worker.answers["rank.student"] = gone
    page.students.compare.click()
    wait_until(lambda: page.banner.isVisible())
    assert "start it again" in page.banner.text
