"""Scores of ranked lists against gold, comparison of two rankers on the same mentions, calibration."""

from rpdr_core.evaluation.calibration import Calibration, calibration
from rpdr_core.evaluation.paired import Difference, McNemar, detectable, difference, mcnemar
from rpdr_core.evaluation.scores import TIES, Evaluation, Interval, Judged, Scores, evaluate, judge, metric, scores

__all__ = [
    "TIES",
    "Calibration",
    "Difference",
    "Evaluation",
    "Interval",
    "Judged",
    "McNemar",
    "Scores",
    "calibration",
    "detectable",
    "difference",
    "evaluate",
    "judge",
    "mcnemar",
    "metric",
    "scores",
]
