"""The Terminologies page in the real window: look, import, cancel, errors, scope, and the move to another release."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from helpers.desk_parts import FakeWorker, Rig, entities, make_catalogue, make_project, wait_until
from helpers.rf2_release import Plan, make_release
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QMessageBox

from rpdr_core.knowledge_base import library
from rpdr_core.knowledge_base.catalogue import read_manifest
from rpdr_core.records import Entity
from rpdr_core.store import Project
from rpdr_desk.operations.shelf import formats
from rpdr_desk.operations.terminology import Beyond, FromLibrary, Terminology
from rpdr_desk.views.terminologies import words
from rpdr_desk.views.terminologies.terminologies_page import TerminologiesPage

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(autouse=True)
def no_large_terminology(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening a small terminology does not make ICD-10-CM for its paraphrases."""

    def opened(self: library.Library, folder: Path, lexicons: object) -> library.Catalogue:
        return library.Catalogue(library.read_manifest(folder).info, folder)

    monkeypatch.setattr(library.Library, "_opened", opened)


def true_project(path: Path) -> Path:
    """A project that names its terminology by its fingerprint, as real ones do."""
    make_project(path, 12, ranked=True)
    info = read_manifest(make_catalogue()).info
    with Project.open(path) as project:
        project.set_setting("knowledge_base", msgspec.json.encode(info).decode())
    return path


@pytest.fixture
def rig(open_window: Callable[[Path, FakeWorker], Rig], tmp_path: Path) -> Rig:
    return open_window(true_project(tmp_path / "small.rpdr"), FakeWorker())


@pytest.fixture
def used(rig: Rig) -> Rig:
    """Four decisions: for X02, X03, X04, X05."""
    for number in range(2, 6):
        rig.press("1")
        wait_until(lambda number=number: rig.mention == number)  # type: ignore[misc]
    rig.settle()
    return rig


def page_of(rig: Rig) -> TerminologiesPage:
    rig.press("T", CONTROL)
    assert rig.window.pages is not None
    page = rig.window.pages.currentWidget()
    assert isinstance(page, TerminologiesPage)
    return page


def table(path: Path, rows: list[Entity]) -> Path:
    lines = ["code\tname\tparents"]
    lines += [f"{one.code}\t{one.name}\t{'|'.join(one.parents)}" for one in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def newer() -> list[Entity]:
    """Without X02, with another name for X03."""
    kept = [one for one in entities() if one.code != "X02"]
    return [Entity(one.code, "Third disorder", one.synonyms, one.parents) if one.code == "X03" else one for one in kept]


def cells(page: TerminologiesPage) -> list[list[str]]:
    rows = page.shelf.table.rows
    return [[str(rows.index(row, column).data()) for column in range(rows.columnCount())]
            for row in range(rows.rowCount())]  # fmt: skip


def test_the_shelf_says_what_is_here_and_which_one_is_used(rig: Rig) -> None:
    page = page_of(rig)
    wait_until(lambda: page.shelf.table.rows.rowCount() == 3)
    QAbstractItemModelTester(page.shelf.table.rows)
    numbers = next(row for row in cells(page) if row[0] == "Numbers")
    assert numbers[1] == "1"
    assert numbers[2] == "17"
    assert numbers[6] == "this project"
    assert page.shelf.table.hasFocus()
    page.shelf.table.stand_on(next(at for at, row in enumerate(cells(page)) if row[0] == "Numbers"))
    assert not page.shelf.use.isEnabled(), "it is used already"
    assert not page.shelf.remove.isEnabled()


def test_a_table_is_looked_at_named_and_imported(rig: Rig, tmp_path: Path) -> None:
    page = page_of(rig)
    page.open_file(table(tmp_path / "numbers 2.tsv", newer()))
    wait_until(page.form.go.isEnabled)
    assert page.form.columns.choices()["code"] == "code"
    assert page.form.table.rows.rowCount() == 16
    page.form.title.setText("Numbers")
    page.form.title.setModified(True)
    page.form.version.setText("2")
    page.form.version.setModified(True)
    assert page.form.go.hasFocus()
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: any(row[:2] == ["Numbers", "2"] for row in cells(page)))
    assert page.shelf.current() is not None
    assert page.shelf.current().info.version == "2"  # type: ignore[union-attr]
    assert "Numbers 2" in page.banner.text
    assert page.shelf.use.isEnabled()


