"""The Adjudicate page: disputes on the left, both answers in the middle, or what they tell of the reviewers."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import get_args

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from rpdr_core.errors import RpdrError
from rpdr_core.records import Changes, NewDecision, NoMatchReason, Relation
from rpdr_desk.actions import Actions
from rpdr_desk.fonts import grown
from rpdr_desk.operations.adjudicate_state import Case, Disputes, Frozen, ReviewReport
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.shortcuts import Scope
from rpdr_desk.views import wording
from rpdr_desk.views.banner import Banner, announce
from rpdr_desk.views.dialogs import rule
from rpdr_desk.views.error_words import told
from rpdr_desk.views.model.adjudicate.answers_pane import AnswersPane
from rpdr_desk.views.model.adjudicate.code_search import CodeSearch
from rpdr_desk.views.model.adjudicate.dispute_list import described
from rpdr_desk.views.model.adjudicate.disputes_pane import DisputesPane
from rpdr_desk.views.model.adjudicate.figures_view import FiguresView
from rpdr_desk.views.model.adjudicate.key_line import KeyLine
from rpdr_desk.views.model.adjudicate.settling import Settling
from rpdr_desk.views.model.pages import ModelPage
from rpdr_desk.views.review.comment_dialog import ask_comment

_REASONS: tuple[NoMatchReason, ...] = ("not_in_terminology", "not_retrieved", "not_a_mention", "unreadable")
_RELATIONS: tuple[Relation, ...] = get_args(Relation)
_FROM_SETTLED_MS = 250
"""Reading the list anew waits for a pause, so that one who settles fast is not held up."""


class AdjudicatePage(ModelPage):
    """Its keys are alive while it is on screen, and no others of the review's are."""

    def __init__(self, workspace: Workspace, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._actions = workspace, actions
        self._disputes = Disputes()
        self._asking: Scope | None = None
        self._reported, self._stale = False, True
        self.banner = Banner(self)
        self.disputes, self.answers, self.figures = DisputesPane(self), AnswersPane(actions, self), FiguresView(self)
        self.keys = KeyLine(actions, self)
        self.settling = Settling(workspace, self)
        self.search = CodeSearch(workspace.terminology, self.answers, self)
        self._sides = QStackedWidget(self)
        self._later = QTimer(self, singleShot=True, interval=_FROM_SETTLED_MS)
        self._later.timeout.connect(self._read)
        self._moved = False
        self._lay_out()
        self._splitter.splitterMoved.connect(self._was_moved)
        actions.attach_adjudication(self, self.answers.found)
        self._connect()
        self._connect_actions()

    def entered(self) -> None:
        self._read()
        self.disputes.list.setFocus()

    def leave(self) -> None:
        self._later.stop()
        self._actions.adjudicate(on=False)

    def as_reviewer(self) -> None:
        """Who may settle what is another matter."""
        if self.isVisible():
            self._read()

    @property
    def figures_shown(self) -> bool:
        return self._sides.currentWidget() is self.figures

    def show_figures(self, shown: bool) -> None:
        """The figures of agreement, or the two answers again."""
        self._ask(None)
        self._sides.setCurrentWidget(self.figures if shown else self.answers)
        self.keys.show_face(figures=shown)
        if shown:
            self._reckon()
        (self.figures if shown else self.disputes.list).setFocus()

    # Reading

    def _read(self) -> None:
        self._workspace.adjudicating.read(self._failed)

    def _changed(self, changes: Changes) -> None:
        """Somebody decided, undid, or changed the plan; who is on another page reads when coming back."""
        self._stale = self._stale or bool(changes.kinds & {"decisions", "opinions"})
        concerns = bool(changes.kinds & {"mentions", "decisions", "opinions", "settings"})
        if self.isVisible() and concerns and "rankings" not in changes.kinds:
            self._later.start()

    def _show_disputes(self, disputes: Disputes) -> None:
        first = self._disputes.cases == () and not self._reported
        self._disputes = disputes
        self.disputes.show_disputes(disputes)
        self._show_case(self.disputes.list.current())
        if first and not disputes.cases and not self.figures_shown:
            # With nothing to settle, what the answers tell is what there is to see.
            self.show_figures(True)
        elif self.figures_shown:
            self._reckon()

    def _reckon(self) -> None:
        """The figures anew, if any answer has come or gone since."""
        if self._stale:
            self._stale = False
            self._workspace.adjudicating.report(self._show_report, self._failed)

    def _show_report(self, report: ReviewReport) -> None:
        self._reported = True
        self.figures.show_report(report)

    def _choose(self, case: Case | None) -> None:
        """Another case was moved to."""
        self._ask(None)
        if case is not None and self.figures_shown and self.disputes.list.hasFocus():
            self.show_figures(False)
        if self.answers.searching:
            self.search.leave()
        self._show_case(case)

    def _show_case(self, case: Case | None) -> None:
        before = self.settling.case
        self.settling.case = case
        if case is None or before is None or before.mention.id != case.mention.id:
            self._take_as(None)
        self.answers.show_case(case, self._disputes.paths, self._disputes.roster)
        if case is not None:
            self._workspace.adjudicating.frozen(case, self._show_frozen, self._failed)
            if before is None or before.mention.id != case.mention.id:
                announce(self, described(case))

    def _show_frozen(self, frozen: Frozen) -> None:
        case = self.settling.case
        if case is not None and case.mention.id == frozen.mention_id:
            self.answers.show_frozen(frozen)

    # Settling

    def _take(self, number: int) -> None:
        if not self.figures_shown:
            self.settling.take(number)

    def _take_key(self, number: int) -> None:
        """Not among found codes: in the review a digit takes the code in that row, and a hand that is used to that
        would settle by an answer that it did not look at.
        """
        if self.answers.found.hasFocus():
            announce(self, self.tr("Esc goes back to both answers."))
        else:
            self._take(number)

    def _take_found(self) -> None:
        chosen = self.search.chosen()
        if chosen is not None:
            self.settling.take_code(chosen.code, chosen.name)

    def _settled(self, case: Case, decision: NewDecision) -> None:
        self.banner.hide()
        if self.answers.searching or self.answers.search.edit.text():
            self.search.leave()
        said = f"{decision.code} {decision.name}".strip() or wording.reason_text(decision.reason)
        announce(self, f"{case.mention.text}: {said}")
        self.disputes.settled(case.mention.id)
        if not self.disputes.list.model_.rowCount():
            self.banner.show_text(self.tr("Every dispute is settled."))
            self._show_case(None)

    def _trouble(self, error: RpdrError) -> None:
        self.banner.show_trouble(wording.fill(self.tr("Not saved: %1"), told(error)))

    def _failed(self, error: RpdrError) -> None:
        self.banner.show_error(error)

    # Keys

    def _connect(self) -> None:
        work = self._workspace.adjudicating
        work.disputes_changed.connect(self._show_disputes)
        self._workspace.store.changed.connect(self._changed)
        self._workspace.terminology.ready.connect(self._terminology_ready)
        self.disputes.list.chosen.connect(self._choose)
        self.disputes.reviewers_asked.connect(lambda: self._actions["reviewers"].trigger())
        self.answers.taken.connect(self._take)
        self.answers.searched.connect(self.keys.show_search)
        self.answers.found.chosen.connect(lambda _row: self._take_found())
        self.figures.export_asked.connect(self._export)
        self.settling.settled.connect(self._settled)
        self.settling.trouble.connect(self._trouble)
        self.settling.narrower.connect(self.search.show_narrower)
        self.search.left.connect(self.disputes.list.setFocus)
        self.search.failed.connect(self._failed)

    def _connect_actions(self) -> None:
        on = self._actions.on
        on("settle_first", partial(self._take_key, 0))
        on("settle_second", partial(self._take_key, 1))
        on("settle_take", self._take_found)
        on("settle_search", self._search)
        on("settle_no_match", partial(self._ask_here, Scope.ADJUDICATE_REASONS))
        on("settle_relation", partial(self._ask_here, Scope.ADJUDICATE_RELATIONS))
        for relation in _RELATIONS:
            on(f"settle_as_{relation}", partial(self._take_as, relation))
        for reason in _REASONS:
            on(f"settle_reason_{reason}", partial(self._give_reason, reason))
        on("settle_comment", self._comment)
        on("settle_next", partial(self._step, 1))
        on("settle_previous", partial(self._step, -1))
        on("settle_figures", lambda: self.show_figures(not self.figures_shown))
        on("settle_back", self._back)

    def _ask_here(self, question: Scope) -> None:
        if self.settling.case is not None and not self.figures_shown:
            self._ask(question)

    def _take_as(self, relation: Relation | None) -> None:
        """The relation that the next code is taken as; None for as it was answered."""
        self._ask(None)
        self.settling.relation = relation
        self.answers.show_relation(relation)

    def _ask(self, asked: Scope | None) -> None:
        """Ask one of the page's questions, or ask no more."""
        self._asking = asked
        self._actions.adjudicate(on=self.isVisible(), asked=asked)
        self.keys.show_face(figures=self.figures_shown, asked=asked)
        if asked is not None:
            announce(self.keys, self.keys.asked(asked))

    def _give_reason(self, reason: NoMatchReason) -> None:
        self._ask(None)
        self.settling.no_match(reason)

    def _search(self) -> None:
        if self.settling.case is not None and not self.figures_shown:
            self.search.focus()

    def _comment(self) -> None:
        case = self.settling.case
        if case is None or self.figures_shown:
            return
        mention = self._workspace.reading.mention(case.mention.id) or case.mention

        def save(text: str) -> None:
            self._workspace.review.comment(mention.id, text.strip(), self._trouble)

        ask_comment(self, mention, save)

    def _step(self, by: int) -> None:
        """To another dispute; from the figures first back to the one on screen."""
        if self.figures_shown:
            self.show_figures(False)
            return
        row = self.disputes.list.currentIndex().row() + by
        if 0 <= row < self.disputes.list.model_.rowCount():
            self.disputes.list.go_to(row)

    def _back(self) -> None:
        if self._asking is not None:
            self._ask(None)
        elif self.figures_shown:
            self.show_figures(False)
        elif self.settling.relation is not None and not self.answers.searching:
            self._take_as(None)
        else:
            self.search.leave()

    def _export(self) -> None:
        kinds = self.tr("Table (*.csv);;JSON (*.json);;Workbook (*.xlsx)")
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Save the report"), "agreement.csv", kinds)
        if name:
            done = self.tr("Saved as %1")
            self._workspace.adjudicating.export(
                Path(name), lambda path: self.banner.show_text(wording.fill(done, path.name)), self._failed
            )

    # Inside

    def _was_moved(self, _position: int, _index: int) -> None:
        self._moved = True

    def _terminology_ready(self, _reference: object) -> None:
        """Without it no code was near another."""
        self._stale = True
        if self.isVisible() and not self._disputes.weighed:
            self._read()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._actions.adjudicate(on=True, asked=self._asking)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Before anybody moved it, the list has the room that its words need, and never a third of the page."""
        super().resizeEvent(event)
        if not self._moved:
            left = min(grown(320), self.width() * 3 // 10)
            self._splitter.setSizes([left, self.width() - left])

    def hideEvent(self, event: QHideEvent) -> None:
        self._actions.adjudicate(on=False)
        super().hideEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._show_case(self.settling.case)
        super().changeEvent(event)

    def _lay_out(self) -> None:
        self._sides.addWidget(self.answers)
        self._sides.addWidget(self.figures)
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        for pane, least in ((self.disputes, 240), (self._sides, 480)):
            pane.setMinimumWidth(least)
            splitter.addWidget(pane)
        splitter.setStretchFactor(1, 1)
        self._splitter = splitter
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(splitter, 1)
        column.addWidget(rule(self))
        column.addWidget(self.keys)
        column.addWidget(rule(self))
