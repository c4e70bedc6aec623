"""When the review will be finished, and who did what on which day."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QWidget

from rpdr_core.records import Progress
from rpdr_desk.operations.dashboard_state import Pace
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.model.card import Card
from rpdr_desk.views.model.dashboard import words
from rpdr_desk.views.model.dashboard.figures_view import FiguresView
from rpdr_desk.views.model.heading import Heading

_DAYS = 200
_FIGURES = frozenset((2, 3))


class PaceCard(Card):
    """An estimate in words, and below it the days, the newest first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pace, self._progress = Pace(), Progress(0, 0, 0, 0, 0, 0, 0)
        self.estimate = Heading(self, 1.3)
        self.estimate.setWordWrap(True)
        self._why = dim_label("", self)
        self.days = FiguresView(self, most=4, wide=(1,))
        for widget in (self.estimate, self._why, self.days):
            self.column.addWidget(widget)
        self.column.addStretch(1)
        self._render()

    def show_pace(self, pace: Pace, progress: Progress) -> None:
        self._pace, self._progress = pace, progress
        self._render()

    def _render(self) -> None:
        self.set_title(self.tr("Pace and finish"))
        finish, left = self._pace.finish, self._progress.mentions - self._progress.decided
        if not self._progress.mentions:
            self.estimate.setText(self.tr("Nothing to review yet"))
            self._why.setText(self.tr("Import mentions, and decide a few of them."))
        elif left == 0:
            self.estimate.setText(self.tr("Everything is decided"))
            self._why.setText("")
        elif finish is None:
            self.estimate.setText(self.tr("Not enough decisions yet"))
            self._why.setText(self.tr("The estimate needs 20 decided mentions on two different days."))
        else:
            self.estimate.setText(words.days_left(finish))
            self._why.setText(words.pace_text(finish))
        self._why.setVisible(bool(self._why.text()))
        self.days.setVisible(bool(self._pace.worked))
        self.days.setAccessibleName(self.tr("Decided by day and reviewer"))
        rows = [
            (
                words.day_text(one.day),
                one.reviewer or self.tr("no name"),
                wording.number(one.mentions),
                wording.number(one.occurrences),
            )
            for one in reversed(self._pace.worked[-_DAYS:])
        ]
        headings = (self.tr("Day"), self.tr("Reviewer"), self.tr("Mentions"), self.tr("Occurrences"))
        self.days.rows.set_rows(headings, rows, _FIGURES)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._render()
        super().changeEvent(event)
