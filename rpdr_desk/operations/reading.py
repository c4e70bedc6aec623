"""Reads quick enough for the window's own thread: one page of mentions, one mention's rankings.

They go through a read-only connection of the window's thread, so that scrolling and advancing never wait for
the store's thread. Anything that grows with the project goes through `StoreThread.query` instead. What a reviewer may
not see yet is not in any answer (see `eyes`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rpdr_core.records import Decision, Mention, Ranking
from rpdr_desk.operations.eyes import Eyes, Sight, Standing

if TYPE_CHECKING:
    from rpdr_core.store import ProjectReader


class Reading:
    """Quick reads, as the reviewer of the moment may see them. A mention that does not exist is None."""

    def __init__(self, reader: ProjectReader, reviewer: Callable[[], str]) -> None:
        self._reader = reader
        self._reviewer = reviewer

    def sight(self, mention_id: int) -> Sight | None:
        """Everything that may be seen of a mention."""
        return self._eyes().sight(mention_id)

    def standing_of(self, mention_id: int) -> Standing:
        """How a mention stands for this reviewer."""
        sight = self.sight(mention_id)
        return sight.standing if sight is not None else Standing()

    def mentions(self, ids: Sequence[int]) -> list[Mention]:
        return self._eyes().mentions(ids)

    def mention(self, id: int) -> Mention | None:
        return next(iter(self.mentions([id])), None)

    def rankings(self, mention_id: int) -> list[Ranking]:
        """The newest ranking of each ranker: retriever, then teacher, then students; none while an answer is owed.

        Once a student was put in use, the others' rankings are kept and not shown: they would lead the list.
        """
        return list(self._eyes().rankings(mention_id))

    def has_candidates(self, mention_id: int, ranker: str) -> bool:
        """Whether a ranker has ranked the mention already, whoever may see it."""
        return self._eyes().has_candidates(mention_id, ranker)

    def decision(self, mention_id: int) -> Decision | None:
        sight = self.sight(mention_id)
        return sight.decision if sight is not None else None

    def reviewer_names(self) -> tuple[str, ...]:
        """Who reviews in this project, by name; empty where nobody made a list."""
        return tuple(one.name for one in self._reader.reviewers() if one.active)

    def undo_text(self) -> str:
        return self._reader.undo_text()

    def redo_text(self) -> str:
        return self._reader.redo_text()

    def close(self) -> None:
        self._reader.close()

    def _eyes(self) -> Eyes:
        return Eyes(self._reader, self._reviewer())
