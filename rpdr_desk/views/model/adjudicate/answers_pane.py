"""The middle of the page: the mention in its sentence, both answers side by side, another code where neither fits."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from rpdr_core.records import Relation
from rpdr_desk import theme
from rpdr_desk.actions import Actions
from rpdr_desk.item_models.candidate_model import Column
from rpdr_desk.item_models.candidate_rows import CandidateRow
from rpdr_desk.operations.adjudicate_state import Case, Frozen, Roster
from rpdr_desk.views import wording
from rpdr_desk.views.dialogs import rule
from rpdr_desk.views.model.adjudicate.answer_card import AnswerCard
from rpdr_desk.views.model.adjudicate.words import kind_explained, kind_text, may_settle_text, relation_text
from rpdr_desk.views.review.candidate_table import CandidateTable
from rpdr_desk.views.review.mention_pane import MentionPane
from rpdr_desk.views.review.search_line import SearchLine


class AnswersPane(QFrame):
    """`taken` carries 0 or 1 when an answer's key is clicked. `found` is shown only while another code is searched,
    which `searched` tells.
    """

    taken = Signal(int)
    searched = Signal(bool)

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._actions = actions
        self._case: Case | None = None
        self._roster = Roster()
        self._relation: Relation | None = None
        self.mention = MentionPane(self, state=False)
        self._kind, self._hint, self._as = QLabel(self), QLabel(self), QLabel(self)
        for label in (self._kind, self._hint, self._as):
            label.setWordWrap(True)
        self.cards = (AnswerCard(self), AnswerCard(self))
        self.search, self._below = SearchLine(self), QWidget(self)
        self.found = CandidateTable(self._below)
        # Digits are the two answers here, so the found codes have no digit.
        self.found.show_rows((), -1, ranked=False)
        self.found.setColumnHidden(Column.KEY, True)
        self._below.hide()
        for number, card in enumerate(self.cards):
            card.taken.connect(lambda number=number: self.taken.emit(number))
        self._lay_out()
        self._render()

    def show_case(self, case: Case | None, paths: Mapping[str, tuple[str, ...]], roster: Roster) -> None:
        """Another case, or the same one anew."""
        self._case, self._roster = case, roster
        self.mention.show_mention(case.mention if case is not None else None)
        answers = (case.first, case.second) if case is not None else (None, None)
        for card, answer in zip(self.cards, answers, strict=True):
            card.show_answer(answer, paths.get(answer.code, ()) if answer is not None else ())
        self._render()

    def show_frozen(self, frozen: Frozen) -> None:
        """What both had on screen."""
        self.cards[0].show_frozen(frozen.first)
        self.cards[1].show_frozen(frozen.second)

    def show_found(self, rows: tuple[CandidateRow, ...], empty: str) -> None:
        """Codes below both answers, which stay in sight."""
        self.found.set_empty_text(empty)
        self._below.show()
        self.searched.emit(True)
        self.found.show_rows(rows, 0, ranked=False)

    def leave_search(self) -> None:
        self.search.clear()
        self._below.hide()
        self.searched.emit(False)
        self.found.show_rows((), -1, ranked=False)

    def show_relation(self, relation: Relation | None) -> None:
        """The relation that the next code is taken as, None for as it was answered."""
        self._relation = relation
        self._render()

    @property
    def searching(self) -> bool:
        return not self._below.isHidden()

    def _render(self) -> None:
        case = self._case
        for number, card in enumerate(self.cards, 1):
            name = ("settle_first", "settle_second")[number - 1]
            card.cap.set_key(self._actions.key_text(name), self._actions[name].text())
        told = (
            f"<span style='font-weight:600'>{kind_text(case.kind)}</span>&nbsp;&nbsp;{kind_explained(case)}"
            if case is not None
            else ""
        )
        self._kind.setText(told)
        against = may_settle_text(self._roster, case) if case is not None else ""
        words = self.tr("What you take %1. Esc: as it was answered.")
        self._as.setText(wording.fill(words, relation_text(self._relation)) if self._relation is not None else "")
        self._as.setVisible(self._relation is not None)
        self._answers.setAccessibleName(self.tr("Both answers"))
        self._hint.setText(against)
        self._hint.setVisible(bool(against))
        self._hint.setStyleSheet(f"color: {theme.alert(self.palette()).name()};")

    def _lay_out(self) -> None:
        told = QVBoxLayout()
        told.setContentsMargins(theme.WIDE, theme.GAP + 2, theme.WIDE, theme.GAP + 2)
        told.setSpacing(theme.UNIT)
        told.addWidget(self._kind)
        told.addWidget(self._hint)
        told.addWidget(self._as)
        side_by_side = QWidget(self)
        around = QVBoxLayout(side_by_side)
        around.setContentsMargins(theme.WIDE, theme.MARGIN, theme.WIDE, theme.MARGIN)
        row = QHBoxLayout()
        row.setSpacing(theme.MARGIN)
        around.addLayout(row)
        around.addStretch(1)
        for card in self.cards:
            row.addWidget(card, 1)
        answers = QScrollArea(self)
        answers.setWidgetResizable(True)
        answers.setFrameShape(QFrame.Shape.NoFrame)
        answers.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Reached by Tab, for the arrows to scroll it where the text is large.
        answers.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._answers = answers
        answers.setWidget(side_by_side)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.mention)
        column.addWidget(rule(self))
        column.addLayout(told)
        column.addWidget(rule(self))
        column.addWidget(answers, 1)
        column.addWidget(rule(self))
        column.addWidget(self.search)
        below = QHBoxLayout(self._below)
        below.setContentsMargins(theme.MARGIN, 0, 0, 0)
        below.addWidget(self.found)
        column.addWidget(self._below, 1)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._render()
        super().changeEvent(event)
