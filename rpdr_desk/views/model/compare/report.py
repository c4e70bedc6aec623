"""The right side: the figures, what they allow to conclude, and what would change."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from rpdr_desk import theme
from rpdr_desk.operations.compare_state import Comparison
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import button_row, dim_label
from rpdr_desk.views.model.compare.figures_table import FiguresTable
from rpdr_desk.views.model.compare.flips_table import FlipsTable
from rpdr_desk.views.model.compare.words import duel_text
from rpdr_desk.views.model.heading import Heading


class Report(QWidget):
    """`mention_asked` carries a mention to be reviewed; `export_asked`: all that would change, as a file."""

    mention_asked = Signal(int)
    export_asked = Signal()
    stop_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._comparison: Comparison | None = None
        self._busy: tuple[int, int] | None = None
        self._title, self._impact = Heading(self, 1.4), Heading(self, 1.06)
        self._lead, self._notes, self._changes = (dim_label("", self) for _ in range(3))
        self._verdict = QLabel(self)
        self._verdict.setWordWrap(True)
        self._verdict.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(6)
        self.stop, self.export = QPushButton(self), QPushButton(self)
        self.figures, self.flips = FiguresTable(self), FlipsTable(self)
        self.flips.asked.connect(self.mention_asked)
        self.export.clicked.connect(lambda _checked=False: self.export_asked.emit())
        self.stop.clicked.connect(lambda _checked=False: self.stop_asked.emit())
        self._lay_out()
        self._render()

    def show_comparison(self, comparison: Comparison | None) -> None:
        self._comparison, self._busy = comparison, None
        self._render()

    def show_progress(self, done: int, total: int) -> None:
        """A comparison is being made; `total` 0 while its size is not known."""
        self._busy = (done, total)
        self._render()

    def _render(self) -> None:
        found, busy = self._comparison, self._busy
        self._bar.setVisible(busy is not None)
        self.stop.setVisible(busy is not None)
        self.stop.setText(self.tr("Stop"))
        if busy is not None:
            self._bar.setRange(0, busy[1])
            self._bar.setValue(busy[0])
        for widget in (self.figures, self._verdict, self._impact, self._changes, self.flips, self.export):
            widget.setVisible(found is not None and busy is None)
        self._notes.setVisible(found is not None and busy is None and bool(found.notes))
        self._title.setText(self.tr("Is it better?"))
        if busy is not None:
            self._lead.setText(self.tr("Ranking the held-out and the decided mentions with this student ..."))
        elif found is None:
            self._lead.setText(
                self.tr(
                    "Choose a student and compare it. It is measured on decisions that no student has learned from, "
                    "beside the retriever, the teacher and the student in use."
                )
            )
        else:
            self._show(found)

    def _show(self, found: Comparison) -> None:
        words = self.tr("Measured on %1 held-out decisions. With so many, differences below %2 points stay unseen.")
        least = self.tr("Measured on %1 held-out decisions.")
        self._lead.setText(
            wording.fill(least, wording.number(found.n))
            if found.smallest is None
            else wording.fill(words, wording.number(found.n), f"{100 * found.smallest:.1f}")
        )
        if found.kept:
            when = wording.fill(self.tr("Put in use on these figures of %1."), wording.moment(found.kept))
            self._lead.setText(wording.sentences(self._lead.text(), when))
        self.figures.show_rankers(found.rankers)
        self._verdict.setText("\n".join(duel_text(duel) for duel in found.duels))
        self._notes.setText("\n".join(found.notes))
        self._impact.setText(self.tr("What would change"))
        words = self.tr(
            "%1 of %2 past rankings get another first. Of %3 mapped mentions, %4 come out as decided that did not "
            "before, and %5 no longer do."
        )
        figures = (found.flipped, found.ranked, found.decided, found.gained, found.lost)
        self._changes.setText(wording.fill(words, *map(wording.number, figures)))
        self.flips.show_flips(found.flips)
        self.flips.setVisible(bool(found.flips))
        self.export.setVisible(bool(found.flips))
        self.export.setText(self.tr("Save the list ..."))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.WIDE, theme.WIDE - 4, theme.WIDE, theme.MARGIN)
        column.setSpacing(theme.GAP + 2)
        for widget in (self._title, self._lead, self._bar, self.figures, self._verdict, self._notes):
            column.addWidget(widget)
        column.addSpacing(theme.GAP)
        column.addWidget(self._impact)
        column.addWidget(self._changes)
        column.addWidget(self.flips, 1)
        column.addLayout(button_row(self.stop, self.export))
        column.addStretch(0)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.figures.retranslate()
            self.flips.retranslate()
            self._render()
        super().changeEvent(event)
