"""The questions that the line of keys asks: at most one at a time, and while it stands the review's keys are off."""

from __future__ import annotations

from rpdr_desk.actions import Actions
from rpdr_desk.shortcuts import Scope
from rpdr_desk.views.banner import announce
from rpdr_desk.views.review.decision_bar import DecisionBar


class Faces:
    """`asked` is the question that stands now, None for none."""

    def __init__(self, actions: Actions, bar: DecisionBar) -> None:
        self._actions, self._bar = actions, bar
        self.asked: Scope | None = None

    def ask(self, face: Scope | None) -> None:
        """Put a question (one of `shortcuts.FACES`), or with None take it away."""
        before, self.asked = self.asked, face
        self._actions.ask(face)
        self._bar.ask(face)
        if face is not None and face is not before:
            announce(self._bar, self._bar.asked(face))
