"""Laypeople's words for what clinicians call otherwise: one more reading of a mention that holds such words.

A mention may be such a wording, be one in another order, number or with little words between ("pain in my legs"), or
hold one among other words ("severe hair loss").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_LITTLE_WORDS = "a an the my in of on and to i is am are was were have had has with very so really at it"
_LITTLE = frozenset(_LITTLE_WORDS.split())
# Shorter ones are parts of too many other words' meanings ("gas", "cold").
_SHORTEST_PART = 5
_MOST_WORDS = 5


@dataclass(frozen=True, slots=True)
class Wordings:
    """Search keys of clinical terms by what is said: `whole` by search key, `loose` by its content words."""

    whole: dict[str, str]
    loose: dict[str, str]
    terms: frozenset[str]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str]]) -> Wordings:
        """From (what is said, clinical term) rows of search keys; of equal ones the first counts."""
        whole: dict[str, str] = {}
        loose: dict[str, str] = {}
        for said, term in rows:
            if said and term:
                whole.setdefault(said, term)
                loose.setdefault(_content(said), term)
        loose.update({_content(term): term for term in whole.values()})
        loose.pop("", None)
        return cls(whole, loose, frozenset(whole.values()))

    def reading(self, key: str) -> str:
        """The search key with clinical words in the place of lay ones; empty where there is nothing to replace."""
        if key in self.terms or not key.isascii():
            return ""
        return self.whole.get(key) or self.loose.get(_content(key)) or self._part(key)

    def _part(self, key: str) -> str:
        """The longest wording within the mention, the first of equals."""
        words = key.split()
        for size in range(min(_MOST_WORDS, len(words) - 1), 0, -1):
            for start in range(len(words) - size + 1):
                part = " ".join(words[start : start + size])
                term = self.whole.get(part, "") if len(part) >= _SHORTEST_PART else ""
                if term:
                    return " ".join([*words[:start], term, *words[start + size :]])
        return ""


def _content(key: str) -> str:
    """The words that say something, in the singular, in order of the alphabet."""
    return " ".join(sorted({_singular(word) for word in key.split() if word not in _LITTLE}))


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("ses", "xes", "hes")) and len(word) > 4:
        return word[:-2]
    return word[:-1] if word.endswith("s") and len(word) > 3 and not word.endswith("ss") else word
