"""Pools of a large segment: those of `pools`, without scoring exactly what cannot be in one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from rpdr_worker.retrieval.encoder import Vectors
from rpdr_worker.retrieval.fusion import fuse
from rpdr_worker.retrieval.index import ExactIndex
from rpdr_worker.retrieval.letters import LetterParts, Letters
from rpdr_worker.retrieval.screening import Bools, Floats, Ints, Pairs, among_best, union
from rpdr_worker.retrieval.segment import DenseView


def large_pools(
    letters: Letters | None,
    view: DenseView | None,
    texts: Sequence[str],
    vectors: Sequence[Vectors | None],
    k: int,
    inside: Bools | None,
) -> Iterator[tuple[list[float], list[int]]]:
    """For each search key scores and positions of its k best strings by letters and its k best by vectors, best first.

    `letters`, `view`: None where these are left out; `vectors`: one for each text, None where it has none.
    """
    parts, pairs, lexical = _by_letters(letters, texts, k, inside)
    dense = None
    read = [at for at, vector in enumerate(vectors) if vector is not None]
    if view is not None and read:
        queries = np.stack([vector for vector in vectors if vector is not None])
        near = _near(view, queries, np.array(read), k, inside)
        every, of_letters = union(pairs, near, view.present.size)
        dense = _cosines(view, vectors, every)
        kept = among_best(every, dense, k) | of_letters
        of_letters = of_letters[kept]
        every, dense = (every[0][kept], every[1][kept]), dense[kept]
        known, lexical = lexical, np.zeros(len(dense), np.float32)
        lexical[of_letters] = known
        if letters is not None and parts is not None:
            others = ~of_letters
            lexical[others] = letters.exact(parts, (every[0][others], every[1][others]))
        pairs = every
    yield from _ordered(pairs, fuse(lexical, dense), len(texts))


def _by_letters(
    letters: Letters | None, texts: Sequence[str], k: int, inside: Bools | None
) -> tuple[LetterParts | None, Pairs, Floats]:
    if letters is None:
        none = np.zeros(0, np.int64)
        return None, (none, none), np.zeros(0, np.float32)
    parts, pairs = letters.contenders(texts, k, inside)
    exact = letters.exact(parts, pairs)
    kept = among_best(pairs, exact, k)
    return parts, (pairs[0][kept], pairs[1][kept]), exact[kept]


def _near(view: DenseView, queries: Vectors, read: Ints, k: int, inside: Bools | None) -> Pairs:
    """(text, string) of all that may be among the k nearest; behind a graph, of what it finds."""
    if isinstance(view.index, ExactIndex):
        rows, strings = view.index.contenders(queries, k, inside)
        return read[rows], strings
    found, _ = view.index.search(queries, k, inside)
    return np.repeat(read, found.shape[1]), np.sort(found, axis=1).reshape(-1)


def _cosines(view: DenseView, vectors: Sequence[Vectors | None], pairs: Pairs) -> Floats:
    """Cosines of pairs; NaN where one of the two has no vector."""
    rows, strings = pairs
    found = np.full(len(rows), np.nan, np.float32)
    edges = np.searchsorted(rows, np.arange(len(vectors) + 1)).tolist()
    for at, query in enumerate(vectors):
        if query is not None:
            part = slice(edges[at], edges[at + 1])
            found[part] = view.vectors[strings[part]] @ query
    found[~view.present[strings]] = np.nan
    return found


def _ordered(pairs: Pairs, scores: Floats, texts: int) -> Iterator[tuple[list[float], list[int]]]:
    rows, strings = pairs
    order = np.lexsort((strings, -scores, rows))
    values, places = scores[order].tolist(), strings[order].tolist()
    edges = np.searchsorted(rows, np.arange(texts + 1)).tolist()
    for start, end in itertools.pairwise(edges):
        yield values[start:end], places[start:end]
