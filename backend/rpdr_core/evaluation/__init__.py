"""Scores of ranked lists against gold, two rankers compared, calibration; how far people agree, near misses apart."""

from rpdr_core.evaluation.agreement import Agreement, Missing, cohen, fleiss, krippendorff, raw_agreement
from rpdr_core.evaluation.calibration import Calibration, calibration
from rpdr_core.evaluation.nearness import Answer, Disagreement, Hierarchy, disagreement, distance_of
from rpdr_core.evaluation.paired import Difference, McNemar, detectable, difference, mcnemar
from rpdr_core.evaluation.rates import Rate, rate
from rpdr_core.evaluation.scores import TIES, Evaluation, Interval, Judged, Scores, evaluate, judge, metric, scores

__all__ = [
    "TIES",
    "Agreement",
    "Answer",
    "Calibration",
    "Difference",
    "Disagreement",
    "Evaluation",
    "Hierarchy",
    "Interval",
    "Judged",
    "McNemar",
    "Missing",
    "Rate",
    "Scores",
    "calibration",
    "cohen",
    "detectable",
    "difference",
    "disagreement",
    "distance_of",
    "evaluate",
    "fleiss",
    "judge",
    "krippendorff",
    "mcnemar",
    "metric",
    "rate",
    "raw_agreement",
    "scores",
]
