"""What became of answers that were given before any ranking was on screen, per reviewer."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from rpdr_desk.operations.adjudicate_state import Bias, Rate
from rpdr_desk.views import wording
from rpdr_desk.views.model.adjudicate.small_table import Cell, Line, SmallTable
from rpdr_desk.views.model.adjudicate.words import interval_text, rate_text


class BiasTable(SmallTable):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(6, parent)
        self._found: tuple[Bias, ...] = ()
        self.retranslate()

    def show_bias(self, found: tuple[Bias, ...]) -> None:
        """Everybody's first; with one reviewer only that one."""
        self._found = found
        shown = found[1:] if len(found) == 2 else found
        self.show_lines([_line(one.reviewer or self.tr("All"), one, strong=not one.reviewer) for one in shown])

    def retranslate(self) -> None:
        self.set_titles(
            (
                ("", ""),
                (self.tr("Own answers"), self.tr("Answers given before any ranking, that a decision followed")),
                (self.tr("Kept"), self.tr("The decision is the own answer")),
                (self.tr("To the machine's"), self.tr("The decision is what the machine put first instead")),
                (self.tr("Right to wrong"), self.tr("Right own answers given up for a wrong first of the machine")),
                (self.tr("Wrong to right"), self.tr("Wrong own answers that the decision put right")),
            )
        )
        self.setAccessibleName(self.tr("Changes of mind per reviewer"))
        if self._found:
            self.show_bias(self._found)


def _line(name: str, one: Bias, *, strong: bool) -> Line:
    rates = (one.kept, one.to_machine, one.spoilt_by_machine, one.mended)
    return Line((Cell(name), Cell(wording.number(one.n)), *map(_cell, rates)), strong=strong)


def _cell(rate: Rate) -> Cell:
    return Cell(rate_text(rate), interval_text(rate))
