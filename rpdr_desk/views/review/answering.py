"""From an answer to the store: as a decision, or where the review asks for it first as an opinion beside one.

An answer is one thing for the reviewer's hand. What becomes of it depends on how the mention stands for them (see
`operations.eyes`): an answer that is owed before rankings are shown, a blind second one, or the decision itself.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from rpdr_core.errors import RpdrError
from rpdr_core.records import NewDecision, NewOpinion, OpinionStage
from rpdr_desk.operations.eyes import ANSWERS, Sight
from rpdr_desk.operations.workspace import Workspace
from rpdr_desk.views.review.draft import Answer


class Answering(QObject):
    """One answer at a time; whoever asked hears of it only after the commit.

    `decided` carries the mention and its decision, `answered` the mention and an opinion; `trouble`: nothing was saved.
    """

    decided = Signal(object, object)
    answered = Signal(object, object)
    trouble = Signal(object)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.busy = False

    def give(self, sight: Sight, answer: Answer, comment: str, saved: Callable[[], None]) -> None:
        """Store an answer about the mention in sight; `saved` once it is committed. Nothing while one is under way."""
        if self.busy:
            return
        stage = stage_of(sight, answer)
        self.busy = True
        if stage is not None:
            self._opine(sight, answer, stage, comment, saved)
        else:
            self._decide(sight, answer, saved)

    def _decide(self, sight: Sight, answer: Answer, saved: Callable[[], None]) -> None:
        mention, base = sight.mention, self._workspace.knowledge_base.fingerprint
        decision = NewDecision(
            mention.id,
            answer.kind,
            answer.code,
            answer.name,
            answer.reason,
            mention.comment,
            sight.rankings,
            self._workspace.effort.seconds(),
            relation=answer.relation,
            also=answer.also,
            mode="independent" if sight.standing.own is not None and answer.kind in ANSWERS else "open",
            knowledge_base=base,
        )
        self._workspace.review.decide(
            decision, lambda _changes: self._saved(saved, lambda: self.decided.emit(mention, decision)), self._failed
        )

    def _opine(
        self, sight: Sight, answer: Answer, stage: OpinionStage, comment: str, saved: Callable[[], None]
    ) -> None:
        mention = sight.mention
        opinion = NewOpinion(
            mention.id,
            stage,
            answer.kind,
            answer.code,
            answer.name,
            answer.relation,
            answer.also,
            answer.reason,
            comment or mention.comment,
            sight.rankings,
            self._workspace.effort.seconds(),
            self._workspace.knowledge_base.fingerprint,
        )
        self._workspace.review.give_opinion(
            opinion, lambda _changes: self._saved(saved, lambda: self.answered.emit(mention, opinion)), self._failed
        )

    def _saved(self, saved: Callable[[], None], tell: Callable[[], None]) -> None:
        self.busy = False
        tell()
        saved()

    def _failed(self, error: RpdrError) -> None:
        self.busy = False
        self.trouble.emit(error)


def stage_of(sight: Sight, answer: Answer) -> OpinionStage | None:
    """As which opinion an answer is stored; None where it is the decision."""
    if answer.kind not in ANSWERS:
        return None
    if sight.standing.owes:
        return "independent"
    return "second" if sight.standing.blind else None
