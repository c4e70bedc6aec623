"""A name for a filter: to save it under, or to call it from now on. And the question before one goes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QDialog, QLineEdit, QMessageBox, QPushButton, QWidget

from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import button_row, make_dialog

NAME_AT_MOST = 80


def ask_name(parent: QWidget, title: str, lead: str, name: str, done: Callable[[str], None]) -> QDialog:
    """Open the dialog; `done` gets the name. Without one there is nothing to accept."""
    say = QCoreApplication.translate
    dialog, column = make_dialog(parent, title, lead, wide=420)
    field = QLineEdit(name, dialog)
    field.setMaxLength(NAME_AT_MOST)
    field.setAccessibleName(say("filters", "Name"))
    field.setPlaceholderText(say("filters", "Name"))
    cancel, save = QPushButton(say("filters", "Cancel"), dialog), QPushButton(say("filters", "Save"), dialog)
    cancel.setAutoDefault(False)
    save.setDefault(True)
    save.setEnabled(bool(name.strip()))
    field.textChanged.connect(lambda text: save.setEnabled(bool(text.strip())))
    save.clicked.connect(lambda _checked=False: dialog.accept())
    cancel.clicked.connect(lambda _checked=False: dialog.reject())
    dialog.accepted.connect(lambda: done(field.text()))
    column.addWidget(field)
    column.addLayout(button_row(cancel, save))
    dialog.open()
    field.selectAll()
    field.setFocus()
    return dialog


def ask_removal(parent: QWidget, name: str, done: Callable[[], None]) -> QMessageBox:
    """Deleting cannot be undone, so it is asked."""
    say = QCoreApplication.translate
    words = wording.fill(say("filters", "Delete the filter “%1”? The mentions stay as they are."), name)
    box = QMessageBox(QMessageBox.Icon.Question, say("filters", "Delete a filter"), words, parent=parent)
    remove = box.addButton(say("filters", "Delete"), QMessageBox.ButtonRole.DestructiveRole)
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(QMessageBox.StandardButton.Cancel)
    remove.clicked.connect(lambda _checked=False: done())
    box.finished.connect(box.deleteLater)
    box.open()
    return box
