"""What an empty queue says: that it is done, and where to go on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication

from rpdr_desk.actions import Actions
from rpdr_desk.operations.asked import Asked, QueueName
from rpdr_desk.operations.queues import Counts
from rpdr_desk.views import wording
from rpdr_desk.views.review.queue_words import queue_text

_GO_ON: tuple[QueueName, ...] = ("unreviewed", "disagreement", "deferred", "flagged")


def next_queue(here: QueueName, counts: Counts) -> QueueName | None:
    """The queue to go on with: the first other one that still asks for something; None when all is dealt with."""
    return next((one for one in _GO_ON if one != here and counts.by_queue.get(one)), None)


def nothing_left(asked: Asked, counts: Counts | None, actions: Actions, row: Callable[[QueueName], int]) -> str:
    """Words for the empty table, with the key that leads on. `row`: of a queue on the shelf."""
    say = QCoreApplication.translate
    if asked.narrowed:
        words = say("empty", "No mention of this queue is left with this filter. %1 takes the filter away.")
        return wording.fill(words, actions.key_text("clear_facets"))
    if counts is None:
        return ""
    if not counts.progress.mentions:
        return wording.fill(say("empty", "No mentions yet. Import some: %1"), actions.key_text("import"))
    further = next_queue(asked.queue, counts)
    if further is None:
        return wording.fill(say("empty", "Nothing left. Export the decisions: %1"), actions.key_text("export"))
    key = actions.key_text(f"queue_{row(further) + 1}")
    words = say("empty", "Nothing left here. Next queue: %1 (%2), %3")
    return wording.fill(words, queue_text(further), wording.number(counts.by_queue[further]), key)
