"""Errors at the desk's edge: one dialog, in the language of the window, and reports that give nobody away."""

from __future__ import annotations

import contextlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.desk_parts import Rig, wait_until
from helpers.error_texts import templates
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from rpdr_core.errors import Bug, Cancelled, DamagedFileError, FileFormatError, NotFoundError, WorldError
from rpdr_core.formats.preview import preview
from rpdr_core.resources import resource_path
from rpdr_core.workflow.document_import import look_documents
from rpdr_desk.reporting import crash_file, crash_text, crashes_kept, install_excepthook, report_text
from rpdr_desk.translation import Languages
from rpdr_desk.views.error_dialog import ErrorDialog
from rpdr_desk.views.error_words import in_language, message_of, told

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]
ROOT = Path(__file__).parents[2]
CANARIES = ("blurry vision of Mrs Canary", "X99.9", "sk-canary-key", "/home/canary/clinic", "Dr Canary")


@pytest.fixture
def chinese(qapp: QApplication) -> Iterator[None]:
    languages = Languages(qapp)
    languages.use("zh_CN")
    yield
    languages.use("en")


@contextlib.contextmanager
def hooked(rig: Rig) -> Iterator[None]:
    """Our hook in place of the one that pytest-qt puts there for each test."""
    before = sys.excepthook
    install_excepthook(rig.window.problems.show)
    yield
    sys.excepthook = before


def dialogs(rig: Rig) -> list[ErrorDialog]:
    return [one for one in rig.window.findChildren(ErrorDialog) if one.isVisible()]


def raised_with_canaries() -> BaseException:
    """An error whose every corner holds something that must not get out."""
    text, code, key, folder, name = CANARIES
    try:
        try:
            local = {text: code}
            raise ValueError(f"{text} {code} {key}", local)
        except ValueError as error:
            error.add_note(f"seen by {name}")
            raise FileFormatError(f"{text}: {code}", hint=f"ask {name}", file=f"{folder}/list.csv", line=3) from error
    except FileFormatError as error:
        return error


def assert_clean(report: str) -> None:
    assert [one for one in CANARIES if one in report] == []
    assert "canary" not in report.casefold().replace("raised_with_canaries", "")
    assert str(Path.home()) not in report
    assert str(ROOT.parent) not in report


def test_a_report_holds_places_and_types_and_nothing_else() -> None:
    report = report_text(raised_with_canaries())
    assert "FileFormatError [input.format]" in report
    assert "ValueError" in report
    assert re.search(r"test_errors\.py:\d+ raised_with_canaries", report)
    assert_clean(report)


def test_what_lies_behind_an_error_cannot_run_round_for_ever() -> None:
    one, other = ValueError("a"), ValueError("b")
    one.__context__, other.__context__ = other, one
    assert report_text(one).count("ValueError") <= 20


def test_folders_are_left_out_whatever_the_system() -> None:
    for name in ("/home/canary/x/rpdr_desk/views/a.py", "C:\\Users\\canary\\rpdr_desk\\views\\a.py"):
        space: dict[str, object] = {}
        exec(compile("def fail():\n    raise KeyError('sk-canary-key')\n", name, "exec"), space)
        try:
            space["fail"]()  # type: ignore[operator]
        except KeyError as error:
            report = report_text(error)
        assert "rpdr_desk/views/a.py:2 fail" in report
        assert "canary" not in report


@pytest.mark.parametrize(
    "name",
    [
        "/srv/rpdr_desk/canary/venv/lib/python3.11/site-packages/openai/client.py",
        "D:\\rpdr_core\\canary\\client.py",
        "/srv/rpdr_worker/canary/client.py",
    ],
)
def test_a_folder_that_only_bears_our_name_is_left_out(name: str, tmp_path: Path) -> None:
    path = tmp_path / "crash.log"
    path.write_text(f'Fatal Python error: Aborted\n  File "{name}", line 7 in run\n', encoding="utf-8")
    assert crash_text(path).splitlines()[-1] == "  client.py:7 run"


def test_a_crash_leaves_places_alone(tmp_path: Path) -> None:
    path = tmp_path / "crash.log"
    with crashes_kept(path):
        pass
    assert crash_text(path) == ""
    path.write_text(
        "Fatal Python error: Segmentation fault\n\nCurrent thread 0x00007f (most recent call first):\n"
        '  File "/home/canary/venv/lib/rpdr_desk/app.py", line 7 in run\n  canary: Mrs Canary\n',
        encoding="utf-8",
    )
    assert crash_text(path).splitlines()[-2:] == ["Fatal Python error: Segmentation fault", "  rpdr_desk/app.py:7 run"]
    assert "canary" not in crash_text(path).casefold()


def test_a_slot_that_raises_is_shown_once_and_the_review_goes_on(rig: Rig) -> None:
    times = 5

    def fail() -> None:
        raise RuntimeError(CANARIES[0])

    with hooked(rig):
        for _ in range(times):
            QTimer.singleShot(0, rig.window, fail)
        wait_until(lambda: bool(dialogs(rig)) and dialogs(rig)[0]._count == times)
    [dialog] = dialogs(rig)
    assert not dialog.report.isVisible()
    assert str(times) in dialog.more.text()
    assert_clean(dialog.text)
    assert CANARIES[0] not in dialog.message.text()
    dialog.close()
    rig.window.activateWindow()
    QTest.qWaitForWindowActive(rig.window)
    rig.page.table.setFocus()
    rig.press("1")
    wait_until(lambda: rig.mention == 2)


