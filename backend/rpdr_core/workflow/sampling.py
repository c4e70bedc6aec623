"""Which mentions a teacher should see: a few hundred that teach more than the first that were imported.

`uncertain` weighs three things against each other: how unsure the retriever is (a mention that it has right teaches
nothing), how unlike what was chosen before (the hundredth way to write one disease teaches little), and how often the
mention occurs. Held-out texts are never chosen: their answers could not be used.
"""

from __future__ import annotations

import hashlib
import heapq
import math
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from rpdr_core.store import Askable, ProjectReader
from rpdr_core.workflow.held_out import held_out_of
from rpdr_core.workflow.letters import grams

Strategy = Literal["uncertain", "least_sure", "diverse", "frequent", "first", "random"]
# What even a mention that the retriever is sure of is worth.
_FLOOR = 0.1
# Choices are made among so many times the wanted number, and never among fewer than so many.
_FOLD, _LEAST = 5, 5_000


def choose(reader: ProjectReader, limit: int, strategy: Strategy = "uncertain", seed: int = 0) -> list[int]:
    """Ids of up to `limit` undecided mentions without a teacher's ranking, the most worthwhile first.

    The same project, strategy and seed give the same list. `least_sure`: nearest to an even chance that the
    retriever is right; `diverse`: as unlike each other as can be; `frequent`, `first` (imported), `random`. A text
    that was chosen or answered already, in another context, comes after all the others.
    """
    rule = held_out_of(reader)
    pool = [mention for mention in reader.askable() if mention.folded not in rule]
    if strategy == "first":
        return [mention.id for mention in pool[:limit]]
    if strategy == "frequent":
        return [mention.id for mention in sorted(pool, key=lambda mention: (-mention.count, mention.id))[:limit]]
    fresh, repeated = _parted(pool, reader.answered_texts())
    chosen = pick(fresh, limit, strategy, seed)
    return [mention.id for mention in [*chosen, *repeated][:limit]]


def pick(pool: Sequence[Askable], limit: int, strategy: Strategy, seed: int = 0) -> list[Askable]:
    """The choice itself, among mentions of different text."""
    ties = {mention.id: _tie(mention, seed) for mention in pool}
    if strategy == "random":
        return sorted(pool, key=lambda mention: ties[mention.id])[:limit]
    if strategy == "least_sure":
        return sorted(pool, key=lambda mention: (-doubt(mention.confidence), ties[mention.id]))[:limit]
    if strategy == "diverse":
        return _spread(pool, [1.0] * len(pool), ties, limit)
    return _spread(pool, [_worth(mention) for mention in pool], ties, limit)


def doubt(confidence: float | None) -> float:
    """1 where the first candidate is as likely right as wrong, 0 where it is surely the one or the other.

    A mention that nothing in the terminology fits is as hopeless for the teacher as a plain one is needless.
    """
    chance = 0.5 if confidence is None else min(1.0, max(0.0, confidence))
    return 4.0 * chance * (1.0 - chance)


def _worth(mention: Askable) -> float:
    return (_FLOOR + doubt(mention.confidence)) * math.log2(1 + mention.count)


def _parted(pool: Sequence[Askable], answered: frozenset[str]) -> tuple[list[Askable], list[Askable]]:
    """The most frequent mention of each new text, and all the others, most frequent first."""
    fresh: dict[str, Askable] = {}
    repeated: list[Askable] = []
    for mention in sorted(pool, key=lambda mention: (-mention.count, mention.id)):
        if mention.folded in answered or mention.folded in fresh:
            repeated.append(mention)
        else:
            fresh[mention.folded] = mention
    return sorted(fresh.values(), key=lambda mention: mention.id), repeated


def _tie(mention: Askable, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed}:{mention.id}:{mention.folded}".encode(), digest_size=8).digest()


def _spread(pool: Sequence[Askable], worth: Sequence[float], ties: dict[int, bytes], limit: int) -> list[Askable]:
    """Greedy: the mention whose worth times its novelty is greatest, again and again.

    Novelty never grows as more is chosen, so a mention is looked at again only when it comes up (lazy greedy, Minoux
    1978): the cost follows the choice, not the pool times the choice.
    """
    # The far end of a large pool would not be chosen anyway; of equals, chance keeps some.
    order = sorted(range(len(pool)), key=lambda at: (-worth[at], ties[pool[at].id]))[: max(_LEAST, _FOLD * limit)]
    pool, worth = [pool[at] for at in order], [worth[at] for at in order]
    written, weights = _weighed_grams(pool)
    seen, codes = [0] * len(weights), Counter[str]()
    heap = [(-worth[at], ties[mention.id], at) for at, mention in enumerate(pool)]
    heapq.heapify(heap)
    chosen: list[Askable] = []
    while heap and len(chosen) < limit:
        _, tie, at = heapq.heappop(heap)
        mention = pool[at]
        novelty = _novelty(written[at], weights, seen)
        if mention.code:
            # What the retriever takes it for counts as much as how it is written: the choice spreads over both.
            novelty = (novelty + _less(codes[mention.code])) / 2
        entry = (-worth[at] * novelty, tie, at)
        if heap and entry > heap[0]:
            heapq.heappush(heap, entry)
            continue
        chosen.append(mention)
        codes[mention.code] += 1
        for gram in written[at]:
            seen[gram] += 1
    return chosen


def _less(times: int) -> float:
    """What a feature still counts for after it was seen so many times: 1, then less and less, as a root grows."""
    return math.sqrt(times + 1) - math.sqrt(times)


def _novelty(written: Sequence[int], weights: Sequence[float], seen: Sequence[int]) -> float:
    """1 for a text that is all new."""
    total = sum(weights[gram] for gram in written)
    return sum(weights[gram] * _less(seen[gram]) for gram in written) / total if total else 0.0


def _weighed_grams(pool: Sequence[Askable]) -> tuple[list[list[int]], list[float]]:
    """Each mention's n-grams as numbers, and the weight of each.

    One that many mentions share stands for many; a rare one is often a slip of the pen.
    """
    numbers: dict[str, int] = {}
    written = [[numbers.setdefault(gram, len(numbers)) for gram in sorted(grams(mention.folded))] for mention in pool]
    spread = Counter(gram for own in written for gram in own)
    return written, [math.log1p(spread[number]) for number in range(len(numbers))]
