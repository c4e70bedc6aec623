"""The window as a whole: what it loads, how it starts and ends, language, keys, jobs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.desk_parts import FakeWorker, Rig, make_project, wait_until
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QDialog

from rpdr_core.errors import MissingExtraError
from rpdr_core.protocol.messages import (
    RetrievalState,
)
from rpdr_desk.operations.exports import FORMS, Choice
from rpdr_desk.operations.jobs import Job
from rpdr_desk.translation import Languages
from rpdr_desk.views.palette import show_palette
from rpdr_desk.views.settings.shortcut_editor import ShortcutEditor

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]
ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "numpy", "openai", "transformers", "pyqtgraph", "keyring", "onnxruntime")


def run_desk(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "RPDR_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    code = (
        # Without a terminology: making ICD-10-CM would take longer than all else.
        "import sys\nfrom rpdr_core.errors import NotFoundError\n"
        "from rpdr_core.knowledge_base.library import Library\n"
        "def none(*_, **__): raise NotFoundError('none here')\nLibrary.open = none\n"
        "from rpdr_desk.__main__ import main\ncode = main(sys.argv[1:])\n"
        f"print([name for name in {HEAVY!r} if sys.modules.get(name)])\nsys.exit(code)"
    )
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=env, timeout=60, check=False)


def test_the_desk_loads_no_machine_learning_and_reports_its_start(tmp_path: Path, rpdr_home: Path) -> None:
    project = make_project(tmp_path / "a.rpdr", 5, ranked=True)
    report = tmp_path / "start.json"
    ran = run_desk(rpdr_home, str(project), "--startup-report", str(report), "--exit-when-ready")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip().endswith("[]")
    assert json.loads(report.read_text())["milliseconds_to_usable_window"] > 0


def test_a_picture_can_be_taken(tmp_path: Path, rpdr_home: Path) -> None:
    picture = tmp_path / "start.png"
    ran = run_desk(rpdr_home, "--screenshot", str(picture), "--theme", "dark", "--size", "1000x700")
    assert ran.returncode == 0, ran.stderr
    assert picture.stat().st_size > 2_000
    assert not list(rpdr_home.rglob("window.ini")), "a picture leaves no trace in where the user's window was"


def test_no_module_of_the_views_is_a_giant() -> None:
    long = {
        path.name: lines
        for path in (ROOT / "rpdr_desk").rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}
    assert len((ROOT / "rpdr_desk/views/main_window.py").read_text(encoding="utf-8").splitlines()) < 300


def test_only_one_place_paints_colours() -> None:
    for path in (ROOT / "rpdr_desk").rglob("*.py"):
        if path.name not in ("theme.py",):
            assert "#" + "0a6a7c" not in path.read_text(encoding="utf-8"), path.name


def test_the_language_changes_while_the_window_is_open(rig: Rig, qapp: QApplication) -> None:
    languages = Languages(qapp)
    languages.use("zh_CN")
    QApplication.processEvents()
    try:
        assert rig.page.queue_pane.shelf.rows[0].text == "未审阅"
        assert rig.window.menuBar().actions()[0].text() == "文件"
        assert rig.page.table.model_.headerData(1, Qt.Orientation.Horizontal) == "编码"
        assert rig.page.search.edit.placeholderText() == "检索整个知识库"
        assert rig.mention == 1
    finally:
        languages.use("en")
    QApplication.processEvents()
    assert rig.page.queue_pane.shelf.rows[0].text == "Unreviewed"


def test_counts_and_progress_follow_a_decision(rig: Rig) -> None:
    rig.press("1")
    wait_until(lambda: rig.mention == 2)
    wait_until(lambda: rig.window.strip._progress.decided == 1)
    assert rig.window.strip._progress.mentions == 12


def test_a_decision_is_remembered_by_the_worker_and_forgotten_by_undo(rig: Rig) -> None:
    rig.press("1")
    wait_until(lambda: "memory.remember" in rig.worker.methods())
    rig.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    wait_until(lambda: "memory.forget" in rig.worker.methods())


def test_the_whole_queue_is_ranked_in_the_background(rig: Rig) -> None:
    wait_until(lambda: all(rig.workspace.reading.rankings(number) for number in range(1, 13)))
    asked = [params for method, params in rig.worker.asked if method == "retrieve"]
    assert asked[0].mentions[0].id == 1


def test_without_a_worker_review_and_search_still_work(
    open_window: Callable[[Path, FakeWorker], Rig], tmp_path: Path
) -> None:
    path = make_project(tmp_path / "ranked.rpdr", 3, ranked=True)
    rig = open_window(path, FakeWorker(alive=False))
    assert rig.page.flow.rows
    rig.press("1")
    wait_until(lambda: rig.mention == 2)


def test_a_batch_that_fails_is_not_asked_for_ever(
    open_window: Callable[[Path, FakeWorker], Rig], project: Path
) -> None:
    def broken(*_: object) -> object:
        raise MissingExtraError("no retriever", hint="install it")

    worker = FakeWorker()
    worker.answers["retrieve"] = broken
    worker._alive = False
    rig = open_window(project, worker)
    worker._alive = True
    worker.start()
    wait_until(lambda: rig.page.banner.isVisible())
    rig.settle()
    wait_until(lambda: worker.methods().count("retrieve") >= 2)
    for _ in range(20):
        rig.settle()
    assert worker.methods().count("retrieve") <= 4
    assert "install it" in rig.page.banner.text


def test_the_palette_runs_a_command(rig: Rig) -> None:
    palette = show_palette(rig.window, rig.window.actions_)
    palette.edit.setText("later")  # type: ignore[attr-defined]
    assert palette.list.count() == 1  # type: ignore[attr-defined]
    palette._run()  # type: ignore[attr-defined]
    wait_until(lambda: rig.mention == 2)


def test_the_shortcut_editor_refuses_a_key_that_is_taken(rig: Rig) -> None:
    editor = ShortcutEditor(rig.settings, rig.window.actions_)
    editor.select("defer")
    editor.edit.setKeySequence(QKeySequence("F"))
    editor.set_key()
    assert rig.window.actions_.keys("defer") == ("D",)
    assert "Flag" in editor.message.text()
    editor.edit.setKeySequence(QKeySequence("X"))
    editor.set_key()
    assert rig.window.actions_.keys("defer") == ("X",)
    assert rig.settings.values.shortcuts == {"defer": ["X"]}
    rig.press("x")
    wait_until(lambda: rig.mention == 2)
    editor.reset_all()
    assert rig.window.actions_.keys("defer") == ("D",)
    editor.deleteLater()


def job_of(rig: Rig, kind: str) -> Job:
    return [job for job in rig.workspace.jobs.all() if job.kind == kind][-1]


def test_the_index_job_ends_with_what_it_built(rig: Rig) -> None:
    rig.worker.answers["index.build"] = lambda *_: RetrievalState("numbers", 16, 30, 30, 30, "ready", "fake")
    rig.window.actions_["build_index"].trigger()
    wait_until(lambda: job_of(rig, "index").state == "done")
    assert "30" in job_of(rig, "index").message


def test_a_missing_extra_is_told_with_its_cure(rig: Rig) -> None:
    def missing(*_: object) -> object:
        raise MissingExtraError("torch is not installed", hint="pip install rpdr-desk[worker]")

    rig.worker.answers["index.build"] = missing
    rig.workspace.indexing.build()
    wait_until(lambda: job_of(rig, "index").state == "failed")
    assert "rpdr-desk[worker]" in job_of(rig, "index").hint


def test_an_import_shows_first_and_joins_equal_mentions(rig: Rig, tmp_path: Path) -> None:
    from rpdr_desk.views.importing.import_page import ImportPage

    source = tmp_path / "new.csv"
    source.write_text("mention,count\nfresh,3\nother,1\n", encoding="utf-8")
    rig.window.actions_["import"].trigger()
    assert rig.window.pages is not None
    page = rig.window.pages.currentWidget()
    assert isinstance(page, ImportPage)
    page.open_file(source)
    wait_until(page.form.go.isEnabled)
    assert page.form.columns.choices()["mention"] == "mention"
    assert page.form.table.rows.rowCount() == 2
    page.form.go.click()
    wait_until(lambda: rig.page.model.rowCount() == 14)
    assert rig.mention == 1


def test_decisions_go_into_a_file(rig: Rig, tmp_path: Path) -> None:
    rig.press("1")
    wait_until(lambda: rig.mention == 2)
    done: list[object] = []
    form = next(form for form in FORMS if form.id == "csv")
    rig.workspace.exports.write(form, Choice(), tmp_path / "out.csv", done.append, done.append)
    wait_until(lambda: bool(done))
    assert "X02" in (tmp_path / "out.csv").read_text(encoding="utf-8")
    assert job_of(rig, "export").state == "done"


def test_a_backup_is_made_beside_the_project(rig: Rig) -> None:
    copies: list[Path] = []
    rig.workspace.exchange.back_up(copies.append, lambda _error: None)
    wait_until(lambda: bool(copies))
    assert copies[0].is_file()


@pytest.mark.parametrize("command", ["keys", "settings", "jobs", "new_project"])
def test_every_dialog_opens_and_closes(rig: Rig, command: str) -> None:
    rig.window.actions_[command].trigger()
    QApplication.processEvents()
    dialogs = [one for one in rig.window.findChildren(QDialog) if one.isVisible()]
    assert len(dialogs) == 1
    assert dialogs[0].windowTitle()
    rig.settle()
    dialogs[0].close()


def test_closing_a_project_leads_to_the_start_page_and_back(rig: Rig, project: Path) -> None:
    rig.window.close_project()
    assert rig.window.page is None
    assert not rig.window.actions_["accept"].isEnabled()
    rig.window.open_path(project)
    wait_until(lambda: rig.window.page is not None and rig.mention == 1)
    wait_until(lambda: bool(rig.page.flow.rows))
    rig.page.table.setFocus()
    rig.press("1")
    wait_until(lambda: rig.mention == 2)


def test_every_control_has_a_name_for_screen_readers(rig: Rig) -> None:
    from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QLineEdit

    for kind in (QAbstractButton, QAbstractItemView, QLineEdit):
        for widget in rig.page.findChildren(kind):
            if widget.isVisible() and not widget.objectName().startswith("qt_"):
                named = widget.accessibleName() or (widget.text() if hasattr(widget, "text") else "")
                assert named or type(widget).__name__ in ("QToolButton", "QHeaderView", "QTableCornerButton"), widget
