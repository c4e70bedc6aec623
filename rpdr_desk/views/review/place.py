"""Where the reviewer stands in a project."""

from __future__ import annotations

from dataclasses import dataclass

from rpdr_desk.operations.queues import QueueName


@dataclass(frozen=True, slots=True)
class Place:
    """Kept over a restart: queue, filter text, and the mention on screen (0 for none)."""

    queue: QueueName = "unreviewed"
    filter: str = ""
    mention_id: int = 0
