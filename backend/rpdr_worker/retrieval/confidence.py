"""How sure the retriever may be of its first candidate: a logistic model of score, margin and kind of match."""

from __future__ import annotations

import math

from rpdr_worker.retrieval.retriever import Retrieved

# Fitted on the AskAPatient training mentions against concept names (tests/benchmarks/fit_confidence.py).
_BIAS, _SCORE, _MARGIN, _EXACT = -4.2, 5.2, 6.0, 0.6
_MARGIN_CAP = 0.3


def confidence(found: Retrieved) -> float | None:
    """Chance (0..1) that the first candidate is right; None without candidates."""
    if not found.candidates:
        return None
    score = min(found.candidates[0].score, 1.0)
    margin = min(found.margin, _MARGIN_CAP)
    logit = _BIAS + _SCORE * score + _MARGIN * margin + _EXACT * found.exact
    return round(1.0 / (1.0 + math.exp(-logit)), 4)
