"""What the project has cost so far: the teacher's requests, and reviewers' time where it is kept."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QWidget

from rpdr_desk.operations.dashboard_state import Cost, Timing
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.model.card import Card, Facts
from rpdr_desk.views.model.dashboard import words


class CostCard(Card):
    """Figures at the right edge; a sentence where there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cost, self._timings = Cost(), ()  # type: tuple[Cost, tuple[Timing, ...]]
        self._none = dim_label("", self)
        self.facts = Facts(self, figures=True)
        self._times = dim_label("", self)
        self.timings = Facts(self, figures=True)
        for widget in (self._none, self.facts, self._times, self.timings):
            self.column.addWidget(widget)
        self.column.addStretch(1)
        self._render()

    def show_cost(self, cost: Cost, timings: tuple[Timing, ...]) -> None:
        self._cost, self._timings = cost, timings
        self._render()

    def _render(self) -> None:
        self.set_title(self.tr("Cost so far"))
        asked = self._cost.requests > 0
        self._none.setText(self.tr("Nothing was asked of a teacher, so nothing was paid."))
        self._none.setVisible(not asked)
        self.facts.setVisible(asked)
        self.facts.show_lines(self._lines() if asked else [])
        if self._timings:
            self._times.setText(self.tr("Time at work on one mention, middle value:"))
        else:
            self._times.setText(
                self.tr("Time per decision is not kept. Each reviewer can turn it on in the settings; it stays here.")
            )
        said = self.tr("%1 s (%2 decisions)")
        self.timings.show_lines(
            [
                (wording.kind_text(one.kind), wording.fill(said, f"{one.median:g}", wording.number(one.n)))
                for one in self._timings
            ]
        )
        self.timings.setVisible(bool(self._timings))

    def _lines(self) -> list[tuple[str, str]]:
        cost, number = self._cost, wording.number
        known = cost.per_1000
        currency = known.currency if known is not None else ""
        lines = [(self.tr("Paid for the teacher"), words.money(cost.money, currency))]
        if known is not None:
            per_1000 = words.money(1000 * known.money / known.mentions, known.currency)
            lines.append((self.tr("Per 1,000 mentions"), per_1000))
        lines.append((self.tr("Requests"), number(cost.requests)))
        lines.append(
            (self.tr("Tokens, in and out"), f"{number(cost.prompt_tokens)} + {number(cost.completion_tokens)}")
        )
        if cost.unpriced:
            lines.append((self.tr("Requests without a known price"), number(cost.unpriced)))
        return lines

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._render()
        super().changeEvent(event)
