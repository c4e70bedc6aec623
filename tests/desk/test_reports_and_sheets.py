"""What the desk says at the ends: an empty queue, a written file, the sheet of keys, recent projects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.desk_parts import Rig, wait_until
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton, QTextBrowser, QWidget

from rpdr_core.records import Progress
from rpdr_desk.actions import Actions
from rpdr_desk.operations.asked import QUEUES, Asked, QueueName
from rpdr_desk.operations.facets import Pick
from rpdr_desk.operations.queues import Counts
from rpdr_desk.translation import Languages
from rpdr_desk.views.exporting.export_report import show_report
from rpdr_desk.views.review.nothing_left import next_queue, nothing_left

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]


def counts(mentions: int = 10, **by_queue: int) -> Counts:
    full: dict[QueueName, int] = {name: by_queue.get(name, 0) for name in QUEUES}
    return Counts(Progress(mentions, 0, mentions, 0, 0, 0, 0), full)


@pytest.fixture
def actions(qapp: QApplication) -> Iterator[Actions]:
    window = QWidget()
    yield Actions(window, {})
    window.deleteLater()


# The empty queue


@pytest.mark.parametrize(
    ("here", "held", "following"),
    [
        ("deferred", {"unreviewed": 3, "flagged": 1}, "unreviewed"),
        ("unreviewed", {"deferred": 2, "decided": 9}, "deferred"),
        ("flagged", {"decided": 9, "all": 9}, None),
        ("deferred", {"deferred": 1}, None),
    ],
)
def test_the_next_queue_is_one_that_asks_for_something(here: QueueName, held: dict[str, int], following: str) -> None:
    assert next_queue(here, counts(**held)) == following


def test_an_empty_queue_names_the_next_and_its_key(actions: Actions) -> None:
    words = nothing_left(Asked("deferred"), counts(unreviewed=1_200), actions, QUEUES.index)
    assert words == "Nothing left here. Next queue: Unreviewed (1,200), Alt+1"


def test_an_empty_queue_says_why(actions: Actions) -> None:
    assert "Ctrl+E" in nothing_left(Asked(), counts(), actions, QUEUES.index)
    assert "Ctrl+I" in nothing_left(Asked(), counts(0), actions, QUEUES.index)
    narrowed = Asked(text="x", picks=frozenset((Pick("status", "unreviewed"),)))
    assert "Ctrl+Shift+X" in nothing_left(narrowed, counts(unreviewed=3), actions, QUEUES.index)
    assert nothing_left(Asked(), None, actions, QUEUES.index) == ""


def test_the_window_points_to_the_queue_that_is_left(rig: Rig) -> None:
    rig.page.queue_pane.set_queue("deferred")
    wait_until(lambda: rig.mention == 0)
    wait_until(lambda: "Unreviewed (12)" in rig.page.table._empty)


# The written file


def texts(dialog: QDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel)]


def test_an_export_tells_where_it_went_and_what_it_lost(rig: Rig) -> None:
    losses = [("reviewers, comments, times and scores", 0), ("something new", 3)]
    dialog = show_report(rig.window, Path("/data/of/mine.csv"), 1_234, losses)
    shown = "\n".join(texts(dialog))
    for part in ("1,234 rows", "mine.csv", "/data/of", "–  reviewers, comments, times and scores", "something new: 3"):
        assert part in shown
    dialog.close()


def test_a_file_that_lost_nothing_does_not_speak_of_losses(rig: Rig) -> None:
    dialog = show_report(rig.window, Path("/data/a.csv"), 1, [])
    assert "1 row written to" in texts(dialog)
    assert "What this file does not hold" not in texts(dialog)
    dialog.close()


# The sheet of keys


def sheet_of(rig: Rig) -> str:
    rig.window.actions_["keys"].trigger()
    dialog = next(one for one in rig.window.findChildren(QDialog) if one.isVisible())
    page = dialog.findChild(QTextBrowser)
    assert page is not None
    words: str = page.toPlainText().replace("\xa0", " ")
    dialog.close()
    return words


def test_the_sheet_explains_the_table_and_has_one_line_for_the_queues(rig: Rig) -> None:
    words = sheet_of(rig)
    assert "R  T  S" in words
    assert "calibrated chance" in words
    assert words.count("Go to queue") == 1
    assert "Alt+1" in words
    assert "Alt+0" in words


def test_the_sheet_uses_the_tables_own_letters(rig: Rig, qapp: QApplication) -> None:
    languages = Languages(qapp)
    languages.use("zh_CN")
    try:
        QApplication.processEvents()
        words = sheet_of(rig)
        letters = [rig.page.table.model_.headerData(column, Qt.Orientation.Horizontal) for column in (4, 5, 6)]
        assert "  ".join(str(letter) for letter in letters) in words
        assert "…\n" not in words
    finally:
        languages.use("en")


# The start page


def test_recent_projects_of_one_name_are_told_apart(rig: Rig, tmp_path: Path) -> None:
    paths = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.rpdr").touch()
        paths.append(str(tmp_path / folder / "same.rpdr"))
    asked: list[str] = []
    page = rig.window.start_page
    page.project_asked.disconnect()
    page.project_asked.connect(asked.append)
    page.show_recent(tuple(paths))
    page.show_recent(tuple(paths))
    rows = [page._recent.itemAt(number).widget() for number in range(page._recent.count())]
    assert [row.toolTip() for row in rows] == paths
    assert [row.findChildren(QLabel)[0].text() for row in rows] == [str(Path(path).parent) for path in paths]
    rows[1].findChildren(QPushButton)[0].click()
    assert asked == [paths[1]]
