"""Dense search over unit vectors: exact, or hnswlib's graph where the base is large. Same answer, different cost.

Exact search is the reference and the fastest up to some 200,000 strings on a CPU. hnswlib forgets `ef` when a
graph is loaded and crashes on damaged files: the graph is hashed before it is loaded and `ef` set after.
"""

from __future__ import annotations

import hashlib
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from rpdr_worker.retrieval.encoder import Vectors
from rpdr_worker.retrieval.products import FloatProduct, Product, open_product
from rpdr_worker.retrieval.screening import Pairs, contenders

Ids = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
HNSW_FROM = 200_000
_BELOW_ALL = -2.0
_EF = 200


class VectorIndex(Protocol):
    """`search(queries (q, d), k)` gives positions (q, k) and inner products (q, k), best first.

    With `inside` (a flag for each string) only those strings are found, and fewer than k where there are no more.
    """

    def search(self, queries: Vectors, k: int, inside: Bools | None = None) -> tuple[Ids, Vectors]: ...


class ExactIndex:
    """A matrix product over the vectors that are there. `rows` are the positions that the vectors stand for.

    `settled`: more are not expected, so that it pays to prepare for many queries.
    """

    def __init__(self, vectors: Vectors, rows: Ids, *, settled: bool = False) -> None:
        self._vectors = vectors
        self._rows = rows
        self._product: Product | None = None if settled else FloatProduct(vectors)

    def contenders(self, queries: Vectors, k: int, inside: Bools | None = None) -> Pairs:
        """All (query, position) that may be among a query's k nearest, and few others."""
        if self._product is None:
            self._product = open_product(self._vectors)
        scores, slack = self._product.scores(queries)
        if inside is not None:
            np.copyto(scores, -np.inf, where=~inside[self._rows])
        found, columns = contenders(scores, slack, k, _BELOW_ALL)
        return found, self._rows[columns]

    def search(self, queries: Vectors, k: int, inside: Bools | None = None) -> tuple[Ids, Vectors]:
        scores = queries @ self._vectors.T
        k = min(k, scores.shape[1])
        if inside is not None:
            kept = inside[self._rows]
            scores[:, ~kept] = -np.inf
            k = min(k, int(kept.sum()))
            if not k:
                return np.zeros((len(queries), 0), np.int64), np.zeros((len(queries), 0), np.float32)
        part = np.argpartition(-scores, k - 1, axis=1)[:, :k] if k < scores.shape[1] else _all(scores)
        values = np.take_along_axis(scores, part, 1)
        order = np.argsort(-values, axis=1, kind="stable")
        found = np.take_along_axis(part, order, 1)
        return self._rows[found], np.take_along_axis(values, order, 1).astype(np.float32)


class HnswIndex:
    """hnswlib's inner-product graph (M 16, efConstruction 200)."""

    def __init__(self, graph: Any, rows: Ids, whole: Vectors, *, exact_below: int = HNSW_FROM) -> None:
        graph.set_ef(_EF)
        self._graph = graph
        self._rows = rows
        self._whole = whole
        self._exact_below = exact_below
        self._part: tuple[Bools, VectorIndex] | None = None

    def search(self, queries: Vectors, k: int, inside: Bools | None = None) -> tuple[Ids, Vectors]:
        k = min(k, len(self._rows), _EF)
        if inside is None:
            found, distance = self._graph.knn_query(queries, k=k)
            return self._rows[found.astype(np.int64)], (1.0 - distance).astype(np.float32)
        return self._within(inside).search(queries, k)

    def _within(self, inside: Bools) -> VectorIndex:
        """The strings of a scope; kept for the scope that was asked for last."""
        part = self._part
        if part is None or part[0] is not inside:
            part = self._part = (inside, self._part_of(inside))
        return part[1]

    def _part_of(self, inside: Bools) -> VectorIndex:
        """Few strings are searched exactly: a graph walked through a narrow filter loses what lies far apart."""
        kept = self._rows[inside[self._rows]]
        if len(kept) < self._exact_below:
            return ExactIndex(self._whole[kept], kept)
        return _FilteredGraph(self._graph, self._rows, inside[self._rows].tobytes())


class _FilteredGraph:
    """The graph, walked past the strings that are outside of a scope, one at a time."""

    def __init__(self, graph: Any, rows: Ids, inside: bytes) -> None:
        self._graph = graph
        self._rows = rows
        self._inside = inside

    def search(self, queries: Vectors, k: int, inside: Bools | None = None) -> tuple[Ids, Vectors]:
        del inside  # it is this graph's own
        k = min(k, self._inside.count(1), _EF)
        while k:
            try:
                found, distance = self._graph.knn_query(queries, k=k, num_threads=1, filter=self._inside.__getitem__)
            except RuntimeError:
                # hnswlib refuses where its walk met fewer than k that pass.
                k //= 2
                continue
            return self._rows[found.astype(np.int64)], (1.0 - distance).astype(np.float32)
        return np.zeros((len(queries), 0), np.int64), np.zeros((len(queries), 0), np.float32)


def hnswlib_installed() -> bool:
    return find_spec("hnswlib") is not None


def open_index(
    vectors: Vectors, rows: Ids, folder: Path, whole: Vectors | None = None, *, hnsw_from: int = HNSW_FROM
) -> VectorIndex:
    """Exact below `hnsw_from` vectors or without hnswlib; else the graph, loaded if its hash is right, or built.

    `whole`: the vectors of all strings, of which `vectors` are those at `rows`; without it there are no others.
    """
    if len(rows) < hnsw_from or not hnswlib_installed():
        return ExactIndex(vectors, rows, settled=True)
    path = folder / f"{_key(vectors)}.hnsw"
    graph = _load(path, vectors) or _build(path, vectors)
    if whole is None:
        whole = np.zeros((int(rows.max()) + 1, vectors.shape[1]), vectors.dtype)
        whole[rows] = vectors
    return HnswIndex(graph, rows, whole, exact_below=hnsw_from)


class _Note(msgspec.Struct, frozen=True):
    sha256: str
    size: int
    width: int


def _load(path: Path, vectors: Vectors) -> Any:
    import hnswlib

    try:
        note = msgspec.json.decode(path.with_suffix(".json").read_bytes(), type=_Note)
        with path.open("rb") as stream:
            sound = hashlib.file_digest(stream, "sha256").hexdigest() == note.sha256
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if not sound or (note.size, note.width) != vectors.shape:
        return None
    graph = hnswlib.Index(space="ip", dim=note.width)
    graph.load_index(str(path), max_elements=note.size)
    return graph


def _build(path: Path, vectors: Vectors) -> Any:
    import hnswlib

    graph = hnswlib.Index(space="ip", dim=vectors.shape[1])
    graph.init_index(max_elements=len(vectors), M=16, ef_construction=200, random_seed=7)
    graph.add_items(vectors, np.arange(len(vectors)))
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    graph.save_index(str(temporary))
    with temporary.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    temporary.replace(path)
    note = _Note(digest, len(vectors), vectors.shape[1])
    path.with_suffix(".json").write_bytes(msgspec.json.encode(note))
    return graph


def _key(vectors: Vectors) -> str:
    return hashlib.sha256(np.ascontiguousarray(vectors).data).hexdigest()[:32]


def _all(scores: Vectors) -> Ids:
    return np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
