"""The place is never lost: same row, same scroll, same focus, same filter, same candidate, whatever happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.desk_parts import FakeWorker, Rig, focus_is_in, make_project, ranking, wait_until
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication, QWidget

from rpdr_core.records import Changes, NewDecision, NewMention, SourceRow
from rpdr_core.store import Project, SourceFile
from rpdr_desk.operations.asked import Asked
from rpdr_desk.operations.facets import Pick
from rpdr_desk.views.places import Places, _group
from rpdr_desk.views.review.place import Place

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]
ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def long(open_window: Callable[[Path, FakeWorker], Rig], tmp_path: Path) -> Rig:
    """400 ranked mentions; the reviewer stands on the 211th, a little below the middle of the list, third candidate."""
    rig = open_window(make_project(tmp_path / "long.rpdr", 400, ranked=True), FakeWorker())
    stand(rig)
    return rig


def stand(rig: Rig) -> None:
    rig.page.go_to(211)
    rig.page.queue_pane.list.go_to_at(210, 170)
    rig.page.table.selectRow(2)
    rig.page.table.setFocus()
    rig.settle()


def place(rig: Rig) -> tuple[int, int, int, str]:
    """Mention, its row, the row's distance from the upper edge, the selected candidate's code."""
    pane, table = rig.page.queue_pane, rig.page.table
    row = pane.list.currentIndex().row()
    code = rig.page.flow.rows[table.selected_row()].code if rig.page.flow.rows else ""
    return rig.mention, row, pane.list.offset(), code


def test_search_and_back(long: Rig) -> None:
    before = place(long)
    long.press("/")
    long.press("disorder")
    wait_until(lambda: long.page.flow.mode == "search")
    long.press(Qt.Key.Key_Escape)
    assert place(long) == before
    assert focus_is_in(long.page.table)


def test_filter_and_back(long: Rig) -> None:
    mention, _, _, code = place(long)
    long.page.queue_pane.filter.setText("mention 2")
    wait_until(lambda: long.page.model.rowCount() == 111)
    assert (long.mention, place(long)[3]) == (mention, code)
    long.page.queue_pane.clear()
    wait_until(lambda: long.page.model.rowCount() == 400)
    long.settle()
    assert place(long)[:2] == (211, 210)
    assert place(long)[3] == code
    assert focus_is_in(long.page.table)


def test_facets_and_back(long: Rig) -> None:
    code = place(long)[3]
    long.page.queue_pane.toggle(Pick("department", "Ward"))
    long.settle()
    long.page.queue_pane.clear()
    long.settle()
    assert place(long)[:2] == (211, 210)
    assert place(long)[3] == code


def test_other_rankings_while_the_queue_is_on_screen(long: Rig) -> None:
    """As after a training: a student ranks everything, which changes the order of the queue, but not under the eyes."""
    long.press("3", ALT)
    long.settle()
    stand_here = long.page.model.row(211)
    long.page.queue_pane.list.go_to_at(stand_here, 170)
    before, ids = place(long), long.page.model.ids(0, 400)
    fresh = [replace(ranking(number, "teacher", first=number % 9), confidence=number / 500) for number in range(1, 401)]
    long.workspace.store.change(lambda project: project.record_rankings(fresh))
    long.settle()
    wait_until(lambda: any(row.teacher is not None for row in long.page.flow.rows))
    assert place(long) == before
    assert long.page.model.ids(0, 400) == ids
    assert focus_is_in(long.page.table)
    long.press(Qt.Key.Key_F5)
    long.settle()
    assert place(long)[0] == before[0]
    assert place(long)[2:] == before[2:]


def test_a_bulk_decision_elsewhere(long: Rig) -> None:
    before = place(long)
    bulk = [NewDecision(number, "accept", "X01", "Disorder number 1") for number in range(1, 101)]
    long.workspace.store.change(lambda project: project.decide_many(bulk, reviewer="me"))
    long.settle()
    assert place(long) == before
    long.press(Qt.Key.Key_F5)
    wait_until(lambda: long.page.model.rowCount() == 300)
    assert place(long) == (before[0], before[1] - 100, before[2], before[3])
    long.press(Qt.Key.Key_Z, CTRL)
    long.settle()
    wait_until(lambda: long.mention == 1)


def test_a_mention_that_left_the_queue_gives_its_place_to_the_next(long: Rig) -> None:
    bulk = [NewDecision(number, "defer") for number in range(205, 216)]
    offset = place(long)[2]
    long.workspace.store.change(lambda project: project.decide_many(bulk, reviewer="me"))
    long.settle()
    long.press(Qt.Key.Key_F5)
    wait_until(lambda: long.page.model.rowCount() == 389)
    assert long.mention == 216
    assert place(long)[2] == offset


def test_an_import_beside_the_review(long: Rig) -> None:
    before = place(long)
    source = SourceFile("more.csv", "1" * 64, "csv", "utf-8")
    more = [NewMention(f"further {number}", row=SourceRow(number)) for number in range(1, 51)]

    def write(project: Project) -> Changes:
        project.add_mentions(source, more)
        return Changes(frozenset(("mentions",)))

    long.workspace.store.change(write)
    wait_until(lambda: long.page.model.rowCount() == 450)
    assert place(long) == before


@pytest.mark.parametrize("owner", ["table", "list", "queues", "filter", "search"])
def test_a_restart_brings_back_row_scroll_candidate_and_focus(
    open_window: Callable[[Path, FakeWorker], Rig], tmp_path: Path, owner: str
) -> None:
    path = make_project(tmp_path / "long.rpdr", 400, ranked=True)
    rig = open_window(path, FakeWorker())
    rig.page.queue_pane.ask(Asked("all", "mention", frozenset((Pick("department", "Ward"),))))
    rig.settle()
    stand(rig)
    rig.page.focus_owner(owner).setFocus()  # type: ignore[arg-type]
    before, asked = place(rig), rig.page.queue_pane.asked
    focused: list[QWidget | None] = []
    rig = open_window_and_look(open_window, path, focused)
    wait_until(lambda: rig.mention == 211)
    rig.settle()
    assert rig.page.queue_pane.asked == asked
    assert place(rig) == before
    assert focused[0] is rig.page.focus_owner(owner)  # type: ignore[arg-type]


def open_window_and_look(
    open_window: Callable[[Path, FakeWorker], Rig], path: Path, focused: list[QWidget | None]
) -> Rig:
    """The rig puts the focus on the table itself, so look before it does."""

    class Watching(FakeWorker):
        def start(self) -> None:
            focused.append(QApplication.focusWidget())
            super().start()

    return open_window(path, Watching())


def test_places_are_kept_whole_and_what_cannot_be_read_is_none(tmp_path: Path) -> None:
    places = Places(tmp_path / "window.ini")
    picks = frozenset((Pick("chapter", "7"), Pick("reviewer", "李娜")))
    kept = Place(Asked("changed", "葡萄膜, 50%", picks, "week"), "眼科", 12, -3, "H20.9", "list")

    class Splitter:
        def width(self) -> int:
            return 0

    places.remember(tmp_path / "a.rpdr", kept, Splitter(), moved=False)  # type: ignore[arg-type]
    assert Places(tmp_path / "window.ini").place_of(tmp_path / "a.rpdr") == kept
    assert places.place_of(tmp_path / "b.rpdr") == Place()


def test_the_place_of_an_earlier_version_is_understood(tmp_path: Path) -> None:
    store = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    group = _group(tmp_path / "a.rpdr")
    for key, value in (("queue", "most_frequent"), ("filter", "eye"), ("mention", 7)):
        store.setValue(f"{group}/{key}", value)
    store.sync()
    assert Places(tmp_path / "window.ini").place_of(tmp_path / "a.rpdr") == Place(
        Asked("most_frequent", "eye"), mention_id=7
    )


def test_closings_are_each_persons_own(tmp_path: Path) -> None:
    places = Places(tmp_path / "window.ini")
    assert places.closed_at(tmp_path / "a.rpdr", "Chen") == ""
    places.remember_closing(tmp_path / "a.rpdr", "Chen")
    assert places.closed_at(tmp_path / "a.rpdr", "Chen").endswith("Z")
    assert places.closed_at(tmp_path / "a.rpdr", "Li") == ""
    assert places.closed_at(tmp_path / "b.rpdr", "Chen") == ""


def test_a_crash_costs_no_place(open_window: Callable[[Path, FakeWorker], Rig], tmp_path: Path) -> None:
    path = make_project(tmp_path / "long.rpdr", 40, ranked=True)
    rig = open_window(path, FakeWorker())
    rig.press("J")
    rig.press("J")
    # What another process would read, now and without any closing.
    wait_until(lambda: Places(tmp_path / "window.ini").place_of(path).mention_id == rig.mention)
    assert rig.mention != 1
