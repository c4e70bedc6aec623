"""Pools: for each rewritten form of many mentions the strings of a segment that may speak for it, with their scores.

All forms of a batch are scored in a few calls on arrays; a form's pool does not depend on the others in the batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from rpdr_worker.retrieval.encoder import Vectors
from rpdr_worker.retrieval.fusion import fuse
from rpdr_worker.retrieval.index import ExactIndex
from rpdr_worker.retrieval.large_pools import large_pools
from rpdr_worker.retrieval.lexical_batch import lexical_scores
from rpdr_worker.retrieval.reading import Readable, mention_of
from rpdr_worker.retrieval.segment import DenseView, Segment

POOL = 64
# Scores held at once: some 100 MiB with what is made of them.
_CELLS = 2_000_000
# From so many strings on it pays to tell first which can be in a pool; beyond so many, what that needs is too large.
_LARGE, _HUGE = 4_096, 1_000_000

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Pool = tuple[list[float], list[int]]
"""Scores and positions, best first; equal scores by position."""


def pools(
    segment: Segment,
    forms: Sequence[Readable],
    vectors: Mapping[Readable, Vectors],
    *,
    letters: bool,
    inside: Bools | None,
) -> Iterator[Pool]:
    """One pool per form: the best `POOL` strings by their letters, and as many by their vectors.

    `vectors`: by form, none where the encoder cannot read it; `letters` False leaves the lexical scores out;
    `inside`: strings to look at, None for all.
    """
    view = segment.dense() if vectors else None
    rows = max(1, _CELLS // max(1, len(segment)))
    if _LARGE <= len(segment) < _HUGE:
        search = segment.letters() if letters else None
        for start in range(0, len(forms), rows):
            part = forms[start : start + rows]
            known = [vectors.get(form) for form in part]
            yield from large_pools(search, view, [mention_of(form) for form in part], known, POOL, inside)
        return
    for start in range(0, len(forms), rows):
        yield from _block(segment, forms[start : start + rows], vectors, view, letters=letters, inside=inside)


def _block(
    segment: Segment,
    forms: Sequence[Readable],
    vectors: Mapping[Readable, Vectors],
    view: DenseView | None,
    *,
    letters: bool,
    inside: Bools | None,
) -> Iterator[Pool]:
    shape = len(forms), len(segment)
    lexical = (
        lexical_scores(segment.lexical, [mention_of(form) for form in forms])
        if letters
        else np.zeros(shape, np.float32)
    )
    if inside is not None:
        lexical *= inside
    chosen = _best(lexical)
    read = [at for at, form in enumerate(forms) if form in vectors] if view is not None else []
    dense = None
    if view is not None and read:
        dense = _dense(view, np.stack([vectors[forms[at]] for at in read]), read, chosen, inside)
    row, column = np.nonzero(chosen)
    score = fuse(lexical[row, column], None if dense is None else dense[row, column])
    order = np.lexsort((column, -score, row))
    ends = np.cumsum(np.bincount(row, minlength=len(forms)))
    values, places = score[order].tolist(), column[order].tolist()
    start = 0
    for end in ends.tolist():
        yield values[start:end], places[start:end]
        start = end


def _dense(view: DenseView, queries: Vectors, read: list[int], chosen: Bools, inside: Bools | None) -> Vectors:
    """Cosines (forms, strings), NaN where one of the two has no vector; adds the nearest strings to `chosen`.

    Behind a graph only the chosen strings' cosines are filled in.
    """
    cosines = np.full(chosen.shape, np.nan, np.float32)
    if isinstance(view.index, ExactIndex):
        whole = np.ascontiguousarray(queries @ view.vectors.T)
        if inside is None and bool(view.present.all()):  # the usual case needs no masks the size of the scores
            chosen[read] |= _best(whole, -np.inf)
            cosines[read] = whole
            return cosines
        outside = ~view.present if inside is None else ~(view.present & inside)
        chosen[read] |= _best(np.where(outside, -np.inf, whole), -np.inf)
        cosines[read] = np.where(view.present, whole, np.nan)
        return cosines
    near, _ = view.index.search(queries, POOL, inside)
    for place, at in enumerate(read):
        chosen[at, near[place]] = True
        pool = np.flatnonzero(chosen[at])
        cosines[at, pool] = np.where(view.present[pool], view.vectors[pool] @ queries[place], np.nan)
    return cosines


def _best(scores: Vectors, above: float = 0.0) -> Bools:
    """Which of each row are its `POOL` best and above a floor; of equals the earlier."""
    chosen = np.asarray(scores > above)
    cut = scores.shape[1] - POOL
    if cut <= 0:
        return chosen
    least = np.partition(scores, cut, axis=1)[:, cut]
    chosen &= scores >= least[:, None]
    for row in np.flatnonzero(np.count_nonzero(chosen, axis=1) > POOL).tolist():
        equal = np.flatnonzero(scores[row] == least[row])
        chosen[row, equal[POOL - np.count_nonzero(chosen[row]) :]] = False
    return chosen
