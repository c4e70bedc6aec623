"""What a student would learn from now."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QWidget

from rpdr_desk.operations.train_state import RowsSummary
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.model.card import Card, Facts
from rpdr_desk.views.model.train.words import left_out_text, origin_text


class RowsCard(Card):
    """Rows by where they come from, what each weighs, and what is left out and why."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: RowsSummary | None = None
        self._total = dim_label("", self)
        self._facts = Facts(self, figures=True)
        self._held_out = dim_label("", self)
        for widget in (self._total, self._facts, self._held_out):
            self.column.addWidget(widget)
        self._render()

    def show_rows(self, rows: RowsSummary | None) -> None:
        """None while they are being counted."""
        self._rows = rows
        self._render()

    def _render(self) -> None:
        self.set_title(self.tr("What it learns from"))
        rows = self._rows
        if rows is None:
            self._total.setText(self.tr("Counting ..."))
        elif not rows.train:
            self._total.setText(
                self.tr("Nothing yet. Decide some mentions, or let a teacher rank some: both become training rows.")
            )
        else:
            words = self.tr("%1 rows to learn from, %2 to validate on")
            self._total.setText(wording.fill(words, wording.number(rows.train), wording.number(rows.validation)))
        self._facts.show_lines(self._lines(rows) if rows else [])
        self._facts.setVisible(bool(rows and (rows.origins or rows.left_out)))
        held = rows.held_out if rows else 0
        words = self.tr(
            "%1 mentions are held out. No student learns from them, so all can be judged by them once they are decided."
        )
        self._held_out.setText(wording.fill(words, wording.number(held)))
        self._held_out.setVisible(held > 0)

    def _lines(self, rows: RowsSummary) -> list[tuple[str, str]]:
        weight = self.tr("%1 × %2")
        found = [
            (origin_text(line.origin), wording.fill(weight, wording.number(line.rows), f"{line.weight:g}"))
            for line in rows.origins
        ]
        out = self.tr("Left out: %1")
        found += [(wording.fill(out, left_out_text(why)), wording.number(count)) for why, count in rows.left_out]
        return found

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._render()
        super().changeEvent(event)
