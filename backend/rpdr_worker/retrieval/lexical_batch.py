"""Lexical scores of many queries at once: the same numbers as `LexicalIndex.scores`, without its price per call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from rpdr_worker.retrieval.lexical import Floats, Ints, LexicalIndex, grams_of

# Postings of one query from which the index's own way, which knows how to prune, is taken.
_LONG = 200_000
_BLOCK = 400_000


def lexical_scores(index: LexicalIndex, queries: Sequence[str]) -> Floats:
    """Cosine of each query (a search key) with every string, shape (queries, strings)."""
    if not queries or not index.size or not len(index.grams):
        return np.zeros((len(queries), index.size), np.float32)
    query, place, value = query_weights(index, queries)
    counts = index.indptr[place + 1] - index.indptr[place]
    load = np.bincount(query, weights=counts, minlength=len(queries))
    out = np.empty((len(queries), index.size), np.float32)
    heavy = load > _LONG
    for each in np.flatnonzero(heavy).tolist():
        out[each] = index.scores(queries[each])
    edges = np.searchsorted(query, np.arange(len(queries) + 1))
    for first, last in _spans(np.where(heavy, 0, load), heavy):
        part = slice(edges[first], edges[last])
        out[first:last] = _summed(index, query[part] - first, place[part], value[part], last - first)
    return out


def query_weights(index: LexicalIndex, queries: Sequence[str]) -> tuple[Ints, Ints, Floats]:
    """(query, n-gram's place in the index, weight) of every n-gram of the queries that the index has, by query."""
    owner, gram = grams_of(queries)
    found, ids = np.unique(gram, return_inverse=True)
    pair, tf = np.unique(owner * len(found) + ids, return_counts=True)
    query, kind = np.divmod(pair, max(1, len(found)))
    weight = (1.0 + np.log(tf)) * (index.reference or index).idf_of(found)[kind]
    norm = np.sqrt(np.bincount(query, weights=weight**2, minlength=len(queries)))
    weight /= norm[query]
    at = np.searchsorted(index.grams, found)
    at[at == len(index.grams)] = 0
    known = (index.grams[at] == found)[kind] if len(index.grams) else np.zeros(len(kind), np.bool_)
    return query[known], at[kind[known]], weight[known].astype(np.float32)


def _spans(load: npt.NDArray[np.float64], heavy: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Runs of queries that are not heavy, each with about as many postings as fit the cache."""
    first = 0
    weight = 0.0
    for at, (postings, stop) in enumerate(zip(load.tolist(), heavy.tolist(), strict=True)):
        if stop or weight > _BLOCK:
            if first < at:
                yield first, at
            first, weight = at + stop, 0.0
        weight += postings
    if first < len(load):
        yield first, len(load)


def _summed(index: LexicalIndex, query: Ints, place: Ints, value: Floats, queries: int) -> Floats:
    """Sums over (query, n-gram, weight); per query in the order of its n-grams, as one query alone is summed."""
    spans = index.indptr[place + 1] - index.indptr[place]
    at = np.arange(spans.sum()) + np.repeat(index.indptr[place] - np.cumsum(spans) + spans, spans)
    cell = np.repeat(query * index.size, spans) + index.docs[at]
    amount = index.weights[at].astype(np.float32, copy=False) * np.repeat(value, spans)
    total = np.bincount(cell, weights=amount, minlength=queries * index.size)
    return total.reshape(queries, index.size).astype(np.float32)
