"""Switching a project's sending on: what leaves, where to, and the project's name typed by whoever agrees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QPushButton, QWidget

from rpdr_desk import theme
from rpdr_desk.operations.teach_state import EndpointState
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import button_row, make_dialog
from rpdr_desk.views.model.card import Facts
from rpdr_desk.views.model.teach.notes import Note


@dataclass(frozen=True, slots=True)
class Agreed:
    """Who agreed, and whether a file may be uploaded for a batch."""

    typed: str
    who: str
    batch: bool


class AgreementDialog:
    """`agree` is called once the typed name is the project's; it answers why not, or nothing."""

    def __init__(
        self,
        parent: QWidget,
        project: str,
        endpoint: EndpointState,
        width: int,
        reviewer: str,
        agree: Callable[[Agreed], str],
    ) -> None:
        say = QCoreApplication.translate
        self._agree = agree
        lead = say("agreement", "Until you agree, nothing of this project leaves this machine. You can revoke it at "
                                "any time; what was sent stays sent, and stands in the ledger.")  # fmt: skip
        self.dialog, column = make_dialog(parent, say("agreement", "Let the teacher read this project"), lead, wide=560)
        facts = Facts(self.dialog)
        facts.show_lines(self._lines(endpoint, width))
        self.typed, self.who = QLineEdit(self.dialog), QLineEdit(reviewer, self.dialog)
        self.typed.setPlaceholderText(project)
        self.batch = QCheckBox(say("agreement", "Also as a batch: a file of requests is stored there until it is "
                                                "answered"), self.dialog)  # fmt: skip
        form = QFormLayout()
        form.setHorizontalSpacing(theme.WIDE)
        form.setVerticalSpacing(theme.GAP + 2)
        for words, field in ((wording.fill(say("agreement", "Type the project's name, %1"), project), self.typed),
                             (say("agreement", "Who agrees"), self.who)):  # fmt: skip
            form.addRow(words, field)
            field.setAccessibleName(words)
        self.who.setPlaceholderText(say("agreement", "your name or initials"))
        self.wrong = Note(self.dialog, alert=True)
        cancel, self.go = QPushButton(self.dialog), QPushButton(self.dialog)
        cancel.setText(say("agreement", "Cancel"))
        self.go.setText(wording.fill(say("agreement", "Agree to send to %1"), endpoint.host))
        self.go.setDefault(True)
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.dialog.reject)
        self.go.clicked.connect(lambda _checked=False: self._accept())
        for field in (self.typed, self.who):
            field.textChanged.connect(lambda _text: self._judge())
        column.addWidget(facts)
        column.addLayout(form)
        column.addWidget(self.batch)
        column.addWidget(self.wrong)
        column.addLayout(button_row(cancel, self.go))
        self._judge()
        self.dialog.open()
        self.typed.setFocus()

    def _lines(self, endpoint: EndpointState, width: int) -> list[tuple[str, str]]:
        say = QCoreApplication.translate
        sent = say("agreement", "the mention, up to %1 characters of its sentence on each side, and the names of its "
                                "candidates")  # fmt: skip
        masked = say("agreement", "dates, phone and record numbers, e-mail, ID numbers and the project's list of names "
                                  "are masked; some may be missed, so read the preview")  # fmt: skip
        never = say("agreement", "the rest of the text, departments, counts, comments, other mentions")
        kept = say("agreement", "how long %1 keeps it is between you and them; their terms say")
        return [
            (say("agreement", "To"), endpoint.host),
            (say("agreement", "Model"), endpoint.model),
            (say("agreement", "Leaves"), wording.fill(sent, width)),
            (say("agreement", "Masked"), masked),
            (say("agreement", "Stays"), never),
            (say("agreement", "There"), wording.fill(kept, endpoint.host)),
        ]

    def _judge(self) -> None:
        self.go.setEnabled(bool(self.typed.text().strip() and self.who.text().strip()))
        self.wrong.say("")

    def _accept(self) -> None:
        why = self._agree(Agreed(self.typed.text().strip(), self.who.text().strip(), self.batch.isChecked()))
        self.wrong.say(why)
        if why:
            self.typed.setFocus()
            self.typed.selectAll()
        else:
            self.dialog.accept()
