"""The course of adjudication: which case, what a key decides. No widget in here.

A decision counts only after the store has committed it, and while one is under way no second one starts.
"""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QObject, Signal

from rpdr_core.errors import RpdrError
from rpdr_core.records import Changes, Decision, NewDecision, NoMatchReason, Opinion, Relation
from rpdr_desk.operations.adjudicate_state import Case
from rpdr_desk.operations.terminology import Concept
from rpdr_desk.operations.workspace import Workspace


class Settling(QObject):
    """`settled` carries the case and the answer that is right; `narrower` a concept that may not be assigned, whose
    children may; `trouble`: nothing was saved. `relation`: what the next code is taken as, None for as it was answered.
    """

    settled = Signal(object, object)
    narrower = Signal(object)
    trouble = Signal(object)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._busy = False
        self.case: Case | None = None
        self.relation: Relation | None = None

    def take(self, number: int) -> None:
        """One of the two answers as it was given, with its relation and further codes."""
        if self.case is None:
            return
        answer: Decision | Opinion = (self.case.first, self.case.second)[number]
        if answer.kind == "no_match":
            self.no_match(cast("NoMatchReason", answer.reason))
        else:
            self._settle(self.case, answer.code, answer.name, of=answer)

    def take_code(self, code: str, name: str) -> None:
        """A code that neither of the two gave; one that may not be assigned shows its narrower codes instead."""
        case = self.case
        if case is None or self._busy:
            return
        self._busy = True

        def known(concept: Concept | None) -> None:
            self._busy = False
            if self.case is None or self.case.mention.id != case.mention.id:
                return
            if concept is not None and not concept.entity.assignable and concept.children:
                self.narrower.emit(concept)
            else:
                self._settle(case, code, name)

        self._workspace.terminology.concept(code, known, self._not_saved)

    def no_match(self, reason: NoMatchReason) -> None:
        if self.case is not None:
            self._send(self.case, NewDecision(self.case.mention.id, "no_match", reason=reason))

    def _settle(self, case: Case, code: str, name: str, of: Decision | Opinion | None = None) -> None:
        relation = self.relation or (of.relation if of is not None else "equivalent")
        also = of.also if of is not None else ()
        self._send(case, NewDecision(case.mention.id, "correct", code, name, relation=relation, also=also))

    def _send(self, case: Case, answer: NewDecision) -> None:
        if self._busy:
            return
        self._busy = True

        def saved(_changes: Changes) -> None:
            self._busy = False
            self.settled.emit(case, answer)

        self._workspace.adjudicating.settle(case, answer, saved, self._not_saved)

    def _not_saved(self, error: RpdrError) -> None:
        self._busy = False
        self.trouble.emit(error)
