"""What our dialogs have in common: margins, a title inside, and being gone when closed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLabel, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.fonts import grown
from rpdr_desk.views.model.heading import Heading


def make_dialog(parent: QWidget, title: str, lead: str = "", *, wide: int = 560) -> tuple[QDialog, QVBoxLayout]:
    """A dialog and its column."""
    dialog = QDialog(parent)
    return dialog, furnish(dialog, title, lead, wide=wide)


def furnish(dialog: QDialog, title: str, lead: str = "", *, wide: int = 560) -> QVBoxLayout:
    """Give a dialog its column. The title stands in the dialog too: window frames are easy to overlook."""
    parent = dialog.parentWidget()
    room = parent.window().width() if parent is not None else grown(wide)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    dialog.setMinimumWidth(_at_most(grown(wide), room - 2 * theme.WIDE))
    column = QVBoxLayout(dialog)
    column.setContentsMargins(theme.WIDE, theme.WIDE - 4, theme.WIDE, theme.MARGIN)
    column.setSpacing(theme.GAP + 4)
    heading = Heading(dialog, 1.4)
    heading.setText(title)
    heading.setWordWrap(True)
    column.addWidget(heading)
    if lead:
        column.addWidget(dim_label(lead, dialog))
    dialog.installEventFilter(_Unsqueezed(dialog))
    return column


class _Unsqueezed(QObject):
    """A dialog opens at most two thirds as high as the screen is, and lets its wrapped words pay for that: where the
    window it belongs to has room, it is as high as they need.
    """

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QDialog):
            layout, parent = watched.layout(), watched.parentWidget()
            if layout is not None and layout.hasHeightForWidth() and parent is not None:
                room = parent.window().height() - 2 * theme.WIDE
                needed = min(layout.totalHeightForWidth(watched.width()), room)
                if watched.height() < needed:
                    watched.resize(watched.width(), needed)
        return super().eventFilter(watched, event)


def size_dialog(dialog: QDialog, wide: int, high: int) -> None:
    """So large at a text size of 100 %, larger with larger text, and never beyond the window that it belongs to."""
    parent = dialog.parentWidget()
    room = parent.window().size() if parent is not None else dialog.maximumSize()
    edge = 2 * theme.WIDE
    dialog.resize(_at_most(grown(wide), room.width() - edge), _at_most(grown(high), room.height() - edge))


def _at_most(wanted: int, room: int) -> int:
    return min(wanted, max(room, 320))


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