def test_a_refused_file_is_told_with_its_line_and_the_form_stays_filled(rig: Rig, tmp_path: Path) -> None:
    page = page_of(rig)
    bad = tmp_path / "twice.csv"
    bad.write_text("code,name\nA,one\nB,two\nA,three\n", encoding="utf-8")
    page.open_file(bad)
    wait_until(page.form.go.isEnabled)
    page.form.title.setText("Kept")
    page.form.title.setModified(True)
    page.form.go.click()
    wait_until(lambda: page.banner.isVisible() and not page._flow.busy)
    assert "twice.csv" in page.banner.text
    assert page.form.title.text() == "Kept"
    assert page.form.isVisible()
    assert not any(row[0] == "Kept" for row in cells(page))


def test_chosen_columns_are_remembered_for_such_headers(rig: Rig, tmp_path: Path) -> None:
    page = page_of(rig)
    first = tmp_path / "first.csv"
    first.write_text("k,what,other\nA,one,eins\nB,two,zwei\n", encoding="utf-8")
    page.open_file(first)
    wait_until(lambda: page.form.columns.isVisible())
    boxes = page.form.columns.boxes
    for name, header in (("code", "k"), ("name", "other")):
        boxes[name].setCurrentIndex(boxes[name].findData(header))
    boxes["name"].activated.emit(0)
    wait_until(page.form.go.isEnabled)
    wait_until(lambda: page.form.columns.choices()["name"] == "other")
    page.form.go.click()
    wait_until(lambda: page.shelf.isVisible())
    second = tmp_path / "second.csv"
    second.write_text("k,what,other\nC,three,drei\n", encoding="utf-8")
    page.open_file(second)
    wait_until(page.form.go.isEnabled)
    assert page.form.columns.choices()["code"] == "k"
    assert page.form.columns.choices()["name"] == "other"


def test_a_cancelled_import_leaves_nothing(rig: Rig, tmp_path: Path) -> None:
    page = page_of(rig)
    many = [Entity(f"C{number}", f"Thing {number}") for number in range(60_000)]
    page.open_file(table(tmp_path / "many.tsv", many))
    wait_until(page.form.go.isEnabled)
    page.form.go.click()
    assert page.form.progress.isVisible()
    assert page.form.progress.stop.hasFocus()
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: not page._flow.busy, 30)
    assert page.banner.text == "Cancelled. Nothing was imported."
    assert page.form.isVisible()
    page._read()
    wait_until(lambda: page.shelf.table.rows.rowCount() == 3)


