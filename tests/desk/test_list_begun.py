"""A long list: what is in sight comes first, the rest follows, and nobody loses their place by it."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers.desk_parts import FakeWorker, Rig, make_project, wait_until
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest

from rpdr_core.errors import WorldError
from rpdr_core.records import NewMention, SourceRow
from rpdr_core.store import Project, SourceFile, stretch
from rpdr_core.store.queue import QueueQuery
from rpdr_desk.item_models.queue_model import QueueModel
from rpdr_desk.operations.asked import Asked
from rpdr_desk.operations.facets import Pick
from rpdr_desk.views.review.rest_of_list import RestOfList

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]
ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
ALL = 400


class Gate:
    """Holds back whole lists while it is shut."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._open = threading.Event()
        self._open.set()
        queue = Project.queue

        def held(project: Project, query: QueueQuery, stop: Callable[[], bool] | None = None) -> array[int]:
            assert self._open.wait(60)
            return queue(project, query, stop)

        monkeypatch.setattr(Project, "queue", held)

    def shut(self) -> None:
        self._open.clear()

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    monkeypatch.setattr(stretch, "_WALK_SECONDS", 60.0)
    monkeypatch.setattr(stretch, "_PASS_SECONDS", 60.0)
    made = Gate(monkeypatch)
    yield made
    made.open()


@pytest.fixture
def rig(open_window: Callable[[Path, FakeWorker], Rig], gate: Gate, tmp_path: Path) -> Rig:
    made = open_window(make_project(tmp_path / "long.rpdr", ALL, ranked=True), FakeWorker())
    made.settle()
    return made


def rows(rig: Rig) -> list[int]:
    return rig.page.model.ids(0, ALL + 1)


def test_the_rows_in_sight_come_first_and_the_rest_follows(rig: Rig, gate: Gate) -> None:
    gate.shut()
    rig.press("9", ALT)
    wait_until(lambda: not rig.page.model.whole)
    assert rows(rig) == list(range(1, stretch.ROWS + 1))
    assert rig.mention == 1
    rig.press("j")
    wait_until(lambda: rig.mention == 2)
    gate.open()
    rig.settle()
    assert rows(rig) == list(range(1, ALL + 1))
    assert rig.page.queue_pane.list.currentIndex().row() == rig.mention - 1


def test_who_stands_in_the_middle_stays_there_with_what_is_around(rig: Rig, gate: Gate) -> None:
    rig.page.go_to(251)
    gate.shut()
    rig.press("9", ALT)
    wait_until(lambda: not rig.page.model.whole)
    assert rows(rig) == list(range(251 - stretch.ROWS, 251 + stretch.ROWS))
    before = rig.page.queue_pane.list.offset()
    assert rig.mention == 251
    gate.open()
    rig.settle()
    assert rows(rig) == list(range(1, ALL + 1))
    assert (rig.mention, rig.page.queue_pane.list.offset()) == (251, before)


def test_who_has_scrolled_on_meanwhile_is_not_pulled_back(rig: Rig, gate: Gate) -> None:
    rig.page.go_to(251)
    gate.shut()
    rig.press("9", ALT)
    wait_until(lambda: not rig.page.model.whole)
    here = rig.page.queue_pane.list
    here.verticalScrollBar().setValue(here.verticalScrollBar().value() + 900)
    top = rig.page.model.id(here.rowAt(0))
    assert top > 251
    gate.open()
    rig.settle()
    assert rows(rig) == list(range(1, ALL + 1))
    assert rig.page.model.id(here.rowAt(0)) == top
    assert rig.mention == 251


def test_a_text_and_a_facet_are_begun_too_and_the_last_asked_for_wins(rig: Rig, gate: Gate) -> None:
    gate.shut()
    rig.page.queue_pane.ask(Asked("all", "mention"))
    wait_until(lambda: not rig.page.model.whole)
    rig.page.queue_pane.ask(Asked("all", "mention 39", frozenset((Pick("department", "Ward"),))))
    gate.open()
    wait_until(lambda: rig.page.model.whole)
    rig.settle()
    assert rows(rig) == [39, *range(390, 400)]


