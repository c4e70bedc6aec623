"""Text from 100 to 200 % in small and large windows: no word is cut off that was not meant to be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers.desk_parts import FakeWorker, Rig, make_project, wait_until
from helpers.walking import dialogs, pages, settle, visible, where
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QTabBar,
    QToolButton,
    QWidget,
)

from rpdr_core.workflow.upgrading import TargetChange, UpgradeCounts, UpgradePlan
from rpdr_desk import theme
from rpdr_desk.fonts import base_font, load_fonts
from rpdr_desk.operations.door import Taken
from rpdr_desk.operations.exports import Losses, LossLine, Sent
from rpdr_desk.translation import Languages

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("^This plugin does not support")]
SMALL, LARGE = (1280, 800), (1920, 1080)
SLACK = 2
"""Pixels that a size hint may round away."""


@pytest.fixture
def dress(qapp: QApplication) -> Iterator[Callable[[int, str], None]]:
    """The desk's own fonts and style at a text size and in a language, as the running program puts them on."""
    before, languages = qapp.font(), Languages(qapp)
    families = load_fonts()

    def put_on(percent: int, language: str) -> None:
        qapp.setFont(base_font(families, percent))
        theme.apply(qapp, "light")
        languages.use(language)  # type: ignore[arg-type]

    # Before any window is there, as in the program.
    put_on(100, "en")
    yield put_on
    languages.use("en")
    qapp.setStyleSheet("")
    qapp.setFont(before)


def cut(root: QWidget) -> Iterator[str]:
    for widget in visible(root):
        if widget.visibleRegion().isEmpty() and not _scrolls(widget):
            continue
        short = _short(widget)
        if short:
            yield f"{where(widget)}: {short}"


def _short(widget: QWidget) -> str:
    if widget.font().pointSizeF() < 0.8 * QApplication.font().pointSizeF():
        return f"its text is still of {widget.font().pointSizeF()} points"
    if isinstance(widget, QLabel):
        return _label(widget)
    if isinstance(widget, QAbstractButton) and widget.text():
        need = widget.sizeHint()
        if widget.width() < need.width() - SLACK or widget.height() < need.height() - SLACK:
            return f"{widget.text()!r} has {widget.width()}x{widget.height()} of {need.width()}x{need.height()}"
        return _outside(widget)
    if isinstance(widget, QTabBar):
        wide = sum(widget.tabRect(number).width() for number in range(widget.count()))
        return f"tabs have {widget.width()} of {wide}" if widget.width() < wide - SLACK else _outside(widget)
    return ""


def _label(label: QLabel) -> str:
    text = label.text()
    if not text.strip() or (
        label.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Ignored and not label.wordWrap()
    ):
        return ""  # elided or cut by design: its tool tip or its accessible name has the whole
    high = label.heightForWidth(label.width()) if label.wordWrap() else label.sizeHint().height()
    wide = label.minimumSizeHint().width() if label.wordWrap() else label.sizeHint().width()
    if label.width() < wide - SLACK or label.height() < high - SLACK:
        return f"{text[:50]!r} has {label.width()}x{label.height()} of {wide}x{high}"
    return _outside(label)


def _outside(widget: QWidget) -> str:
    """Whether a parent that does not scroll cuts it."""
    if _scrolls(widget):
        return ""
    window = widget.window()
    corner = widget.mapTo(window, QPoint(widget.width(), widget.height()))
    if corner.x() > window.width() + SLACK or corner.y() > window.height() + SLACK:
        return f"{getattr(widget, 'text', str)()!r} ends at {corner.x()}, {corner.y()}"
    return ""


