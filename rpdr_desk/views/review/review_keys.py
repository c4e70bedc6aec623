"""What each key of the review does: it is told to the flow, or to the course that carries it out."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, get_args

from PySide6.QtCore import QCoreApplication

from rpdr_core.records import FlagReason, NoMatchReason, Relation
from rpdr_desk.actions import PICKS, Actions
from rpdr_desk.shortcuts import Scope
from rpdr_desk.views import wording
from rpdr_desk.views.banner import announce
from rpdr_desk.views.review.comment_dialog import ask_comment

if TYPE_CHECKING:
    from rpdr_desk.views.review.review_page import ReviewPage

FLAG_REASONS: tuple[FlagReason, ...] = get_args(FlagReason)
_REASONS: tuple[NoMatchReason, ...] = get_args(NoMatchReason)
_RELATIONS: tuple[Relation, ...] = get_args(Relation)


class ReviewKeys:
    """Connects the actions of the review to a page."""

    def __init__(self, actions: Actions, page: ReviewPage) -> None:
        self._page, self._flow, self._faces = page, page.flow, page.faces
        self._connect_answers(actions)
        self._connect_questions(actions)
        self._connect_rest(actions)

    def _connect_answers(self, actions: Actions) -> None:
        on, flow = actions.on, self._flow
        on("accept", self._accept)
        for number in range(1, PICKS + 1):
            on(f"pick_{number}", partial(flow.pick, number - 1))
        on("also", lambda: flow.tick(self._selected()))
        on("defer", flow.defer)
        on("reopen", flow.reopen)
        on("undo", flow.undo)
        on("redo", flow.redo)

    def _connect_questions(self, actions: Actions) -> None:
        on = actions.on
        on("no_match", partial(self._ask, Scope.REASONS))
        for reason in _REASONS:
            on(f"reason_{reason}", partial(self._give_reason, reason))
        on("relation", partial(self._ask, Scope.RELATIONS))
        for relation in _RELATIONS:
            on(f"relation_{relation}", partial(self._relate, relation))
        on("flag", self._flag)
        for why in FLAG_REASONS:
            on(f"flag_{why}", partial(self._give_flag, why))
        on("back", self._back)

    def _connect_rest(self, actions: Actions) -> None:
        on, flow, page = actions.on, self._flow, self._page
        on("comment", self._comment)
        on("identical", page.identical.open)
        on("history", page.past.open)
        on("revoke", page.past.revoke_here)
        on("search", page.searching.focus)
        on("narrower", lambda: flow.show_narrower(self._selected()))
        on("tree", page.concept.open_tree)
        on("next", lambda: flow.step(1))
        on("previous", lambda: flow.step(-1))

    def _selected(self) -> int:
        return self._page.table.selected_row()

    def _accept(self) -> None:
        if self._flow.owes and self._selected() < 0:
            say = QCoreApplication.translate
            announce(self._page, say("ReviewPage", "Choose a candidate first: a digit, or an arrow and Space."))
        self._flow.accept(self._selected())

    def _back(self) -> None:
        if self._faces.asked is not None:
            self._faces.ask(None)
        else:
            self._page.searching.leave()

    def _ask(self, face: Scope) -> None:
        if self._flow.mention is not None:
            self._faces.ask(face)
            self._page.hear_keys()

    def _give_reason(self, reason: NoMatchReason) -> None:
        self._faces.ask(None)
        self._flow.no_match(reason)

    def _relate(self, relation: Relation) -> None:
        self._faces.ask(None)
        self._flow.relate(relation)
        announce(self._page, wording.relation_text(relation))

    def _flag(self) -> None:
        """A flag wants a reason; taking it away wants none."""
        mention = self._flow.mention
        if mention is not None and mention.flagged:
            self._flow.flag(flagged=False)
        elif mention is not None:
            self._ask(Scope.FLAGS)

    def _give_flag(self, why: FlagReason) -> None:
        self._faces.ask(None)
        self._flow.flag(flagged=True, reason=why)

    def _comment(self) -> None:
        mention = self._flow.mention
        if mention is not None:
            shown, about = replace(mention, comment=self._flow.comment_text), mention.id
            ask_comment(self._page, shown, lambda text: self._flow.comment(text, about))
