"""Coefficients: everybody's, each pair's, each chapter's."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from rpdr_desk.operations.adjudicate_state import Agreement, AgreementReport, Figures
from rpdr_desk.views import wording
from rpdr_desk.views.model.adjudicate.small_table import Cell, Line, SmallTable
from rpdr_desk.views.model.adjudicate.words import coefficient_text, interval_text, missing_explained

FLEISS = 4


class AgreementTable(SmallTable):
    """Fleiss' kappa is shown where there are more than two reviewers; between two it says what Cohen's says."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(7, parent)
        self._found: AgreementReport | None = None
        self.retranslate()

    def show_agreement(self, found: AgreementReport) -> None:
        self._found = found
        self.setColumnHidden(FLEISS, len(found.reviewers) < 3)
        lines = [_line(self.tr("All"), found.overall, strong=True)]
        if len(found.pairs) > 1:
            lines.append(Line((Cell(self.tr("By pair of reviewers")),), head=True))
            lines += [_line(f"{pair.first} – {pair.second}", pair.figures) for pair in found.pairs]
        if len(found.chapters) > 1:
            lines.append(Line((Cell(self.tr("By chapter")),), head=True))
            for chapter in found.chapters:
                name = f"{chapter.code}  {chapter.name}".strip() or self.tr("No code")
                lines.append(_line(name, chapter.figures))
        self.show_lines(lines)

    def retranslate(self) -> None:
        self.set_titles(
            (
                ("", ""),
                (self.tr("n"), self.tr("Mentions with two answers")),
                (self.tr("Raw"), self.tr("Share of equal codes")),
                (self.tr("Cohen"), self.tr("Cohen's kappa: two reviewers, each with habits of their own")),
                (self.tr("Fleiss"), self.tr("Fleiss' kappa: any number of reviewers")),
                (self.tr("Krippendorff"), self.tr("Krippendorff's alpha: any number of reviewers, few answers too")),
                (self.tr("Near"), self.tr("Krippendorff's alpha where neighbouring codes count as nearly equal")),
            )
        )
        self.setAccessibleName(self.tr("Agreement of the reviewers"))
        if self._found is not None:
            self.show_agreement(self._found)


def _line(name: str, found: Figures, *, strong: bool = False) -> Line:
    coefficients = (found.raw, found.cohen, found.fleiss, found.alpha, found.near)
    return Line((Cell(name), Cell(wording.number(found.n)), *map(_cell, coefficients)), strong=strong)


def _cell(found: Agreement) -> Cell:
    return Cell(coefficient_text(found), interval_text(found), missing_explained(found))
