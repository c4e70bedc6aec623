"""Calibration: whether a confidence of 0.8 is right eight times in ten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of one tenth of the confidences. `confidence`: their mean; `right`: the share that was right."""

    confidence: float
    right: Rate


def calibration(answers: Sequence[tuple[float, bool]]) -> Calibration:
    """From (confidence 0..1, right) of each answer. Nothing to judge gives an error of 0 with `n` = 0."""
    return reliability(answers)[1]


def reliability(answers: Iterable[tuple[float, bool]]) -> tuple[tuple[Bin, ...], Calibration]:
    """The bins that hold any answer, from the least sure to the surest, and what they come to."""
    sums, rights, counts = [0.0] * BINS, [0] * BINS, [0] * BINS
    for sure, right in answers:
        place = min(int(sure * BINS), BINS - 1)
        sums[place] += sure
        rights[place] += right
        counts[place] += 1
    n = sum(counts)
    if not n:
        return (), Calibration(0, 0.0, 0.0)
    gaps = [sure - right for sure, right in zip(sums, rights, strict=True)]
    bins = tuple(
        Bin(round(sure / count, 4), rate(right, count))
        for sure, right, count in zip(sums, rights, counts, strict=True)
        if count
    )
    return bins, Calibration(n, round(sum(map(abs, gaps)) / n, 4), round(sum(gaps) / n, 4))
