"""A comment on a mention: one field, Ctrl+Return or the button saves."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from rpdr_core.records import Mention
from rpdr_desk import theme
from rpdr_desk.views import wording


def ask_comment(parent: QWidget, mention: Mention, save: Callable[[str], None]) -> QDialog:
    """Open the dialog; `save` gets the text when it is accepted. An empty text removes the comment."""
    say = QCoreApplication.translate
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(say("CommentDialog", "Comment"))
    field = QPlainTextEdit(mention.comment, dialog)
    field.setTabChangesFocus(True)
    field.setAccessibleName(say("CommentDialog", "Comment"))
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    dialog.accepted.connect(lambda: save(field.toPlainText()))
    QShortcut(QKeySequence("Ctrl+Return"), dialog).activated.connect(dialog.accept)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(theme.WIDE, theme.WIDE, theme.WIDE, theme.MARGIN)
    column.setSpacing(theme.GAP + 4)
    column.addWidget(QLabel(wording.fill(say("CommentDialog", "Comment on “%1”"), mention.text)))
    column.addWidget(field)
    column.addWidget(buttons)
    dialog.resize(460, 240)
    dialog.open()
    field.setFocus()
    return dialog
