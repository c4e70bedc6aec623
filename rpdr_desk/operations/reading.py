"""Reads quick enough for the window's own thread: one page of mentions, one mention's rankings.

They go through a read-only connection of the window's thread, so that scrolling and advancing never wait for
the store's thread. Anything that grows with the project goes through `StoreThread.query` instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rpdr_core.records import Decision, Mention, Ranking

if TYPE_CHECKING:
    from rpdr_core.store import ProjectReader


class Reading:
    """Quick reads. A mention that does not exist is None."""

    def __init__(self, reader: ProjectReader) -> None:
        self._reader = reader

    def mentions(self, ids: Sequence[int]) -> list[Mention]:
        return self._reader.mentions(ids)

    def mention(self, id: int) -> Mention | None:
        return next(iter(self._reader.mentions([id])), None)

    def rankings(self, mention_id: int) -> list[Ranking]:
        """The newest ranking of each ranker: retriever, then teacher, then students.

        Once a student was put in use, the others' rankings are kept and not shown: they would lead the list.
        """
        found, promoted = self._reader.rankings(mention_id), self._reader.promoted()
        if promoted is None:
            return found
        return [one for one in found if one.ranker in ("retriever", "teacher", f"student:{promoted}")]

    def decision(self, mention_id: int) -> Decision | None:
        return self._reader.decision(mention_id)

    def reviewer_names(self) -> tuple[str, ...]:
        """Who reviews in this project, by name; empty where nobody made a list."""
        return tuple(one.name for one in self._reader.reviewers() if one.active)

    def undo_text(self) -> str:
        return self._reader.undo_text()

    def redo_text(self) -> str:
        return self._reader.redo_text()

    def close(self) -> None:
        self._reader.close()