def test_a_known_error_has_its_message_and_its_cure(rig: Rig) -> None:
    rig.window.problems.show(
        DamagedFileError("the file is damaged", hint="restore a backup", file="a.rpdr"), "Not opened"
    )
    [dialog] = dialogs(rig)
    assert dialog.windowTitle() == "Not opened"
    assert dialog.message.text() == "a.rpdr: the file is damaged"
    assert dialog.cure.text() == "restore a backup"
    dialog.close()


def test_nobody_is_told_of_what_was_cancelled(rig: Rig) -> None:
    def stop() -> None:
        raise Cancelled("stopped")

    with hooked(rig):
        QTimer.singleShot(0, rig.window, stop)
        rig.settle()
    assert dialogs(rig) == []


def test_the_report_is_read_then_copied_or_saved(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.window.problems.show(raised_with_canaries())
    [dialog] = dialogs(rig)
    dialog.details.click()
    assert dialog.report.isVisible()
    dialog.copy.click()
    assert QGuiApplication.clipboard().text() == dialog.text
    target = tmp_path / "report.txt"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    dialog.save.click()
    assert target.read_text(encoding="utf-8") == dialog.text + "\n"
    assert_clean(target.read_text(encoding="utf-8"))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path), ""))
    dialog.save.click()
    assert "could not be written" in dialog.more.text()
    dialog.close()


def test_the_menu_shows_what_went_wrong_so_far(rig: Rig) -> None:
    dialog = rig.window.problems.show_report()
    assert "RPDR Desk" in dialog.text
    dialog.close()
    rig.window.problems.show(Bug("b"))
    for one in dialogs(rig):
        one.close()
    crash_file().parent.mkdir(parents=True, exist_ok=True)
    crash_file().write_text('Fatal Python error: Aborted\n  File "/x/rpdr_core/a.py", line 1 in b\n', encoding="utf-8")
    rig.window.actions_["report"].trigger()
    [dialog] = dialogs(rig)
    assert "Bug [bug]" in dialog.text
    assert "rpdr_core/a.py:1 b" in dialog.text
    dialog.close()


def test_a_project_that_cannot_be_opened_is_told_in_that_dialog(rig: Rig, tmp_path: Path) -> None:
    broken = tmp_path / "broken.rpdr"
    broken.write_text("not a project", encoding="utf-8")
    rig.window.open_path(broken)
    wait_until(lambda: bool(dialogs(rig)))
    assert dialogs(rig)[0].windowTitle() == "Not opened"
    dialogs(rig)[0].close()


# In the language of the window


def test_every_sentence_of_the_catalogue_is_one_that_is_raised() -> None:
    raised = templates(ROOT / "backend", ROOT / "rpdr_desk")
    catalogue = json.loads(resource_path("translations", "errors_zh_CN.json").read_text(encoding="utf-8"))
    assert sorted(catalogue.keys() - raised.keys()) == []
    assert len(catalogue) > 150
    for source, translation in catalogue.items():
        assert sorted(re.findall(r"%\d", source)) == sorted(re.findall(r"%\d", translation)), source


def test_a_chinese_window_tells_errors_in_chinese(chinese: None) -> None:
    assert told(NotFoundError("no such project", file="a.rpdr")) == "a.rpdr: 没有这个项目"
    error = WorldError("the project is already open for writing in process 42", hint="close it there first")
    assert message_of(error) == ("项目已由进程 42 打开并写入", "请先在那里关闭")
    assert in_language("host lab cannot be reached: unreachable") == "无法连接主机 lab：无法连接"
    assert in_language("nobody has translated this") == "nobody has translated this"


def test_a_chinese_window_tells_what_previews_remark_in_chinese(chinese: None, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("mention,context\n,x\nred\u200b,elsewhere\nlate\n", encoding="utf-8")
    notes = tmp_path / "brat"
    notes.mkdir()
    (notes / "a.txt").write_text("red \u202eeye and dry eye", encoding="utf-8")
    (notes / "a.ann").write_text("T1\tDisease 0 3;9 12\tred and\n", encoding="utf-8")
    said = (*preview(table).warnings, *look_documents(notes).warnings)
    assert len(said) >= 5
    assert [one for one in said if in_language(one) == one] == []


def test_an_english_window_tells_them_as_they_are() -> None:
    assert told(WorldError("the worker does not run", hint="start it")) == "the worker does not run (start it)"


@pytest.mark.usefixtures("chinese")
def test_the_dialog_is_chinese_too(rig: Rig) -> None:
    rig.window.problems.show(NotFoundError("no such project"))
    [dialog] = dialogs(rig)
    assert dialog.message.text() == "没有这个项目"
    assert dialog.details.text() == "详细信息"
    dialog.close()


def test_no_error_is_told_by_a_message_box() -> None:
    """Questions may ask by one; errors go through the dialog with the report."""
    for path in (ROOT / "rpdr_desk").rglob("*.py"):
        words = path.read_text(encoding="utf-8")
        assert "QMessageBox.warning" not in words, path.name
        assert "QMessageBox.critical" not in words, path.name
