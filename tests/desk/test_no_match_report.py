"""The no-match report in the window: from the menu to the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.desk_parts import Rig, wait_until
from PySide6.QtWidgets import QApplication, QDialog, QLabel

from rpdr_desk.views.exporting.no_match_dialog import NoMatchDialog

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]


def say_no_match(rig: Rig, key: str) -> None:
    before = rig.mention
    rig.press("n")
    rig.press(key)
    wait_until(lambda: rig.mention != before)


def shown() -> QDialog | None:
    found = [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]
    return found[0] if found else None


def test_the_menu_opens_it_and_nothing_to_report_is_said(rig: Rig) -> None:
    rig.window.actions_["export_no_match"].trigger()
    wait_until(lambda: shown() is not None)
    dialog = shown()
    assert dialog is not None
    assert any("nothing to report yet" in label.text() for label in dialog.findChildren(QLabel))
    dialog.reject()


def test_what_is_ticked_is_written(rig: Rig, tmp_path: Path) -> None:
    for key in "trmu":
        say_no_match(rig, key)
    counts: list[object] = []
    rig.workspace.exchange.count_no_match(counts.append, lambda _error: None)
    wait_until(lambda: bool(counts))
    form = NoMatchDialog(rig.window, rig.workspace, counts[0])  # type: ignore[arg-type]
    form.show_it()
    assert all(box.isChecked() and box.accessibleDescription() for box in form.boxes.values())
    form.boxes["unreadable"].setChecked(False)
    form.write(tmp_path / "report.csv")
    wait_until(lambda: shown() is not None and shown() is not form.dialog)
    report = shown()
    assert report is not None
    report.accept()
    written = (tmp_path / "report.csv").read_text(encoding="utf-8")
    assert "retriever,not_retrieved,mention 2" in written
    assert "unreadable" not in written
    assert "seen with" not in written


def test_with_nothing_ticked_nothing_is_saved(rig: Rig) -> None:
    say_no_match(rig, "t")
    counts: list[object] = []
    rig.workspace.exchange.count_no_match(counts.append, lambda _error: None)
    wait_until(lambda: bool(counts))
    form = NoMatchDialog(rig.window, rig.workspace, counts[0])  # type: ignore[arg-type]
    form.show_it()
    assert form.save.isEnabled()
    assert not form.boxes["unreadable"].isEnabled()
    form.boxes["not_in_terminology"].setChecked(False)
    assert not form.save.isEnabled()
    form.dialog.reject()
