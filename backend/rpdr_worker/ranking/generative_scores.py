"""From the logits of one list's labels to scores, verdict and confidence. No torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rpdr_core.records import Verdict

# Scores are compared at this precision, so that batches of another shape cannot change an order.
DECIMALS = 4


@dataclass(frozen=True, slots=True)
class ListScores:
    """Logarithms of each label's share; `none` is that of "none of these", -inf where it was never trained.

    `judged`: logit of an exact less that of a close match.
    """

    labels: tuple[float, ...]
    none: float
    judged: float

    @classmethod
    def of(cls, row: Sequence[float], size: int, *, with_none: bool) -> ListScores:
        """`row`: logits of labels (at least `size`), then none, exact, close."""
        *labels, none, exact, close = row
        read = [*labels[:size], *([none] if with_none else [])]
        whole = _log_sum(read)
        return cls(
            tuple(logit - whole for logit in labels[:size]), none - whole if with_none else -math.inf, exact - close
        )


def averaged(forward: ListScores, backward: ListScores) -> ListScores:
    """The mean of two readings; `backward` read the candidates in reversed order."""
    labels = tuple((a + b) / 2 for a, b in zip(forward.labels, backward.labels[::-1], strict=True))
    none = (forward.none + backward.none) / 2
    return ListScores(labels, none, (forward.judged + backward.judged) / 2)


def fused(scores: ListScores, priors: Sequence[float], weight: float) -> list[float]:
    """Scores of the candidates: log share + weight x the retriever's score less the list's best."""
    return [round(label + weight * prior, DECIMALS) for label, prior in zip(scores.labels, priors, strict=True)]


def verdict_of(scores: ListScores, exact_above: float) -> Verdict:
    """`none` where "none of these" has the greatest share; else exact or close by the judged logit."""
    if scores.none > max(scores.labels, default=-math.inf):
        return "none"
    return "exact" if scores.judged > exact_above else "close"


def confidence_of(fused_scores: Sequence[float], none: float, temperature: float) -> float:
    """Chance that the best candidate is right: its share, "none of these" included, at the calibrated temperature."""
    return math.exp(log_share([*fused_scores, none], _best(fused_scores), temperature))


def log_share(scores: Sequence[float], place: int, temperature: float) -> float:
    """Logarithm of the softmax share of one place; -inf scores have none."""
    whole = _log_sum([score / temperature for score in scores])
    return scores[place] / temperature - whole


def _best(scores: Sequence[float]) -> int:
    return max(range(len(scores)), key=scores.__getitem__)


def _log_sum(logits: Sequence[float]) -> float:
    top = max(logits)
    return top + math.log(sum(math.exp(logit - top) for logit in logits))
