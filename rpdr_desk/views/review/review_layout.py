"""The review page's panes and where they stand: the list, the mention with its candidates, the concept."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QSplitter, QVBoxLayout, QWidget

from rpdr_desk.actions import Actions
from rpdr_desk.item_models.queue_model import QueueModel
from rpdr_desk.views.banner import Banner
from rpdr_desk.views.review.aftermath import Aftermath
from rpdr_desk.views.review.candidate_table import CandidateTable
from rpdr_desk.views.review.concept_pane import ConceptPane
from rpdr_desk.views.review.decision_bar import DecisionBar
from rpdr_desk.views.review.mention_pane import MentionPane
from rpdr_desk.views.review.queue_pane import QueuePane
from rpdr_desk.views.review.search_line import SearchLine


@dataclass(frozen=True, slots=True)
class Panes:
    """The parts of the page that show something."""

    queue: QueuePane
    banner: Banner
    mention: MentionPane
    search: SearchLine
    table: CandidateTable
    aftermath: Aftermath
    concept: ConceptPane
    bar: DecisionBar


def make_panes(actions: Actions, model: QueueModel, page: QWidget) -> Panes:
    return Panes(
        QueuePane(model, page),
        Banner(page),
        MentionPane(page),
        SearchLine(page),
        CandidateTable(page),
        Aftermath(actions, page),
        ConceptPane(page),
        DecisionBar(actions, page),
    )


def lay_out(page: QWidget, panes: Panes) -> QSplitter:
    """Put the panes into the page; the splitter between its three columns."""
    middle = QFrame(page)
    column = QVBoxLayout(middle)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for widget in (panes.banner, panes.mention, _rule(), panes.search, _rule()):
        column.addWidget(widget)
    column.addWidget(panes.table, 1)
    column.addWidget(panes.aftermath)
    splitter = QSplitter(Qt.Orientation.Horizontal, page)
    splitter.setHandleWidth(1)
    splitter.setChildrenCollapsible(False)
    for pane, least in ((panes.queue, 210), (middle, 420), (panes.concept, 240)):
        pane.setMinimumWidth(least)
        splitter.addWidget(pane)
    for number, stretch in enumerate((0, 1, 0)):
        splitter.setStretchFactor(number, stretch)
    whole = QVBoxLayout(page)
    whole.setContentsMargins(0, 0, 0, 0)
    whole.setSpacing(0)
    whole.addWidget(splitter, 1)
    whole.addWidget(_rule())
    whole.addWidget(panes.bar)
    whole.addWidget(_rule())
    return splitter


def widths(width: int, shares: tuple[float, float] | None) -> list[int]:
    """A window's width shared among the columns: as last time, or so that the middle gets most of it."""
    left, right = (round(width * share) for share in shares or (0.195, 0.24))
    left, right = min(320, max(230, left)), min(420, max(270, right))
    return [left, width - left - right, right]


def _rule() -> QWidget:
    """A hairline in the palette's line colour."""
    rule = QWidget()
    rule.setFixedHeight(1)
    rule.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    rule.setProperty("rule", True)
    return rule
