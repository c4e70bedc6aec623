"""Misspelt words: which words of a vocabulary lie within a few edits, found without looking at all of them.

A word is indexed by what is left of its first letters when up to two are taken out; a query is looked up by what is
left of its own. Two words within so many edits always share one of these, so only few pairs are compared. An edit is
a letter put in, left out, changed, or swapped with its neighbour.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

SHORTEST = 3
"""Words of fewer letters are not corrected to."""

_HEAD = 7
_TWO_FROM = 8


def allowed(word: str) -> int:
    """How many edits a typed word may be off: none below 4 letters, 1 up to 7, 2 from 8."""
    if len(word) < SHORTEST + 1:
        return 0
    return 2 if len(word) >= _TWO_FROM else 1


def keys_of_word(word: str) -> set[str]:
    """What a word of the vocabulary is indexed by; one of 6 letters may be 2 edits from one of 8."""
    return set(_thinned(word, 2 if len(word) >= _TWO_FROM - 2 else 1))


def keys_of_query(word: str) -> set[str]:
    """What a typed word is looked up by."""
    return set(_thinned(word, allowed(word)))


def _thinned(word: str, most: int) -> Iterator[str]:
    head = word[:_HEAD]
    for count in range(min(most, len(head)) + 1):
        for kept in combinations(head, len(head) - count):
            yield "".join(kept)
