"""Fit a student's judgement of itself on rows that it was not trained on: softmax regression with three classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from rpdr_core.protocol.messages import TrainingRow
from rpdr_worker.distillation.calibration import scores_of
from rpdr_worker.ranking.student_judgement import Judgement, Signs, signs_of
from rpdr_worker.ranking.student_lists import Parts

# Fewer rows than these say too little: no judgement, no verdict `none`.
FEWEST, FEWEST_NONE = 30, 10
_FOLDS, _BINS = 5, 10
_RIDGE = 0.003
_STEPS = 200


class Judged(NamedTuple):
    """A row as the student ranked it. `right`, `wrong`, `none`: shares of truth, summing to 1."""

    signs: Signs
    right: float
    wrong: float
    none: float
    weight: float = 1.0


def judged(row: TrainingRow, signs: Signs, *, first: int, weight: float = 1.0) -> Judged:
    """`first`: the candidate that the student put first. A close match is taken as right in one of two cases."""
    if row.verdict == "none":
        return Judged(signs, 0.0, 0.0, 1.0, weight)
    right = 0.0 if first != row.order[0] else 0.5 if row.verdict == "close" else 1.0
    return Judged(signs, right, 1.0 - right, 0.0, weight)


def judged_rows(
    rows: Sequence[TrainingRow], parts: Sequence[Parts], *, scale: float, prior: float, weight: float = 1.0
) -> list[Judged]:
    """Rows with what the student makes of their lists; `parts` in the same order."""
    found = []
    for row, item in zip(rows, parts, strict=True):
        scores = scores_of(item, scale=scale, prior=prior)
        first = max(range(len(scores)), key=scores.__getitem__)
        signs = signs_of(scores, item.cosines, [candidate.score for candidate in row.candidates])
        found.append(judged(row, signs, first=first, weight=weight))
    return found


def fit_judgement(rows: Sequence[Judged]) -> Judgement | None:
    """None where there are too few rows. Depends on the rows and their order alone."""
    ranked = [row for row in rows if not row.none]
    if len(ranked) < FEWEST:
        return None
    without = [row for row in rows if row.none]
    used = [*ranked, *without] if len(without) >= FEWEST_NONE else ranked
    scores = [row.signs.score for row in used if row.signs.score is not None]
    usual = sum(scores) / len(scores) if scores else 0.0
    weights = _fit(used, usual)
    chances = torch.empty(len(used))
    for fold in range(_FOLDS):
        others = [row for place, row in enumerate(used) if place % _FOLDS != fold]
        held = list(range(fold, len(used), _FOLDS))
        chances[held] = _right(_fit(others, usual), [used[place] for place in held], usual)
    right, none = (tuple(round(value, 6) for value in column) for column in weights.T.tolist())
    return Judgement(
        right,
        none if len(used) > len(ranked) else (),
        round(usual, 6),
        round(calibration_error(chances.tolist(), used), 4),
        len(used),
    )


def calibration_error(chances: Sequence[float], rows: Sequence[Judged]) -> float:
    """Expected calibration error of the chance to be right, in ten bins, rows by their weight."""
    gaps = [0.0] * _BINS
    for chance, row in zip(chances, rows, strict=True):
        gaps[min(_BINS - 1, int(chance * _BINS))] += row.weight * (chance - row.right)
    return sum(map(abs, gaps)) / sum(row.weight for row in rows)


def _fit(rows: Sequence[Judged], usual: float) -> Tensor:
    """Weights, shape (4, 2): of (1, odds, cosine, score) for right and none; ridge on standardised signs."""
    values = _values(rows, usual)
    mean, spread = values.mean(0), values.std(0) + 1e-6
    truth = torch.tensor([[row.right, row.none, row.wrong] for row in rows], dtype=torch.float64)
    share = torch.tensor([row.weight for row in rows], dtype=torch.float64)
    standard = torch.cat([torch.ones(len(rows), 1, dtype=torch.float64), (values - mean) / spread], 1)
    weights = torch.zeros(4, 2, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        logits = torch.cat([standard @ weights, torch.zeros(len(rows), 1, dtype=torch.float64)], 1)
        misses = -(truth * logits.log_softmax(1)).sum(1)
        loss: Tensor = (misses * share).sum() / share.sum() + _RIDGE * (weights[1:] ** 2).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    found = weights.detach()
    slopes = found[1:] / spread[:, None]
    return torch.cat([found[:1] - mean[None] @ slopes, slopes])


def _right(weights: Tensor, rows: Sequence[Judged], usual: float) -> Tensor:
    logits = torch.cat([torch.ones(len(rows), 1, dtype=torch.float64), _values(rows, usual)], 1) @ weights
    padded = torch.cat([logits, torch.zeros(len(rows), 1, dtype=torch.float64)], 1)
    return padded.softmax(1)[:, 0].float()


def _values(rows: Sequence[Judged], usual: float) -> Tensor:
    signs = [row.signs for row in rows]
    return torch.tensor([[s.odds, s.cosine, usual if s.score is None else s.score] for s in signs], dtype=torch.float64)
