"""Texts compared by their letters alone: no model, no worker."""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Sequence

from rpdr_core.folding import fold

# A Chinese sign says as much as an English syllable.
_LETTERS, _SIGNS = 3, (1, 2)
# The rarest n-grams of a query tell its neighbours; the common ones cost the most and tell the least.
_TELLING = 16


def grams(folded: str) -> set[str]:
    """Character n-grams of a search key: three letters within words, one and two signs of Chinese."""
    found: set[str] = set()
    for word in folded.split():
        if word.isascii():
            padded = f" {word} "
            found.update(padded[at : at + _LETTERS] for at in range(max(1, len(padded) - _LETTERS + 1)))
        else:
            found.update(word[at : at + size] for size in _SIGNS for at in range(len(word) - size + 1))
    return found


def by_letters(queries: Sequence[str], pool: Sequence[str], k: int) -> list[tuple[int, ...]]:
    """Up to `k` indexes into the pool for each query, by cosine of weighed n-grams; of equals the earlier first.

    A text without one n-gram in common is not near at all, and left out.
    """
    own = [grams(fold(text)) for text in pool]
    spread = Counter(gram for each in own for gram in each)
    weight = {gram: math.log((1 + len(pool)) / (1 + times)) + 1 for gram, times in spread.items()}
    norms = [math.sqrt(sum(weight[gram] ** 2 for gram in each)) for each in own]
    holders: dict[str, list[int]] = defaultdict(list)
    for at, each in enumerate(own):
        for gram in each:
            holders[gram].append(at)
    lists = []
    for query in queries:
        scores: dict[int, float] = defaultdict(float)
        known = grams(fold(query)) & weight.keys()
        for gram in sorted(known, key=lambda gram: (-weight[gram], gram))[:_TELLING]:
            for at in holders[gram]:
                scores[at] += weight[gram] ** 2 / norms[at]
        lists.append(tuple(heapq.nsmallest(k, scores, key=lambda at, scores=scores: (-round(scores[at], 6), at))))  # type: ignore[misc]
    return lists
