"""Calibration: whether a confidence of 0.8 is right eight times in ten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rpdr_core.evaluation.rates import Rate, rate

BINS = 10


@dataclass(frozen=True, slots=True)
class Calibration:
    """Expected calibration error over `n` answers that came with a confidence, in ten bins of equal width.

    `surplus`: mean confidence less the share right; above 0 is too sure.
    """

    n: int
    error: float
    surplus: float


def calibration(answers: Sequence[tuple[float, bool]]) -> Calibration:
    """From (confidence 0..1, right) of each answer. Nothing to judge gives an error of 0 with `n` = 0."""
    if not answers:
        return Calibration(0, 0.0, 0.0)
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for sure, right in answers:
        bins[min(BINS - 1, int(sure * BINS))].append((sure, right))
    n = len(answers)
    gaps = [sum(sure - right for sure, right in one) for one in bins]
    return Calibration(n, round(sum(map(abs, gaps)) / n, 4), round(sum(gaps) / n, 4))


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of one tenth of the confidences. `confidence`: their mean; `right`: the share that was right."""

    confidence: float
    right: Rate


def reliability(answers: Sequence[tuple[float, bool]]) -> tuple[Bin, ...]:
    """The ten bins of `calibration` that hold any answer, from the least sure to the surest."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for sure, right in answers:
        bins[min(BINS - 1, int(sure * BINS))].append((sure, right))
    return tuple(
        Bin(round(sum(sure for sure, _ in one) / len(one), 4), rate(sum(right for _, right in one), len(one)))
        for one in bins
        if one
    )
