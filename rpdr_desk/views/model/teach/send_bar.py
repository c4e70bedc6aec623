"""The line at the bottom: what it would cost at most, why it cannot be sent, and the one button that sends."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.operations.teach_state import Hindrance, Plan, Sending
from rpdr_desk.views import wording
from rpdr_desk.views.model.heading import Heading
from rpdr_desk.views.model.teach import words


class SendBar(QFrame):
    """Three faces: before sending, while it goes on, and afterwards."""

    send_asked = Signal()
    stop_asked = Signal()
    again_asked = Signal()
    ledger_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan, self._host = Plan(), ""
        self._hindrance: Hindrance = "preparing"
        self._sending = Sending()
        self.estimate, self.reason = Heading(self, 1.0, QFont.Weight.Medium), QLabel(self)
        for label in (self.estimate, self.reason):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            label.setWordWrap(True)
        self.reason.setProperty("dim", True)
        self.send, self.stop = QPushButton(self), QPushButton(self)
        self.again, self.ledger = QPushButton(self), QPushButton(self)
        self.send.setProperty("primary", True)
        self.again.setProperty("primary", True)
        for button, signal in ((self.send, self.send_asked), (self.stop, self.stop_asked),
                               (self.again, self.again_asked), (self.ledger, self.ledger_asked)):  # fmt: skip
            button.clicked.connect(lambda _checked=False, signal=signal: signal.emit())
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addStretch(1)
        texts.addWidget(self.estimate)
        texts.addWidget(self.reason)
        texts.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.WIDE, theme.GAP, theme.WIDE, theme.GAP)
        row.setSpacing(theme.GAP)
        row.addLayout(texts, 1)
        for button in (self.ledger, self.stop, self.again, self.send):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setMinimumHeight(60)
        self.retranslate()

    def show_plan(self, plan: Plan, host: str, why: Hindrance) -> None:
        self._plan, self._host, self._hindrance = plan, host, why
        self._render()

    def show_sending(self, sending: Sending) -> None:
        self._sending = sending
        self._render()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        self.ledger.setText(self.tr("Ledger ..."))
        self.ledger.setToolTip(self.tr("Every request that left, and what became of it"))
        self.again.setText(self.tr("Prepare the next"))
        self._render()

    def _render(self) -> None:
        idle = self._sending.state == "idle"
        self.send.setVisible(idle)
        self.stop.setVisible(self._sending.running)
        stopping = self._sending.state == "stopping"
        self.stop.setText(self.tr("Do not wait") if stopping else self.tr("Stop"))
        waits = self.tr("Sends no more; what is on the way is still waited for")
        leaves = self.tr("Ends the run now. An answer that still comes is kept for the next run while the worker "
                         "lives; the ledger says that its request may have been sent")  # fmt: skip
        self.stop.setToolTip(leaves if stopping else waits)
        self.again.setVisible(not idle and not self._sending.running)
        if not idle:
            self.estimate.setText(words.run_state(self._sending))
            self.reason.setText(self._sending.message)
            self.reason.setVisible(bool(self._sending.message))
            return
        why = words.hindrance(self._hindrance)
        self.send.setEnabled(not why)
        self.send.setText(self._button_words())
        self.send.setToolTip(why)
        self.send.setAccessibleDescription(why)
        self.estimate.setText(words.estimate(self._plan) if self._plan.mentions else self.tr("Nothing to send"))
        self.reason.setText(why or self.tr("Each request is in the ledger before it leaves."))
        self.reason.setVisible(True)

    def _button_words(self) -> str:
        count = self._plan.to_send
        if not self._host or not self._plan.mentions:
            return self.tr("Send")
        if not count:
            return self.tr("Use the answers that are there")
        return wording.fill(self.tr("Send %1 to %2"), words.requests(count), self._host)
