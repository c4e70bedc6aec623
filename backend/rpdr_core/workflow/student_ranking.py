"""Students at work for a comparison: lists go to the worker in batches, the time they take is measured."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import RankByStudent, RankItem
from rpdr_core.records import MemoryTerm, Ranking

BATCH = 2048
"""Lists of a request; the memory goes with each."""

Rank = Callable[[str, Sequence[RankItem]], "Ranked"]
"""Ranks items with the adapter in a folder. Whoever has a worker gives one; tests give a plain function."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Rankings in the order of the items. `seconds_per_1000` mentions: None where it was not measured."""

    rankings: tuple[Ranking, ...]
    seconds_per_1000: float | None = None


def ranker(
    worker: WorkerClient,
    knowledge_base: str,
    memory: Iterable[MemoryTerm] = (),
    *,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
    check: Callable[[], None] = lambda: None,
) -> Rank:
    """A `Rank` by a worker; the knowledge base need not be open there.

    No list is read with what `memory` knows of its own mention: a decision is not judged by itself. `check` is called
    between lists and may raise `Cancelled`; `on_progress` gets lists.
    """
    remembered = tuple(memory)

    def rank(adapter: str, items: Sequence[RankItem]) -> Ranked:
        found: list[Ranking] = []

        def keep(ranking: Ranking) -> None:
            check()
            found.append(ranking)

        began = time.monotonic()
        timed = 0
        for start, end in _batches(len(items)):
            if start == 1:
                began, timed = time.monotonic(), len(items) - 1
            check()
            params = RankByStudent(adapter, knowledge_base, tuple(items[start:end]), remembered, own=False)
            worker.call("rank.student", params, on_partial=keep)
            on_progress(len(found), len(items))
        seconds = (time.monotonic() - began) / timed * 1000 if timed else None
        return Ranked(tuple(found), None if seconds is None else round(seconds, 2))

    return rank


def _batches(total: int) -> list[tuple[int, int]]:
    """One list first, so that loading the model is not taken for its speed; then batch by batch."""
    edges = [0, *range(1, total, BATCH), total]
    return list(itertools.pairwise(edges)) if total else []
