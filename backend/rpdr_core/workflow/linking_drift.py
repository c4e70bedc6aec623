"""Whether the rows of a file look drawn like the reviewed mentions: what was promised of one is no word on another.

Five traits that need no code to be known: confidence and length by Smirnov's two-sample test, the shares of exact
wordings, of letters beyond a to z, and of contexts by Fisher's exact test. Each is tested at a fifth of the level
(Bonferroni), so that a file like the reviewed one warns in at most one case of a hundred.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from rpdr_core.folding import fold
from rpdr_core.records import NewMention

DRIFT_LEVEL = 0.01
FINE = 1_000
LONGEST = 200
TESTS = 5
_ROUNDING = 1e-7

Kind = Literal["confidence", "length", "exact", "letters", "context"]


class Trait(NamedTuple):
    """One linked mention. `confidence` in thousandths, `length` in characters (at most `LONGEST`); `exact`: it is
    written as the string that was found for it; `letters`: it has some beyond a to z; `context`: it has one.
    """

    confidence: int
    length: int
    exact: bool
    letters: bool
    context: bool


@dataclass(slots=True)
class Tally:
    """Traits of many mentions, counted."""

    confidences: array[int]
    lengths: array[int]
    n: int = 0
    exact: int = 0
    letters: int = 0
    context: int = 0

    @classmethod
    def of(cls, traits: Iterable[Trait] = ()) -> Tally:
        tally = cls(array("Q", bytes(8 * (FINE + 1))), array("Q", bytes(8 * (LONGEST + 1))))
        for trait in traits:
            tally.add(trait)
        return tally

    def add(self, trait: Trait, times: int = 1) -> None:
        self.n += times
        self.confidences[trait.confidence] += times
        self.lengths[trait.length] += times
        self.exact += trait.exact * times
        self.letters += trait.letters * times
        self.context += trait.context * times


@dataclass(frozen=True, slots=True)
class Difference:
    """A trait that differs beyond chance. `reviewed` and `file`: shares (0..1), or the middle of confidences (0..1)
    and lengths (characters).
    """

    kind: Kind
    reviewed: float
    file: float
    p: float


@dataclass(frozen=True, slots=True)
class Drift:
    """`distance`: largest gap of the two distributions of confidences, in steps of a thousandth; `p`: of that alone,
    asymptotic. `differences`: all that differs, the least likely first.
    """

    distance: float
    p: float
    differences: tuple[Difference, ...] = ()

    @property
    def warns(self) -> bool:
        return bool(self.differences)

    def told(self) -> tuple[str, ...]:
        """A sentence for each difference."""
        return tuple(_sentence(one) for one in self.differences)


def trait_of(mention: NewMention, matched: str, confidence: float | None) -> Trait:
    text = fold(mention.text)
    return Trait(
        thousandth(confidence or 0.0),
        min(LONGEST, len(text)),
        bool(matched) and fold(matched) == text,
        any(letter.isalpha() and not letter.isascii() for letter in text),
        bool(mention.context),
    )


def drift(reviewed: Tally, file: Tally) -> Drift:
    """How the file's rows differ from the reviewed mentions. Nothing to compare is no difference."""
    if not reviewed.n or not file.n:
        return Drift(0.0, 1.0)
    distance, sure = smirnov(reviewed.confidences, file.confidences)
    _, length = smirnov(reviewed.lengths, file.lengths)
    found = [
        Difference("confidence", _middle(reviewed.confidences) / FINE, _middle(file.confidences) / FINE, sure),
        Difference("length", _middle(reviewed.lengths), _middle(file.lengths), length),
    ]
    shares: tuple[tuple[Kind, int, int], ...] = (
        ("exact", reviewed.exact, file.exact),
        ("letters", reviewed.letters, file.letters),
        ("context", reviewed.context, file.context),
    )
    for kind, one, other in shares:
        p = fisher(one, reviewed.n, other, file.n)
        found.append(Difference(kind, one / reviewed.n, other / file.n, p))
    differing = sorted((one for one in found if one.p < DRIFT_LEVEL / TESTS), key=lambda one: one.p)
    return Drift(distance, sure, tuple(differing))


def smirnov(one: Sequence[int], other: Sequence[int]) -> tuple[float, float]:
    """Distance and p of two samples, each as counts by value. Ties make it slower to warn, never quicker."""
    n, m = sum(one), sum(other)
    if not n or not m:
        return 0.0, 1.0
    distance = here = there = 0.0
    for mine, theirs in zip(one, other, strict=True):
        here, there = here + mine / n, there + theirs / m
        distance = max(distance, abs(here - there))
    return distance, _kolmogorov(distance, n * m / (n + m))


def fisher(one: int, n: int, other: int, m: int) -> float:
    """Two-sided exact p of "`one` of `n` and `other` of `m` are drawn alike": all tables that are no more likely."""
    total = one + other
    least, most = max(0, total - m), min(n, total)
    logs = [_log_choose(n, k) + _log_choose(m, total - k) for k in range(least, most + 1)]
    whole, mine = _log_choose(n + m, total), logs[one - least]
    return min(1.0, sum(math.exp(log - whole) for log in logs if log <= mine + _ROUNDING))


def thousandth(confidence: float) -> int:
    return min(FINE, max(0, int(confidence * FINE + 1e-9)))


def _kolmogorov(distance: float, effective: float) -> float:
    """Stephens' approximation of the tail, good from an effective size of four."""
    root = math.sqrt(effective)
    x = (root + 0.12 + 0.11 / root) * distance
    if x < 0.3:
        return 1.0
    return min(1.0, max(0.0, 2 * sum((1 if j % 2 else -1) * math.exp(-2 * j * j * x * x) for j in range(1, 101))))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _middle(counts: Sequence[int]) -> int:
    """The lower median."""
    half, seen = (sum(counts) + 1) // 2, 0
    for value, count in enumerate(counts):
        seen += count
        if seen >= half:
            return value
    return 0


def _sentence(one: Difference) -> str:
    match one.kind:
        case "confidence":
            than = "less" if one.file < one.reviewed else "more"
            middle = f"its middle confidence is {one.file:.2f}, on the reviewed ones {one.reviewed:.2f}"
            return f"the ranker is {than} sure of the new mentions: {middle}"
        case "length":
            return f"half of the new mentions have up to {one.file:.0f} characters, of the reviewed {one.reviewed:.0f}"
        case "exact":
            has = "are exact names"
        case "letters":
            has = "have letters beyond a to z"
        case "context":
            has = "have a context"
    return f"{one.file:.0%} of the new mentions {has}, {one.reviewed:.0%} of the reviewed ones"
