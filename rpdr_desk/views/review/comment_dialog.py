"""A comment on a mention: one field, Ctrl+Return or the button saves."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from rpdr_core.records import Mention
from rpdr_desk import theme
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import dim_label, size_dialog


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
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    dialog.accepted.connect(lambda: save(field.toPlainText()))
    field.finished.connect(dialog.accept)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(theme.WIDE, theme.WIDE, theme.WIDE, theme.MARGIN)
    column.setSpacing(theme.GAP + 4)
    column.addWidget(QLabel(wording.fill(say("CommentDialog", "Comment on “%1”"), mention.text)))
    column.addWidget(field)
    end = QHBoxLayout()
    end.addWidget(dim_label(say("CommentDialog", "Ctrl+Return saves."), dialog), 1)
    end.addWidget(buttons)
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
