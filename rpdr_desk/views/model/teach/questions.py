"""The questions that the Teach page asks in dialogs, and what their answers do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from rpdr_desk.operations.teach_state import EndpointState
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording
from rpdr_desk.views.model.teach.agreement_dialog import Agreed, AgreementDialog
from rpdr_desk.views.model.teach.endpoint_dialog import Edited, EndpointDialog, ask_endpoint
from rpdr_desk.views.model.teach.ledger_dialog import LedgerDialog
from rpdr_desk.views.model.teach.names_dialog import NamesDialog
from rpdr_desk.views.model.teach.unlock_dialog import UnlockDialog

Dialog = EndpointDialog | AgreementDialog | NamesDialog | LedgerDialog | UnlockDialog


class Questions:
    """`opened` is the dialog opened last. `show` puts the page back to what is so."""

    def __init__(self, page: QWidget, workspace: Workspace, show: Callable[[], None]) -> None:
        self._page, self._teaching, self._project, self._show = page, workspace.teaching, workspace.name, show
        self.opened: Dialog | None = None

    def endpoint(self, *, new: bool) -> None:
        """A new endpoint, or changes to the one in use."""
        known = self._teaching.book.state
        taken = tuple(one.name for one in known.known)
        self.opened = ask_endpoint(self._page, None if new else known.current, taken, self._save_endpoint)

    def removal(self) -> None:
        """Whether the endpoint in use is to go."""
        current = self._teaching.book.state.current
        if current is None:
            return
        say, name, box = QCoreApplication.translate, current.name, QMessageBox(self._page)
        box.setText(wording.fill(say("questions", "Remove the endpoint %1?"), name))
        box.setInformativeText(
            say("questions", "Its key goes from the keyring too. What was sent stays in the ledger.")
        )
        yes = box.addButton(say("questions", "Remove"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.finished.connect(lambda _code: self._teaching.remove_endpoint(name) if box.clickedButton() is yes else None)
        box.open()

    def agreement(self) -> None:
        """Whether this project's text may go to the endpoint in use."""
        current, teaching = self._teaching.book.state.current, self._teaching
        if current is not None:
            width, who = teaching.agreement.window, teaching.reviewer
            self.opened = AgreementDialog(
                self._page, self._project, current, width, who, lambda agreed: self._agree(current, agreed)
            )

    def credentialed(self, on: bool) -> None:
        """Locking is one click; unlocking asks for the project's name."""
        if on:
            self._teaching.consent.set_credentialed(True, self._project)
            return
        self._show()
        self.opened = UnlockDialog(
            self._page, self._project, lambda typed: self._teaching.consent.set_credentialed(False, typed)
        )

    def names(self) -> None:
        """The list of names to mask."""
        self.opened = NamesDialog(self._page, self._teaching.consent.names, self._teaching.consent.set_names)

    def ledger(self) -> None:
        """No question: what left, and what became of it."""
        self.opened = LedgerDialog(self._page, self._teaching, self._project)

    def _save_endpoint(self, edited: Edited) -> str:
        return self._teaching.save_endpoint(edited.profile, edited.before, edited.key)

    def _agree(self, shown: EndpointState, agreed: Agreed) -> str:
        if agreed.typed != self._project:
            words = QCoreApplication.translate("questions", "This is not the project's name: %1")
            return wording.fill(words, self._project)
        if self._teaching.consent.agree(
            shown, agreed.typed, agreed.who, batch=agreed.batch, window=agreed.window, retention=agreed.retention
        ):
            return ""
        self._teaching.refresh()
        return QCoreApplication.translate(
            "questions",
            "The endpoint has changed since this was opened, so nothing was agreed. Cancel, look, and agree again.",
        )
