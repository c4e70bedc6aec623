from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.edits import edits
from rpdr_worker.ranking.spelling import respelt, words_of

WORDS = words_of(["Abdominal pain", "Stumbling gait", "(severe) anxiety", "ulcer-ache"])
SHORT = st.text("abc", max_size=6)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("severe abdonimal pain", "severe abdominal pain"),
        ("Stumbeling, often", "stumbling, often"),
        ("uclers", "ulcer"),
        ("abdominal pain", "abdominal pain"),
        ("anx", "anx"),
        ("nothing like it", "nothing like it"),
        ("xabdominal", "xabdominal"),
        ("", ""),
        ("腹痛", "腹痛"),
    ],
)
def test_an_unknown_word_is_read_as_one_at_hand(text: str, read: str) -> None:
    assert respelt(text, WORDS, lambda word: word in ("often", "nothing")) == read


def test_a_known_word_is_left_alone() -> None:
    assert respelt("stumbled", WORDS, lambda _: True) == "stumbled"
    assert respelt("stumblin", WORDS, lambda _: False) == "stumbling"


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ab", 1), ("abc", "xbc", 1), ("", "ab", 2)],
)
def test_edits(one: str, other: str, count: int) -> None:
    assert edits(one, other, 5) == count


@given(SHORT, SHORT, st.integers(0, 4))
def test_slips_are_a_distance_up_to_the_limit(one: str, other: str, limit: int) -> None:
    exact = edits(one, other, 99)
    assert exact == edits(other, one, 99)
    assert (exact == 0) == (one == other)
    found = edits(one, other, limit)
    assert found == exact if exact <= limit else found > limit
