"""A project read for a file, as the reviewer who asks for it may see it: what waits for their blind answer is as if
nobody had decided it, and what they answer before seeing ranks has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from rpdr_core.records import Decision, Mention, Opinion, OpinionStage, Ranking
from rpdr_desk.operations.eyes import Eyes

if TYPE_CHECKING:
    from rpdr_core.store import ProjectReader


def blind_to(reader: ProjectReader, reviewer: str) -> frozenset[int]:
    """Mentions that wait for a second answer after somebody else's, whose decision this reviewer may not read."""
    from rpdr_core.store import QueueQuery

    waiting = frozenset(("waiting",))
    every = reader.queue(QueueQuery(review=waiting))  # type: ignore[arg-type]
    if not every:
        return frozenset()
    own = reader.queue(QueueQuery(review=waiting, blind_to=reviewer))  # type: ignore[arg-type]
    return frozenset(every) - frozenset(own)


def seen_by(reader: ProjectReader, reviewer: str, hidden: frozenset[int]) -> ProjectReader:
    """The reader as this reviewer may read it. `hidden` as `blind_to` gives it."""
    if not hidden and not reader.review_plan().independent_share:
        return reader
    return cast("ProjectReader", SeenProject(reader, reviewer, hidden))


class SeenProject:
    """Answers what speaks of single mentions through `Eyes`; everything else is the reader's own."""

    def __init__(self, reader: ProjectReader, reviewer: str, hidden: frozenset[int]) -> None:
        self._reader, self._hidden = reader, hidden
        self._eyes = Eyes(reader, reviewer)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def mentions(self, ids: Sequence[int]) -> list[Mention]:
        return self._eyes.mentions(ids)

    def rankings(self, mention_id: int) -> list[Ranking]:
        return list(self._eyes.rankings(mention_id))

    def decision(self, mention_id: int) -> Decision | None:
        return None if mention_id in self._hidden else self._reader.decision(mention_id)

    def decisions(self) -> Iterator[Decision]:
        return (one for one in self._reader.decisions() if one.mention_id not in self._hidden)

    def decision_history(self, mention_id: int) -> list[Decision]:
        return [] if mention_id in self._hidden else self._reader.decision_history(mention_id)

    def opinions(self, mention_id: int) -> list[Opinion]:
        return [] if mention_id in self._hidden else self._reader.opinions(mention_id)

    def all_opinions(self, stage: OpinionStage | str = "") -> Iterator[Opinion]:
        found = self._reader.all_opinions(stage)  # type: ignore[arg-type]
        return (one for one in found if one.mention_id not in self._hidden)
