"""How often each ranker was right, over time, and whether its confidence can be believed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from operator import attrgetter

from rpdr_core.evaluation.calibration import reliability
from rpdr_core.evaluation.rates import Rate, rate
from rpdr_core.workflow.dashboard_figures import ROLES, Accuracy, Course, Reliability, Role, Span
from rpdr_core.workflow.dashboard_past import Answers, Fact, told

LEAST_BLOCK, MOST_BLOCKS = 25, 20


def accuracy_of(facts: Sequence[Fact], left_out: int) -> Accuracy:
    """From the facts in the order of their decisions."""
    judging = [fact for fact in facts if fact.answers]
    size = max(LEAST_BLOCK, math.ceil(len(judging) / MOST_BLOCKS))
    blocks = [judging[start : start + size] for start in range(0, len(judging), size)]
    if len(blocks) > 1 and len(blocks[-1]) < LEAST_BLOCK:
        blocks[-2:] = [blocks[-2] + blocks[-1]]
    by_day = sorted(judging, key=attrgetter("day"))
    monday = {day: _monday(day) for day in {fact.day for fact in by_day}}
    weeks = [list(group) for _, group in groupby(by_day, lambda fact: monday[fact.day])]
    return Accuracy(
        _course(blocks),
        _course(weeks),
        _rates(Counter(fact.answers for fact in judging)),
        _rates(Counter(fact.blind for fact in facts if fact.blind)),
        left_out + len(facts) - len(judging),
    )


def reliability_of(facts: Sequence[Fact]) -> Reliability:
    """Of the ranker that the newest confidence came from: those of another would be another scale."""
    sure = [fact.sure for fact in facts if fact.sure is not None]
    if not sure:
        return Reliability()
    role = sure[-1][0]
    answers = [(confidence, right) for whose, confidence, right in sure if whose == role]
    return Reliability(role, *reliability(answers))


def _course(groups: Sequence[Sequence[Fact]]) -> Course:
    """From groups of facts, each in order of time."""
    spans = tuple(Span(group[0].day, group[-1].day, len(group)) for group in groups)
    found = [_rates(Counter(fact.answers for fact in group)) for group in groups]
    rates = {role: tuple(one.get(role, rate(0, 0)) for one in found) for role in ROLES}
    return Course(spans, {role: line for role, line in rates.items() if any(one.n for one in line)})


def _rates(times: Mapping[Answers, int]) -> dict[Role, Rate]:
    """From how often each combination of right and wrong was given."""
    counts: dict[Role, list[int]] = {}
    for answers, count in times.items():
        for role, right in told(answers):
            tally = counts.setdefault(role, [0, 0])
            tally[0] += count * right
            tally[1] += count
    return {role: rate(*counts[role]) for role in ROLES if role in counts}


def _monday(day: str) -> str:
    at = date.fromisoformat(day)
    return (at - timedelta(days=at.weekday())).isoformat()
