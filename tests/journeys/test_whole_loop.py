"""The sample in the window, from a teacher to a student in use and back: agree, teach, distil, watch, compare, promote,
roll back. The real worker, a real server, ICD-10-CM; keys, and clicks where a hand would click.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from helpers.command_line import kb_home
from helpers.desk_parts import Rig, wait_until
from helpers.quick_recipe import quick_recipe
from helpers.teacher_server import Planned, teacher_server
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from rpdr_core.knowledge_base.library import Library
from rpdr_core.store import Project, open_reader
from rpdr_core.workflow.importing import import_file
from rpdr_core.workflow.profiles import Profile, save_profile
from rpdr_core.workflow.sample import sample_mentions
from rpdr_desk.operations.indexing import SETTING
from rpdr_desk.operations.terminology import FromLibrary
from rpdr_desk.operations.workspace import OpenedProject, Workspace
from rpdr_desk.settings import Settings
from rpdr_desk.views.main_window import MainWindow
from rpdr_desk.views.model.compare.compare_page import ComparePage
from rpdr_desk.views.model.teach.agreement_dialog import AgreementDialog
from rpdr_desk.views.model.teach.page import TeachPage
from rpdr_desk.views.model.train.train_page import TrainPage
from rpdr_desk.views.places import Places
from rpdr_desk.worker_process import WorkerProcess

__all__ = ["kb_home"]

pytestmark = [
    pytest.mark.journey,
    pytest.mark.gui,
    pytest.mark.timeout(600),
    pytest.mark.qt_log_ignore("^This plugin does not support"),
    pytest.mark.skipif(sys.platform == "win32", reason="as the other journeys of the window"),
]
CONTROL = Qt.KeyboardModifier.ControlModifier
TAUGHT, DECIDED = 40, 24


@pytest.fixture
def project(tmp_path: Path, kb_home: Path) -> Path:
    """The sample before a teacher has seen it, without vectors: letters alone serve here, and are quick."""
    path = tmp_path / "eye clinic.rpdr"
    with Project.create(path, name="Eye clinic", knowledge_base=Library().open("icd10cm").info) as made:
        import_file(made, sample_mentions())
        made.set_setting(SETTING, "off")
    return path


@pytest.fixture
def rig(
    project: Path, tmp_path: Path, qtbot: object, monkeypatch: pytest.MonkeyPatch, forked_worker: list[str]
) -> Iterator[Rig]:
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    settings = Settings(tmp_path / "preferences.json")

    def workspace(opened: OpenedProject) -> Workspace:
        worker = WorkerProcess(forked_worker)
        made = Workspace(opened, settings, worker, FromLibrary(opened.knowledge_base))
        worker.setParent(made)
        return made

    window = MainWindow(settings, workspace, Places(tmp_path / "window.ini"))
    window.resize(1280, 800)
    window.show()
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    window.open_path(project)
    wait_until(lambda: window.page is not None and bool(window.page.flow.rows), 60)
    yield Rig(window, None, settings)  # type: ignore[arg-type]
    window.close()
    window.deleteLater()
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()


def page(rig: Rig, key: Qt.Key) -> QWidget:
    """Go to a page by its key."""
    rig.press(key, CONTROL)
    assert rig.window.pages is not None
    return rig.window.pages.currentWidget()


def second_first(question: str) -> str:
    """Prefers the retriever's second: what a student can learn from this teacher and from nobody else."""
    count = len(re.findall(r"^\d+\. ", question, re.M))
    order = [2, 1, *range(3, count + 1)] if count > 1 else [1]
    return json.dumps({"order": order, "verdict": "exact"})


def press_button(rig: Rig, button: QWidget) -> None:
    """Press it by key. Offscreen no window system puts the window in front again once a dialog has closed."""
    rig.window.activateWindow()
    wait_until(lambda: QApplication.activeWindow() is rig.window)
    button.setFocus()
    wait_until(lambda: QApplication.focusWidget() is button)
    rig.press(Qt.Key.Key_Space)


