"""The Import page in the real window: what a file is, remembered columns, known files, cancel, errors, mappings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers.desk_parts import Rig, wait_until
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QAbstractItemModelTester

from rpdr_core.knowledge_base import library
from rpdr_core.knowledge_base.catalogue import read_manifest
from rpdr_desk.operations import door
from rpdr_desk.operations.door import Taken
from rpdr_desk.operations.exports import FORMS, Choice
from rpdr_desk.views.importing import words
from rpdr_desk.views.importing.import_page import ImportPage
from rpdr_desk.views.terminologies.terminologies_page import TerminologiesPage

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]
CONTROL = Qt.KeyboardModifier.ControlModifier


def page_of(rig: Rig) -> ImportPage:
    rig.press("I", CONTROL)
    assert rig.window.pages is not None
    page = rig.window.pages.currentWidget()
    assert isinstance(page, ImportPage)
    return page


def facts(page: ImportPage) -> dict[str, str]:
    return {label.text(): value.text() for label, value in page.door._facts._lines if not label.isHidden()}


def test_a_file_is_imported_by_keys_and_the_next_step_is_named(rig: Rig, tmp_path: Path) -> None:
    source = tmp_path / "new.csv"
    source.write_text("mention,count\nfresh,3\nother,1\nmention 1,2\n,5\n", encoding="utf-8")
    page = page_of(rig)
    assert page.door.file.hasFocus()
    page.open_file(source)
    wait_until(page.form.go.isEnabled)
    QAbstractItemModelTester(page.form.table.rows)
    assert page.form.go.hasFocus()
    assert "without a mention" in page.form._notes.text()
    rig.press(Qt.Key.Key_Space)
    wait_until(page.door.isVisible)
    assert facts(page) == {"Rows": "3", "New mentions": "3", "Rows without a mention, left out": "1"}
    assert page.door.review.hasFocus()
    rig.press(Qt.Key.Key_Space)
    assert rig.window.pages is not None
    assert rig.window.pages.currentWidget() is rig.page


def test_columns_that_were_chosen_come_back_for_the_same_headers(rig: Rig, tmp_path: Path) -> None:
    page = page_of(rig)
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(f"x,y\none {name},1\ntwo {name},2\n", encoding="utf-8")
    page.open_file(tmp_path / "a.csv")
    wait_until(lambda: page.form.columns.isVisible())
    assert not page.form.go.isEnabled(), "no header names the mentions"
    box = page.form.columns.boxes["mention"]
    box.setCurrentIndex(box.findData("x"))
    box.activated.emit(box.currentIndex())
    wait_until(page.form.go.isEnabled)
    page.form.go.click()
    wait_until(page.door.isVisible)
    page.open_file(tmp_path / "b.csv")
    wait_until(page.form.go.isEnabled)
    assert page.form.columns.choices()["mention"] == "x"
    assert page.form._recalled.isVisible()
    stored = json.loads(rig.settings.path.read_text(encoding="utf-8"))["columns"]
    assert list(stored.values()) == [{"mention": "x"}]
    assert "one a.csv" not in rig.settings.path.read_text(encoding="utf-8")


def test_too_many_remembered_shapes_lose_the_oldest() -> None:
    kept: dict[str, dict[str, str]] = {}
    for number in range(door.REMEMBERED + 5):
        kept = door.remembered(kept, str(number), {"mention": "x"})
    assert len(kept) == door.REMEMBERED
    assert "0" not in kept
    assert str(door.REMEMBERED + 4) in kept


def test_a_file_that_was_imported_before_is_known(rig: Rig, tmp_path: Path) -> None:
    source, copy = tmp_path / "once.csv", tmp_path / "again.csv"
    for path in (source, copy):
        path.write_text("mention\nfresh\n", encoding="utf-8")
    page = page_of(rig)
    page.open_file(source)
    wait_until(page.form.go.isEnabled)
    page.form.go.click()
    wait_until(page.door.isVisible)
    page.open_file(copy)
    wait_until(lambda: "imported before, as once.csv" in page.form._notes.text())
    wait_until(page.form.again.isVisible)
    assert not page.form.go.isEnabled(), "its rows would count twice"
    page.form.again.setFocus()
    rig.press(Qt.Key.Key_Space)
    assert page.form.go.isEnabled()
    page.form.go.click()
    wait_until(page.door.isVisible)
    assert facts(page) == {"Rows": "1", "Rows that joined a known mention": "1"}


def test_a_cancelled_import_leaves_nothing(rig: Rig, tmp_path: Path) -> None:
    source = tmp_path / "many.csv"
    source.write_text("mention\n" + "".join(f"thing {number}\n" for number in range(60_000)), encoding="utf-8")
    page = page_of(rig)
    page.open_file(source)
    wait_until(page.form.go.isEnabled)
    page.form.go.click()
    assert page.form.progress.stop.hasFocus()
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: not page._busy, 60)
    assert page.banner.text == "Cancelled. Nothing was imported."
    assert page.form.go.isEnabled(), "the form stays as it was filled"
    assert rig.page.model.rowCount() == 12


def test_a_bad_row_is_told_with_its_line_and_the_form_stays(rig: Rig, tmp_path: Path) -> None:
    source = tmp_path / "bad.csv"
    rows = [f"thing {number},1" for number in range(3_000)]
    source.write_text("mention,count\n" + "\n".join([*rows, "last,x"]) + "\n", encoding="utf-8")
    page = page_of(rig)
    page.open_file(source)
    wait_until(page.form.go.isEnabled)
    page.form.go.click()
    wait_until(lambda: page.banner.isVisible())
    assert "bad.csv:3002" in page.banner.text
    assert page.form.isVisible()
    assert page.form.columns.choices()["mention"] == "mention"
    assert rig.page.model.rowCount() == 12


def test_an_encoding_that_is_not_certain_is_chosen(rig: Rig, tmp_path: Path) -> None:
    source = tmp_path / "gb.csv"
    source.write_bytes("提及,次数\n白内障术后,3\n高血压,2\n".encode("gb18030"))
    page = page_of(rig)
    page.open_file(source)
    wait_until(page.form.encoding.isVisible)
    assert not page.form.go.isEnabled()
    at = page.form.encoding.findData("gb18030")
    page.form.encoding.setCurrentIndex(at)
    page.form.encoding.activated.emit(at)
    wait_until(page.form.go.isEnabled)
    assert page.form.table.rows.index(0, 0).data() == "白内障术后"


def test_a_dropped_file_is_looked_at(rig: Rig, tmp_path: Path) -> None:
    source = tmp_path / "new.csv"
    source.write_text("mention\nfresh\n", encoding="utf-8")
    page = page_of(rig)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(source))])
    action, buttons = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    page.dropEvent(QDropEvent(QPointF(5, 5), action, data, buttons, Qt.KeyboardModifier.NoModifier))
    wait_until(page.form.go.isEnabled)
    assert page.form._title.text() == "new.csv"


@pytest.fixture
def own_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """The project's terminology, whatever it is called."""

    def open_(self: library.Library, _reference: str, **_kw: object) -> library.Catalogue:
        [folder] = sorted(self.root.glob("numbers-*"))
        info = read_manifest(folder).info
        return library.Catalogue(door_info(info), folder)

    def door_info(info: library.KnowledgeBaseInfo) -> library.KnowledgeBaseInfo:
        from dataclasses import replace

        return replace(info, fingerprint="numbers")

    monkeypatch.setattr(library.Library, "open", open_)


