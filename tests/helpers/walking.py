"""Walk through the whole window: every page of an open project, and every dialog that a command opens."""

from __future__ import annotations

from collections.abc import Iterator

from helpers.desk_parts import Rig
from PySide6.QtCore import QAbstractListModel, QModelIndex, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTabBar,
    QTextEdit,
    QWidget,
)

from rpdr_desk.views.model.pages import REVIEW

ROWS_READ = 40
# These ask the system for a file, change what is open, or begin work: what they show is tested where they are.
NOT_WALKED = frozenset(
    ("open_project", "open_sample", "backup", "link_file", "close_project",
     "quit", "rank_student", "build_index", "about", "guide")
)  # fmt: skip


def page_names(rig: Rig) -> list[str]:
    return [REVIEW, *(spec.id for spec in rig.window._page_specs)]


def pages(rig: Rig) -> Iterator[tuple[str, QWidget]]:
    """Each page on screen, settled."""
    assert rig.window.pages is not None
    for name in page_names(rig):
        rig.window.pages.go(name)
        settle(rig)
        yield name, rig.window


def dialog_names(rig: Rig) -> list[str]:
    """Commands of the menus that open a dialog: their words end in dots, or they are known to."""
    known = {"settings", "keys", "palette", "jobs", "help"}
    specs = rig.window.actions_.specs
    asked = [spec.id for spec in specs if spec.menu and (spec.text().endswith("...") or spec.id in known)]
    return [one for one in asked if one not in NOT_WALKED]


def dialogs(rig: Rig) -> Iterator[tuple[str, QWidget]]:
    """Each dialog on screen; it is closed afterwards. A command that opens none is passed over."""
    assert rig.window.pages is not None
    for name in dialog_names(rig):
        rig.window.pages.go(REVIEW)
        rig.page.table.setFocus()
        settle(rig)
        rig.window.actions_[name].trigger()
        settle(rig)
        for shown in open_dialogs():
            yield name, shown
            shown.close()
        rig.page.faces.ask(None)
    settle(rig)


def open_dialogs() -> list[QDialog]:
    return [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]


def settle(rig: Rig) -> None:
    for _ in range(3):
        rig.settle()


def visible(root: QWidget) -> list[QWidget]:
    """Everything on screen below a widget, without what Qt puts inside its own widgets."""
    return [one for one in root.findChildren(QWidget) if one.isVisible() and not one.objectName().startswith("qt_")]


def words(root: QWidget) -> Iterator[tuple[QWidget, str]]:
    """What a reader can see or hear of a window: texts, hints, names, headings and cells."""
    yield root, root.windowTitle()
    for widget in visible(root):
        yield widget, widget.toolTip()
        yield widget, widget.accessibleName()
        if isinstance(widget, (QLabel, QAbstractButton)):
            yield widget, widget.text()
        elif isinstance(widget, QLineEdit):
            yield widget, widget.placeholderText()
        elif isinstance(widget, QTextEdit):
            yield widget, widget.toPlainText()
        elif isinstance(widget, QComboBox):
            for number in range(widget.count()):
                yield widget, widget.itemText(number)
        elif isinstance(widget, QTabBar):
            for number in range(widget.count()):
                yield widget, widget.tabText(number)
        elif isinstance(widget, QHeaderView):
            yield from ((widget, heading) for heading in _headings(widget))
        elif isinstance(widget, QAbstractItemView) and widget.model() is not None:
            yield from ((widget, cell) for cell in _cells(widget))


def _headings(header: QHeaderView) -> Iterator[str]:
    model = header.model()
    if model is None or header.isHidden():
        return
    for section in range(header.count()):
        if not header.isSectionHidden(section):
            yield str(model.headerData(section, header.orientation(), Qt.ItemDataRole.DisplayRole) or "")


def _cells(view: QAbstractItemView) -> Iterator[str]:
    model = view.model()
    # Qt hides a list model's only column from Python.
    columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount(view.rootIndex())
    for row in range(min(ROWS_READ, model.rowCount(view.rootIndex()))):
        for column in range(columns):
            index: QModelIndex = model.index(row, column, view.rootIndex())
            for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
                yield str(index.data(role) or "")


def where(widget: QWidget) -> str:
    """A widget's place in words: its class below the nearest classes of ours."""
    names: list[str] = []
    one: QWidget | None = widget
    while one is not None and len(names) < 4:
        names.append(type(one).__name__)
        one = one.parentWidget()
    return " < ".join(names)
