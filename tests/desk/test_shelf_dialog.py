"""Terminologies before there is a project: import one by keys, begin a project on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.desk_parts import Rig, wait_until
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QFileDialog, QLineEdit, QMessageBox, QPushButton

from rpdr_core.knowledge_base.library import Library
from rpdr_desk.views.start.new_project import ask_new_project
from rpdr_desk.views.terminologies.shelf_dialog import ShelfDialog

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]
CONTROL = Qt.KeyboardModifier.ControlModifier
LIST = "code,name\nA1,红眼\nA2,干眼\n"


@pytest.fixture
def bare(rig: Rig) -> Iterator[Rig]:
    """The start page."""
    rig.window.close_project()
    yield rig
    for one in shown(rig, QDialog):
        one.done(0)


def shown(rig: Rig, kind: type[QDialog]) -> list[QDialog]:
    return [one for one in rig.window.findChildren(kind) if one.isVisible()]


def shelf_of(rig: Rig) -> ShelfDialog:
    """Opened by its key."""
    rig.press("T", CONTROL)
    wait_until(lambda: bool(shown(rig, ShelfDialog)))
    dialog = shown(rig, ShelfDialog)[0]
    assert isinstance(dialog, ShelfDialog)
    wait_until(lambda: dialog.shelf.table.rows.rowCount() > 0)
    return dialog


def press(widget: QPushButton) -> None:
    QTest.keyClick(widget, Qt.Key.Key_Space)


def choose(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(path.parent))


def test_a_new_user_imports_a_list_and_begins_a_project_on_it(
    bare: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "clinic list.csv"
    path.write_bytes(LIST.encode("gb18030"))
    choose(monkeypatch, path)
    dialog = shelf_of(bare)
    assert not dialog.shelf.scope.isVisible()
    press(dialog.shelf.file)
    wait_until(lambda: dialog.form.encoding.isVisible() and dialog.form.encoding.count() > 1)
    assert dialog.form.first() is dialog.form.encoding
    dialog.form.encoding.setCurrentIndex(dialog.form.encoding.findData("gb18030"))
    dialog.form.encoding.activated.emit(dialog.form.encoding.currentIndex())
    wait_until(dialog.form.go.isEnabled)
    press(dialog.form.go)
    wait_until(lambda: dialog.shelf.use.hasFocus())
    assert "clinic list" in dialog.banner.text
    press(dialog.shelf.use)
    wait_until(lambda: any(one.windowTitle() == "New project" for one in shown(bare, QDialog)))
    asked = next(one for one in shown(bare, QDialog) if one.windowTitle() == "New project")
    boxes = [one for one in asked.findChildren(QComboBox) if one.accessibleName() == "Terminology"]
    assert boxes[0].currentText().startswith("clinic list")
    assert Library().open(boxes[0].currentData()).info.entities == 2


def test_escape_goes_back_to_the_shelf_and_then_out(bare: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "list.csv"
    path.write_text(LIST, encoding="utf-8")
    choose(monkeypatch, path)
    dialog = shelf_of(bare)
    press(dialog.shelf.file)
    wait_until(dialog.form.go.isEnabled)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.shelf.isVisible()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    wait_until(lambda: not shown(bare, ShelfDialog))


def test_escape_ends_an_import_and_nothing_is_left(bare: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "many.csv"
    path.write_text("code,name\n" + "".join(f"C{n},Thing {n}\n" for n in range(60_000)), encoding="utf-8")
    choose(monkeypatch, path)
    dialog = shelf_of(bare)
    before = len(Library().list())
    press(dialog.shelf.file)
    wait_until(dialog.form.go.isEnabled)
    press(dialog.form.go)
    assert dialog.form.progress.isVisible()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    wait_until(lambda: dialog.banner.isVisible() and not dialog.form.progress.isVisible(), 30)
    assert dialog.banner.text == "Cancelled. Nothing was imported."
    assert dialog.form.isVisible()
    assert len(Library().list()) == before


def test_a_terminology_is_removed_after_a_question(bare: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "list.csv"
    path.write_text(LIST, encoding="utf-8")
    Library().import_release(path, title="Of no use")
    asked: list[str] = []

    def yes(_parent: object, _title: str, words: str) -> QMessageBox.StandardButton:
        asked.append(words)
        return QMessageBox.StandardButton.Yes

    monkeypatch.setattr(QMessageBox, "question", yes)
    dialog = shelf_of(bare)
    held = [one.info.title for one in dialog.shelf._held]
    dialog.shelf.table.stand_on(held.index("Of no use"))
    press(dialog.shelf.remove)
    wait_until(lambda: "Of no use" not in [one.info.title for one in dialog.shelf._held])
    assert "Of no use" in asked[0]


def test_the_dialog_of_a_new_project_imports_one_with_a_preview(
    bare: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(LIST, encoding="utf-8")
    choose(monkeypatch, path)
    made: list[tuple[Path, str, str]] = []
    asked = ask_new_project(bare.window, bare.settings, ".rpdr", lambda *given: made.append(given))
    another = next(one for one in asked.findChildren(QPushButton) if one.text() == "Import another ...")
    press(another)
    wait_until(lambda: bool(asked.findChildren(ShelfDialog)))
    shelf = asked.findChildren(ShelfDialog)[0]
    press(shelf.shelf.file)
    wait_until(shelf.form.go.isEnabled)
    press(shelf.form.go)
    wait_until(lambda: shelf.shelf.use.hasFocus())
    press(shelf.shelf.use)
    box = next(one for one in asked.findChildren(QComboBox) if one.accessibleName() == "Terminology")
    wait_until(lambda: box.currentText().startswith("list"))
    name = next(one for one in asked.findChildren(QLineEdit) if one.text() == "My project")
    QTest.keyClick(name, Qt.Key.Key_Return)
    wait_until(lambda: bool(made))
    assert Library().open(made[0][2]).info.title == "list"


def test_with_a_project_the_same_key_opens_the_page(rig: Rig) -> None:
    rig.press("T", CONTROL)
    QApplication.processEvents()
    assert not shown(rig, ShelfDialog)
    assert rig.window.pages is not None
    assert type(rig.window.pages.currentWidget()).__name__ == "TerminologiesPage"
