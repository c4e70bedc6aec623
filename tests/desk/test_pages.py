"""The pages of a project: tabs, keys, and that each is made once and left at the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.desk_parts import FakeWorker, Rig, open_rig
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from rpdr_desk.actions import Actions, specs
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import main_window
from rpdr_desk.views.model.card import Facts
from rpdr_desk.views.model.pages import ModelPage, PageSpec, model_pages
from rpdr_desk.views.model.plot import Plot

pytestmark = pytest.mark.gui
CONTROL = Qt.KeyboardModifier.ControlModifier


class Page(ModelPage):
    """A page with a line to type in, which says what happened to it."""

    def __init__(self, _workspace: Workspace, _actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self.happened: list[str] = []
        self.line = QLineEdit(self)
        QVBoxLayout(self).addWidget(self.line)

    def entered(self) -> None:
        self.happened.append("entered")
        self.line.setFocus()

    def leave(self) -> None:
        self.happened.append("left")


@pytest.fixture
def rig(project: Path, tmp_path: Path, qtbot: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    pages = (PageSpec("train", Page), PageSpec("compare", Page))
    monkeypatch.setattr(main_window, "model_pages", lambda: pages)
    made = open_rig(project, tmp_path, FakeWorker())
    yield made
    made.close()


def page(rig: Rig, id: str) -> Page:
    assert rig.window.pages is not None
    found = rig.window.pages.page(id)
    assert isinstance(found, Page)
    return found


def test_keys_go_from_page_to_page_and_review_keys_stay_behind(rig: Rig) -> None:
    rig.press(Qt.Key.Key_3, CONTROL)
    shown = page(rig, "train")
    assert rig.window.pages is not None
    assert rig.window.pages.currentWidget() is shown
    assert rig.window.tabs.currentIndex() == 1
    rig.press("n1")
    assert shown.line.text() == "n1", "a review key is a letter here"
    assert rig.mention == 1
    rig.press(Qt.Key.Key_1, CONTROL)
    assert rig.window.tabs.currentIndex() == 0
    assert rig.page.table.hasFocus()
    rig.press(Qt.Key.Key_3, CONTROL)
    assert page(rig, "train") is shown
    assert shown.happened == ["entered", "entered"]


def test_a_click_on_a_tab_goes_there_too(rig: Rig) -> None:
    rig.window.tabs.tabBarClicked.emit(2)
    assert rig.window.pages is not None
    assert rig.window.pages.currentWidget() is page(rig, "compare")


def test_only_pages_that_were_shown_are_made_and_left(rig: Rig) -> None:
    rig.press(Qt.Key.Key_4, CONTROL)
    shown = page(rig, "compare")
    assert rig.window.pages is not None
    assert list(rig.window.pages._made) == ["compare"]
    rig.window.close_project()
    assert shown.happened == ["entered", "left"]
    assert not rig.window.tabs.isVisible()


def test_every_page_has_an_action_that_goes_there() -> None:
    actions = {spec.id: spec for spec in specs()}
    assert all(actions[spec.action].keys for spec in model_pages())
    tabs = dict.fromkeys(spec.tab or spec.id for spec in model_pages())
    ways = [actions[f"go_{tab}"] for tab in tabs]
    assert [way.keys for way in ways] == [(f"Ctrl+{number}",) for number in range(2, 2 + len(ways))]


def test_pages_that_share_a_tab_have_keys_of_their_own_and_the_tab_goes_to_the_last(
    project: Path, tmp_path: Path, qtbot: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = (PageSpec("train", Page), PageSpec("import", Page, "files"), PageSpec("export", Page, "files"))
    monkeypatch.setattr(main_window, "model_pages", lambda: pages)
    rig = open_rig(project, tmp_path, FakeWorker())
    assert rig.window.pages is not None
    assert rig.window.tabs.count() == 3
    rig.press("E", CONTROL)
    assert rig.window.pages.currentWidget() is page(rig, "export")
    assert rig.window.tabs.currentIndex() == 2
    rig.press(Qt.Key.Key_1, CONTROL)
    rig.window.tabs.tabBarClicked.emit(2)
    assert rig.window.pages.currentWidget() is page(rig, "export")
    rig.press("I", CONTROL)
    assert rig.window.pages.currentWidget() is page(rig, "import")
    assert rig.window.tabs.currentIndex() == 2
    rig.close()


def test_a_plot_shows_its_points(qtbot: object) -> None:
    plot = Plot(dots=True, share=True)
    plot.set_title("acc@1")
    plot.show_points([(10.0, 0.5), (20.0, 0.75)], last=100.0)
    assert plot.points() == [(10.0, 0.5), (20.0, 0.75)]
    assert plot.accessibleDescription() == "0.750"
    plot.show_points([])
    assert plot.points() == []
    plot.deleteLater()


def test_facts_show_the_lines_of_now_alone(qtbot: object) -> None:
    facts = Facts()
    facts.show_lines([("a", "1"), ("b", "2")])
    facts.show_lines([("c", "3")])
    shown = [label.text() for pair in facts._lines for label in pair if not label.isHidden()]
    assert shown == ["c", "3"]
    facts.deleteLater()
