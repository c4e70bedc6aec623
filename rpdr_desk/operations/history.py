"""Everything that was ever said about a mention, as its reviewer may see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rpdr_core.records import Decision, Mention, Opinion, Ranking
from rpdr_desk.operations.eyes import Eyes
from rpdr_desk.operations.one_thread import Failed
from rpdr_desk.operations.store_thread import StoreThread

if TYPE_CHECKING:
    from rpdr_core.store import ProjectReader


@dataclass(frozen=True, slots=True)
class Entry:
    """A decision or an opinion. `origin`: the mention that it was carried over from. `carried_id`: the decision, this
    one or the one it came from, from which `carried` decisions in force were carried over.
    """

    said: Decision | Opinion
    in_force: bool = False
    origin: Mention | None = None
    carried_id: int = 0
    carried: int = 0

    @property
    def origin_id(self) -> int | None:
        """The decision that this one was carried over from."""
        return self.said.origin_id if isinstance(self.said, Decision) else None


@dataclass(frozen=True, slots=True)
class History:
    """Newest first. `withheld`: more was said, which this reviewer sees once they have answered."""

    mention: Mention
    entries: tuple[Entry, ...]
    withheld: bool = False


class Past:
    """What became of mentions, read in the store's thread."""

    def __init__(self, store: StoreThread, reviewer: Callable[[], str]) -> None:
        self._store, self._reviewer = store, reviewer

    def history(self, mention_id: int, done: Callable[[History | None], None], failed: Failed) -> None:
        reviewer = self._reviewer()
        self._store.query(lambda project: history_of(project, reviewer, mention_id), done, failed)

    def shown(self, said: Decision | Opinion, done: Callable[[tuple[Ranking, ...]], None], failed: Failed) -> None:
        """The rankings that were on screen then."""
        if isinstance(said, Decision):
            self._store.query(lambda project: project.shown(said.id), done, failed)
        else:
            self._store.query(lambda project: project.opinion_shown(said.id), done, failed)


def history_of(project: ProjectReader, reviewer: str, mention_id: int) -> History | None:
    """While a reviewer's own answer is awaited they see what they said themselves, and nothing of the others."""
    eyes = Eyes(project, reviewer)
    stored = next(iter(project.mentions([mention_id])), None)
    if stored is None:
        return None
    standing = eyes.standing(stored)
    closed = standing.blind or standing.owes
    in_force = project.decision(mention_id)
    made = [_entry(project, eyes, one, in_force) for one in project.decision_history(mention_id)]
    given = [Entry(one) for one in project.opinions(mention_id)]
    everything = sorted((*made, *given), key=lambda entry: entry.said.made_at, reverse=True)
    entries = tuple(one for one in everything if not closed or one.said.reviewer == reviewer)
    return History(eyes.seen(stored), entries, len(entries) < len(everything))


def _entry(project: ProjectReader, eyes: Eyes, decision: Decision, in_force: Decision | None) -> Entry:
    counts = in_force is not None and in_force.id == decision.id
    root = decision.origin_id or decision.id
    origin = project.mention_of_decision(root) if decision.origin_id is not None else None
    seen = eyes.seen(origin) if origin is not None else None
    return Entry(decision, counts, seen, root, len(project.propagated_from(root)))
