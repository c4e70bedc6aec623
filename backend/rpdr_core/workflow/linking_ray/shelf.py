"""What lies on the sender's machine for the devices to take: the task, its files, and chunks not yet linked."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from rpdr_core.protocol.messages import OpenRetrieval, RetrievalState
from rpdr_core.workflow.linking_ray.cargo import Cargo
from rpdr_core.workflow.linking_ray.watching import Stand

_PART = 8 << 20


@dataclass(frozen=True, slots=True)
class Task:
    """What each device does. `state`: what opening gave here, and must give there. `nodes`: ids of those that may have
    texts, this one's or agreed to; one that joins later is not among them. `runtime`: as `encoder_queries.VARIABLE`.
    `threads`: of a worker, see `threads`.
    `starts`: so many times may devices begin; more means that they die of it.
    """

    opening: OpenRetrieval
    state: RetrievalState
    cargo: Cargo
    adapter: str
    scope: str
    nodes: frozenset[str]
    runtime: str
    threads: int
    starts: int


@dataclass(frozen=True, slots=True)
class Asker:
    """A device: the ids of its node and of its actor, which keeps its own when it is started again elsewhere."""

    node: str
    actor: str


class Shelf:
    """An actor on the sender's node, with one loop. A chunk stays until its result has arrived there: taken twice, it
    is the same. It hands something out only to who names a node of the task's.

    It begins empty: what an actor is made from is kept by the cluster's head, what it is told goes to its process.
    """

    def __init__(self) -> None:
        self._task: Task | None = None
        self._begun = 0
        self._taken: Counter[int] = Counter()
        self._files: frozenset[str] = frozenset()
        self._chunks: dict[int, bytes] = {}
        self._first = 0
        self._working: dict[str, str] = {}
        self._end: int | None = None
        self._news = asyncio.Condition()

    async def lay(self, task: Task) -> None:
        """The task, before any device is there."""
        self._task, self._files = task, task.cargo.paths

    async def task(self, who: Asker) -> tuple[Task, int]:
        """The task, and how many times it has been asked for. Raises `PermissionError` for a node that may not."""
        task = self._allowed(who)
        self._working[who.actor] = who.node
        self._begun += 1
        return task, self._begun

    async def part(self, who: Asker, path: str, start: int) -> bytes:
        """Up to 8 MiB of a file of the cargo from a place on; empty at its end."""
        self._allowed(who)
        if path not in self._files:
            raise PermissionError("not of the cargo")
        with Path(path).open("rb") as stream:
            stream.seek(start)
            return stream.read(_PART)

    async def put(self, number: int, chunk: bytes) -> None:
        async with self._news:
            self._chunks[number] = chunk
            self._news.notify_all()

    async def end(self, number: int) -> None:
        """There is no chunk of this number, nor of a higher one."""
        async with self._news:
            self._end = number
            self._news.notify_all()

    async def drop(self, number: int) -> None:
        """This chunk's result has arrived."""
        self._chunks.pop(number, None)
        self._taken.pop(number, None)
        self._first = max(self._first, number + 1)

    async def rest(self, who: Asker) -> None:
        """This device has done what it took."""
        self._working.pop(who.actor, None)

    async def stand(self) -> Stand:
        return Stand(frozenset(self._working.values()), bool(self._chunks))

    async def take(self, who: Asker, number: int) -> tuple[bytes | None, int]:
        """A chunk, as soon as it lies here, and how many times it has been taken; None past the end, and for one whose
        result has arrived.
        """
        self._allowed(who)
        await self.rest(who)
        async with self._news:
            await self._news.wait_for(lambda: number in self._chunks or self._over(number))
            self._taken[number] += 1
            chunk = self._chunks.get(number)
            if chunk is not None:
                self._working[who.actor] = who.node
            return chunk, self._taken[number]

    def _allowed(self, who: Asker) -> Task:
        if self._task is None or who.node not in self._task.nodes:
            raise PermissionError("not a node that may have texts")
        return self._task

    def _over(self, number: int) -> bool:
        return number < self._first or (self._end is not None and number >= self._end)
