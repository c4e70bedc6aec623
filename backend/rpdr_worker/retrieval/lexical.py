"""Lexical retrieval: cosine of character n-gram TF-IDF vectors, as an inverted index in numpy.

n-grams of 2 to 4 characters within padded words, single characters for Chinese. Needs no model and no training;
typos and word parts still share most n-grams. Weights: (1 + ln tf) * idf, L2-normalised per string.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Hashes = npt.NDArray[np.uint64]

_SIZES = (2, 3, 4)
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
    weights: npt.NDArray[np.float16]
    size: int
    rare: float
    reference: LexicalIndex | None = None

    @classmethod
    def build(cls, strings: Sequence[str], reference: LexicalIndex | None = None) -> LexicalIndex:
        """Index strings (already search keys). About 2 s per 60,000 names.

        With a `reference` its idf is used, so that scores of a small index compare with those of the large one.
        """
        size = len(strings)
        doc, gram = _grams(strings)
        vocabulary, ids = np.unique(gram, return_inverse=True)
        pair, tf = np.unique(ids.astype(np.int64) * max(size, 1) + doc, return_counts=True)
        gram_of, doc_of = np.divmod(pair, max(size, 1))
        df = np.bincount(gram_of, minlength=len(vocabulary))
        idf = np.log((1.0 + size) / (1.0 + df)) + 1.0 if reference is None else reference.idf_of(vocabulary)
        weight = (1.0 + np.log(tf)) * idf[gram_of]
        norm = np.sqrt(np.bincount(doc_of, weights=weight**2, minlength=size))
        weight /= np.maximum(norm[doc_of], 1e-9)
        indptr = np.concatenate(([0], np.cumsum(df)))
        return cls(
            vocabulary,
            idf.astype(np.float32),
            indptr.astype(np.int64),
            doc_of.astype(np.int32),
            weight.astype(np.float16),
            size,
            float(np.log(1.0 + size)) + 1.0 if reference is None else reference.rare,
            reference,
        )

    def idf_of(self, grams: Hashes) -> Floats:
        """Inverse document frequencies; an n-gram never seen is as rare as can be."""
        rare = np.float32(self.rare)
        if not len(self.grams):
            return np.full(len(grams), rare, np.float32)
        at = np.minimum(np.searchsorted(self.grams, grams), len(self.grams) - 1)
        return np.where(self.grams[at] == grams, self.idf[at], rare).astype(np.float32)

    def scores(self, query: str) -> Floats:
        """Cosine of the query (a search key) with every string, shape (size,)."""
        _, gram = _grams([query])
        found, tf = np.unique(gram, return_counts=True)
        if not len(found) or not len(self.grams):
            return np.zeros(self.size, np.float32)
        at = np.minimum(np.searchsorted(self.grams, found), len(self.grams) - 1)
        known = self.grams[at] == found
        weight = (1.0 + np.log(tf)) * (self.reference or self).idf_of(found)
        weight /= np.sqrt(np.sum(weight**2))
        docs, values = [], []
        for position, value in zip(at[known], weight[known], strict=True):
            span = slice(self.indptr[position], self.indptr[position + 1])
            docs.append(self.docs[span])
            values.append(self.weights[span].astype(np.float32) * np.float32(value))
        if not docs:
            return np.zeros(self.size, np.float32)
        total = np.bincount(np.concatenate(docs), weights=np.concatenate(values), minlength=self.size)
        return total.astype(np.float32)


def _grams(strings: Sequence[str]) -> tuple[Ints, Hashes]:
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
