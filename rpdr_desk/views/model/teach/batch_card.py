"""The card that says that a batch is at an endpoint and its answers are not here yet. Hidden while there is none."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from rpdr_desk.operations.agreement import host_shown
from rpdr_desk.operations.teach_state import WaitingBatch
from rpdr_desk.views import wording
from rpdr_desk.views.model.card import Card


class BatchCard(Card):
    """`fetch_asked` carries the oldest `WaitingBatch`."""

    fetch_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._batches: tuple[WaitingBatch, ...] = ()
        self.state = QLabel(self)
        self.state.setWordWrap(True)
        self.fetch = QPushButton(self)
        self.fetch.setProperty("small", True)
        self.fetch.clicked.connect(lambda _checked=False: self._ask())
        row = QHBoxLayout()
        row.addWidget(self.fetch)
        row.addStretch(1)
        self.column.addWidget(self.state)
        self.column.addLayout(row)
        self.retranslate()

    def show_batches(self, batches: tuple[WaitingBatch, ...]) -> None:
        self._batches = batches
        self._render()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        self.set_title(self.tr("Open batch"))
        self.fetch.setText(self.tr("Fetch the answers"))
        self._render()

    def _ask(self) -> None:
        self.fetch_asked.emit(self._batches[0])

    def _render(self) -> None:
        self.setVisible(bool(self._batches))
        if self._batches:
            words = self.tr("%1 mentions are with %2 (%3). They are paid for; their answers are fetched once.")
            first = self._batches[0]
            count = wording.number(first.mentions)
            self.state.setText(wording.fill(words, count, host_shown(first.host), first.model))
