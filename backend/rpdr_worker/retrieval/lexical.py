"""Lexical retrieval: cosine of character n-gram TF-IDF vectors, as an inverted index in numpy.

n-grams of 2 to 4 characters within padded words, single characters for Chinese. Needs no model and no training;
typos and word parts still share most n-grams. Weights: (1 + ln tf) * idf, L2-normalised per string.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Hashes = npt.NDArray[np.uint64]

_SIZES = (2, 3, 4)
# Strings whose n-grams are in memory at once: some 150 MiB, however long the terminology is.
_BLOCK = 16_384
# ICD-10-CM's longest names stay below; of a million terms the commonest word endings alone have more.
_POSTINGS = 1_500_000
_LIKELY = 2_048
_PRIME = np.uint64(1099511628211)
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class LexicalIndex:
    """Postings per n-gram: `docs[indptr[i]:indptr[i+1]]` are the strings that hold `grams[i]` (sorted hashes).

    `weights` are aligned with `docs`; `idf` with `grams`; `size` is the number of strings; `rare` the idf of an
    n-gram never seen. With a `reference` queries are weighted by its idf too.
    """

    grams: Hashes
    idf: Floats
    indptr: Ints
    docs: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float16] | Floats
    size: int
    rare: float
    reference: LexicalIndex | None = None

    @classmethod
    def build(cls, strings: Sequence[str], reference: LexicalIndex | None = None) -> LexicalIndex:
        """Index strings (already search keys). About 2 s per 60,000 names.

        With a `reference` its idf is used, so that scores of a small index compare with those of the large one.
        """
        size = len(strings)
        vocabulary, df = _document_frequencies(strings)
        idf = np.log((1.0 + size) / (1.0 + df)) + 1.0 if reference is None else reference.idf_of(vocabulary)
        indptr = np.concatenate(([0], np.cumsum(df))).astype(np.int64)
        docs, weights = np.empty(indptr[-1], np.int32), np.empty(indptr[-1], np.float16)
        free = indptr[:-1].copy()
        for start in range(0, size, _BLOCK):
            gram_of, doc_of, weight = _weighted(strings[start : start + _BLOCK], vocabulary, idf)
            # Pairs come by n-gram, those of one n-gram by string: each run goes where its n-gram's postings end.
            counts = np.bincount(gram_of, minlength=len(vocabulary))
            place = np.arange(len(gram_of)) + np.repeat(free - np.cumsum(counts) + counts, counts)
            docs[place], weights[place] = doc_of + start, weight
            free += counts
        return cls(
            vocabulary,
            idf.astype(np.float32),
            indptr,
            docs,
            weights,
            size,
            float(np.log(1.0 + size)) + 1.0 if reference is None else reference.rare,
            reference,
        )

    def widened(self) -> LexicalIndex:
        """The same scores without converting weights for each query: held in float32, unless they are mapped."""
        if isinstance(self.weights, np.memmap):
            return self
        return replace(self, weights=self.weights.astype(np.float32))

    def idf_of(self, grams: Hashes) -> Floats:
        """Inverse document frequencies; an n-gram never seen is as rare as can be."""
        rare = np.float32(self.rare)
        if not len(self.grams):
            return np.full(len(grams), rare, np.float32)
        at = np.minimum(np.searchsorted(self.grams, grams), len(self.grams) - 1)
        return np.where(self.grams[at] == grams, self.idf[at], rare).astype(np.float32)

    def scores(self, query: str) -> Floats:
        """Cosine of the query (a search key) with every string, shape (size,)."""
        _, gram = grams_of([query])
        found, tf = np.unique(gram, return_counts=True)
        if not len(found) or not len(self.grams):
            return np.zeros(self.size, np.float32)
        at = np.minimum(np.searchsorted(self.grams, found), len(self.grams) - 1)
        known = self.grams[at] == found
        weight = (1.0 + np.log(tf)) * (self.reference or self).idf_of(found)
        weight /= np.sqrt(np.sum(weight**2))
        return self._scored(at[known], weight[known].astype(np.float32))

    def _scored(self, at: Ints, weight: Floats) -> Floats:
        """Sums over n-grams (positions in `grams`). Where these have very many postings, the rarest n-grams choose a
        few thousand strings, and the frequent ones count for those only: any other scores less than it should.
        """
        sizes = self.indptr[at + 1] - self.indptr[at]
        order = np.argsort(sizes, kind="stable")
        frequent = order[np.cumsum(sizes[order]) > _POSTINGS]
        if not len(frequent):
            return self._summed(at, weight)
        rare = order[: len(order) - len(frequent)]
        total = self._summed(at[rare], weight[rare])
        # Where the rare ones occur in next to nothing, the next ones choose too.
        while len(frequent) and np.count_nonzero(total) < 4 * _LIKELY:
            total += self._summed(at[frequent[:1]], weight[frequent[:1]])
            frequent = frequent[1:]
        likely = np.sort(np.argpartition(-total, _LIKELY)[:_LIKELY]) if self.size > _LIKELY else np.arange(self.size)
        for gram in frequent.tolist():
            span = slice(self.indptr[at[gram]], self.indptr[at[gram] + 1])
            docs = self.docs[span]
            place = np.minimum(np.searchsorted(docs, likely), len(docs) - 1)
            found = docs[place] == likely
            total[likely[found]] += self.weights[span][place[found]].astype(np.float32, copy=False) * weight[gram]
        return total

    def _summed(self, at: Ints, weight: Floats) -> Floats:
        docs, values = [], []
        for position, value in zip(at, weight, strict=True):
            span = slice(self.indptr[position], self.indptr[position + 1])
            docs.append(self.docs[span])
            values.append(self.weights[span].astype(np.float32, copy=False) * value)
        if not docs:
            return np.zeros(self.size, np.float32)
        total = np.bincount(np.concatenate(docs), weights=np.concatenate(values), minlength=self.size)
        return total.astype(np.float32)


def _document_frequencies(strings: Sequence[str]) -> tuple[Hashes, Ints]:
    """The n-grams that occur, sorted, and in how many strings each does."""
    grams: Hashes = np.zeros(0, np.uint64)
    counts: Ints = np.zeros(0, np.int64)
    for start in range(0, len(strings), _BLOCK):
        doc, gram = grams_of(strings[start : start + _BLOCK])
        found, ids = np.unique(gram, return_inverse=True)
        pairs = np.sort(ids.astype(np.int64) * _BLOCK + doc)
        pairs = pairs[np.diff(pairs, prepend=-1) > 0]  # np.unique has a hash table here, and is many times slower
        merged, at = np.unique(np.concatenate((grams, found)), return_inverse=True)
        every = np.concatenate((counts, np.bincount(pairs // _BLOCK, minlength=len(found))))
        counts = np.bincount(at, weights=every, minlength=len(merged)).astype(np.int64)
        grams = merged
    return grams, counts


def _weighted(
    strings: Sequence[str], vocabulary: Hashes, idf: npt.NDArray[np.floating]
) -> tuple[Ints, Ints, npt.NDArray[np.float64]]:
    """(n-gram, string, weight) of every pair that occurs, in this order; the weights of a string have length 1."""
    doc, gram = grams_of(strings)
    pair, tf = np.unique(np.searchsorted(vocabulary, gram) * _BLOCK + doc, return_counts=True)
    gram_of, doc_of = np.divmod(pair, _BLOCK)
    weight = (1.0 + np.log(tf)) * idf[gram_of]
    norm = np.sqrt(np.bincount(doc_of, weights=weight**2, minlength=len(strings)))
    weight /= np.maximum(norm[doc_of], 1e-9)
    return gram_of, doc_of, weight


def grams_of(strings: Sequence[str]) -> tuple[Ints, Hashes]:
    """(string index, n-gram hash) of every n-gram of every string."""
    padded = [f" {text} " for text in strings]
    lengths = np.fromiter((len(text) for text in padded), np.int64, len(padded))
    points = np.frombuffer("".join(padded).encode("utf-32-le"), np.uint32).astype(np.uint64)
    owner = np.repeat(np.arange(len(padded)), lengths)
    space = points == 32
    docs, hashes = [], []
    rolling = points.copy()
    for size in range(2, max(_SIZES) + 1):
        rolling = rolling[:-1] * _PRIME + points[size - 1 :] if len(rolling) > 1 else rolling[:0]
        last = len(rolling)
        if not last:
            break
        inside = owner[:last] == owner[size - 1 : size - 1 + last]
        # An n-gram may begin or end at a word's edge but not span two words.
        for inner in range(1, size - 1):
            inside &= ~space[inner : inner + last]
        inside &= ~(space[:last] & space[size - 1 : size - 1 + last])
        docs.append(owner[:last][inside])
        hashes.append(_mixed(rolling[inside], size))
    cjk = (points >= 0x3400) & (points <= 0x9FFF)
    docs.append(owner[cjk])
    hashes.append(_mixed(points[cjk], 1))
    return np.concatenate(docs), np.concatenate(hashes)


def _mixed(values: Hashes, size: int) -> Hashes:
    mixed = (values + np.uint64(size)) * _MIX
    return mixed ^ (mixed >> np.uint64(29))
