"""How sure an encoder student is: chances that its first candidate is right, wrong, or that none of the list is right.

A softmax over the list alone cannot know that the right entity is missing. Two absolute signs are read beside it: the
cosine of mention and first candidate, and the retriever's score of that candidate.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rpdr_core.records import Verdict

# An exact match was taught as certainly right, a close one as half: between them lies the line.
EXACT_ABOVE = 0.75
_MOST = 12.0


class Signs(NamedTuple):
    """What is read of a ranked list: log odds of its first place, that candidate's cosine and retriever score (None
    where the list came without scores)."""

    odds: float
    cosine: float
    score: float | None


class Chances(NamedTuple):
    right: float
    none: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """Weights of (1, odds, cosine, score) for `right` and `none`; those of "wrong" are zero. `none` is empty where too
    few lists without a right candidate were taught. `usual_score` stands in for a missing one.

    `reliability`: expected calibration error on rows held out of training, each judged by weights fitted without it.
    """

    right: tuple[float, ...]
    none: tuple[float, ...]
    usual_score: float
    reliability: float
    rows: int

    def chances(self, signs: Signs) -> Chances:
        values = (1.0, signs.odds, signs.cosine, self.usual_score if signs.score is None else signs.score)
        right = math.exp(_bounded(_dot(self.right, values)))
        none = math.exp(_bounded(_dot(self.none, values))) if self.none else 0.0
        total = 1.0 + right + none
        return Chances(right / total, none / total)


def signs_of(scores: Sequence[float], cosines: Sequence[float], retrieved: Sequence[float]) -> Signs:
    """Signs of one list of two candidates or more. `scores`: the student's, in the order of the others."""
    first = max(range(len(scores)), key=scores.__getitem__)
    rest = sum(math.exp(score - scores[first]) for place, score in enumerate(scores) if place != first)
    known = len(set(retrieved)) > 1
    return Signs(min(_MOST, -math.log(rest)) if rest else _MOST, cosines[first], retrieved[first] if known else None)


def verdict_of(chances: Chances) -> Verdict:
    """`none` where that is likelier than a right first candidate."""
    if chances.none > chances.right:
        return "none"
    return "exact" if chances.right >= EXACT_ABOVE else "close"


def _dot(weights: Sequence[float], values: Sequence[float]) -> float:
    return sum(weight * value for weight, value in zip(weights, values, strict=True))


def _bounded(value: float) -> float:
    return max(-30.0, min(30.0, value))
