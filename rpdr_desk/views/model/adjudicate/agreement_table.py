"""Coefficients: everybody's and each pair's, or each chapter's."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from rpdr_desk.operations.adjudicate_state import Agreement, AgreementReport, Figures
from rpdr_desk.views import wording
from rpdr_desk.views.model.adjudicate.small_table import Cell, Line, SmallTable
from rpdr_desk.views.model.adjudicate.words import (
    coefficient_text,
    interval_text,
    missing_explained,
    raw_interval_text,
    raw_text,
)

COHEN, FLEISS = 3, 4


class AgreementTable(SmallTable):
    """`chapters`: of each chapter instead of each pair. Fleiss' kappa is shown where there are more than two reviewers;
    between two it says what Cohen's says, which is of two only.
    """

    def __init__(self, parent: QWidget | None = None, *, chapters: bool = False) -> None:
        super().__init__(7, parent)
        self._chapters = chapters
        self._found: AgreementReport | None = None
        self.retranslate()

    def show_agreement(self, found: AgreementReport) -> None:
        self._found = found
        several = len(found.reviewers) > 2
        self.setColumnHidden(FLEISS, not several)
        # Among several reviewers a chapter's answers come from several pairs: Cohen's kappa is not of them.
        self.setColumnHidden(COHEN, several and self._chapters)
        self.show_lines(self._by_chapter(found) if self._chapters else self._by_pair(found))

    def _by_pair(self, found: AgreementReport) -> list[Line]:
        pairs = found.pairs if len(found.pairs) > 1 else ()
        each = (_line(f"{pair.first} – {pair.second}", pair.figures) for pair in pairs)
        return [_line(self.tr("All"), found.overall, strong=True), *each]

    def _by_chapter(self, found: AgreementReport) -> list[Line]:
        names = ((f"{one.code}  {one.name}".strip() or self.tr("No code"), one.figures) for one in found.chapters)
        return [_line(name, figures) for name, figures in names]

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
    raw = Cell(raw_text(found.raw), raw_interval_text(found.raw))
    coefficients = map(_cell, (found.cohen, found.fleiss, found.alpha, found.near))
    return Line((Cell(name), Cell(wording.number(found.n)), raw, *coefficients), strong=strong)


def _cell(found: Agreement) -> Cell:
    return Cell(coefficient_text(found), interval_text(found), missing_explained(found))
