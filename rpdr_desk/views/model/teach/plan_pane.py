"""What would be sent: the mentions as they would leave, and one request byte for byte."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from rpdr_desk import theme
from rpdr_desk.item_models.plan_model import PlanModel, Which
from rpdr_desk.operations.teach_state import Plan, PlannedMention, RequestBody
from rpdr_desk.views import wording
from rpdr_desk.views.model.heading import Heading
from rpdr_desk.views.model.teach.body_pane import BodyPane
from rpdr_desk.views.model.teach.plan_list import PlanList

_WHICH: tuple[Which, ...] = ("all", "flagged", "masked")


class PlanPane(QWidget):
    """`mention_chosen` carries the id of the mention whose request is to be shown."""

    mention_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._plan = Plan()
        self._empty = ""
        self._title, self.figures = Heading(self, 1.4), QLabel(self)
        self.figures.setWordWrap(True)
        self.figures.setProperty("dim", True)
        self.filters = [QPushButton(self) for _ in _WHICH]
        group = QButtonGroup(self)
        for at, button in enumerate(self.filters):
            button.setCheckable(True)
            button.setProperty("segment", True)
            group.addButton(button, at)
        group.idClicked.connect(lambda at: self._show(_WHICH[at]))
        self.filters[0].setChecked(True)
        self.model = PlanModel(_described, self)
        self.list = PlanList(self)
        self.list.setModel(self.model)
        self.list.selectionModel().currentChanged.connect(self._current_changed)
        self.body = BodyPane(self)
        self._lay_out()
        self.retranslate()

    def show_plan(self, plan: Plan, empty: str) -> None:
        """`empty`: words for a list without mentions. The selected mention stays selected where it is still there."""
        here = self.model.mention_id(row) if (row := self.list.currentIndex().row()) >= 0 else 0
        self._plan, self._empty = plan, empty
        self.model.set_mentions(plan.mentions)
        self._select(here)
        self._render()

    def show_body(self, body: RequestBody | None) -> None:
        self.body.show_body(body)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        self._title.setText(self.tr("What would be sent"))
        self.list.setAccessibleName(self.tr("Mentions as they would leave"))
        self._render()

    def _render(self) -> None:
        plan, number = self._plan, wording.number
        flagged = sum(1 for one in plan.mentions if one.flagged)
        masked = sum(1 for one in plan.mentions if one.masked)
        for button, words_, count in zip(
            self.filters, (self.tr("All"), self.tr("To read"), self.tr("Masked")),
            (len(plan.mentions), flagged, masked), strict=True,
        ):  # fmt: skip
            button.setText(f"{words_}  {number(count)}")
        words = self.tr("%1 mentions   ·   %2 masked, %3 flagged for you to read")
        filled = wording.fill(words, number(len(plan.mentions)), number(plan.masked), number(plan.flagged))
        self.figures.setText(filled if plan.mentions else "")
        for button in self.filters:
            button.setVisible(bool(plan.mentions))
        self._tell_empty()
        self.body.setVisible(bool(plan.mentions))

    def _tell_empty(self) -> None:
        if self.model.rowCount():
            self.list.set_empty_text("")
        elif self._plan.mentions:
            none = self.tr("Nothing is flagged.") if self.model.which == "flagged" else self.tr("Nothing is masked.")
            self.list.set_empty_text(none)
        else:
            self.list.set_empty_text(self._empty)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Where the line is too short for title and filters, the filters stand below."""
        needed = self._title.sizeHint().width() + self._choice.sizeHint().width() + 4 * theme.WIDE
        side = Qt.AlignmentFlag.AlignBottom if needed <= self.width() else Qt.AlignmentFlag.AlignLeft
        self._head.removeWidget(self._choice)
        if needed <= self.width():
            self._head.addWidget(self._choice, 0, 1, 2, 1, side)
        else:
            self._head.addWidget(self._choice, 2, 0, side)

    def _show(self, which: Which) -> None:
        here = self.model.mention_id(row) if (row := self.list.currentIndex().row()) >= 0 else 0
        self.model.show(which)
        self._select(here)
        self._tell_empty()

    def _select(self, mention_id: int) -> None:
        row = self.model.row(mention_id)
        if self.model.rowCount():
            self.list.setCurrentIndex(self.model.index(max(0, row)))
        else:
            self.body.show_body(None)

    def _current_changed(self, now: QModelIndex, _before: QModelIndex) -> None:
        if now.isValid():
            self.mention_chosen.emit(self.model.mention_id(now.row()))

    def _lay_out(self) -> None:
        self._choice = QWidget(self)
        row = QHBoxLayout(self._choice)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.UNIT)
        for button in self.filters:
            row.addWidget(button)
        head = self._head = QGridLayout()
        head.setContentsMargins(theme.WIDE, theme.MARGIN, theme.WIDE, theme.GAP + 2)
        head.setVerticalSpacing(theme.UNIT)
        head.setColumnStretch(0, 1)
        head.addWidget(self._title, 0, 0)
        head.addWidget(self.figures, 1, 0)
        head.addWidget(self._choice, 0, 1, 2, 1, Qt.AlignmentFlag.AlignBottom)
        top = QWidget(self)
        column = QVBoxLayout(top)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.list, 1)
        split = QSplitter(Qt.Orientation.Vertical, self)
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        split.addWidget(top)
        split.addWidget(self.body)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setSizes([420, 280])
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(split)


def _described(planned: PlannedMention) -> str:
    parts = [planned.shown, wording.masked_text(planned.masked, len(planned.flagged))]
    return ", ".join(part for part in parts if part)
