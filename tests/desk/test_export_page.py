"""The Export page in the real window: forms, losses before the file, the file, cancel, and what nobody may see yet."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.desk_parts import FakeWorker, Rig, make_project, wait_until
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QWidget

from rpdr_core.records import NewDecision, ReviewPlan
from rpdr_core.store import Project
from rpdr_desk.operations import export_forms
from rpdr_desk.operations.exports import Form, forms
from rpdr_desk.views.exporting import words
from rpdr_desk.views.exporting.export_page import ExportPage

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]
CONTROL = Qt.KeyboardModifier.ControlModifier


def page_of(rig: Rig) -> ExportPage:
    rig.press("E", CONTROL)
    assert rig.window.pages is not None
    page = rig.window.pages.currentWidget()
    assert isinstance(page, ExportPage)
    return page


def listed(page: ExportPage) -> list[str]:
    return [page.forms.item(row).text() for row in range(page.forms.count())]


def test_every_form_has_a_name_a_sentence_and_a_group(rig: Rig) -> None:
    page = page_of(rig)
    QAbstractItemModelTester(page.forms.model())
    for form in forms():
        assert words.form_text(form.id) != form.id, form.id
        assert words.form_explained(form.id), form.id
        assert words.form_text(form.id) in listed(page)
    assert listed(page)[0] == "For people"
    assert page.forms.hasFocus()
    assert page.forms.form().id == "csv"  # type: ignore[union-attr]
    rig.press(Qt.Key.Key_Down)
    assert page.forms.form().id == "xlsx"  # type: ignore[union-attr]
    rig.press(Qt.Key.Key_Down)
    assert page.forms.form().group == "pipelines", "a heading is passed over"  # type: ignore[union-attr]


def test_tab_goes_from_the_forms_to_the_options_then_to_the_file(rig: Rig) -> None:
    page = page_of(rig)
    wait_until(page.go.isEnabled)
    visited: list[QWidget | None] = []
    for _ in range(5):
        rig.press(Qt.Key.Key_Tab)
        visited.append(page.focusWidget())
    assert visited == [page.options.level, page.options.only, page.options.mark, page.target, page.choose]


def test_losses_come_first_then_the_file_with_its_digest(rig: Rig, tmp_path: Path) -> None:
    rig.press("1")
    wait_until(lambda: rig.mention == 2)
    page = page_of(rig)
    assert not page.go.isEnabled(), "nothing is written before the losses are known"
    wait_until(page.go.isEnabled)
    assert page.losses.losses is not None
    assert page.losses.losses.rows == 12
    target = tmp_path / "out.csv"
    page.target.setText(str(target))
    page.target.textEdited.emit(str(target))
    page.go.setFocus()
    rig.press(Qt.Key.Key_Space)
    wait_until(page.sent.isVisible)
    assert "X02" in target.read_text(encoding="utf-8")
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    shown = "".join(value.text() for _label, value in page.sent._facts._lines).replace(" ", "")
    assert digest in shown
    assert page.sent.folder.hasFocus()
    assert rig.settings.values.export_folder == str(tmp_path)
    page.forms.stand_on("xlsx")
    assert Path(page.target.text()) == tmp_path / "small decisions.xlsx"
    wait_until(page.go.isEnabled)


def test_options_change_what_is_counted(rig: Rig) -> None:
    rig.press("1")
    wait_until(lambda: rig.mention == 2)
    page = page_of(rig)
    wait_until(page.go.isEnabled)
    page.options.only.setCurrentIndex(1)
    page.options.only.activated.emit(1)
    assert not page.go.isEnabled()
    wait_until(page.go.isEnabled)
    assert page.losses.losses is not None
    assert page.losses.losses.rows == 1
    rig.press("Z", CONTROL)
    rig.settle()
    wait_until(lambda: page.losses.losses is not None and page.losses.losses.rows == 0)


def test_every_form_of_mappings_is_written_through_the_window(rig: Rig, tmp_path: Path) -> None:
    rig.press("1")
    wait_until(lambda: rig.mention == 2)
    page = page_of(rig)
    for form in forms():
        if form.group in ("corpora",):
            continue
        page.forms.stand_on(form.id)
        wait_until(page.go.isEnabled, 20)
        target = tmp_path / f"{form.id}{form.suffix}"
        page.target.setText(str(target))
        page.target.textEdited.emit(str(target))
        page.go.click()
        wait_until(lambda: not page._busy, 20)
        assert target.is_file(), (form.id, page.banner.text)


def test_a_file_that_is_there_is_announced_and_a_missing_folder_is_told(rig: Rig, tmp_path: Path) -> None:
    page = page_of(rig)
    there = tmp_path / "there.csv"
    there.write_text("mine", encoding="utf-8")
    page.target.setText(str(there))
    page.target.textEdited.emit(str(there))
    assert page._replaces.isVisible()
    page.target.setText(str(tmp_path / "nowhere" / "a.csv"))
    page.target.textEdited.emit(page.target.text())
    assert not page._replaces.isVisible()
    wait_until(page.go.isEnabled)
    page.go.click()
    wait_until(page.banner.isVisible)
    assert "no such folder" in page.banner.text.lower()
    assert page.go.isEnabled()


def test_documents_are_asked_for_where_there_are_none(rig: Rig) -> None:
    page = page_of(rig)
    page.forms.stand_on("bioc-xml")
    wait_until(lambda: "import some first" in page.losses._held.text())
    assert not page.go.isEnabled()


def test_a_cancelled_export_writes_nothing(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(reader: object, path: Path, _choice: object, watch: Callable[[str, int, int], None]) -> object:
        while True:
            watch("rows", 1, 2)

    page = page_of(rig)
    wait_until(page.go.isEnabled)
    target = tmp_path / "never.csv"
    page.target.setText(str(target))
    page._form = Form("csv", "people", ".csv", frozenset(), slow)  # type: ignore[arg-type]
    page.go.click()
    wait_until(lambda: page.progress.stop.hasFocus())
    rig.press(Qt.Key.Key_Space)
    wait_until(lambda: not page._busy)
    assert page.banner.text == "Cancelled. No file was written."
    assert not target.exists()


def test_a_count_that_nobody_sees_ends_and_is_made_anew(rig: Rig) -> None:
    page = page_of(rig)
    assert page.losses.losses is None
    rig.press(Qt.Key.Key_1, CONTROL)
    assert rig.workspace.exports.counting._cancelled
    assert not page._later.isActive()
    rig.press("E", CONTROL)
    wait_until(page.go.isEnabled)


def test_what_waits_for_a_blind_answer_stands_as_undecided(
    open_window: Callable[[Path, FakeWorker], Rig], tmp_path: Path
) -> None:
    path = make_project(tmp_path / "double.rpdr", 12, ranked=True)
    with Project.open(path) as project:
        project.set_review_plan(ReviewPlan(double_share=1.0, seed=1))
        for number in (1, 2):
            project.decide(NewDecision(number, "accept", f"X{number:02}", "a name"), reviewer="Other")
    rig = open_window(path, FakeWorker())
    rig.settings.change(reviewer="Me")
    page = page_of(rig)
    wait_until(page.go.isEnabled)
    assert page.losses.losses is not None
    assert page.losses.losses.hidden == 2
    assert "2 mentions wait for your own, blind answer" in page.losses._hidden.text()
    for kind in ("csv", "jsonl", "usagi", "chat"):
        page.forms.stand_on(kind)
        wait_until(page.go.isEnabled)
        target = tmp_path / f"blind-{kind}{page.forms.form().suffix}"  # type: ignore[union-attr]
        page.target.setText(str(target))
        page.target.textEdited.emit(str(target))
        page.go.click()
        wait_until(lambda: not page._busy)
        assert "Other" not in target.read_text(encoding="utf-8"), kind
        assert "X01" not in _decided(target), kind
    rig.settings.change(reviewer="Other")
    wait_until(lambda: page.losses.losses is not None and page.losses.losses.hidden == 0)


def _decided(path: Path) -> str:
    """What stands in the file as the answer; candidates of rankings are no answers."""
    import csv

    if path.suffix != ".csv":
        return ""
    with path.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return " ".join(row.get("code", "") + row.get("conceptId", "") for row in rows)


def test_each_form_is_written_by_one_of_the_core() -> None:
    ids = [form.id for form in export_forms.FORMS]
    assert len(set(ids)) == len(ids)
    assert {form.group for form in export_forms.FORMS} <= set(words.GROUPS)
