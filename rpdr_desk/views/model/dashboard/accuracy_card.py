"""How often the first candidate of each ranker was what a person decided, over time."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget

from rpdr_desk.operations.dashboard_state import ROLES, Accuracy, Course, Rate
from rpdr_desk.views import wording
from rpdr_desk.views.model.dashboard import words
from rpdr_desk.views.model.dashboard.plot_card import PlotCard
from rpdr_desk.views.model.dashboard.shares_plot import Mark

_TICKS = 6


class AccuracyCard(PlotCard):
    """By blocks of decisions, or by week."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._accuracy = Accuracy()
        self.by_block, self.by_week = QPushButton(self), QPushButton(self)
        group = QButtonGroup(self)
        for place, button in enumerate((self.by_block, self.by_week)):
            button.setCheckable(True)
            button.setProperty("segment", True)
            group.addButton(button)
            self.buttons.insertWidget(place, button)
        self.by_block.setChecked(True)
        group.buttonClicked.connect(lambda _button: self._render())
        self._render()

    def show_accuracy(self, accuracy: Accuracy) -> None:
        self._accuracy = accuracy
        self._render()

    def _render(self) -> None:
        self.set_title(self.tr("Accuracy over time"))
        found = self._accuracy
        course = found.weeks if self.by_week.isChecked() else found.blocks
        self.by_block.setText(self.tr("By decisions"))
        self.by_week.setText(self.tr("By week"))
        for button in (self.by_block, self.by_week):
            button.setVisible(bool(course.spans))
        if not course.spans:
            self.say_legend({})
            lead = self.tr(
                "Nothing to measure yet. Decide a few mentions that have candidates: each decision keeps what the "
                "rankers said, and they are measured against it."
            )
            self.present(lead, "", "", drawn=False)
            return
        self._show(course)

    def _show(self, course: Course) -> None:
        overall = self._accuracy.overall
        legend = {role: self._legend_text(words.role_text(role), overall[role]) for role in ROLES if role in overall}
        self.say_legend(legend)
        self.plot.show_axes(self.tr("Decisions, oldest first"), self.tr("first right"))
        lines = {
            role: tuple(
                Mark(place, rate.value, rate.low or 0.0, rate.high or 0.0)
                for place, rate in enumerate(rates)
                if rate.value is not None
            )
            for role, rates in course.rates.items()
        }
        step = max(1, -(-len(course.spans) // _TICKS))
        ticks = [
            (float(place), words.day_text(span.start)) for place, span in enumerate(course.spans) if place % step == 0
        ]
        self.plot.show_lines(lines, ticks)
        self._fill_table(course)
        self.present(self._lead(), self._note(), ". ".join(legend.values()), drawn=True)

    def _fill_table(self, course: Course) -> None:
        roles = [role for role in ROLES if role in course.rates]
        headings = (self.tr("Decided"), self.tr("Decisions"), *map(words.role_text, roles))
        rows = [
            (
                words.span_text(span),
                wording.number(span.decisions),
                *(words.rate_text(course.rates[role][place]) for role in roles),
            )
            for place, span in enumerate(course.spans)
        ]
        self.table.rows.set_rows(headings, rows, frozenset(range(1, len(headings))))

    def _legend_text(self, role: str, rate: Rate) -> str:
        said = self.tr("%1: right in %2 of %3 decisions")
        return wording.fill(said, role, words.rate_text(rate), wording.number(rate.n))

    def _lead(self) -> str:
        return self.tr(
            "The first candidate that was on screen against what the reviewer chose. Who sees a ranking tends to agree "
            "with it, so these figures flatter."
        )

    def _note(self) -> str:
        """What was measured without a ranking on screen, and what was left out."""
        found = self._accuracy
        parts = []
        if found.blind:
            each = self.tr("%1 %2 of %3")
            rates = "; ".join(
                wording.fill(each, words.role_text(role), words.rate_text(rate), wording.number(rate.n))
                for role, rate in found.blind.items()
            )
            parts.append(wording.fill(self.tr("Against answers given before any ranking was seen: %1."), rates))
        if found.left_out:
            left_out = self.tr("Decisions left out: %1 (carried over, not made by hand, or nothing was on screen).")
            parts.append(wording.fill(left_out, wording.number(found.left_out)))
        return " ".join(parts)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._render()
        super().changeEvent(event)
