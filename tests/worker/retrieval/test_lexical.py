from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_worker.retrieval.lexical import LexicalIndex
from rpdr_worker.retrieval.lexical_batch import lexical_scores
from rpdr_worker.retrieval.text import search_key

NAMES = (
    "age related nuclear cataract",
    "acute myocardial infarction",
    "old myocardial infarction",
    "fracture of wrist",
    "白内障",
    "老年性白内障",
    "a",
)


def grams(key: str) -> Counter[str]:
    """The definition, slowly: within each padded word all pieces of 2 to 4 characters, and each Chinese character.

    A piece may take the blank on one side of its word, not on both.
    """
    found: Counter[str] = Counter()
    for word in key.split():
        padded = f" {word} "
        for size in (2, 3, 4):
            pieces = (padded[at : at + size] for at in range(len(padded) - size + 1))
            found.update(piece for piece in pieces if not (piece[0] == " " and piece[-1] == " "))
        found.update(char for char in word if 0x3400 <= ord(char) <= 0x9FFF)
    return found


class Reference:
    """TF-IDF with dictionaries: (1 + ln tf) * idf, idf = ln((1 + n) / (1 + df)) + 1, both sides of unit length."""

    def __init__(self, keys: Sequence[str], other: Reference | None = None) -> None:
        self.size = len(keys)
        self.df = Counter(gram for key in keys for gram in set(grams(key)))
        self.other = other
        self.vectors = [self.vector(key) for key in keys]

    def idf(self, gram: str) -> float:
        if self.other is not None:
            return self.other.idf(gram)
        return math.log((1 + self.size) / (1 + self.df[gram])) + 1

    def vector(self, key: str) -> dict[str, float]:
        weights = {gram: (1 + math.log(tf)) * self.idf(gram) for gram, tf in grams(key).items()}
        norm = math.sqrt(sum(weight**2 for weight in weights.values()))
        return {gram: weight / norm for gram, weight in weights.items()}

    def scores(self, key: str) -> list[float]:
        query = self.vector(key)
        return [sum(weight * vector.get(gram, 0.0) for gram, weight in query.items()) for vector in self.vectors]


KEYS = st.text(st.sampled_from("ab é+%白内障"), max_size=12).map(search_key)
TABLES = st.lists(KEYS, min_size=1, max_size=6)


@settings(deadline=None)
@given(TABLES, KEYS)
def test_it_equals_the_slow_definition(keys: list[str], query: str) -> None:
    found = LexicalIndex.build(keys).scores(query)
    assert found.shape == (len(keys),)
    assert found == pytest.approx(Reference(keys).scores(query), abs=2e-3)


@settings(deadline=None)
@given(TABLES, TABLES, KEYS)
def test_with_a_reference_it_takes_the_references_idf(large: list[str], small: list[str], query: str) -> None:
    base = LexicalIndex.build(large)
    found = LexicalIndex.build(small, base).scores(query)
    assert found == pytest.approx(Reference(small, Reference(large)).scores(query), abs=2e-3)


@settings(deadline=None)
@given(st.lists(st.text(max_size=20).map(search_key), min_size=1, max_size=6), st.text(max_size=20).map(search_key))
def test_laws(keys: list[str], query: str) -> None:
    found = LexicalIndex.build(keys).scores(query)
    assert found.dtype == np.float32
    assert np.all(np.isfinite(found))
    assert np.all((found >= 0) & (found <= 1.002))
    for position, key in enumerate(keys):
        if key:
            assert LexicalIndex.build(keys).scores(key)[position] == pytest.approx(1, abs=2e-3)


def test_the_same_string_is_best_and_about_one() -> None:
    index = LexicalIndex.build(NAMES)
    for position, name in enumerate(NAMES):
        scores = index.scores(name)
        assert int(scores.argmax()) == position
        assert scores[position] == pytest.approx(1, abs=2e-3)


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("catarct nuclear", 0),
        ("nuclr cataract", 0),
        ("acut miocardial infraction", 1),
        ("fractured wrists", 3),
        ("内障", 4),
        ("障", 4),
        ("老年白内障", 5),
    ],
)
def test_typos_parts_and_single_characters_find_their_name(query: str, best: int) -> None:
    scores = LexicalIndex.build(NAMES).scores(query)
    assert int(scores.argmax()) == best
    assert scores[best] > 0.2


def test_words_in_another_order_are_the_same_grams() -> None:
    index = LexicalIndex.build(NAMES)
    assert index.scores("infarction acute myocardial")[1] == pytest.approx(1, abs=2e-3)


def test_what_shares_nothing_scores_nothing() -> None:
    assert LexicalIndex.build(NAMES).scores("zzz").tolist() == [0.0] * len(NAMES)
    assert LexicalIndex.build(NAMES).scores("").tolist() == [0.0] * len(NAMES)


def test_an_empty_table_answers_with_nothing() -> None:
    empty = LexicalIndex.build([])
    assert empty.scores("cataract").shape == (0,)
    assert LexicalIndex.build(["a b"], empty).scores("a b").tolist() == pytest.approx([1], abs=2e-3)


def test_strings_without_grams_keep_their_place() -> None:
    assert LexicalIndex.build(["", "cataract", ""]).scores("cataract").tolist() == pytest.approx([0, 1, 0], abs=2e-3)


@given(
    st.lists(st.text(alphabet="abc 白", max_size=9), min_size=1, max_size=20), st.text(alphabet="abcd 白", max_size=9)
)
def test_wider_weights_give_the_same_scores_to_the_last_digit(strings: list[str], query: str) -> None:
    index = LexicalIndex.build([search_key(one) for one in (*NAMES, *strings)])
    wide, key = index.widened(), search_key(query)
    assert wide.weights.dtype == np.float32
    assert np.array_equal(wide.scores(key), index.scores(key))
    assert np.array_equal(lexical_scores(wide, [key, *NAMES]), lexical_scores(index, [key, *NAMES]))
