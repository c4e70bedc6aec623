"""Slips of the keyboard: a word that the encoder does not know, read as a word that the candidates use. No torch.

An encoder cuts an unknown word into pieces that mean nothing ("abd ##oni ##mal"). Only a word that one of the
candidates' own strings holds may take its place, so nothing is read into a mention that is not at hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from rpdr_core.edits import edits

_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST = 5
# Two slips in a word of six letters or more, one in a shorter one.
_LONG = 6


def words_of(texts: Collection[str]) -> frozenset[str]:
    """The words of strings, case folded."""
    return frozenset(word for text in texts for word in _WORD.findall(text.casefold()))


def respelt(text: str, words: Collection[str], known: Callable[[str], bool]) -> str:
    """The text with unknown words as the nearest of `words`; the text itself where there is none near enough."""
    return _WORD.sub(lambda found: _nearest(found[0], words, known), text)


def _nearest(word: str, words: Collection[str], known: Callable[[str], bool]) -> str:
    plain = word.casefold()
    if len(plain) < _SHORTEST or plain in words or known(plain):
        return word
    limit = 2 if len(plain) >= _LONG else 1
    near = [
        (distance, other)
        for other in words
        if len(other) >= _SHORTEST - 1 and other[0] == plain[0] and (distance := edits(plain, other, limit)) <= limit
    ]
    return min(near)[1] if near else word
