"""The best strings of each query, exactly, from scores that are known to within a bound.

A pair is (query, string); pairs are held as two arrays of equal length, sorted by query, then by string.
"""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Pairs = tuple[Ints, Ints]

# So many strings are one group: its best stands for it.
_GROUP = 32


def contenders(scores: Floats, slack: Floats, k: int, floor: float) -> Pairs:
    """All pairs that may be among the k best of their query and have at least `floor`, shape of `scores` (q, strings).

    `slack` (q,): what each score may be wrong by.
    """
    bounds = np.maximum(_kth_at_least(scores, k) - 2 * slack, floor)
    rows, columns = np.divmod(np.flatnonzero(scores >= bounds[:, None]), scores.shape[1])
    return rows, columns


def among_best(pairs: Pairs, values: Floats, k: int) -> Bools:
    """Which pairs are among the k best of their query; of equals the earlier string; NaN never is."""
    rows, _ = pairs
    edges = np.flatnonzero(np.diff(rows, prepend=-1, append=-1)).tolist()
    worst_last = -values
    chosen = ~np.isnan(values)
    for start, end in itertools.pairwise(edges):
        if end - start > k:
            chosen[start + np.argsort(worst_last[start:end], kind="stable")[k:]] = False
    return chosen


def union(one: Pairs, other: Pairs, strings: int) -> tuple[Pairs, Bools]:
    """The pairs of both, and which of them are of the first. `strings`: how many there are."""
    first = one[0] * strings + one[1]
    every = np.sort(np.concatenate((first, other[0] * strings + other[1])))
    every = every[np.diff(every, prepend=-1) > 0]
    of_first = np.zeros(len(every), np.bool_)
    of_first[np.searchsorted(every, first)] = True
    return np.divmod(every, strings), of_first


def _kth_at_least(scores: Floats, k: int) -> Floats:
    """For each row a number that at least k of its scores reach, close to the k-th best; -inf where there are fewer."""
    size = scores.shape[1]
    if size < k:
        return np.full(len(scores), -np.inf, np.float32)
    groups = size // _GROUP
    if groups >= k:
        scores = scores[:, : groups * _GROUP].reshape(len(scores), _GROUP, groups).max(axis=1)
    return np.asarray(np.partition(scores, scores.shape[1] - k, axis=1)[:, -k])
