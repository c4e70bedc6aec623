"""A card with a plot that can also be read as a table."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from rpdr_desk import theme
from rpdr_desk.operations.dashboard_state import ROLES, Role
from rpdr_desk.views.dialogs import dim_label
from rpdr_desk.views.model.card import Card
from rpdr_desk.views.model.dashboard.figures_view import FiguresView
from rpdr_desk.views.model.dashboard.shares_plot import MarkSample, SharesPlot

_MOST = 100
"""The plot takes what room there is; without it, what is left stays below."""


class PlotCard(Card):
    """Lead, legend, plot or table, note. What is shown comes from `put`; empty words hide their line."""

    def __init__(self, parent: QWidget | None = None, *, diagonal: bool = False) -> None:
        super().__init__(parent)
        self.lead, self.note = dim_label("", self), dim_label("", self)
        self.plot = SharesPlot(self, diagonal=diagonal)
        self.table = FiguresView(self, most=8)
        self.as_table = QPushButton(self)
        self.as_table.setCheckable(True)
        self.as_table.setProperty("segment", True)
        self.as_table.toggled.connect(lambda _on: self._swap())
        self._samples: dict[Role, tuple[MarkSample, QLabel]] = {}
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(theme.UNIT)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.as_table)
        self.column.addWidget(self.lead)
        for role in ROLES:
            self.column.addLayout(self._legend(role))
        self.column.addWidget(self.plot, _MOST)
        self.column.addWidget(self.table)
        self.column.addWidget(self.note)
        self.column.addStretch(1)
        self.column.addLayout(self.buttons)
        self._has_plot = False
        self.say_legend({})
        self._swap()

    def say_legend(self, legend: dict[Role, str]) -> None:
        """Words beside the mark of each ranker that is shown."""
        for role, widgets in self._samples.items():
            for widget in widgets:
                widget.setVisible(role in legend)
            widgets[1].setText(legend.get(role, ""))

    def present(self, lead: str, note: str, described: str, *, drawn: bool) -> None:
        """`described`: the plot in words, for those who do not see it. `drawn`: there is something to plot."""
        self._has_plot = drawn
        self.lead.setText(lead)
        self.note.setText(note)
        self.lead.setVisible(bool(lead))
        self.note.setVisible(bool(note))
        self.as_table.setText(self.tr("As a table"))
        self.plot.setAccessibleName(self.accessibleName())
        self.plot.setAccessibleDescription(described)
        self.plot.setToolTip(described)
        self.table.setAccessibleName(self.accessibleName())
        self.table.setAccessibleDescription(described)
        self._swap()

    def _swap(self) -> None:
        tabled = self.as_table.isChecked()
        self.plot.setVisible(self._has_plot and not tabled)
        self.table.setVisible(self._has_plot and tabled)
        self.as_table.setVisible(self._has_plot)

    def _legend(self, role: Role) -> QHBoxLayout:
        sample, words = MarkSample(role, self), QLabel(self)
        words.setWordWrap(True)
        self._samples[role] = (sample, words)
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        row.addWidget(sample)
        row.addWidget(words, 1)
        return row