@pytest.mark.usefixtures("own_library")
def test_decisions_of_an_export_are_taken_over_as_one_step(rig: Rig, tmp_path: Path) -> None:
    for number in (2, 3):
        rig.press("1")
        wait_until(lambda number=number: rig.mention == number)  # type: ignore[misc]
    rig.settle()
    target, done = tmp_path / "out.csv", []
    form = next(form for form in FORMS if form.id == "csv")
    rig.workspace.exports.write(form, Choice(), target, done.append, done.append)
    wait_until(lambda: bool(done))
    for _ in range(2):
        rig.press("Z", CONTROL)
        rig.settle()
    assert rig.workspace.reading.decision(1) is None
    page = page_of(rig)
    page.open_file(target)
    wait_until(lambda: page.form.foreseen.isVisible())
    assert page._found is not None
    assert page._found.kind == "mappings"
    assert page._found.kinds == ("mappings", "mentions")
    counted = {label.text(): value.text() for label, value in page.form._counts._lines if not label.isHidden()}
    assert counted["Decisions taken over"] == "2"
    assert rig.workspace.reading.decision(1) is None, "counted, not done"
    page.form.go.click()
    wait_until(page.door.isVisible)
    assert rig.workspace.reading.decision(1).code == "X02"  # type: ignore[union-attr]
    rig.press("Z", CONTROL)
    rig.settle()
    wait_until(lambda: rig.workspace.reading.decision(1) is None)
    assert rig.workspace.reading.decision(2) is None, "one step"


