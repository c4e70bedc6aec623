"""Switching a project's sending on: what leaves, where to, and the project's name typed by whoever agrees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFormLayout, QLineEdit, QPushButton, QWidget

from rpdr_desk import theme
from rpdr_desk.operations.teach_state import EndpointState
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import button_row, make_dialog, make_spin_box
from rpdr_desk.views.model.card import Facts
from rpdr_desk.views.model.teach.check_line import CheckLine
from rpdr_desk.views.model.teach.notes import Note

WIDEST = 500


@dataclass(frozen=True, slots=True)
class Agreed:
    """Who agreed to what. `window`: characters on each side; `retention`: what is kept there, as far as they know."""

    typed: str
    who: str
    batch: bool
    window: int
    retention: str


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
        facts.show_lines(self._lines(endpoint))
        self.typed, self.who = QLineEdit(self.dialog), QLineEdit(reviewer, self.dialog)
        self.retention = QLineEdit(self.dialog)
        self.retention.setPlaceholderText(say("agreement", "as their terms or your contract say"))
        self.window = make_spin_box(self.dialog)
        self.window.setRange(0, WIDEST)
        self.window.setSingleStep(10)
        self.window.setValue(width)
        self.typed.setPlaceholderText(project)
        self.batch = CheckLine(self.dialog)
        self.batch.say(say("agreement", "Also as a batch: a file of requests is stored there until it is answered"))
        form = QFormLayout()
        form.setHorizontalSpacing(theme.WIDE)
        form.setVerticalSpacing(theme.GAP + 2)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for words, field in (
            (say("agreement", "Characters on each side"), self.window),
            (say("agreement", "Kept there"), self.retention),
            (say("agreement", "Who agrees"), self.who),
            (say("agreement", "Type the project's name"), self.typed),
        ):
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
        (self.typed if reviewer else self.who).setFocus()

    def _lines(self, endpoint: EndpointState) -> list[tuple[str, str]]:
        say = QCoreApplication.translate
        sent = say("agreement", "the mention, so much of its sentence on each side as you say below, and the names of "
                                "its candidates; the same, with what was decided, of mentions that are chosen as "
                                "examples")  # fmt: skip
        masked = say("agreement", "dates, phone and record numbers, e-mail, ID numbers and the project's list of names "
                                  "are masked; some may be missed, so read the preview")  # fmt: skip
        never = say("agreement", "the rest of the text, departments, counts, comments, all other mentions")
        return [
            (say("agreement", "To"), endpoint.host),
            (say("agreement", "Model"), endpoint.model),
            (say("agreement", "Leaves"), sent),
            (say("agreement", "Masked"), masked),
            (say("agreement", "Stays"), never),
        ]

    def _judge(self) -> None:
        self.go.setEnabled(bool(self.typed.text().strip() and self.who.text().strip()))
        self.wrong.say("")

    def _accept(self) -> None:
        agreed = Agreed(
            self.typed.text().strip(),
            self.who.text().strip(),
            self.batch.box.isChecked(),
            self.window.value(),
            self.retention.text().strip(),
        )
        why = self._agree(agreed)
        self.wrong.say(why)
        if why:
            self.typed.setFocus()
            self.typed.selectAll()
        else:
            self.dialog.accept()
