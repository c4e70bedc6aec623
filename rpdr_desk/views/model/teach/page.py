"""The Teach page: at the left what is set and agreed, at the right what would be sent, at the bottom the one button."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMessageBox, QStackedWidget, QVBoxLayout, QWidget

from rpdr_desk.actions import Actions
from rpdr_desk.fonts import BASE_POINTS
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views import wording
from rpdr_desk.views.banner import Banner, announce
from rpdr_desk.views.dialogs import rule
from rpdr_desk.views.model.card import column_of
from rpdr_desk.views.model.pages import ModelPage
from rpdr_desk.views.model.teach import words
from rpdr_desk.views.model.teach.agreement_card import AgreementCard
from rpdr_desk.views.model.teach.agreement_dialog import Agreed, AgreementDialog
from rpdr_desk.views.model.teach.endpoint_card import EndpointCard
from rpdr_desk.views.model.teach.endpoint_dialog import Edited, EndpointDialog, ask_endpoint
from rpdr_desk.views.model.teach.ledger_dialog import LedgerDialog
from rpdr_desk.views.model.teach.mentions_card import MentionsCard
from rpdr_desk.views.model.teach.names_dialog import NamesDialog
from rpdr_desk.views.model.teach.plan_pane import PlanPane
from rpdr_desk.views.model.teach.run_pane import RunPane
from rpdr_desk.views.model.teach.send_bar import SendBar
from rpdr_desk.views.model.teach.unlock_dialog import UnlockDialog

LEFT = 384
MOST_LEFT = 0.44


class TeachPage(ModelPage):
    """Nothing is sent but by the button that names how much goes where."""

    def __init__(self, workspace: Workspace, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._actions, self.teaching = workspace, actions, workspace.teaching
        self.banner = Banner(self)
        self.endpoint, self.agreement, self.mentions = EndpointCard(self), AgreementCard(self), MentionsCard(self)
        self.plan, self.run = PlanPane(self), RunPane(self)
        self.bar = SendBar(self)
        self.opened: EndpointDialog | AgreementDialog | NamesDialog | LedgerDialog | UnlockDialog | None = None
        self._left = column_of(self.endpoint, self.agreement, self.mentions)
        self._right = QStackedWidget(self)
        self._lay_out()
        self._connect_cards()
        self._connect_teaching()
        self._show_everything()

    def entered(self) -> None:
        """Read afresh what may have changed; begin where something is missing."""
        self.teaching.refresh()
        first = self.plan.list if self.teaching.book.state.known else self.endpoint.add
        first.setFocus()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.FontChange:
            self._divide()
        elif event.type() == QEvent.Type.LanguageChange:
            self._show_plan()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._divide()

    # What the operations say

    def _show_everything(self) -> None:
        self._show_endpoints()
        self._show_plan()
        self._show_sending()

    def _show_endpoints(self) -> None:
        teaching, current = self.teaching, self.teaching.book.state.current
        self.endpoint.show_endpoints(teaching.book.state)
        self.agreement.show_agreement(teaching.agreement, current)
        self._show_bar()

    def _show_plan(self) -> None:
        teaching = self.teaching
        self.mentions.show_choice(teaching.planner.choice, len(teaching.names), teaching.planner.plan.cost.currency)
        why = teaching.hindrance
        empty = words.hindrance(why) if why in ("preparing", "no_candidates", "nothing_waits", "failed") else ""
        self.plan.show_plan(
            teaching.planner.plan, empty or self.tr("Choose an endpoint to see what would be sent to it.")
        )
        self._show_bar()

    def _show_bar(self) -> None:
        current = self.teaching.book.state.current
        self.bar.show_plan(
            self.teaching.planner.plan, current.host if current is not None else "", self.teaching.hindrance
        )

    def _show_body(self) -> None:
        self.plan.show_body(self.teaching.planner.body)

    def _show_sending(self) -> None:
        sending = self.teaching.courier.sending
        before = self._right.currentWidget()
        self._right.setCurrentWidget(self.plan if sending.state == "idle" else self.run)
        if before is not self._right.currentWidget():
            (self.plan.list if sending.state == "idle" else self.bar.stop).setFocus()
        for card in (self.endpoint, self.mentions):
            card.setEnabled(not sending.running)
        self.run.show_sending(sending)
        self.bar.show_sending(sending)
        if sending.state in ("done", "stopped", "failed") and before is self.run:
            announce(self, words.run_state(sending))

    # What the user asks for

    def edit_endpoint(self, *, new: bool) -> None:
        known = self.teaching.book.state
        current = None if new else known.current
        taken = tuple(one.name for one in known.known)
        self.opened = ask_endpoint(self, current, taken, self._save_endpoint)

    def ask_agreement(self) -> None:
        current = self.teaching.book.state.current
        if current is None:
            return
        teaching = self.teaching
        self.opened = AgreementDialog(
            self, self._workspace.name, current, teaching.agreement.window, teaching.reviewer, self._agree
        )

    def show_ledger(self) -> None:
        self.opened = LedgerDialog(self, self.teaching, self._workspace.name)

    def _edit_names(self) -> None:
        self.opened = NamesDialog(self, self.teaching.names, self.teaching.set_names)

    def _save_endpoint(self, edited: Edited) -> str:
        return self.teaching.save_endpoint(edited.profile, edited.before, edited.key)

    def _agree(self, agreed: Agreed) -> str:
        if agreed.typed != self._workspace.name:
            return wording.fill(self.tr("This is not the project's name: %1"), self._workspace.name)
        self.teaching.agree(
            agreed.typed, agreed.who, batch=agreed.batch, window=agreed.window, retention=agreed.retention
        )
        return ""

    def _remove_endpoint(self) -> None:
        current = self.teaching.book.state.current
        if current is None:
            return
        box = QMessageBox(self)
        box.setText(wording.fill(self.tr("Remove the endpoint %1?"), current.name))
        box.setInformativeText(self.tr("Its key goes from the keyring too. What was sent stays in the ledger."))
        yes = box.addButton(self.tr("Remove"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        name = current.name
        box.finished.connect(lambda _code: self.teaching.remove_endpoint(name) if box.clickedButton() is yes else None)
        box.open()

    def _set_credentialed(self, on: bool) -> None:
        """Locking is one click; unlocking asks for the project's name."""
        if on:
            self.teaching.set_credentialed(True, self._workspace.name)
            return
        self._show_endpoints()
        self.opened = UnlockDialog(
            self, self._workspace.name, lambda typed: self.teaching.set_credentialed(False, typed)
        )

    # Layout

    def _connect_cards(self) -> None:
        teaching = self.teaching
        self.endpoint.chosen.connect(teaching.choose_endpoint)
        self.endpoint.add_asked.connect(lambda: self.edit_endpoint(new=True))
        self.endpoint.edit_asked.connect(lambda: self.edit_endpoint(new=False))
        self.endpoint.remove_asked.connect(self._remove_endpoint)
        self.agreement.switch_asked.connect(self.ask_agreement)
        self.agreement.revoke_asked.connect(teaching.revoke)
        self.agreement.credentialed_set.connect(self._set_credentialed)
        self.agreement.killed_set.connect(teaching.set_killed)
        self.mentions.changed.connect(teaching.planner.choose)
        self.mentions.names_asked.connect(self._edit_names)
        self.plan.mention_chosen.connect(teaching.planner.show_body)
        self.bar.send_asked.connect(teaching.send)
        self.bar.stop_asked.connect(teaching.courier.stop)
        self.bar.again_asked.connect(teaching.prepare_again)
        self.bar.ledger_asked.connect(self.show_ledger)

    def _connect_teaching(self) -> None:
        teaching = self.teaching
        teaching.agreement_changed.connect(self._show_endpoints)
        teaching.planner.plan_changed.connect(self._show_plan)
        teaching.planner.body_changed.connect(self._show_body)
        teaching.courier.changed.connect(self._show_sending)
        teaching.trouble.connect(self.banner.show_error)

    def _divide(self) -> None:
        wanted = round(LEFT * self.font().pointSizeF() / BASE_POINTS)
        self._left.setFixedWidth(min(wanted, max(LEFT, round(self.width() * MOST_LEFT))))

    def _lay_out(self) -> None:
        self._right.addWidget(self.plan)
        self._right.addWidget(self.run)
        edge = QFrame(self)
        edge.setFixedWidth(1)
        edge.setProperty("rule", True)
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self._left)
        body.addWidget(edge)
        body.addWidget(self._right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addLayout(body, 1)
        column.addWidget(rule(self))
        column.addWidget(self.bar)
