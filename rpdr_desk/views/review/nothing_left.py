"""What an empty queue says: that it is done, and where to go on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication

from rpdr_desk.actions import Actions
from rpdr_desk.operations.queues import QUEUES, Counts, QueueName
from rpdr_desk.views import wording

_GO_ON: tuple[QueueName, ...] = ("unreviewed", "disagreement", "deferred", "flagged")


def next_queue(here: QueueName, counts: Counts) -> QueueName | None:
    """The queue to go on with: the first other one that still asks for something; None when all is dealt with."""
    return next((one for one in _GO_ON if one != here and counts.by_queue[one]), None)


def nothing_left(
    here: QueueName, filtered: bool, counts: Counts | None, actions: Actions, name: Callable[[QueueName], str]
) -> str:
    """Words for the empty table, with the key that leads on."""
    say = QCoreApplication.translate
    if filtered:
        return say("empty", "No mention of this queue holds the text in the filter.")
    if counts is None:
        return ""
    if not counts.progress.mentions:
        return wording.fill(say("empty", "No mentions yet. Import some: %1"), actions.key_text("import"))
    further = next_queue(here, counts)
    if further is None:
        return wording.fill(say("empty", "Nothing left. Export the decisions: %1"), actions.key_text("export"))
    key = actions.key_text(f"queue_{QUEUES.index(further) + 1}")
    words = say("empty", "Nothing left here. Next queue: %1 (%2), %3")
    return wording.fill(words, name(further), wording.number(counts.by_queue[further]), key)
