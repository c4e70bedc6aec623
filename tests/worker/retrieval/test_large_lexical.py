"""A lexical index made in blocks is the same, and the pruning of very long postings keeps the best."""

from __future__ import annotations

import random

import numpy as np
import pytest

from rpdr_worker.retrieval import lexical
from rpdr_worker.retrieval.lexical import LexicalIndex

_WORDS = ("acute", "chronic", "otitis", "media", "nephritis", "of", "left", "right", "upper", "knee", "糖尿病", "ear")


def _strings(count: int) -> list[str]:
    chance = random.Random(0)
    return [" ".join(chance.choices(_WORDS, k=chance.randrange(0, 7))) for _ in range(count)]


@pytest.mark.parametrize("count", [0, 1, 6, 7, 8, 300])
def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    strings = _strings(count)
    whole = LexicalIndex.build(strings)
    monkeypatch.setattr(lexical, "_BLOCK", 7)
    parts = LexicalIndex.build(strings)
    for name in ("grams", "idf", "indptr", "docs", "weights"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name)), name
    assert np.array_equal(
        LexicalIndex.build(strings[:9], whole).weights, LexicalIndex.build(strings[:9], parts).weights
    )


def test_pruned_scores_are_exact_for_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    index = LexicalIndex.build(_strings(3_000))
    queries = ["chronic otits media", "left knee nephritis", "糖尿病 kidney"]
    exact = [index.scores(query) for query in queries]
    monkeypatch.setattr(lexical, "_POSTINGS", 4_000)
    monkeypatch.setattr(lexical, "_LIKELY", 300)
    fewer = 0
    for query, truth in zip(queries, exact, strict=True):
        pruned = index.scores(query)
        best = np.argsort(-truth, kind="stable")[:20]
        assert np.allclose(pruned[best], truth[best], atol=1e-3)
        assert np.all(pruned <= truth + 1e-3)
        fewer += not np.allclose(pruned, truth, atol=1e-3)
    assert fewer, "nothing was pruned"
