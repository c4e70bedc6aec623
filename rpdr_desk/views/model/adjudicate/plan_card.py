"""The plan: which share goes to two reviewers, which is answered before rankings, who may settle own disputes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QSpinBox, QWidget

from rpdr_core.records import ReviewPlan
from rpdr_desk import theme
from rpdr_desk.views.dialogs import dim_label, make_spin_box
from rpdr_desk.views.model.card import Card

_SEEDS = 1_000_000


class PlanCard(Card):
    """`changed` carries the new `ReviewPlan`."""

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan = ReviewPlan()
        self.set_title(self.tr("Which mentions"))
        self.double, self.independent, self.seed = _share(self), _share(self), make_spin_box(self)
        self.seed.setRange(0, _SEEDS)
        self.seed.setKeyboardTracking(False)
        self.seed.setGroupSeparatorShown(True)
        self.own = QCheckBox(self.tr("Who gave one of the two answers may settle the dispute"), self)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.MARGIN)
        self._grid.setVerticalSpacing(theme.UNIT)
        self._grid.setColumnStretch(0, 1)
        self._line(
            self.tr("Reviewed by two"),
            self.double,
            self.tr(
                "This share of the mentions waits for a second reviewer, who sees neither the first answer nor that "
                "there is one. Where the two agree it is done; where they differ it comes to the Adjudicate page. "
                "0 switches double review off."
            ),
        )
        self._line(
            self.tr("Answered before rankings"),
            self.independent,
            self.tr(
                "On this share the reviewer answers before any ranking is there, then sees it and decides. It shows "
                "how often a right answer is given up for the machine's wrong one."
            ),
        )
        self._line(
            self.tr("Seed of the draw"),
            self.seed,
            self.tr("The same seed draws the same mentions. Another one draws anew; what was answered stays."),
        )
        self.column.addLayout(self._grid)
        self.column.addSpacing(theme.UNIT)
        self.column.addWidget(self.own)
        self.column.addWidget(dim_label(self.tr("Better left off: nobody judges an answer of their own."), self))
        self.double.valueChanged.connect(lambda percent: self._change(double_share=percent / 100))
        self.independent.valueChanged.connect(lambda percent: self._change(independent_share=percent / 100))
        self.seed.valueChanged.connect(lambda seed: self._change(seed=seed))
        self.own.clicked.connect(lambda on: self._change(own_adjudication=on))

    def show_plan(self, plan: ReviewPlan) -> None:
        self._plan = plan
        shown = ((self.double, round(100 * plan.double_share)), (self.independent, round(100 * plan.independent_share)),
                 (self.seed, plan.seed))  # fmt: skip
        for box, value in shown:
            with QSignalBlocker(box):
                box.setValue(value)
        self.own.setChecked(plan.own_adjudication)

    def _change(self, **values: Any) -> None:
        """The next change builds on this one, whether or not it is stored already."""
        self._plan = replace(self._plan, **values)
        self.changed.emit(self._plan)

    def _line(self, title: str, box: QSpinBox, explained: str) -> None:
        row = self._grid.rowCount()
        label = QLabel(title, self)
        label.setBuddy(box)
        box.setAccessibleName(title)
        box.setAccessibleDescription(explained)
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(box, row, 1)
        self._grid.addWidget(dim_label(explained, self), row + 1, 0, 1, 2)
        self._grid.setRowMinimumHeight(row + 2, theme.GAP)


def _share(parent: QWidget) -> QSpinBox:
    """A share in per cent; it counts when the typing is done."""
    box = make_spin_box(parent)
    box.setRange(0, 100)
    box.setSingleStep(5)
    box.setSuffix("%")
    box.setKeyboardTracking(False)
    return box
