"""How far the reviewers agree, and how often the machine changed their minds: figures, in words first."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.operations.adjudicate_state import ReviewReport
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.model.adjudicate.agreement_table import AgreementTable
from rpdr_desk.views.model.adjudicate.bias_table import BiasTable
from rpdr_desk.views.model.adjudicate.words import bias_text, kind_text
from rpdr_desk.views.model.heading import Heading


class FiguresView(QScrollArea):
    """`export_asked`: the report as a file."""

    export_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # The arrows and page keys scroll.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._inside = QWidget(self)
        self._inside.setProperty("surface", True)
        self._report: ReviewReport | None = None
        self._title, self._bias_title, self._chapters_title = (Heading(self, 1.4) for _ in range(3))
        self._lead, self._explained, self._bias_explained = (dim_label("", self) for _ in range(3))
        self._kinds = QLabel(self)
        self._kinds.setWordWrap(True)
        self._told = Heading(self, 1.06, QFont.Weight.Normal)
        self._told.setWordWrap(True)
        self.agreement, self.bias = AgreementTable(self), BiasTable(self)
        self.chapters = AgreementTable(self, chapters=True)
        self.export = QPushButton(self)
        self.export.clicked.connect(lambda _checked=False: self.export_asked.emit())
        self._lay_out()
        self._render()

    def show_report(self, report: ReviewReport) -> None:
        self._report = report
        self._render()

    def _render(self) -> None:
        report = self._report
        n = report.agreement.overall.n if report is not None else 0
        self._title.setText(self.tr("Do the reviewers agree?"))
        self._bias_title.setText(self.tr("Did the machine change their minds?"))
        self.setAccessibleName(self._title.text())
        self.export.setText(self.tr("Save the report ..."))
        self._chapters_title.setText(self.tr("By chapter"))
        self.export.setVisible(report is not None and bool(n or report.bias))
        chapters = report is not None and len(report.agreement.chapters) > 1
        self._chapters_title.setVisible(chapters)
        self.chapters.setVisible(chapters)
        for widget in (self.agreement, self._kinds, self._explained):
            widget.setVisible(n > 0)
        if report is None:
            self._lead.setText(self.tr("Reckoning ..."))
        elif n == 0:
            self._lead.setText(
                self.tr(
                    "No mention has two answers yet. With double review on, a share of the mentions is answered by a "
                    "second reviewer who does not see the first answer."
                )
            )
        else:
            self._show_agreement(report, n)
        self._show_bias(report)

    def _show_agreement(self, report: ReviewReport, n: int) -> None:
        found = report.agreement
        self._lead.setText(
            wording.fill(
                self.tr("%1 mentions were answered by two of %2 reviewers, neither seeing the other's answer."),
                wording.number(n),
                wording.number(len(found.reviewers)),
            )
        )
        self.agreement.show_agreement(found)
        self.chapters.show_agreement(found)
        told = [f"{kind_text(kind)}: {wording.number(count)}" for kind, count in found.overall.kinds.items() if count]
        self._kinds.setText("   ·   ".join(told))
        self._explained.setText(
            self.tr(
                "Raw is the share of equal codes. The others take away what chance alone would give: 1 is perfect, 0 "
                "is chance. “Near” counts neighbouring codes as nearly equal, by their place in the terminology. The "
                "small figures are 95% intervals."
            )
        )

    def _show_bias(self, report: ReviewReport | None) -> None:
        there = report is not None and bool(report.bias)
        self.bias.setVisible(there)
        self._bias_title.setVisible(report is not None)
        self._told.setVisible(there)
        self._bias_explained.setVisible(report is not None)
        if report is None:
            return
        if not there:
            self._bias_explained.setText(
                self.tr(
                    "Nobody has answered before seeing rankings yet. Set a share of mentions for it under Reviewers "
                    "and double review."
                )
            )
            return
        self._told.setText(bias_text(report.bias[0]))
        self.bias.show_bias(report.bias)
        self._bias_explained.setText(
            self.tr(
                "Right is what two reviewers agreed on, what was settled here, or the code that came with the file. "
                "The figure to watch is right to wrong: own answers that were right, given up for what the model put "
                "first."
            )
        )

    def _lay_out(self) -> None:
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(theme.WIDE, theme.WIDE - 4, theme.WIDE, theme.MARGIN)
        column.setSpacing(theme.GAP + 2)
        head = QHBoxLayout()
        head.setSpacing(theme.GAP)
        head.addWidget(self._title, 1)
        head.addWidget(self.export)
        column.addLayout(head)
        agreement = (self._lead, self.agreement, self._kinds, self._explained)
        bias = (self._bias_title, self._told, self.bias, self._bias_explained)
        for widget in agreement:
            column.addWidget(widget)
        column.addSpacing(theme.WIDE)
        for below in bias:
            column.addWidget(below)
        column.addSpacing(theme.WIDE)
        column.addWidget(self._chapters_title)
        column.addWidget(self.chapters)
        column.addStretch(1)
        self.setWidget(self._inside)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.agreement.retranslate()
            self.bias.retranslate()
            self.chapters.retranslate()
            self._render()
        super().changeEvent(event)
