"""Engines of linking: who links the chunks of a file, and where. A chunk's result is the same whoever links it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from rpdr_core.records import NewMention, Ranking

Linker = Callable[[list[NewMention]], list[Ranking]]


@dataclass(frozen=True, slots=True)
class Load:
    """What is still to be linked: distinct mentions, the UTF-8 bytes of their texts and contexts at most, and how many
    chunks they make at most.
    """

    mentions: int
    size: int
    chunks: int


@runtime_checkable
class Engine(Protocol):
    """Links chunks. May raise while it is iterated; what was yielded before counts."""

    def linked(self, chunks: Iterator[list[NewMention]], load: Load) -> Generator[list[Ranking], None, None]:
        """The rankings of each chunk, in the order of the chunks. `chunks` is read by one thread at a time."""
        ...


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """One worker that `link` asks: while it links a chunk, the next is read and the one before is kept."""

    link: Linker

    def linked(self, chunks: Iterator[list[NewMention]], load: Load) -> Generator[list[Ranking], None, None]:
        del load
        lane = ThreadPoolExecutor(1, "rpdr-link")
        waiting: list[tuple[int, Future[list[Ranking]]]] = []
        try:
            for chunk in chunks:
                waiting.append((len(chunk), lane.submit(self.link, chunk)))
                if len(waiting) > 1:
                    yield _whole(*waiting.pop(0))
            for each in waiting:
                yield _whole(*each)
        finally:
            # A worker that is busy with a chunk nobody wants any more is stopped by whoever owns it.
            lane.shutdown(wait=False, cancel_futures=True)


def _whole(size: int, linked: Future[list[Ranking]]) -> list[Ranking]:
    return checked(size, linked.result())


def checked(size: int, rankings: list[Ranking]) -> list[Ranking]:
    """`rankings` of a chunk of `size` mentions. Raises `ValueError` where one is lost."""
    if len(rankings) != size:
        raise ValueError(f"{len(rankings)} rankings for {size} mentions")
    return rankings
