"""What a window tells somebody who looks behind it: all words of its widgets, all cells of its models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex, Qt
from PySide6.QtWidgets import QLabel, QTextBrowser, QTextEdit, QWidget


def cells(model: QAbstractItemModel, own_roles: Sequence[int]) -> Iterator[object]:
    """Every cell in every role, our own roles too, and the headings."""
    columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount()
    roles = [*(role.value for role in Qt.ItemDataRole), *own_roles]
    for row in range(model.rowCount(QModelIndex())):
        for column in range(columns):
            for role in roles:
                yield model.index(row, column).data(role)
    for section in range(columns):
        yield model.headerData(section, Qt.Orientation.Horizontal)


def words(root: QWidget) -> Iterator[str]:
    """Every word in the widget tree, shown or hidden, and what a screen reader is told."""
    for widget in (root, *root.findChildren(QWidget)):
        yield from (widget.toolTip(), widget.accessibleName(), widget.accessibleDescription())
        if isinstance(widget, QLabel):
            yield widget.text()
        if isinstance(widget, QTextBrowser | QTextEdit):
            yield widget.toPlainText()
