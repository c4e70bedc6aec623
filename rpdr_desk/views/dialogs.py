"""What our dialogs have in common: margins, a title inside, and being gone when closed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLabel, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.fonts import scaled


def make_dialog(parent: QWidget, title: str, lead: str = "", *, wide: int = 560) -> tuple[QDialog, QVBoxLayout]:
    """A dialog and its column. The title stands in the dialog too: window frames are easy to overlook."""
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    dialog.setMinimumWidth(wide)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(theme.WIDE, theme.WIDE - 4, theme.WIDE, theme.MARGIN)
    column.setSpacing(theme.GAP + 4)
    heading = QLabel(title, dialog)
    heading.setFont(scaled(dialog.font(), 1.4, QFont.Weight.DemiBold))
    column.addWidget(heading)
    if lead:
        column.addWidget(dim_label(lead, dialog))
    return dialog, column


def dim_label(words: str, parent: QWidget) -> QLabel:
    """A paragraph in the secondary colour."""
    label = QLabel(words, parent)
    label.setWordWrap(True)
    label.setProperty("dim", True)
    return label


def rule(parent: QWidget) -> QFrame:
    line = QFrame(parent)
    line.setFixedHeight(1)
    line.setProperty("rule", True)
    return line


def make_spin_box(parent: QWidget | None = None) -> QSpinBox:
    """A spin box whose figures stand as far from the edge as the words of other fields; style sheets cannot say so."""
    box = QSpinBox(parent)
    for edit in box.findChildren(QLineEdit):
        edit.setTextMargins(theme.GAP, 0, 0, 0)
    return box


def button_row(*buttons: QWidget) -> QHBoxLayout:
    """Buttons at the right, the last one is what most people want."""
    row = QHBoxLayout()
    row.setSpacing(theme.GAP)
    row.addStretch(1)
    for button in buttons:
        row.addWidget(button)
    return row
