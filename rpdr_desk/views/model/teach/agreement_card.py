"""The card that says whether this project's text may leave: off until somebody agrees by name, revocable at once."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from rpdr_desk import icons, theme
from rpdr_desk.fonts import grown
from rpdr_desk.operations.agreement import host_shown
from rpdr_desk.operations.teach_state import Agreement, EndpointState
from rpdr_desk.views import wording
from rpdr_desk.views.model.card import Card, Facts
from rpdr_desk.views.model.heading import Heading
from rpdr_desk.views.model.teach import words
from rpdr_desk.views.model.teach.check_line import CheckLine
from rpdr_desk.views.model.teach.notes import Note


class AgreementCard(Card):
    """`switch_asked`, `revoke_asked`; `credentialed_set` and `killed_set` carry the wish."""

    switch_asked = Signal()
    revoke_asked = Signal()
    credentialed_set = Signal(bool)
    killed_set = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._agreement = Agreement()
        self._host, self._local = "", False
        self._icon = QLabel(self)
        self.state = Heading(self)
        self.state.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        row.addWidget(self._icon)
        row.addWidget(self.state, 1)
        self.facts = Facts(self)
        self.reason = Note(self, alert=True)
        self.switch, self.revoke = QPushButton(self), QPushButton(self)
        self.switch.clicked.connect(lambda _checked=False: self.switch_asked.emit())
        self.revoke.clicked.connect(lambda _checked=False: self.revoke_asked.emit())
        self.credentialed, self.killed = CheckLine(self), CheckLine(self)
        self.credentialed.box.clicked.connect(self.credentialed_set)
        self.killed.box.clicked.connect(self.killed_set)
        self.column.addLayout(row)
        for widget in (self.facts, self.reason):
            self.column.addWidget(widget)
        buttons = QHBoxLayout()
        for button in (self.switch, self.revoke):
            button.setProperty("small", True)
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.column.addLayout(buttons)
        for box in (self.credentialed, self.killed):
            self.column.addWidget(box)
        self.retranslate()

    def show_agreement(self, agreement: Agreement, endpoint: EndpointState | None) -> None:
        """`endpoint`: the one in use; None for none."""
        self._agreement = agreement
        self._host, self._local = (endpoint.host, endpoint.local) if endpoint is not None else ("", False)
        self._render()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() == QEvent.Type.PaletteChange:
            self._render()
        super().changeEvent(event)

    def retranslate(self) -> None:
        self.set_title(self.tr("Agreement"))
        self.revoke.setText(self.tr("Revoke"))
        self.credentialed.say(self.tr("Credentialed data: this machine only"))
        self.credentialed.setToolTip(
            self.tr("For data whose terms forbid outside models, such as MIMIC. Endpoints elsewhere stay locked.")
        )
        self.killed.say(self.tr("Nothing leaves this machine, from any project"))
        self.killed.setToolTip(self.tr("The switch for all projects of this user. It stops a run that is under way."))
        self._render()

    def _render(self) -> None:
        now = self._agreement
        icon, ink = ("cloud", theme.accent(self.palette())) if self._open else ("shield", theme.dim(self.palette()))
        self._icon.setPixmap(icons.pixmap(icon, ink, grown(18), self.devicePixelRatioF()))
        self.state.setText(self._state_words())
        self.facts.setVisible(now.on)
        if now.on:
            self.facts.show_lines(self._lines())
        self.reason.say(self._reason_words())
        self.switch.setText(self.tr("Agree again ...") if now.on else self.tr("Switch on ..."))
        self.switch.setVisible(not now.covers)
        self.switch.setEnabled(bool(self._host) and not now.killed and not self._locked)
        self.revoke.setVisible(now.on)
        self.credentialed.box.setChecked(now.credentialed)
        self.killed.box.setChecked(bool(now.killed))
        self.killed.setEnabled(now.killed != "environment")

    @property
    def _locked(self) -> bool:
        return self._agreement.credentialed and not self._local

    @property
    def _open(self) -> bool:
        return self._agreement.covers and not self._agreement.killed and not self._locked

    def _state_words(self) -> str:
        if self._agreement.killed:
            return self.tr("Off for all projects")
        if self._open:
            return self.tr("On for this project")
        return self.tr("Off. Nothing of this project leaves.")

    def _lines(self) -> list[tuple[str, str]]:
        now = self._agreement
        sent = self.tr("the mention, up to %1 characters on each side, names of candidates")
        batch = self.tr("allowed") if now.batch else self.tr("not allowed")
        kept = [(self.tr("Kept there"), now.retention)] if now.retention else []
        return [
            (self.tr("To"), host_shown(now.host)),
            (self.tr("Model"), now.model),
            (self.tr("Sent"), wording.fill(sent, now.window)),
            *kept,
            (self.tr("Batches"), batch),
            (self.tr("Agreed"), f"{now.who}\n{words.when(now.at)}"),
        ]

    def _reason_words(self) -> str:
        now = self._agreement
        if now.killed == "environment":
            return self.tr("RPDR_NO_TEACHER is set: whoever started this program wants nothing to leave.")
        if self._locked:
            return self.tr(
                "This project holds credentialed data. Its terms allow no outside model that keeps what it is sent, so "
                "endpoints outside this machine are locked. Use a model on this machine."
            )
        if now.on and not now.covers and self._host:
            words_ = self.tr("The agreement names %1 (%2). The endpoint above is another one and needs its own.")
            return wording.fill(words_, host_shown(now.host), now.model)
        return ""
