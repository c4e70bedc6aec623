from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rpdr_worker.retrieval import index as module
from rpdr_worker.retrieval.index import ExactIndex, HnswIndex, VectorIndex, hnswlib_installed, open_index

needs_hnswlib = pytest.mark.skipif(not hnswlib_installed(), reason="hnswlib is optional")
Matrix = np.ndarray[Any, np.dtype[np.float32]]


def unit(rows: int, width: int = 24, seed: int = 0) -> Matrix:
    found = np.random.default_rng(seed).standard_normal((rows, width)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


VECTORS = unit(3_000)
ROWS = np.arange(3_000) * 2 + 1
QUERIES = unit(60, seed=1)


def overlap(one: VectorIndex, other: VectorIndex, k: int = 10) -> float:
    first, second = one.search(QUERIES, k)[0], other.search(QUERIES, k)[0]
    return float(np.mean([len(set(a) & set(b)) / k for a, b in zip(first.tolist(), second.tolist(), strict=True)]))


def test_exact_search_is_a_sorted_matrix_product() -> None:
    found, values = ExactIndex(VECTORS, ROWS).search(QUERIES, 7)
    scores = QUERIES @ VECTORS.T
    order = np.argsort(-scores, axis=1)[:, :7]
    assert np.array_equal(found, ROWS[order])
    assert np.allclose(values, np.take_along_axis(scores, order, 1))
    assert values.dtype == np.float32


def test_fewer_strings_than_asked_are_all_given() -> None:
    found, values = ExactIndex(VECTORS[:3], ROWS[:3]).search(QUERIES[:2], 10)
    assert found.shape == values.shape == (2, 3)
    assert set(found[0].tolist()) == {1, 3, 5}
    assert np.all(np.diff(values, axis=1) <= 0)


def test_small_bases_are_searched_exactly(tmp_path: Path) -> None:
    assert isinstance(open_index(VECTORS, ROWS, tmp_path), ExactIndex)
    assert list(tmp_path.iterdir()) == []


def test_without_hnswlib_large_bases_are_searched_exactly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "hnswlib_installed", lambda: False)
    assert isinstance(open_index(VECTORS, ROWS, tmp_path, hnsw_from=10), ExactIndex)


@needs_hnswlib
def test_the_graph_finds_what_exact_search_finds(tmp_path: Path) -> None:
    graph = open_index(VECTORS, ROWS, tmp_path, hnsw_from=10)
    assert isinstance(graph, HnswIndex)
    exact = ExactIndex(VECTORS, ROWS)
    assert overlap(graph, exact) >= 0.95
    found, values = graph.search(QUERIES, 10)
    assert np.all(np.diff(values, axis=1) <= 1e-6)
    position = (found[0, 0] - 1) // 2
    assert values[0, 0] == pytest.approx(float(QUERIES[0] @ VECTORS[position]), abs=1e-5)


@needs_hnswlib
def test_a_loaded_graph_is_as_good_as_the_built_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """hnswlib forgets ef when it loads: at its default of 10 the tenth neighbour is often wrong."""
    open_index(VECTORS, ROWS, tmp_path, hnsw_from=10)
    monkeypatch.setattr(module, "_build", lambda *_: pytest.fail("built again"))
    loaded = open_index(VECTORS, ROWS, tmp_path, hnsw_from=10)
    assert loaded._graph.ef == module._EF  # type: ignore[attr-defined]
    assert overlap(loaded, ExactIndex(VECTORS, ROWS)) >= 0.95


@needs_hnswlib
def test_the_test_above_could_fail(tmp_path: Path) -> None:
    graph = open_index(VECTORS, ROWS, tmp_path, hnsw_from=10)
    graph._graph.set_ef(10)  # type: ignore[attr-defined]
    assert overlap(graph, ExactIndex(VECTORS, ROWS)) < 0.95


@needs_hnswlib
@pytest.mark.parametrize("where", [0, 4, 8, 60, 0.5, 0.999])
def test_a_damaged_graph_is_never_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: float) -> None:
    """hnswlib reads past its memory on damaged files, so that the process would be gone."""
    import hnswlib

    open_index(VECTORS, ROWS, tmp_path, hnsw_from=10)
    (path,) = tmp_path.glob("*.hnsw")
    content = bytearray(path.read_bytes())
    content[int(where * len(content)) if isinstance(where, float) else where] ^= 0xFF
    path.write_bytes(content)
    monkeypatch.setattr(hnswlib.Index, "load_index", lambda *_, **__: pytest.fail("loaded"))
    rebuilt = open_index(VECTORS, ROWS, tmp_path, hnsw_from=10)
    assert overlap(rebuilt, ExactIndex(VECTORS, ROWS)) >= 0.95
    monkeypatch.undo()
    assert overlap(open_index(VECTORS, ROWS, tmp_path, hnsw_from=10), ExactIndex(VECTORS, ROWS)) >= 0.95


@needs_hnswlib
@pytest.mark.parametrize("note", [b"", b"{}", b"\xff", b'{"sha256": "\xff", "size": 1, "width": 1}', None])
def test_a_graph_without_a_sound_note_is_built_again(tmp_path: Path, note: bytes | None) -> None:
    open_index(VECTORS[:50], ROWS[:50], tmp_path, hnsw_from=10)
    (path,) = tmp_path.glob("*.json")
    path.unlink() if note is None else path.write_bytes(note)
    assert isinstance(open_index(VECTORS[:50], ROWS[:50], tmp_path, hnsw_from=10), HnswIndex)
    assert json.loads(path.read_bytes())["size"] == 50


@needs_hnswlib
def test_other_vectors_have_another_graph(tmp_path: Path) -> None:
    open_index(VECTORS[:50], ROWS[:50], tmp_path, hnsw_from=10)
    open_index(VECTORS[50:100], ROWS[:50], tmp_path, hnsw_from=10)
    assert len(list(tmp_path.glob("*.hnsw"))) == 2
    assert not list(tmp_path.glob("*.tmp"))