def _scrolls(widget: QWidget) -> bool:
    one = widget.parentWidget()
    while one is not None:
        if isinstance(one, QAbstractScrollArea):
            return (
                isinstance(one, QScrollArea) or one.verticalScrollBarPolicy() != Qt.ScrollBarPolicy.ScrollBarAlwaysOff
            )
        one = one.parentWidget()
    return False


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize(
    ("percent", "size"), [(100, SMALL), (150, SMALL), (200, SMALL), (200, LARGE)], ids=lambda one: str(one)
)
def test_nothing_is_cut_off(
    open_window: Callable[[Path, FakeWorker], Rig],
    tmp_path: Path,
    dress: Callable[[int, str], None],
    percent: int,
    size: tuple[int, int],
    language: str,
) -> None:
    rig = open_window(make_project(tmp_path / "used.rpdr", 12, ranked=True), FakeWorker())
    rig.window.resize(*size)
    settle(rig)
    for _ in pages(rig):
        pass
    # Live, on pages that are there already.
    dress(percent, language)
    rig.window.resize(*size)
    settle(rig)
    found = {f"{name}: {one}" for walk in (pages, dialogs) for name, root in walk(rig) for one in cut(root)}
    assert (rig.window.width(), rig.window.height()) == size
    assert sorted(found) == []


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_forms_of_files_are_whole_too(
    rig: Rig, tmp_path: Path, dress: Callable[[int, str], None], language: str
) -> None:
    """Pages with a file that was looked at, refused, or is being read; and a move to another release."""
    table, release = tmp_path / "a long name of a file of mentions.csv", tmp_path / "release.csv"
    table.write_text("mention,context,count\none,a sentence with one in it,3\n", encoding="utf-8")
    release.write_text("code,name\nA,one\nB,two\n", encoding="utf-8")
    assert rig.window.pages is not None
    import_, export = rig.window.pages.page("import"), rig.window.pages.page("export")
    shelf = rig.window.pages.page("terminologies")
    dress(200, language)
    rig.window.resize(*SMALL)
    found: set[str] = set()

    def look(name: str, state: str) -> None:
        assert rig.window.pages is not None
        rig.window.pages.go(name)
        settle(rig)
        found.update(f"{name}, {state}: {one}" for one in cut(rig.window))

    import_.open_file(table)  # type: ignore[attr-defined]
    wait_until(import_.form.go.isEnabled)  # type: ignore[attr-defined]
    look("import", "form")
    import_.form.begin("Importing")  # type: ignore[attr-defined]
    look("import", "under way")
    import_.form.end()  # type: ignore[attr-defined]
    facts = (("rows", 3_000), ("added", 2_000), ("conflict", 12))
    import_.form.show_foreseen(Taken(table, "mappings", facts))  # type: ignore[attr-defined]
    look("import", "counted")
    import_.door.show_taken(Taken(table, "mappings", facts))  # type: ignore[attr-defined]
    import_._leave_form()  # type: ignore[attr-defined]
    look("import", "taken")
    shelf.open_file(release)  # type: ignore[attr-defined]
    wait_until(shelf.form.go.isEnabled)  # type: ignore[attr-defined]
    look("terminologies", "form")
    info = rig.workspace.knowledge_base
    counts = UpgradeCounts(1_000, 10, 3, 7, 4, 100, 12, 300, 9, 4, 5, 900, 9_000, 1, 2, 3)
    target = TargetChange("X01", "Disorder", "nothing", "vanished", mentions=1, occurrences=3)
    shelf._stack.setCurrentWidget(shelf.upgrade)  # type: ignore[attr-defined]
    shelf.upgrade.show_wanted(info)  # type: ignore[attr-defined]
    plan = UpgradePlan(info, info, counts, (target,), (), frozenset(), kin=False, scope="<< X", scope_problem="gone")
    shelf.upgrade.show_plan(plan)  # type: ignore[attr-defined]
    look("terminologies", "upgrade")
    losses = Losses(10, (LossLine("codes beside the first", 3),), hidden=2)
    export.sent.show_sent(Sent(table, 10, "0" * 64, losses))  # type: ignore[attr-defined]
    export.losses.show_losses(losses)  # type: ignore[attr-defined]
    look("export", "written")
    assert (rig.window.width(), rig.window.height()) == SMALL
    assert sorted(found) == []


def test_the_start_page_has_room_too(
    qtbot: object, rig: Rig, dress: Callable[[int, str], None], qapp: QApplication
) -> None:
    rig.window.close_project()
    for percent, size in ((100, SMALL), (200, SMALL), (200, LARGE)):
        dress(percent, "en")
        rig.window.resize(*size)
        qapp.processEvents()
        qapp.processEvents()
        assert list(cut(rig.window)) == []
        assert rig.window.size().width() == size[0]


def test_the_walk_notices_what_is_cut(qtbot: object) -> None:
    window = QWidget()
    window.resize(200, 100)
    button, label = QPushButton("a long text on a button", window), QLabel("a long text in a label", window)
    tool = QToolButton(window)
    tool.setText("room enough")
    button.setGeometry(0, 0, 40, 30)
    label.setGeometry(0, 40, 30, 20)
    tool.setGeometry(0, 60, tool.sizeHint().width(), tool.sizeHint().height())
    window.show()
    assert len(list(cut(window))) == 2
    window.close()
    window.deleteLater()
