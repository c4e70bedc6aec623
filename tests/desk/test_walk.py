"""A walk through every page and dialog: no key is swallowed, every control has a name, one language at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers.desk_parts import FakeWorker, Rig, make_project, wait_until
from helpers.walking import dialogs, open_dialogs, pages, settle, visible, where, words
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QKeySequenceEdit,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QTextEdit,
    QWidget,
)

from rpdr_core.errors import WorldError
from rpdr_desk.translation import Languages
from rpdr_desk.views import banner

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]
HAN = re.compile(r"[\u3400-\u9fff]")
WORD = re.compile(r"[A-Za-z]{3,}")
# Data of the small project, names of things, and what is written the same in both languages.
DATA = re.compile(
    r"Disorder number \d+|Numbered disorders|All disorders|Split disorder|trouble \d+|not number \d+|seen with|"
    r"mention \d+|"
    r"today|\bSmall\b|\bWard\b|\bNumbers\b|\bnumbers\b|mentions\.csv|RPDR Desk|"
    r"ICD-10-CM|\bLoRA\b|\bMRR\b|\bacc@\d|\bECE\b|"
    r"\bGPU\b|English|Ctrl|Shift|\bAlt\b|\bEsc\b|\bF\d+\b|\bJSONL?\b|\bCSV\b|\bTSV\b|\bExcel\b|https?://\S*|"
    r"\bssh\b|"
    r"\bAPI\b|[\w./-]+\.(rpdr|csv|toml|json|jsonl)|/[\w./-]+|Cohen|Fleiss|Krippendorff|McNemar|Platt|Wilson|"
    r"encoder-\w+|generative-\w+|paper-\w+|\bSLURM\b|\bOpenAI\b|\bDeepSeek\b|\bollama\b|\bnone\b|Enter|Return|Space|"
    r"\bKiB\b|\bMiB\b|April 2026|ICD-10 \(WHO\)|"
    r"Apache|Home|End|Num\+\d|\bPgUp\b|\bPgDown\b|Qt\b|PySide6|Python|Linux|x86_64|aarch64|rpdr\S*|\bkappa\b|\balpha\b",
)  # fmt: skip


def takes_text(widget: QWidget) -> bool:
    if isinstance(widget, (QTextEdit, QPlainTextEdit)):
        return not widget.isReadOnly()
    if isinstance(widget, QComboBox):
        return widget.isEditable()
    return isinstance(widget, (QLineEdit, QAbstractSpinBox, QKeySequenceEdit))


def focusable(root: QWidget) -> Iterator[QWidget]:
    for widget in visible(root):
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.isEnabled():
            yield widget


@pytest.fixture
def decided(open_window: Callable[[Path, FakeWorker], Rig], tmp_path: Path) -> Rig:
    """A project in use: some mentions accepted, corrected, deferred and flagged."""
    rig = open_window(make_project(tmp_path / "used.rpdr", 12, ranked=True), FakeWorker())
    for number, key in enumerate(("1", "2", "d", "1"), 2):
        rig.press(key)
        wait_until(lambda number=number: rig.mention == number)
    settle(rig)
    return rig


def walk(rig: Rig) -> Iterator[tuple[str, QWidget]]:
    yield from pages(rig)
    yield from dialogs(rig)


def test_no_input_method_listens_where_keys_decide(decided: Rig) -> None:
    """An input method that listens would take letters and digits for pinyin before any shortcut saw them."""
    listening: list[str] = []
    seen = 0
    for name, root in walk(decided):
        for widget in focusable(root):
            if takes_text(widget):
                continue
            seen += 1
            widget.setFocus()
            if widget.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled) or (
                widget.inputMethodQuery(Qt.InputMethodQuery.ImEnabled) is True
                and widget.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
            ):
                listening.append(f"{name}: {where(widget)}")
    assert listening == []
    assert seen > 20


def codes(rig: Rig) -> list[str]:
    found = [rig.workspace.reading.decision(number) for number in range(1, 13)]
    return [one.code if one is not None else "" for one in found]


def test_what_decides_in_the_lists_is_text_everywhere_else(decided: Rig) -> None:
    """Return, Space, Delete, digits and letters in a field of any page decide nothing."""
    before = codes(decided)
    fields = 0
    for _name, root in pages(decided):
        for widget in [one for one in focusable(root) if takes_text(one)]:
            fields += 1
            widget.setFocus()
            for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Delete):
                QTest.keyClick(QApplication.focusWidget() or widget, key)
                widget.setFocus()
            for letter in "1n2d":
                QTest.keyClicks(QApplication.focusWidget() or widget, letter)
    settle(decided)
    assert fields > 3
    assert codes(decided) == before


def test_every_control_has_a_name(decided: Rig) -> None:
    nameless: list[str] = []
    seen = 0
    for name, root in walk(decided):
        for widget in focusable(root):
            spoken = QAccessible.queryAccessibleInterface(widget)
            if spoken is None or isinstance(widget, QScrollArea) or type(widget) is QWidget:
                continue
            seen += 1
            if not spoken.text(QAccessible.Text.Name).strip():
                nameless.append(f"{name}: {where(widget)}")
    assert sorted(set(nameless)) == []
    assert seen > 40


def test_every_row_of_our_models_can_be_read_out(decided: Rig) -> None:
    """A screen reader reads tables cell by cell; the first cell of a row says what the row is."""
    silent: list[str] = []
    seen = 0
    for name, root in walk(decided):
        for view in (one for one in visible(root) if isinstance(one, QAbstractItemView)):
            model = view.model()
            if model is None or not type(model).__module__.startswith("rpdr_desk"):
                continue
            for row in range(min(5, model.rowCount(view.rootIndex()))):
                seen += 1
                spoken = model.index(row, 0, view.rootIndex()).data(Qt.ItemDataRole.AccessibleTextRole)
                if not str(spoken or "").strip():
                    silent.append(f"{name}: {where(view)} row {row}")
    assert silent == []
    assert seen > 10


def test_decisions_and_errors_are_announced(decided: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    class Listening:
        @staticmethod
        def updateAccessibility(event: QAccessibleAnnouncementEvent) -> None:
            said.append(event.message())

    monkeypatch.setattr(banner, "QAccessible", Listening)
    text, first = decided.page.flow.mention.text, decided.page.flow.rows[0]  # type: ignore[union-attr]
    decided.press("1")
    wait_until(lambda: bool(said))
    assert said == [f"{text}: {first.code} {first.name}"]
    decided.page.banner.show_error(WorldError("the worker does not run", hint="start it"))
    assert "The worker does not run" in said[-1]
    decided.window.problems.show(WorldError("the file is damaged", hint="restore a backup"))
    assert said[-1] == "the file is damaged restore a backup"
    for dialog in open_dialogs():
        dialog.close()


def foreign(text: str) -> bool:
    """Whether English stands in a Chinese window, other than data and names."""
    left = DATA.sub(" ", re.sub(r"<[^>]+>|&\w+;", " ", text))
    return bool(WORD.search(left)) and not HAN.search(left)


def test_the_language_changes_everywhere_at_once(decided: Rig, qapp: QApplication) -> None:
    """Pages are made in English, shown, and then told of the other language; dialogs are opened after it."""
    languages = Languages(qapp)
    for _ in pages(decided):
        pass
    languages.use("zh_CN")
    settle(decided)
    try:
        left = {f"{name}: {where(widget)}: {text[:80]}" for name, root in walk(decided)
                for widget, text in words(root) if foreign(text)}  # fmt: skip
    finally:
        languages.use("en")
        settle(decided)
    assert sorted(left) == []


def test_the_way_back_to_english_is_as_complete(decided: Rig, qapp: QApplication) -> None:
    languages = Languages(qapp)
    languages.use("zh_CN")
    for _ in pages(decided):
        pass
    languages.use("en")
    settle(decided)
    left = {f"{name}: {where(widget)}: {text[:60]}" for name, root in walk(decided)
            for widget, text in words(root) if HAN.search(text.replace("简体中文", ""))}  # fmt: skip
    assert sorted(left) == []


def test_settings_change_their_own_language(decided: Rig, qapp: QApplication) -> None:
    languages = Languages(qapp)
    decided.settings.listen(lambda values: languages.use(values.language))
    decided.window.actions_["settings"].trigger()
    [dialog] = open_dialogs()
    try:
        decided.settings.change(language="zh_CN")
        settle(decided)
        assert [text for _, text in words(dialog) if foreign(text)] == []
    finally:
        decided.settings.change(language="en")
        settle(decided)
        dialog.close()
