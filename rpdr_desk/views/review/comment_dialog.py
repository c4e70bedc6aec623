"""A comment on a mention: one field, Ctrl+Return or the button saves."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from rpdr_core.records import Mention
from rpdr_desk import theme
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import button_row, dim_label, size_dialog


def ask_comment(parent: QWidget, mention: Mention, save: Callable[[str], None]) -> QDialog:
    """Open the dialog; `save` gets the text when it is accepted. An empty text removes the comment."""
    say = QCoreApplication.translate
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(say("CommentDialog", "Comment"))
    field = _Field(mention.comment, dialog)
    field.moveCursor(QTextCursor.MoveOperation.End)
    field.setTabChangesFocus(True)
    field.setAccessibleName(say("CommentDialog", "Comment"))
    cancel = QPushButton(say("CommentDialog", "Cancel"), dialog)
    keep = QPushButton(say("CommentDialog", "Save"), dialog)
    cancel.setAutoDefault(False)
    keep.setDefault(True)
    keep.clicked.connect(lambda _checked=False: dialog.accept())
    cancel.clicked.connect(lambda _checked=False: dialog.reject())
    dialog.accepted.connect(lambda: save(field.toPlainText()))
    field.finished.connect(dialog.accept)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(theme.WIDE, theme.WIDE, theme.WIDE, theme.MARGIN)
    column.setSpacing(theme.GAP + 4)
    column.addWidget(QLabel(wording.fill(say("CommentDialog", "Comment on “%1”"), mention.text)))
    column.addWidget(field)
    end = QHBoxLayout()
    end.addWidget(dim_label(say("CommentDialog", "Ctrl+Return saves."), dialog), 1)
    end.addLayout(button_row(cancel, keep))
    column.addLayout(end)
    size_dialog(dialog, 460, 240)
    dialog.open()
    field.setFocus()
    return dialog


class _Field(QPlainTextEdit):
    """Return makes a line; with Ctrl it is the end of the comment."""

    finished = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.finished.emit()
        else:
            super().keyPressEvent(event)
