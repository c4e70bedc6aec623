"""What is tuned on the validation rows after training: the prior's weight and the confidence's temperature."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rpdr_worker.ranking.student_lists import Parts

_FACTORS = (1.0, 0.75, 1.25, 0.5, 1.5, 0.25, 2.0, 0.0)
_TEMPERATURES = tuple(math.exp(step / 20) for step in range(-30, 61))
# A recipe's leads (see `ranking.student_texts.Reading`) are kept or dropped: a few hundred rows tell no finer.
LEADS = (1.0, 0.0)
# Fewer rows than this say too little: the trained weight and temperature 1 stay.
FEWEST = 30


@dataclass(frozen=True, slots=True)
class Calibration:
    """`prior`: weight of the retriever's score. `temperature`: divides the logits for the confidence."""

    prior: float
    temperature: float


def calibrate(parts: Sequence[Parts], firsts: Sequence[int], *, scale: float, prior: float) -> Calibration:
    """Choose by the likelihood of the validation rows. `firsts`: place of the right candidate of each list."""
    if len(parts) < FEWEST:
        return Calibration(prior, 1.0)

    def loss(weight: float, temperature: float) -> float:
        return _loss(parts, firsts, scale, weight, temperature)

    weight = prior * _best(_FACTORS, lambda factor: loss(prior * factor, 1.0))
    return Calibration(weight, _best(_TEMPERATURES, lambda temperature: loss(weight, temperature)))


def likeliest(readings: Sequence[Sequence[Parts]], firsts: Sequence[int], *, scale: float, prior: float) -> int:
    """Which of several readings of the same lists suits the validation rows best; the first where they are few."""
    if len(firsts) < FEWEST:
        return 0
    return min(range(len(readings)), key=lambda at: _loss(readings[at], firsts, scale, prior, 1.0))


def _loss(parts: Sequence[Parts], firsts: Sequence[int], scale: float, prior: float, temperature: float) -> float:
    scores = (scores_of(item, scale=scale, prior=prior) for item in parts)
    return sum(-log_share(row, first, temperature) for row, first in zip(scores, firsts, strict=True))


def scores_of(parts: Parts, *, scale: float, prior: float) -> list[float]:
    return [scale * cosine + prior * score for cosine, score in zip(*parts, strict=True)]


def log_share(scores: Sequence[float], place: int, temperature: float) -> float:
    """Logarithm of the softmax share of one place."""
    best = max(scores)
    total = sum(math.exp((score - best) / temperature) for score in scores)
    return (scores[place] - best) / temperature - math.log(total)


def accuracy(scores: Sequence[Sequence[float]], firsts: Sequence[int]) -> float:
    """Share of lists whose best score (the first of equals) is at the right place; 0 without lists."""
    right = sum(max(range(len(row)), key=row.__getitem__) == first for row, first in zip(scores, firsts, strict=True))
    return right / len(firsts) if firsts else 0.0


def _best(values: Sequence[float], loss: Callable[[float], float]) -> float:
    return min(values, key=loss)
