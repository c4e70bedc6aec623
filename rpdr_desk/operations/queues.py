"""The review queues: which mentions each holds, in which order, and how many."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from rpdr_core.records import Progress, Status
from rpdr_desk.operations.store_thread import StoreThread

if TYPE_CHECKING:
    from rpdr_core.store import ProjectReader, QueueQuery

QueueName = Literal[
    "unreviewed", "disagreement", "least_sure", "most_frequent", "deferred", "flagged", "decided", "all"
]
QUEUES: tuple[QueueName, ...] = get_args(QueueName)
_TO_DO: frozenset[Status] = frozenset(("unreviewed",))
_DECIDED: frozenset[Status] = frozenset(("accepted", "corrected", "no_match"))


@dataclass(frozen=True, slots=True)
class Counts:
    """The project's progress, and how many mentions each queue holds."""

    progress: Progress
    by_queue: dict[QueueName, int]


def query_of(queue: QueueName, text: str = "") -> QueueQuery:
    """The store's query behind a queue, filtered by `text`."""
    # Here and not above: the store's libraries load beside the window that is being built.
    from rpdr_core.store import QueueQuery

    match queue:
        case "unreviewed":
            return QueueQuery(_TO_DO, text=text)
        case "disagreement":
            return QueueQuery(_TO_DO, text=text, order="disagreement")
        case "least_sure":
            return QueueQuery(_TO_DO, text=text, order="least_sure")
        case "most_frequent":
            return QueueQuery(_TO_DO, text=text, order="frequent")
        case "deferred":
            return QueueQuery(frozenset(("deferred",)), text=text)
        case "flagged":
            return QueueQuery(flagged=True, text=text)
        case "decided":
            return QueueQuery(_DECIDED, text=text)
        case "all":
            return QueueQuery(text=text)


class Queues:
    """Snapshots of queues and their counts, read in the store's thread."""

    def __init__(self, store: StoreThread) -> None:
        self._store = store

    def snapshot(self, queue: QueueName, text: str, done: Callable[[array[int]], None]) -> None:
        """The ids of a queue, in its order."""
        self._store.query(lambda project: ids_of(project, queue, text), done)

    def counts(self, done: Callable[[Counts], None]) -> None:
        self._store.query(_count, done)


def ids_of(reader: ProjectReader, queue: QueueName, text: str = "") -> array[int]:
    """The queue's ids. Disagreement is cut where it ends: its order puts those without any last."""
    ids = reader.queue(query_of(queue, text))
    if queue != "disagreement":
        return ids
    end = bisect_left(range(len(ids)), True, key=lambda row: not _disputed(reader, ids[row]))
    return ids[:end]


def _disputed(reader: ProjectReader, mention_id: int) -> bool:
    return any(mention.disagreement for mention in reader.mentions([mention_id]))


def _count(reader: ProjectReader) -> Counts:
    progress = reader.progress()
    return Counts(
        progress,
        {
            "unreviewed": progress.unreviewed,
            "disagreement": len(ids_of(reader, "disagreement")),
            "least_sure": progress.unreviewed,
            "most_frequent": progress.unreviewed,
            "deferred": progress.deferred,
            "flagged": progress.flagged,
            "decided": progress.decided,
            "all": progress.mentions,
        },
    )