def test_a_terminology_is_removed_once_asked(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = library.Library().import_release(table(tmp_path / "other.tsv", newer()), title="Other")
    page = page_of(rig)
    wait_until(lambda: page.shelf.table.rows.rowCount() == 4)
    page.shelf.table.stand_on(next(at for at, row in enumerate(cells(page)) if row[0] == "Other"))
    answers = [QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes]
    monkeypatch.setattr(QMessageBox, "question", lambda *_: answers.pop(0))
    page.shelf.remove.click()
    assert made.folder.is_dir()
    page.shelf.remove.click()
    wait_until(lambda: page.shelf.table.rows.rowCount() == 3)
    assert not made.folder.exists()


def test_an_upgrade_is_counted_applied_reviewed_and_taken_back(used: Rig, tmp_path: Path) -> None:
    made = library.Library().import_release(table(tmp_path / "numbers.tsv", newer()), title="Numbers", version="2")
    before = used.workspace.knowledge_base.fingerprint
    page = page_of(used)
    wait_until(lambda: page.shelf.table.rows.rowCount() == 4)
    page.shelf.table.stand_on(next(at for at, row in enumerate(cells(page)) if row[1] == "2"))
    page.shelf.use.click()
    wait_until(page.upgrade.go.isEnabled)
    QAbstractItemModelTester(page.upgrade.table.rows)
    assert page._plan is not None
    counts = page._plan.counts
    assert (counts.reopened, counts.renamed_decisions, counts.retired) == (1, 1, 1)
    touched = [str(page.upgrade.table.rows.index(row, 0).data()) for row in range(2)]
    assert touched == ["X02", "X03"]
    assert used.workspace.reading.decision(1) is not None
    assert used.workspace.reading.decision(1).code == "X02", "nothing is changed before it is said"  # type: ignore[union-attr]
    assert page.upgrade.go.hasFocus()
    old = used.workspace
    used.press(Qt.Key.Key_Space)
    wait_until(lambda: used.window.workspace not in (None, old))
    wait_until(lambda: used.mention == 1)
    used.settle()
    assert used.workspace.knowledge_base.fingerprint == made.info.fingerprint
    assert used.page.flow.mention.status == "unreviewed"  # type: ignore[union-attr]
    kept = [used.workspace.reading.decision(number).code for number in (2, 3, 4)]  # type: ignore[union-attr]
    assert kept == ["X03", "X04", "X05"]
    again = page_of(used)
    wait_until(again.shelf.reopened.isVisible)
    assert again.shelf.reopened.text() == "Review 1 reopened decision"
    again.shelf.reopened.click()
    wait_until(lambda: used.mention == 1)
    moved = used.workspace
    used.page.table.setFocus()
    used.press("Z", CONTROL)
    wait_until(lambda: used.window.workspace not in (None, moved))
    wait_until(lambda: used.window.page is not None and used.window.page.flow.mention is not None)
    used.settle()
    assert used.workspace.knowledge_base.fingerprint == before
    assert used.workspace.reading.decision(1).code == "X02"  # type: ignore[union-attr]


def test_another_terminology_is_not_taken_for_a_release_by_oversight(used: Rig, tmp_path: Path) -> None:
    foreign = [Entity(f"Q{number}", f"Quantity {number}") for number in range(30)]
    library.Library().import_release(table(tmp_path / "other.tsv", foreign), title="Quantities")
    page = page_of(used)
    wait_until(lambda: page.shelf.table.rows.rowCount() == 4)
    page.shelf.table.stand_on(next(at for at, row in enumerate(cells(page)) if row[0] == "Quantities"))
    page.shelf.use.click()
    wait_until(lambda: page._plan is not None)
    assert not page.upgrade.go.isEnabled()
    assert page.upgrade.force.isVisible()
    page.upgrade.force.click()
    assert page.upgrade.go.isEnabled()
    page.upgrade.back.click()
    assert page.shelf.isVisible()


def test_a_scope_is_measured_refused_at_its_column_and_kept(rig: Rig) -> None:
    card = page_of(rig).shelf.scope
    wait_until(lambda: "17 entities" in card._state.text())
    assert not card.keep.isEnabled()
    card.field.setFocus()
    rig.press("<< X20 AND")
    wait_until(lambda: "column" in card._state.text())
    assert not card.keep.isEnabled()
    card.field.clear()
    rig.press("<< X20")
    wait_until(card.keep.isEnabled)
    assert "3 of 17 entities" in card._state.text()
    rig.press(Qt.Key.Key_Return)
    wait_until(lambda: rig.workspace.retrieval.scope == "<< X20")
    wait_until(lambda: not card.keep.isEnabled())
    assert card.field.text() == "<< X20"


def test_every_format_of_terminologies_has_words(qapp: object) -> None:
    """Nothing is called by another name in the window than by its reader."""
    assert {name: words.format_text(name, "") for name, _ in formats()} == dict(formats())


def test_a_release_of_snomed_ct_names_its_dialects_maps_and_history(rig: Rig, tmp_path: Path) -> None:
    """From the file to the concept pane: a synthetic release through the page, then its project."""
    made = make_release(tmp_path / "release.zip", Plan(concepts=400))
    page = page_of(rig)
    page.open_file(tmp_path / "release.zip")
    wait_until(page.form.go.isEnabled, 30)
    assert "SNOMED CT (RF2)" in page.form._facts.text()
    assert page.form.dialect.isVisible()
    dialects = page.form.dialect.count()
    assert dialects > 1
    page.form.dialect.setCurrentIndex(dialects - 1)
    page.form.dialect.activated.emit(dialects - 1)
    wait_until(lambda: page.form._look is not None and bool(page.form._look.options.dialect), 30)
    wait_until(page.form.go.isEnabled, 30)
    page.form.go.click()
    wait_until(lambda: any("SNOMED" in row[0] for row in cells(page)), 60)
    held = page.shelf.current()
    assert held is not None
    catalogue = library.Library().open(held.info.fingerprint)
    mapped = next(code for code in made.mapped if catalogue.maps((code,)))
    retired = next(one.code for one in catalogue.associations())
    opened = Terminology(FromLibrary(held.info))
    opened.start()
    wait_until(lambda: opened.is_ready, 30)
    found: list[Beyond] = []
    for code in (mapped, retired):
        opened.beyond(code, found.append)
    wait_until(lambda: len(found) == 2)
    assert found[0].maps
    assert found[1].successors
    opened.close()