def test_a_table_of_decisions_may_still_be_taken_for_mentions(rig: Rig, tmp_path: Path) -> None:
    target, done = tmp_path / "out.csv", []
    rig.press("1")
    wait_until(lambda: rig.mention == 2)
    form = next(form for form in FORMS if form.id == "csv")
    rig.workspace.exports.write(form, Choice(), target, done.append, done.append)
    wait_until(lambda: bool(done))
    page = page_of(rig)
    page.open_file(target)
    wait_until(lambda: page._found is not None and page._found.kind == "mappings")
    at = page.form.kind.findData("mentions")
    page.form.kind.setCurrentIndex(at)
    page.form.kind.activated.emit(at)
    wait_until(lambda: page._found is not None and page._found.kind == "mentions")
    assert page.form.columns.isVisible()


def test_documents_bring_their_annotations(rig: Rig, tmp_path: Path) -> None:
    text = "12|t|A case of gout\n12|a|He had gout for years.\n12\t10\t14\tgout\tDisease\tX02\n\n"
    source = tmp_path / "notes.pubtator"
    source.write_text(text, encoding="utf-8")
    page = page_of(rig)
    page.open_file(source)
    wait_until(page.form.go.isEnabled)
    assert page._found is not None
    assert page._found.kind == "documents"
    assert "PubTator" in page.form._facts.text()
    page.form.go.click()
    wait_until(page.door.isVisible)
    assert facts(page)["New mentions"] == "1"


OBO = "format-version: 1.2\nontology: eye\n\n[Term]\nid: EYE:1\nname: eye disease\n"


def test_a_terminology_goes_on_to_the_page_for_it(rig: Rig, tmp_path: Path) -> None:
    source = tmp_path / "eye.obo"
    source.write_text(OBO, encoding="utf-8")
    page = page_of(rig)
    page.open_file(source)
    wait_until(page.form.release.isVisible)
    assert "Terminologies" in page.banner.text
    assert not page.form.go.isEnabled()
    assert page.form.release.hasFocus()
    rig.press(Qt.Key.Key_Space)
    assert rig.window.pages is not None
    there = rig.window.pages.currentWidget()
    assert isinstance(there, TerminologiesPage)
    wait_until(there.form.go.isEnabled)
    assert there.form.table.rows.rowCount() == 1
    page_of(rig)
    assert page.door.isVisible(), "the door is open for the next file"


def test_notes_in_another_encoding_are_read_when_it_is_chosen(rig: Rig, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.txt").write_bytes("患者白内障术后一周复查，视力良好。".encode("gb18030"))
    page = page_of(rig)
    page.open_file(folder)
    wait_until(page.form.encoding.isVisible)
    assert not page.form.go.isEnabled()
    assert page.form.encoding.hasFocus()
    at = page.form.encoding.findData("gb18030")
    assert "患者白内障" in page.form.encoding.itemText(at)
    page.form.encoding.setCurrentIndex(at)
    page.form.encoding.activated.emit(at)
    wait_until(page.form.go.isEnabled)
    assert page.form.encoding.currentData() == "gb18030"
    assert page.form.table.rows.index(0, 2).data().startswith("患者白内障")
    page.form.go.click()
    wait_until(page.door.isVisible)
    assert facts(page)["Documents"] == "2"


def test_only_annotations_of_the_ticked_types_become_mentions(rig: Rig, tmp_path: Path) -> None:
    folder = tmp_path / "brat"
    folder.mkdir()
    (folder / "a.txt").write_text("red eye, seen by Dr Low, dry eye", encoding="utf-8")
    (folder / "a.ann").write_text(
        "T1\tDisease 0 7\tred eye\nT2\tPerson 17 23\tDr Low\nT3\tDisease 25 32\tdry eye\n", encoding="utf-8"
    )
    page = page_of(rig)
    page.open_file(folder)
    wait_until(lambda: page.form.go.isEnabled() and page.form.types.isVisible())
    names = page.form.types.list
    assert [names.item(row).text() for row in range(2)] == ["Disease   2", "Person   1"]
    assert all(names.item(row).checkState() == Qt.CheckState.Checked for row in range(2))
    names.setFocus()
    rig.press(Qt.Key.Key_Down)
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: "Mentions: 2" in page.form._facts.text())
    rig.press(Qt.Key.Key_Up)
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: not page.form.go.isEnabled(), 5)
    rig.press(Qt.Key.Key_Space)
    wait_until(page.form.go.isEnabled)
    page.form.go.click()
    wait_until(page.door.isVisible)
    assert facts(page)["Mentions"] == "2"


def test_an_import_that_changes_nothing_does_not_ask_for_an_undo() -> None:
    same = Taken(Path("x.csv"), "mappings", (("rows", 7), ("added", 0), ("same", 5)))
    assert "nothing to undo" in words.next_step(same)
    assert "One undo takes" in words.next_step(Taken(Path("x.csv"), "mappings", (("rows", 7), ("taken", 1))))
