"""Pools of a large segment are those of the plain definition: the best by letters and by vectors, and nothing lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rpdr_worker.retrieval import letters as letters_module
from rpdr_worker.retrieval import pools as pools_module
from rpdr_worker.retrieval import products, screening
from rpdr_worker.retrieval.fusion import fuse
from rpdr_worker.retrieval.index import ExactIndex
from rpdr_worker.retrieval.large_pools import large_pools
from rpdr_worker.retrieval.letters import Letters
from rpdr_worker.retrieval.lexical import LexicalIndex
from rpdr_worker.retrieval.pools import pools
from rpdr_worker.retrieval.products import FloatProduct, Int8Product, open_product
from rpdr_worker.retrieval.screening import among_best, contenders, union
from rpdr_worker.retrieval.segment import DenseView, Segment
from rpdr_worker.retrieval.terms import Owner, TermTable

_NEAR = 2e-6
WORDS = st.sampled_from(("pain", "knee", "left", "of", "painful", "knees", "白内障", "a", "1", "acute", "ain", ""))
STRINGS = st.lists(WORDS, max_size=4).map(" ".join)


@pytest.fixture(params=["float", "eight bits", "seven bits"])
def product(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "float":
        monkeypatch.setattr(letters_module, "open_product", FloatProduct)
        monkeypatch.setattr("rpdr_worker.retrieval.index.open_product", FloatProduct)
    monkeypatch.setattr(products, "full_range", lambda: request.param == "eight bits")
    # Some n-grams are columns, some are postings, and a few postings or entries are a block.
    monkeypatch.setattr(letters_module, "_COMMON", 1 / 4)
    monkeypatch.setattr(letters_module, "_POSTINGS", 20)
    monkeypatch.setattr(letters_module, "_ENTRIES", 16)
    monkeypatch.setattr(screening, "_GROUP", 3)


def _unit(random: np.random.Generator, count: int) -> np.ndarray:
    made = random.normal(size=(count, 24)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def _check(
    pool: tuple[list[float], list[int]], letters: np.ndarray, cosines: np.ndarray | None, k: int, inside: np.ndarray
) -> None:
    """`letters`, `cosines`: of one query with all strings; NaN where there is no vector."""
    values, places = pool
    truth = fuse(letters, cosines)
    assert values == pytest.approx(truth[places].tolist(), abs=_NEAR)
    assert [(-value, place) for value, place in zip(values, places, strict=True)] == sorted(
        (-value, place) for value, place in zip(values, places, strict=True)
    )
    assert inside[places].all()
    assert len(set(places)) == len(places)
    may, must = np.zeros(len(letters), np.bool_), np.zeros(len(letters), np.bool_)
    for scores, floor in ((letters, 0.0), (cosines, -np.inf)):
        if scores is not None:
            known = np.where(np.isnan(scores) | ~inside, -np.inf, scores)
            kth = np.sort(known)[-k] if len(known) >= k else -np.inf
            may |= (known >= kth - _NEAR) & (known > max(floor, -9))
            must |= (known > kth + _NEAR) & (known > max(floor, -9))
    assert may[places].all()
    assert set(np.flatnonzero(must)) <= set(places)


@pytest.mark.usefixtures("product")
@settings(max_examples=60, deadline=None)
@given(
    st.lists(STRINGS, min_size=1, max_size=60),
    st.lists(STRINGS, min_size=1, max_size=5),
    st.integers(1, 8),
    st.integers(0, 2**32 - 1),
)
@example(["a"] * 30, ["a", "zzz", ""], 4, 0)
def test_pools_are_those_of_the_definition(strings: list[str], queries: list[str], k: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    index = LexicalIndex.build(strings)
    vectors, asked = _unit(random, len(strings)), _unit(random, len(queries))
    vectors[random.random(len(strings)) < 0.2] = vectors[0]  # equals
    present = random.random(len(strings)) < 0.8
    rows = np.flatnonzero(present)
    inside = random.random(len(strings)) < 0.6 if seed % 2 else None
    given_vectors = [one if random.random() < 0.8 else None for one in asked]
    view = DenseView(vectors, present, ExactIndex(vectors[rows], rows, settled=bool(seed % 3)))
    scope = np.ones(len(strings), np.bool_) if inside is None else inside
    exact = np.stack([index.scores(query) for query in queries])
    for letters in (Letters(index), None):
        for seen in (view if len(rows) else None, None):
            found = list(large_pools(letters, seen, queries, given_vectors, k, inside))
            assert len(found) == len(queries)
            for pool, scores, vector in zip(found, exact, given_vectors, strict=True):
                scores = scores if letters is not None else np.zeros_like(scores)
                cosines = None
                if seen is not None and vector is not None:
                    cosines = np.where(present, vectors @ vector, np.nan).astype(np.float32)
                _check(pool, scores, cosines, k, scope)


@pytest.mark.usefixtures("product")
@settings(max_examples=40, deadline=None)
@given(st.lists(STRINGS, min_size=1, max_size=40, unique=True), st.lists(STRINGS, min_size=1, max_size=6))
def test_large_and_small_segments_have_one_answer(strings: list[str], queries: list[str]) -> None:
    table = TermTable.of((string, Owner(at, "name")) for at, string in enumerate(strings))
    segment = Segment(table, LexicalIndex.build(table.keys))
    random = np.random.default_rng(len(strings))
    segment.publish(0, _unit(random, len(segment)))
    vectors = dict(zip(queries, _unit(random, len(queries)), strict=False))
    with pytest.MonkeyPatch.context() as patch:
        small = list(pools(segment, queries, vectors, letters=True, inside=None))
        patch.setattr(pools_module, "_LARGE", 1)
        large = list(pools(segment, queries, vectors, letters=True, inside=None))
    for one, other in zip(small, large, strict=True):
        assert set(one[1]) == set(other[1])
        assert sorted(one[0]) == pytest.approx(sorted(other[0]), abs=_NEAR)


def test_behind_a_graph_its_answers_are_taken() -> None:
    class Graph:
        def search(self, queries: np.ndarray, k: int, inside: object = None) -> tuple[np.ndarray, np.ndarray]:
            del inside
            return np.array([[5, 2][:k], [0, 7][:k]]), np.zeros((2, 2), np.float32)

    strings = ["knee pain", *(f"other {at}" for at in range(9))]
    vectors = _unit(np.random.default_rng(0), 10)
    view = DenseView(vectors, np.ones(10, np.bool_), Graph())
    letters = Letters(LexicalIndex.build(strings))
    asked = [vectors[3], None, vectors[4]]
    first, second, third = (
        set(places) for _, places in large_pools(letters, view, ["knee pain", "knee", "zzz"], asked, 2, None)
    )
    assert (first, second, third) == ({0, 2, 5}, {0}, {0, 7})


@pytest.mark.parametrize("full_range", [True, False])
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 300), st.integers(1, 40), st.sampled_from((0.0, 0.5, 0.95)))
def test_eight_bits_are_wrong_by_no_more_than_they_say(
    full_range: bool, seed: int, rows: int, width: int, nothing: float
) -> None:
    random = np.random.default_rng(seed)
    matrix = np.abs(random.normal(size=(rows, width)) ** 5).astype(np.float32)
    matrix[random.random(matrix.shape) < nothing] = 0
    queries = np.abs(random.normal(size=(5, width))).astype(np.float32)
    queries[random.random(queries.shape) < nothing] = 0
    matrix, queries = (one / np.maximum(np.linalg.norm(one, axis=1, keepdims=True), 1e-9) for one in (matrix, queries))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(products, "full_range", lambda: full_range)
        found, slack = Int8Product(matrix).scores(queries)
    exact = queries.astype(np.float64) @ matrix.T
    assert np.all(np.abs(found - exact) <= slack[:, None])
    assert np.all(slack < 0.2)
    shared = (queries[:, None, :] > 0) & (matrix[None] > 0)
    assert np.array_equal(found > 0, shared.any(axis=2))


def test_extremes_do_not_overflow() -> None:
    """All products at their largest: where these are summed in sixteen bits, eight of them would be too many."""
    rows, queries = np.ones((64, 384), np.float32), np.array([[1.0] * 384, [-1.0] * 384], np.float32)
    found, slack = open_product(rows).scores(queries)
    assert np.all(np.abs(found - queries @ rows.T) <= slack[:, None] * 1.01)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 90), st.integers(1, 9), st.integers(1, 5))
def test_no_contender_is_lost(seed: int, strings: int, k: int, group: int) -> None:
    random = np.random.default_rng(seed)
    exact = np.round(random.random((4, strings)), 1).astype(np.float32)
    slack = np.array([0, 0.05, 0.1, 0.3], np.float32)
    wrong = exact + (random.random(exact.shape).astype(np.float32) * 2 - 1) * slack[:, None]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(screening, "_GROUP", group)
        rows, columns = contenders(wrong, slack + np.float32(1e-6), k, -9.0)
    kept = among_best((rows, columns), exact[rows, columns], k)
    for at, row in enumerate(exact):
        assert columns[kept & (rows == at)].tolist() == sorted(np.argsort(-row, kind="stable")[:k].tolist())


def test_nothing_below_the_floor_contends() -> None:
    scores = np.array([[0.0, 0.2, 0.1, 0.0]], np.float32)
    _, columns = contenders(scores, np.full(1, 0.5, np.float32), 2, 1e-30)
    assert columns.tolist() == [1, 2]


def test_of_equals_the_earlier_is_kept_and_nan_never() -> None:
    rows, columns = np.array([0, 0, 0, 2, 2, 2]), np.array([1, 4, 7, 0, 2, 3])
    values = np.array([0.5, 0.5, 0.5, np.nan, 0.1, 0.2], np.float32)
    assert among_best((rows, columns), values, 2).tolist() == [True, True, False, False, True, True]


@given(
    st.sets(st.tuples(st.integers(0, 3), st.integers(0, 5))), st.sets(st.tuples(st.integers(0, 3), st.integers(0, 5)))
)
def test_union(one: set[tuple[int, int]], other: set[tuple[int, int]]) -> None:
    arrays = [
        (np.array([row for row, _ in sorted(pairs)], np.int64), np.array([at for _, at in sorted(pairs)], np.int64))
        for pairs in (one, other)
    ]
    (rows, columns), of_first = union(*arrays, 6)
    both = list(zip(rows.tolist(), columns.tolist(), strict=True))
    assert both == sorted(one | other)
    assert [pair in one for pair in both] == of_first.tolist()


def test_without_onnx_products_are_floats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    assert isinstance(open_product(np.ones((3, 2), np.float32)), FloatProduct)