def decide(rig: Rig) -> None:
    """The second candidate; where that is a heading, the first of the codes below it."""
    here, key = rig.mention, "2"
    while rig.mention == here:
        rows = rig.page.flow.rows
        rig.press(key)
        wait_until(lambda rows=rows: rig.mention != here or rig.page.flow.rows is not rows, 30)
        key = "1"
    wait_until(lambda: bool(rig.page.flow.rows), 30)


def test_from_a_teacher_to_a_student_in_use_and_back(rig: Rig, tmp_path: Path) -> None:
    workspace = rig.workspace
    wait_until(lambda: all(workspace.reading.rankings(number) for number in range(1, 151)), 120)
    with teacher_server(Planned(think=second_first)) as server:
        teach(rig, server.base_url)
        assert len(server.received) == TAUGHT
    with open_reader(workspace.path) as reader:
        assert len(list(reader.ledger())) == TAUGHT
        assert reader.verify_ledger().ok
    rig.press(Qt.Key.Key_1, CONTROL)
    for _ in range(DECIDED):
        decide(rig)
    train(rig, tmp_path)
    compare(rig)
    with open_reader(workspace.path) as reader:
        assert [one.reason for one in reader.promotions()] == ["promote", "rollback"]
        assert reader.verify_audit().ok


def teach(rig: Rig, address: str) -> None:
    save_profile(Profile("t", "compatible", address, "m", timeout=10.0))
    shown = page(rig, Qt.Key.Key_2)
    assert isinstance(shown, TeachPage)
    shown.mentions.count.setValue(TAUGHT)
    teaching = rig.workspace.teaching
    press_button(rig, shown.agreement.switch)
    dialog = shown.questions.opened
    assert isinstance(dialog, AgreementDialog)
    dialog.who.setText("ann")
    dialog.typed.setText("Eye clinic")
    dialog.go.click()
    wait_until(lambda: teaching.agreement.on)
    # What is to be sent is prepared anew under the agreement just given.
    wait_until(lambda: teaching.planner.state not in ("preparing", "worker") and shown.bar.send.isEnabled(), 60)
    rig.settle()
    wait_until(lambda: teaching.planner.state not in ("preparing", "worker") and shown.bar.send.isEnabled(), 60)
    press_button(rig, shown.bar.send)
    wait_until(lambda: teaching.courier.sending.state in ("done", "stopped", "failed"), 90)
    assert teaching.courier.sending.state == "done", teaching.courier.sending.message
    rig.settle()


def train(rig: Rig, folder: Path) -> None:
    shown = page(rig, Qt.Key.Key_3)
    assert isinstance(shown, TrainPage)
    wait_until(shown.start.go.isEnabled)
    origins = {label.text() for label, _ in shown.rows._facts._lines}
    assert {"Teacher: exact match", "Corrected by a person"} <= origins
    shown.start.use_recipe(quick_recipe(folder, epochs=3, patience=3))
    press_button(rig, shown.start.go)
    seen: list[int] = []
    shown._workspace.runs.changed.connect(lambda run: seen.append(run.step))
    wait_until(lambda: shown.panel.compare.isVisible() or shown.banner.isVisible(), 300)
    assert not shown.banner.isVisible(), shown.banner.text
    assert len(set(seen)) > 2, "the run was watched as it went"
    assert len(shown.panel.loss.points()) >= 3


def compare(rig: Rig) -> None:
    shown = page(rig, Qt.Key.Key_4)
    assert isinstance(shown, ComparePage)
    wait_until(lambda: shown.students.list.count() == 1)
    press_button(rig, shown.students.compare)
    wait_until(lambda: shown.report.figures.isVisible() or shown.banner.isVisible(), 120)
    assert not shown.banner.isVisible(), shown.banner.text
    press_button(rig, shown.students.promote)
    wait_until(shown.students.roll_back.isVisible)
    wait_until(lambda: any(one.kind == "student" and one.state == "done" for one in rig.workspace.jobs.all()), 120)
    rig.press(Qt.Key.Key_1, CONTROL)
    wait_until(lambda: any(row.student for row in rig.page.flow.rows), 30)
    shown = page(rig, Qt.Key.Key_4)  # type: ignore[assignment]
    press_button(rig, shown.students.roll_back)
    wait_until(lambda: not shown.students.roll_back.isVisible())
