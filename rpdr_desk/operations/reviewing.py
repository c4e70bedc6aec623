"""Review: each decision is one committed change; whoever asked hears of it only after the commit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from rpdr_core.records import Changes, FlagReason, Mention, NewDecision
from rpdr_desk.operations.one_thread import Failed
from rpdr_desk.operations.store_thread import StoreThread

Done = Callable[[Changes], None]


class Review:
    """`reviewer` is asked anew for every decision, so that a changed name counts at once."""

    def __init__(self, store: StoreThread, reviewer: Callable[[], str]) -> None:
        self._store = store
        self._reviewer = reviewer

    def decide(self, decision: NewDecision, done: Done, failed: Failed) -> None:
        reviewer = self._reviewer()
        self._store.change(lambda project: project.decide(decision, reviewer=reviewer), done, failed)

    def flag(self, mention_id: int, flagged: bool, reason: FlagReason | Literal[""], failed: Failed) -> None:
        reviewer = self._reviewer()
        self._store.change(
            lambda project: project.set_flag(mention_id, flagged, reason=reason, reviewer=reviewer), None, failed
        )

    def comment(self, mention_id: int, comment: str, failed: Failed) -> None:
        self._store.change(lambda project: project.set_comment(mention_id, comment), None, failed)

    def undo(self, done: Done, failed: Failed) -> None:
        self._store.change(lambda project: project.undo(), done, failed)

    def redo(self, done: Done, failed: Failed) -> None:
        self._store.change(lambda project: project.redo(), done, failed)

    def mapped_here(self, code: str, done: Callable[[tuple[int, list[Mention]]], None]) -> None:
        """How many mentions are mapped to a code, and the most frequent of them."""
        self._store.query(lambda project: project.mapped_here(code, 6), done)
