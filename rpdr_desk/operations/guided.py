"""What the guided review goes through: three mentions of the sample, one for each way to decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from rpdr_core.resources import resource_path
from rpdr_desk.operations.one_thread import Failed
from rpdr_desk.operations.store_thread import StoreThread

if TYPE_CHECKING:
    from rpdr_core.store import ProjectReader

STEPS = ("accept", "correct", "search")


@dataclass(frozen=True, slots=True)
class Task:
    """One mention of the guided review: `code` is what it should get, `type` the words that find the code; `done`: it
    is decided.
    """

    mention: str
    code: str
    type: str = ""
    mention_id: int = 0
    done: bool = False


def tasks(language: str) -> tuple[Task, ...]:
    """The three tasks in the order of `STEPS`; mentions are in the language of the window where it has some."""
    path = resource_path("samples", "eye_clinic", "guide.json")
    stored = msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, Task]])
    chosen = stored.get(language, stored["en"])
    return tuple(chosen[step] for step in STEPS)


def find_tasks(
    store: StoreThread, language: str, done: Callable[[tuple[Task, ...]], None], failed: Failed | None = None
) -> None:
    """The tasks with the ids of their mentions; an empty tuple where the project lacks one of them."""
    wanted = tasks(language)
    store.query(lambda project: _found(project, wanted), done, failed)


def _found(reader: ProjectReader, wanted: tuple[Task, ...]) -> tuple[Task, ...]:
    from rpdr_core.store import QueueQuery

    found: list[Task] = []
    for task in wanted:
        mentions = reader.mentions(reader.queue(QueueQuery(text=task.mention)))
        same = [one for one in mentions if one.text == task.mention]
        if not same:
            return ()
        found.append(Task(task.mention, task.code, task.type, same[0].id, same[0].status != "unreviewed"))
    return tuple(found)
