"""How sure the retriever may be of its first candidate: a logistic model of score, margin and kind of match.

Fitted on the 3,884 distinct AskAPatient training mentions against concept names, without memory; on its validation
mentions the expected calibration error is 0.037, and of the 40 % with 0.9 or more, 99.7 % are right
(`tests/benchmarks/retriever_confidence.py`). To be fitted anew where scores change; `linking_journal.CALIBRATION` names
these constants, so that no file is linked by two of them.
"""

from __future__ import annotations

import hashlib
import math

from rpdr_core.records import TermSource
from rpdr_worker.retrieval.retriever import Retrieved

_BIAS, _SCORE, _MARGIN = -2.20, 1.75, 9.28
_MARGIN_CAP = 0.3
# Our lexicon has no labels to be fitted on; it gets less trust than an official name, on purpose.
_EXACT: dict[TermSource, float] = {"name": 3.95, "synonym": 3.95, "memory": 3.95, "code": 3.95, "lexicon": 3.0}


def calibration() -> str:
    """Names these constants."""
    constants = repr((_BIAS, _SCORE, _MARGIN, _MARGIN_CAP, sorted(_EXACT.items())))
    return hashlib.sha256(constants.encode()).hexdigest()[:6]


def confidence(found: Retrieved) -> float | None:
    """Chance (0..1) that the first candidate is right; None without candidates."""
    if not found.candidates:
        return None
    score = min(found.candidates[0].score, 1.0)
    exact = _EXACT[found.exact] if found.exact else 0.0
    logit = _BIAS + _SCORE * score + _MARGIN * min(found.margin, _MARGIN_CAP) + exact
    return round(1.0 / (1.0 + math.exp(-logit)), 4)
