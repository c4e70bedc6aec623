"""Taking back that a project's data is credentialed: its name is typed, as for an agreement."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import button_row, make_dialog
from rpdr_desk.views.model.teach.notes import Note


class UnlockDialog:
    """`unlock` gets the typed name, which is the project's."""

    def __init__(self, parent: QWidget, project: str, unlock: Callable[[str], None]) -> None:
        say = QCoreApplication.translate
        lead = say("unlock", "This project was marked as credentialed. Unlock it only if the terms of its data allow "
                             "an outside model. It still needs an agreement.")  # fmt: skip
        self.dialog, column = make_dialog(parent, say("unlock", "Unlock outside endpoints"), lead, wide=480)
        self._project, self._unlock = project, unlock
        self.typed = QLineEdit(self.dialog)
        self.typed.setAccessibleName(say("unlock", "Type the project's name"))
        self.typed.setPlaceholderText(wording.fill(say("unlock", "Type the project's name, %1"), project))
        self.wrong = Note(self.dialog, alert=True)
        cancel, go = QPushButton(say("unlock", "Cancel"), self.dialog), QPushButton(self.dialog)
        go.setText(say("unlock", "Unlock"))
        cancel.setDefault(True)
        cancel.clicked.connect(self.dialog.reject)
        go.clicked.connect(lambda _checked=False: self._accept())
        for widget in (self.typed, self.wrong):
            column.addWidget(widget)
        column.addLayout(button_row(cancel, go))
        self.dialog.open()
        self.typed.setFocus()

    def _accept(self) -> None:
        typed = self.typed.text().strip()
        if typed != self._project:
            say = QCoreApplication.translate
            self.wrong.say(wording.fill(say("unlock", "This is not the project's name: %1"), self._project))
            return
        self._unlock(typed)
        self.dialog.accept()
