"""The Teach page: at the left what is set and agreed, at the right what would be sent, at the bottom the one button."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from rpdr_desk.actions import Actions
from rpdr_desk.fonts import BASE_POINTS
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views.banner import Banner, announce
from rpdr_desk.views.dialogs import rule
from rpdr_desk.views.model.card import column_of
from rpdr_desk.views.model.pages import ModelPage
from rpdr_desk.views.model.teach import words
from rpdr_desk.views.model.teach.agreement_card import AgreementCard
from rpdr_desk.views.model.teach.batch_card import BatchCard
from rpdr_desk.views.model.teach.endpoint_card import EndpointCard
from rpdr_desk.views.model.teach.mentions_card import MentionsCard
from rpdr_desk.views.model.teach.plan_pane import PlanPane
from rpdr_desk.views.model.teach.questions import Questions
from rpdr_desk.views.model.teach.run_pane import RunPane
from rpdr_desk.views.model.teach.send_bar import SendBar

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
        self.questions = Questions(self, workspace, self._show_endpoints)
        self.batch = BatchCard(self)
        self._left = column_of(self.batch, self.endpoint, self.agreement, self.mentions)
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
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
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
        self.batch.show_batches(teaching.consent.batches if not teaching.courier.sending.running else ())
        self._show_bar()

    def _show_plan(self) -> None:
        teaching = self.teaching
        self.mentions.show_choice(teaching.planner.choice, len(teaching.consent.names), teaching.planner.plan)
        why = teaching.hindrance
        empty = words.hindrance(why) if why in ("preparing", "no_candidates", "nothing_waits", "failed") else ""
        first = self.tr("Add an endpoint to see, byte for byte, what would be sent to it. Nothing is sent by that.")
        self.plan.show_plan(teaching.planner.plan, empty or first)
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
        self.batch.show_batches(self.teaching.consent.batches if not sending.running else ())
        self.run.show_sending(sending)
        self.bar.show_sending(sending)
        if sending.state in ("done", "stopped", "failed") and before is self.run:
            announce(self, words.run_state(sending))

    # Layout

    def _connect_cards(self) -> None:
        teaching, ask = self.teaching, self.questions
        self.endpoint.chosen.connect(teaching.choose_endpoint)
        self.endpoint.add_asked.connect(lambda: ask.endpoint(new=True))
        self.endpoint.edit_asked.connect(lambda: ask.endpoint(new=False))
        self.endpoint.remove_asked.connect(ask.removal)
        self.agreement.switch_asked.connect(ask.agreement)
        self.agreement.revoke_asked.connect(teaching.consent.revoke)
        self.agreement.credentialed_set.connect(ask.credentialed)
        self.agreement.killed_set.connect(teaching.consent.set_killed)
        self.mentions.changed.connect(teaching.planner.choose)
        self.batch.fetch_asked.connect(teaching.fetch_batch)
        self.mentions.names_asked.connect(ask.names)
        self.plan.mention_chosen.connect(teaching.planner.show_body)
        self.bar.send_asked.connect(teaching.send)
        self.bar.stop_asked.connect(teaching.courier.stop)
        self.bar.again_asked.connect(teaching.prepare_again)
        self.bar.ledger_asked.connect(ask.ledger)

    def _connect_teaching(self) -> None:
        teaching = self.teaching
        teaching.agreement_changed.connect(self._show_endpoints)
        teaching.planner.plan_changed.connect(self._show_plan)
        teaching.planner.body_changed.connect(self._show_body)
        teaching.courier.changed.connect(self._show_sending)
        teaching.trouble.connect(self.banner.show_error)

    def _divide(self) -> None:
        wanted = round(LEFT * QApplication.font().pointSizeF() / BASE_POINTS)
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
