"""A run of requests: how far it is, what came back, what it costs, and what it came to."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.operations.teach_state import Sending
from rpdr_desk.views import wording
from rpdr_desk.views.model.card import Facts
from rpdr_desk.views.model.heading import Heading
from rpdr_desk.views.model.teach import words
from rpdr_desk.views.model.teach.figures import Bars, Figure, ThinBar
from rpdr_desk.views.model.teach.notes import Note

_FIGURES = ("sent", "answered", "failed", "cached", "way")
WIDEST = 860


class RunPane(QScrollArea):
    """Shows the run of now, or the last one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sending = Sending()
        inside = QWidget()
        inside.setMaximumWidth(WIDEST)
        self._title = Heading(inside, 1.4)
        self._title.setWordWrap(True)
        self.state = QLabel(inside)
        self.state.setProperty("dim", True)
        self.state.setWordWrap(True)
        self.progress = ThinBar(inside)
        self.figures = {name: Figure(inside) for name in _FIGURES}
        self._spent_title, self._classes_title = Heading(inside, 1.06), Heading(inside, 1.06)
        self.spent = ThinBar(inside)
        self.facts = Facts(inside)
        self.classes = Bars(inside)
        self.maybe, self.failed = Note(inside), Note(inside, alert=True)
        self._lay_out(inside)
        self.retranslate()

    def show_sending(self, sending: Sending) -> None:
        self._sending = sending
        self._render()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        self._spent_title.setText(self.tr("Spent"))
        self._classes_title.setText(self.tr("Answers"))
        self.classes.setAccessibleName(self.tr("Answers"))
        self._render()

    def _render(self) -> None:
        now, number = self._sending, wording.number
        self._title.setText(words.run_state(now))
        share = now.mentions_done / now.mentions if now.mentions else 0.0
        of = wording.fill(self.tr("%1 of %2 mentions"), number(now.mentions_done), number(now.mentions))
        batch = words.batch_state(now.batch, now.batch_done, now.requests)
        self.state.setText("   ·   ".join(part for part in (of, now.model, batch, self._clock()) if part))
        self.progress.show_share(share, of)
        for name, label, value in (
            ("sent", self.tr("sent"), now.sent), ("answered", self.tr("answered"), now.answered),
            ("failed", self.tr("failed"), now.failed), ("cached", self.tr("answered before"), now.cached),
            ("way", self.tr("on the way"), now.on_the_way),
        ):  # fmt: skip
            self.figures[name].tell(label, number(value))
        self.spent.show_share(self._spent_share(), self._spent_title.text())
        self.spent.setVisible(now.most_money is not None or now.most_requests is not None)
        self.facts.show_lines(self._lines())
        self.classes.show_rows(tuple((words.answer_class(one.name), one.number) for one in now.classes))
        self._classes_title.setVisible(bool(now.classes))
        self.maybe.say(self._maybe_words())
        self.failed.say(now.message if now.state == "failed" else "")

    def _clock(self) -> str:
        seconds = round(self._sending.seconds)
        return f"{seconds // 60}:{seconds % 60:02}" if seconds else ""

    def _spent_share(self) -> float:
        now = self._sending
        if now.most_money and now.cost.amount is not None:
            return now.cost.amount / now.most_money
        return now.sent / now.most_requests if now.most_requests else 0.0

    def _lines(self) -> list[tuple[str, str]]:
        now, number = self._sending, wording.number
        tokens = wording.fill(self.tr("%1 in, %2 out"), number(now.tokens_in), number(now.tokens_out))
        cost = words.money(now.cost)
        if now.most_money is not None:
            most = words.amount(now.most_money, now.cost.currency)
            cost = wording.fill(self.tr("%1 of at most %2"), cost, most)
        lines = [(self.tr("Cost"), cost), (self.tr("Tokens"), tokens)]
        if now.most_requests is not None:
            of = wording.fill(self.tr("%1 of at most %2"), number(now.sent), number(now.most_requests))
            lines.append((self.tr("Requests"), of))
        if not now.running and now.per_thousand is not None:
            lines.append((self.tr("Per 1,000 mentions"), words.amount(now.per_thousand, now.cost.currency)))
        if not now.running:
            lines.append((self.tr("Rankings kept"), number(now.rankings)))
        if now.cost.prices_of:
            lines.append((self.tr("Prices of"), now.cost.prices_of))
        return lines

    def _maybe_words(self) -> str:
        if not self._sending.maybe or self._sending.running:
            return ""
        one = self.tr(
            "1 request may have been sent: nothing is known of its fate. It counts as sent, in the ledger too."
        )
        more = self.tr("%1 requests may have been sent: nothing is known of their fate. They count as sent, in the "
                       "ledger too.")  # fmt: skip
        return one if self._sending.maybe == 1 else wording.fill(more, self._sending.maybe)

    def _lay_out(self, inside: QWidget) -> None:
        row = QGridLayout()
        row.setHorizontalSpacing(theme.WIDE)
        row.setVerticalSpacing(theme.MARGIN)
        for at, name in enumerate(_FIGURES):
            row.addWidget(self.figures[name], 0, at)
            row.setColumnStretch(at, 1)
        column = QVBoxLayout(inside)
        column.setContentsMargins(theme.WIDE, theme.MARGIN, theme.WIDE, theme.WIDE)
        column.setSpacing(theme.GAP)
        top: tuple[QWidget, ...] = (self._title, self.state, self.progress)
        for widget in top:
            column.addWidget(widget)
        column.addSpacing(theme.GAP)
        column.addLayout(row)
        notes: tuple[QWidget, ...] = (self.failed, self.maybe)
        for widget in notes:
            column.addWidget(widget)
        column.addSpacing(theme.MARGIN)
        spent: tuple[QWidget, ...] = (self._spent_title, self.spent, self.facts)
        for widget in spent:
            column.addWidget(widget)
        column.addSpacing(theme.MARGIN)
        answers: tuple[QWidget, ...] = (self._classes_title, self.classes)
        for widget in answers:
            column.addWidget(widget)
        column.addStretch(1)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setProperty("surface", True)
        self.viewport().setAutoFillBackground(False)
        self.setWidget(inside)
        inside.setAutoFillBackground(False)
