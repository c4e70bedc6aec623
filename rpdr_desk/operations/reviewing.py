"""Review: each decision is one committed change; whoever asked hears of it only after the commit."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from rpdr_core.errors import NotAllowedError
from rpdr_core.records import Changes, Decision, FlagReason, Mention, NewDecision, NewOpinion
from rpdr_desk.operations.eyes import Eyes
from rpdr_desk.operations.one_thread import Failed
from rpdr_desk.operations.store_thread import StoreThread

if TYPE_CHECKING:
    from rpdr_core.store import Project

Done = Callable[[Changes], None]
_SHOWN = 6


class Review:
    """`reviewer` is asked anew for every decision, so that a changed name counts at once."""

    def __init__(self, store: StoreThread, reviewer: Callable[[], str]) -> None:
        self._store = store
        self._reviewer = reviewer

    def decide(self, decision: NewDecision, done: Done, failed: Failed) -> None:
        reviewer = self._reviewer()
        self._store.change(lambda project: project.decide(decision, reviewer=reviewer), done, failed)

    def give_opinion(self, opinion: NewOpinion, done: Done, failed: Failed) -> None:
        """Store an answer beside the decision: one before rankings were shown, or a blind second one."""
        reviewer = self._reviewer()
        self._store.change(lambda project: project.give_opinion(opinion, reviewer=reviewer), done, failed)

    def flag(self, mention_id: int, flagged: bool, reason: FlagReason | Literal[""], failed: Failed) -> None:
        reviewer = self._reviewer()
        self._store.change(
            lambda project: project.set_flag(mention_id, flagged, reason=reason, reviewer=reviewer), None, failed
        )

    def comment(self, mention_id: int, comment: str, failed: Failed) -> None:
        reviewer = self._reviewer()
        self._store.change(lambda project: project.set_comment(mention_id, comment, reviewer=reviewer), None, failed)

    def undo(self, done: Done, failed: Failed) -> None:
        reviewer = self._reviewer()
        self._store.change(lambda project: undone(project, reviewer), done, failed)

    def redo(self, done: Done, failed: Failed) -> None:
        reviewer = self._reviewer()
        self._store.change(lambda project: project.redo(reviewer=reviewer), done, failed)

    def mapped_here(self, code: str, done: Callable[[tuple[int, list[Mention]]], None]) -> None:
        """How many mentions are mapped to a code, and the most frequent of them, as this reviewer may see them."""
        reviewer = self._reviewer()
        self._store.query(lambda project: mapped_here(project, code, reviewer), done)

    def mapped_ids(self, code: str, done: Callable[[array[int]], None]) -> None:
        """All mentions mapped to a code, as this reviewer may see them, most frequent first."""
        reviewer = self._reviewer()
        self._store.query(lambda project: mapped_ids(project, code, reviewer), done)

    def origin(self, text: str, code: str, done: Callable[[Decision | None], None]) -> None:
        """The newest decision that mapped this text to this code and that this reviewer may know of."""
        reviewer = self._reviewer()
        self._store.query(lambda project: project.memory_origin(text, code, reviewer), done)


def undone(project: Project, reviewer: str) -> Changes:
    """Take the last step back, unless it is about a mention that this reviewer is to answer blind: then they would
    take back, unseen, what they may not know of.
    """
    eyes = Eyes(project, reviewer)
    if any(eyes.is_blind(one) for one in project.mentions(project.undo_mentions())):
        raise NotAllowedError(
            "the last step is another reviewer's, and it waits for a second answer",
            hint="give your own answer, or let that reviewer undo it",
        )
    return project.undo(reviewer=reviewer)


def mapped_ids(project: Project, code: str, reviewer: str) -> array[int]:
    """All mentions mapped to a code but for those that look unreviewed to this reviewer, most frequent first."""
    from rpdr_core.store import QueueQuery

    hidden = frozenset(project.waiting_here(code, reviewer))
    query = QueueQuery(frozenset(("accepted", "corrected")), codes=frozenset((code,)), order="frequent")
    return array("q", (one for one in project.queue(query) if one not in hidden))


def mapped_here(project: Project, code: str, reviewer: str) -> tuple[int, list[Mention]]:
    """The mentions mapped to a code but for those that look unreviewed to this reviewer: a name among them would tell
    what another one decided.
    """
    eyes = Eyes(project, reviewer)
    hidden = frozenset(project.waiting_here(code, reviewer))
    total, found = project.mapped_here(code, _SHOWN + len(hidden))
    return total - len(hidden), [eyes.seen(one) for one in found if one.id not in hidden][:_SHOWN]
