"""Which linked rows may stand without review: the largest set whose error a reviewed sample keeps at a given rate.

Reviewed mentions are linked by the very run that links the rest, so their confidences mean the same. The threshold is
that of `evaluation.risk` (exact, fixed sequence, 95 % certainty) over the rows of the file.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from rpdr_core.errors import NotAllowedError
from rpdr_core.evaluation.risk import STEPS, Promise, controlled, enough, percent, spread
from rpdr_core.records import NewMention, Ranking
from rpdr_core.workflow.linking_distinct import Survey
from rpdr_core.workflow.linking_journal import Journal

DRIFT_LEVEL = 0.01
_FINE = 1_000


@dataclass(frozen=True, slots=True)
class Drift:
    """Whether the file's confidences look drawn like the reviewed ones': two-sample Kolmogorov-Smirnov.

    `distance`: largest gap of the two distributions, in steps of a thousandth; `p`: asymptotic.
    """

    distance: float
    p: float

    @property
    def warns(self) -> bool:
        return self.p < DRIFT_LEVEL


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What was promised of the rows at or above `promise.threshold`, and how like the reviewed ones the file is."""

    promise: Promise
    drift: Drift


def judged_of(reviewed: Sequence[NewMention], rankings: Sequence[Ranking]) -> list[tuple[float, bool]]:
    """(confidence, right) of each reviewed mention. No answer is a wrong one of confidence 0."""
    judged = []
    for mention, ranking in zip(reviewed, rankings, strict=True):
        if ranking.candidates and ranking.confidence is None:
            message = f"the ranker {ranking.ranker} does not say how sure it is"
            raise NotAllowedError(message, hint="link with --ranker retriever, or with a calibrated student")
        right = bool(ranking.candidates) and ranking.candidates[0].code == mention.code
        judged.append((ranking.confidence or 0.0, right))
    return judged


def check_sample(reviewed: int, rate: float) -> None:
    """Before the work: too few reviewed mentions to keep `rate` even if none of them were wrong."""
    least = enough(rate, 0)
    if reviewed < least:
        message = f"{reviewed:,} reviewed mentions promise nothing at an error of {rate:.3g}"
        raise NotAllowedError(message, hint=f"review at least {least:,} mentions drawn by lot, or allow more errors")


def acceptance(judged: Sequence[tuple[float, bool]], journal: Journal, found: Survey, rate: float) -> Acceptance:
    """The promise for the rows of a file. Raises `NotAllowedError` where there is none; the work done stays."""
    fine = confidences(journal, found)
    rest = [sum(fine[at] for at in range(len(fine)) if percent(at / _FINE) == step) for step in range(STEPS)]
    promise = controlled(spread(judged), rest, rate)
    if promise.threshold is None:
        hint = "allow more errors, or improve the ranker: it errs too often even where it is surest"
        if promise.more is not None:
            hint = f"review {promise.more:,} more mentions drawn by lot, or allow more errors"
        message = f"{len(judged):,} reviewed mentions promise nothing at an error of {rate:.3g}"
        raise NotAllowedError(message, hint=f"{hint}; what is linked is kept, the same command goes on from there")
    return Acceptance(promise, drift([sure for sure, _ in judged], fine))


def confidences(journal: Journal, found: Survey) -> array[int]:
    """How many rows have each confidence, in thousandths rounded down (1,001 counts)."""
    rows = array("Q", bytes(8 * found.distinct))
    for number in found.of_row:
        rows[number] += 1
    fine = array("Q", bytes(8 * (_FINE + 1)))
    for number in range(found.distinct):
        fine[_thousandth(journal.entry(number).confidence or 0.0)] += rows[number]
    return fine


def drift(reviewed: Sequence[float], fine: Sequence[int]) -> Drift:
    """Smirnov's test of the reviewed confidences against the file's; ties make it slower to warn, never quicker."""
    n, m = len(reviewed), sum(fine)
    if not n or not m:
        return Drift(0.0, 1.0)
    mine = [0] * len(fine)
    for sure in reviewed:
        mine[_thousandth(sure)] += 1
    distance = here = there = 0.0
    for one, other in zip(mine, fine, strict=True):
        here, there = here + one / n, there + other / m
        distance = max(distance, abs(here - there))
    return Drift(distance, _kolmogorov(distance, n * m / (n + m)))


def _kolmogorov(distance: float, effective: float) -> float:
    """Stephens' approximation of the tail, good from an effective size of four."""
    root = math.sqrt(effective)
    x = (root + 0.12 + 0.11 / root) * distance
    if x < 0.3:
        return 1.0
    return min(1.0, max(0.0, 2 * sum((1 if j % 2 else -1) * math.exp(-2 * j * j * x * x) for j in range(1, 101))))


def _thousandth(confidence: float) -> int:
    return min(_FINE, max(0, int(confidence * _FINE + 1e-9)))
