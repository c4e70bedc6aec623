"""Misspelt words: the index of thinned words misses none that is near enough, and finds them without a scan."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.edits import edits
from rpdr_core.store.spelling import allowed, keys_of_query, keys_of_word

WORDS = st.text("abcde", min_size=3, max_size=12)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("cataract", "cataract", 0),
        ("catract", "cataract", 1),
        ("cataaract", "cataract", 1),
        ("cataract", "catarakt", 1),
        ("pnuemonia", "pneumonia", 1),
        ("hypertenshun", "hypertension", 2),
        ("glaukomma", "glaucoma", 2),
        ("ca", "abc", 3),
        ("", "ab", 2),
    ],
)
def test_edits(one: str, other: str, apart: int) -> None:
    assert edits(one, other, 5) == edits(other, one, 5) == apart


@pytest.mark.parametrize(("word", "number"), [("eye", 0), ("iris", 1), ("retinal", 1), ("cataract", 2)])
def test_how_many_edits_a_word_may_be_off(word: str, number: int) -> None:
    assert allowed(word) == number


def plain_edits(one: str, other: str) -> int:
    """The definition, without any short cut."""
    table = {(row, -1): row + 1 for row in range(-1, len(one))} | {(-1, at): at + 1 for at in range(-1, len(other))}
    for row, letter in enumerate(one):
        for at, theirs in enumerate(other):
            table[row, at] = min(
                table[row - 1, at] + 1, table[row, at - 1] + 1, table[row - 1, at - 1] + (letter != theirs)
            )
            if row and at and letter == other[at - 1] and one[row - 1] == theirs:
                table[row, at] = min(table[row, at], table[row - 2, at - 2] + 1)
    return table[len(one) - 1, len(other) - 1]


@settings(max_examples=400, deadline=None)
@given(WORDS, WORDS, st.integers(0, 3))
def test_edits_stop_early_and_are_right(one: str, other: str, most: int) -> None:
    assert edits(one, other, most) == min(plain_edits(one, other), most + 1)


@st.composite
def near_pairs(draw: st.DrawFn) -> tuple[str, str]:
    """A word, and what up to two edits make of it."""
    word = typed = draw(st.text("abcdefgh", min_size=3, max_size=14))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, max(0, len(typed) - 1)))
        kind, letter = draw(st.sampled_from(["put", "leave", "change", "swap"])), draw(st.sampled_from("abcdefgh"))
        match kind:
            case "put":
                typed = typed[:at] + letter + typed[at:]
            case "leave":
                typed = typed[:at] + typed[at + 1 :]
            case "change":
                typed = typed[:at] + letter + typed[at + 1 :]
            case _:
                typed = typed[:at] + typed[at : at + 2][::-1] + typed[at + 2 :]
    return word, typed


@settings(max_examples=2000, deadline=None)
@given(near_pairs())
def test_words_within_the_allowed_edits_share_a_key(pair: tuple[str, str]) -> None:
    word, typed = pair
    if allowed(typed) and edits(word, typed, allowed(typed)) <= allowed(typed):
        assert keys_of_word(word) & keys_of_query(typed)
