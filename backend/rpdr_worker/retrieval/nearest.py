"""Which texts of a pool read most like a query: cosine of vectors and of letters, or of letters alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from rpdr_core.protocol.messages import Neighbours
from rpdr_worker.retrieval.encoder import Encoder, Vectors
from rpdr_worker.retrieval.lexical import LexicalIndex
from rpdr_worker.retrieval.text import has_cjk, search_key

Floats = npt.NDArray[np.float32]
_DENSE = 0.75
# Beyond so many texts only those whose letters are nearest get vectors.
_ALL, _SHORTLIST = 2_000, 64
# Differences below this are rounding, which batches and machines do differently.
_DIGITS = 5


def nearest(
    queries: Sequence[str],
    pool: Sequence[str],
    k: int,
    encoder: Encoder | None,
    check: Callable[[], None] = lambda: None,
) -> Neighbours:
    """Up to `k` indexes into `pool` for each query. Chinese is compared by its signs where the encoder reads none.

    The same texts always give the same lists: of equals the earlier in the pool comes first.
    """
    if not pool or not queries or k < 1:
        return Neighbours(tuple(() for _ in queries), "lexical")
    index = LexicalIndex.build([search_key(text) for text in pool])
    letters = [index.scores(search_key(query)) for query in queries]
    chosen = [_shortlist(scores, len(pool)) for scores in letters]
    vectors = _vectors(queries, pool, chosen, encoder, check) if encoder is not None else {}
    lists = []
    for query, scores, members in zip(queries, letters, chosen, strict=True):
        check()
        found = _similarity(query, [pool[at] for at in members], scores[members], vectors)
        order = np.lexsort((members, -np.round(found, _DIGITS)))[:k]
        lists.append(tuple(int(members[at]) for at in order))
    return Neighbours(tuple(lists), "dense" if vectors else "lexical")


def _shortlist(scores: Floats, size: int) -> npt.NDArray[np.int64]:
    if size <= _ALL:
        return np.arange(size)
    return np.sort(np.lexsort((np.arange(size), -np.round(scores, _DIGITS)))[:_SHORTLIST])


def _vectors(
    queries: Sequence[str],
    pool: Sequence[str],
    chosen: Sequence[npt.NDArray[np.int64]],
    encoder: Encoder,
    check: Callable[[], None],
) -> dict[str, Vectors]:
    """Vectors by text of all that the encoder can read."""
    wanted = dict.fromkeys([*queries, *(pool[at] for at in sorted({int(at) for row in chosen for at in row}))])
    readable = [text for text in wanted if encoder.reads_chinese or not has_cjk(text)]
    return dict(zip(readable, encoder.encode(readable, check), strict=True)) if readable else {}


def _similarity(query: str, texts: Sequence[str], letters: Floats, vectors: dict[str, Vectors]) -> Floats:
    """Of two texts of which one has no vector, letters are all there is to compare."""
    if query not in vectors:
        return letters
    own = vectors[query]
    dense = np.array([float(own @ vectors[text]) if text in vectors else 0.0 for text in texts], np.float32)
    return np.asarray(_DENSE * dense + (1 - _DENSE) * letters, np.float32)
