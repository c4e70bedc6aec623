"""Whether the confidence on screen can be believed."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QWidget

from rpdr_desk.operations.dashboard_state import Reliability
from rpdr_desk.views import wording
from rpdr_desk.views.model.dashboard import words
from rpdr_desk.views.model.dashboard.plot_card import PlotCard
from rpdr_desk.views.model.dashboard.shares_plot import Mark

_TRUSTED = 0.02


class CalibrationCard(PlotCard):
    """Tenths of confidence against the share that was right; on the diagonal, 80 % means eight in ten."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, diagonal=True)
        self._found = Reliability()
        self._render()

    def show_reliability(self, found: Reliability) -> None:
        self._found = found
        self._render()

    def _render(self) -> None:
        self.set_title(self.tr("Calibration"))
        found, number = self._found, wording.number
        if not found.bins:
            self.say_legend({})
            lead = self.tr("Nothing to measure yet: it needs decisions on mentions whose candidates had a confidence.")
            self.present(lead, "", "", drawn=False)
            return
        legend = wording.fill(self.tr("%1, %2 decisions"), words.role_text(found.role), number(found.summary.n))
        self.say_legend({found.role: legend})
        self.plot.show_axes(self.tr("confidence"), self.tr("share right"))
        marks = tuple(
            Mark(one.confidence, one.right.value or 0.0, one.right.low or 0.0, one.right.high or 1.0)
            for one in found.bins
        )
        counts = [(one.confidence, number(one.right.n)) for one in found.bins]
        self.plot.show_lines({found.role: marks}, [(step / 5, f"{step / 5:.0%}") for step in range(6)], counts)
        headings = (self.tr("Confidence"), self.tr("Share right"), self.tr("Decisions"))
        rows = [(words.percent(one.confidence), words.rate_text(one.right), number(one.right.n)) for one in found.bins]
        self.table.rows.set_rows(headings, rows, frozenset((1, 2)))
        verdict = self._verdict()
        self.present(
            verdict, self.tr("The numbers at the foot: how many decisions each mark stands for."), verdict, drawn=True
        )

    def _verdict(self) -> str:
        summary = self._found.summary
        error = wording.fill(self.tr("Expected calibration error %1."), words.percent(summary.error))
        points = f"{100 * abs(summary.surplus):.1f}"
        if abs(summary.surplus) < _TRUSTED:
            return f"{error} " + self.tr("On the whole it is as sure as it is right.")
        if summary.surplus > 0:
            said = self.tr("On the whole it is too sure, by %1 points.")
        else:
            said = self.tr("On the whole it is too modest, by %1 points.")
        return f"{error} {wording.fill(said, points)}"

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._render()
        super().changeEvent(event)