def test_what_all_rows_are_asked_for_waits_for_them(rig: Rig, gate: Gate, tmp_path: Path) -> None:
    """The preview of identical mentions is about the whole list, never about the part that came first."""
    same = [NewMention("Mention  3", "elsewhere: Mention  3", row=SourceRow(1))]
    source = SourceFile("more.csv", "1" * 64, "csv", "utf-8")
    rig.workspace.store.change(lambda project: project.add_mentions(source, same).changes)
    rig.settle()
    gate.shut()
    rig.press("9", ALT)
    wait_until(lambda: not rig.page.model.whole)
    asked: list[array[int]] = []
    rig.page.model.when_whole(asked.append)
    assert asked == []
    gate.open()
    rig.settle()
    assert [len(ids) for ids in asked] == [ALL + 1]
    rig.page.model.when_whole(asked.append)
    assert len(asked) == 2


def test_a_model_that_is_begun_and_completed_is_a_sound_model(qapp: object) -> None:
    model = QueueModel(lambda _ids: [], lambda _mention: "")
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_snapshot(array("q", [5, 6]), whole=False)
    assert not model.whole
    model.set_snapshot(array("q", [4, 5, 6, 7]))
    assert model.whole
    assert tester.model() is model


def test_a_line_says_that_rows_are_to_come_where_it_takes_a_while(rig: Rig, gate: Gate) -> None:
    line = rig.page.queue_pane.rest
    assert isinstance(line, RestOfList)
    assert line.isHidden()
    gate.shut()
    rig.press("9", ALT)
    wait_until(line.isVisible)
    assert line.text()
    gate.open()
    wait_until(line.isHidden)
    assert rig.page.model.whole


def ask_for_the_end(rig: Rig, gate: Gate) -> None:
    gate.shut()
    rig.press("9", ALT)
    wait_until(lambda: not rig.page.model.whole)
    here = rig.page.queue_pane.list
    here.setFocus()
    QTest.keyClick(here, Qt.Key.Key_End)
    wait_until(lambda: rig.mention == stretch.ROWS)


def test_the_end_asked_for_early_is_the_real_end_as_soon_as_it_is_known(rig: Rig, gate: Gate) -> None:
    ask_for_the_end(rig, gate)
    gate.open()
    rig.settle()
    assert rig.mention == ALL
    assert rig.page.queue_pane.list.currentIndex().row() == ALL - 1


@pytest.mark.parametrize("move", ["key", "scroll", "focus", "comment"])
def test_who_has_moved_on_from_the_known_end_is_left_there(rig: Rig, gate: Gate, move: str) -> None:
    ask_for_the_end(rig, gate)
    here, stays = rig.page.queue_pane.list, stretch.ROWS
    match move:
        case "key":
            QTest.keyClick(here, Qt.Key.Key_Up)
            stays -= 1
        case "scroll":
            here.verticalScrollBar().setValue(here.verticalScrollBar().maximum() - 300)
        case "focus":
            rig.page.queue_pane.filter.setFocus()
        case "comment":
            here.forget_end()
    wait_until(lambda: rig.mention == stays)
    gate.open()
    rig.settle()
    assert rig.page.model.whole
    assert rig.mention == stays


def test_a_rest_that_cannot_be_read_says_why_and_is_tried_again(
    rig: Rig, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.shut()
    queue = Project.queue

    def broken(_project: Project, _query: QueueQuery, _stop: Callable[[], bool] | None = None) -> array[int]:
        raise WorldError("the file is gone", hint="connect the drive")

    monkeypatch.setattr(Project, "queue", broken)
    rig.press("9", ALT)
    rest = rig.page.queue_pane.rest
    wait_until(lambda: rest.button.isVisible())
    assert "the file is gone" in rest.text()
    assert "connect the drive" in rest.text()
    assert not rig.page.model.whole
    QTest.keyClick(rest.button, Qt.Key.Key_Space)
    wait_until(lambda: rest.button.isVisible())
    monkeypatch.setattr(Project, "queue", queue)
    gate.open()
    QTest.keyClick(rest.button, Qt.Key.Key_Space)
    wait_until(lambda: rig.page.model.whole)
    rig.settle()
    assert not rest.isVisible()
    assert rows(rig) == list(range(1, ALL + 1))
