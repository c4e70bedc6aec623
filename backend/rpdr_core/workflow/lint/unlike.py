"""One target that attracts many texts that have nothing in common: a sign of a code used as a dustbin.

The measure: character trigrams of folded texts (single characters and pairs of Chinese), Dice's coefficient. A text is
alone where it is no more than `LIKE` similar to any other text of the target and to any of the target's own names.
Of a target with many texts, 60 drawn by their hash are compared.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from rpdr_core.store.search_index import search_key
from rpdr_core.workflow.lint.code_book import CodeBook
from rpdr_core.workflow.lint.findings import Finding

LEAST_TEXTS = 8
LIKE = 0.2
SHARE_ALONE = 0.6
MOST_COMPARED = 60

Grams = frozenset[str]
_Drawn = tuple[bytes, str, int]


@dataclass(slots=True)
class Targets:
    """The texts of each target as they come by: how many there are, and those that are compared."""

    _drawn: dict[str, list[_Drawn]] = field(default_factory=dict)
    _counts: Counter[str] = field(default_factory=Counter)

    def add(self, code: str, mention_id: int, text: str) -> None:
        key = search_key(text)
        place = hashlib.sha256(key.encode()).digest()[:8]
        drawn = self._drawn.setdefault(code, [])
        at = bisect_left(drawn, (place, key, 0))
        if not key or (at < len(drawn) and drawn[at][1] == key):
            return
        self._counts[code] += 1
        drawn.insert(at, (place, key, mention_id))
        del drawn[MOST_COMPARED:]

    def findings(self, book: CodeBook) -> Iterator[Finding]:
        for code, drawn in self._drawn.items():
            entity = book.entity(code)
            if len(drawn) >= LEAST_TEXTS and entity is not None:
                names = (entity.name, *entity.synonyms)
                yield from _judged(code, names, {key: id_ for _, key, id_ in drawn}, self._counts[code])


def _judged(code: str, names: Iterable[str], drawn: Mapping[str, int], total: int) -> Iterator[Finding]:
    own = [grams_of(search_key(name)) for name in names]
    alone = [key for key in drawn if is_alone(key, drawn, own)]
    if len(alone) < SHARE_ALONE * len(drawn):
        return
    ids = tuple(sorted(drawn[key] for key in alone))
    words = (str(len(alone)), str(len(drawn)), code)
    # The same finding until the target has twice as many texts.
    yield Finding("many_unlike", code, ids, words, (code, str(total.bit_length())))


def is_alone(key: str, others: Iterable[str], names: Iterable[Grams]) -> bool:
    grams = grams_of(key)
    return all(likeness(grams, other) <= LIKE for other in names) and all(
        likeness(grams, grams_of(other)) <= LIKE for other in others if other != key
    )


def grams_of(key: str) -> Grams:
    """What a text is compared by."""
    latin = f" {' '.join(word for word in key.split() if word.isascii())} "
    wide = "".join(word for word in key.split() if not word.isascii())
    threes = {latin[at : at + 3] for at in range(len(latin) - 2)}
    return frozenset(threes | set(wide) | {wide[at : at + 2] for at in range(len(wide) - 1)})


def likeness(one: Grams, other: Grams) -> float:
    """Dice's coefficient: 1 for the same, 0 for nothing in common."""
    total = len(one) + len(other)
    return 2 * len(one & other) / total if total else 0.0
