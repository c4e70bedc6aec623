"""Letters of a large term table: the scores of `lexical_scores`, of the best strings only.

Most of the work of an inverted index is in its few hundred commonest n-grams, which occur in every tenth string and say
next to nothing. Here they are the columns of a matrix, multiplied in eight bits for all queries at once; only the rest
are postings. What comes of it is right to within a bound: the strings that may be among the best are scored again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rpdr_worker.retrieval.lexical import Floats, Ints, LexicalIndex
from rpdr_worker.retrieval.lexical_batch import query_weights
from rpdr_worker.retrieval.products import open_product
from rpdr_worker.retrieval.screening import Bools, Pairs, contenders

# A column costs a little for every string, a posting much more for each query that has the n-gram.
_COMMON = 1 / 32
_COLUMNS = 384
_CELLS = 32 << 20
_POSTINGS, _ENTRIES = 400_000, 1_000_000
# The smallest score that letters can give.
_ANY = 1e-30


@dataclass(frozen=True, slots=True)
class LetterParts:
    """What exact scores of a block of queries are made of: `rare` (q, strings) is what postings gave, `common`
    (q, columns) the weights of the other n-grams.
    """

    rare: Floats
    common: Floats


class Letters:
    """Immutable, so safe to share between threads. Takes some 2 bytes a column and string beside the index."""

    def __init__(self, index: LexicalIndex) -> None:
        self._index = index
        chosen = _common_grams(index)
        columns = len(chosen)
        self._column = np.full(len(index.grams), -1, np.int64)
        self._column[chosen] = np.arange(columns)
        self._starts, self._columns, self._weights = _by_string(index, chosen)
        self._product = open_product(self._dense(columns))
        self._columns_count = columns

    def contenders(self, queries: Sequence[str], k: int, inside: Bools | None = None) -> tuple[LetterParts, Pairs]:
        """All (query, string) that may be among a query's k best and score at all, and few others.

        `queries`: search keys; `inside`: strings to look at.
        """
        query, place, value = query_weights(self._index, queries)
        column = self._column[place]
        of_column = column >= 0
        common = np.zeros((len(queries), self._columns_count), np.float32)
        common[query[of_column], column[of_column]] = value[of_column]
        rare = self._summed(query[~of_column], place[~of_column], value[~of_column], len(queries))
        scores, slack = self._product.scores(common)
        scores += rare
        if inside is not None:
            scores *= inside
        return LetterParts(rare, common), contenders(scores, slack, k, _ANY)

    def exact(self, found: LetterParts, pairs: Pairs) -> Floats:
        """The scores of pairs (query of the block, string)."""
        rows, strings = pairs
        total = found.rare[rows, strings]
        counts = self._starts[strings + 1] - self._starts[strings]
        edges = np.concatenate(([0], np.cumsum(counts)))
        start = 0
        while start < len(rows):
            end = max(start + 1, int(np.searchsorted(edges, edges[start] + _ENTRIES)))
            part = slice(start, min(end, len(rows)))
            total[part] += self._common(found.common, rows[part], strings[part], counts[part])
            start = end
        return total

    def _common(self, weights: Floats, rows: Ints, strings: Ints, counts: Ints) -> Floats:
        ends = np.cumsum(counts)
        at = np.arange(ends[-1]) + np.repeat(self._starts[strings] - ends + counts, counts)
        cells = self._columns[at] + np.repeat(rows * weights.shape[1], counts)
        amounts = np.append(weights.reshape(-1)[cells] * self._weights[at], np.float32(0))
        sums = np.add.reduceat(amounts, ends - counts, dtype=np.float64)
        return np.asarray(np.where(counts > 0, sums, 0), np.float32)

    def _summed(self, query: Ints, place: Ints, value: Floats, queries: int) -> Floats:
        """Sums over (query, n-gram, weight), sorted by query: shape (queries, strings)."""
        index = self._index
        total = np.zeros(queries * index.size, np.float32)
        starts, ends = index.indptr[place], index.indptr[place + 1]
        spans = ends - starts
        edges = np.concatenate(([0], np.cumsum(spans)))
        first = 0
        while first < len(place):
            last = min(len(place), max(first + 1, int(np.searchsorted(edges, edges[first] + _POSTINGS))))
            lists = [slice(*pair) for pair in zip(starts[first:last].tolist(), ends[first:last].tolist(), strict=True)]
            cells = np.repeat(query[first:last] * index.size, spans[first:last])
            cells += np.concatenate([index.docs[one] for one in lists])
            amounts = np.repeat(value[first:last], spans[first:last])
            amounts *= np.concatenate([index.weights[one] for one in lists])
            np.add.at(total, cells, amounts)
            first = last
        return total.reshape(queries, index.size)

    def _dense(self, columns: int) -> npt.NDArray[np.float16]:
        """The weights of columns, which come from an index in float16."""
        found = np.zeros((self._index.size, columns), np.float16)
        found[np.repeat(np.arange(self._index.size), np.diff(self._starts)), self._columns] = self._weights
        return found


def _common_grams(index: LexicalIndex) -> Ints:
    """Places of the n-grams that are columns: the commonest of the table whose idf is used, so that equal strings of
    two tables are summed alike, to the last digit.
    """
    of = index.reference or index
    counts = np.diff(of.indptr)
    columns = min(_COLUMNS, _CELLS // max(1, of.size, index.size), int(np.count_nonzero(counts > of.size * _COMMON)))
    chosen = of.grams[np.sort(np.argsort(-counts, kind="stable")[:columns])]
    return np.flatnonzero(np.isin(index.grams, chosen))


def _by_string(index: LexicalIndex, grams: Ints) -> tuple[Ints, npt.NDArray[np.int16], Floats]:
    """Of these n-grams each string's entries: where they start, columns, and weights."""
    counts = index.indptr[grams + 1] - index.indptr[grams]
    ends = np.cumsum(counts)
    at = np.arange(counts.sum()) + np.repeat(index.indptr[grams] - ends + counts, counts)
    strings = index.docs[at]
    order = np.argsort(strings, kind="stable")
    columns = np.repeat(np.arange(len(grams), dtype=np.int16), counts)[order]
    starts = np.concatenate(([0], np.cumsum(np.bincount(strings, minlength=index.size)))).astype(np.int64)
    return starts, columns, index.weights[at][order].astype(np.float32)
