"""The dashboard of a project: how far it is, how good the rankers are, what may be accepted, what it cost."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo
from typing import get_args

from rpdr_core.evaluation.pace import finish
from rpdr_core.evaluation.risk import STEPS, controlled, spread
from rpdr_core.records import DecisionKind
from rpdr_core.store import ProjectReader
from rpdr_core.store.history import Sureness
from rpdr_core.workflow import random_check
from rpdr_core.workflow.costs import teacher_cost
from rpdr_core.workflow.dashboard_accuracy import accuracy_of, reliability_of
from rpdr_core.workflow.dashboard_figures import (
    ALPHAS,
    Cost,
    Dashboard,
    Leech,
    Offer,
    Pace,
    Safety,
    Timing,
    Worked,
)
from rpdr_core.workflow.dashboard_past import Past, gather
from rpdr_core.workflow.dashboard_reversals import Reversal

MOST_LEECHES = 500


def dashboard_of(
    reader: ProjectReader, zone: tzinfo | None = None, check: Callable[[], None] = lambda: None
) -> Dashboard:
    """All figures. The cost is one pass over the decisions, one over the confidences and one over the ledger.

    `zone`: of the days, the system's where None. `check` is called often; what it raises ends the work.
    """
    in_use = reader.promoted()
    past = gather(reader.histories(), reader.all_opinions(), in_use, zone, check)
    progress = reader.progress()
    pace = _pace(past, progress.mentions - progress.decided)
    check()
    safety = _safety(reader, past)
    check()
    return Dashboard(
        progress,
        past.decisions,
        pace,
        accuracy_of(past.facts, past.left_out),
        reliability_of(past.facts),
        safety,
        _cost(reader),
        _timings(past),
        leeches_of(reader, past.reversals),
        len(past.put_aside),
        leeches_of(reader, past.put_aside),
    )


def _pace(past: Past, left: int) -> Pace:
    worked = tuple(Worked(day, who, *counts) for (day, who), counts in sorted(past.worked.items()))
    per_day: dict[str, int] = {}
    for one in worked:
        per_day[one.day] = per_day.get(one.day, 0) + one.mentions
    return Pace(worked, finish(list(per_day.values()), left))


def _safety(reader: ProjectReader, past: Past) -> Safety:
    rest, facts = reader.sureness(), past.facts
    check = random_check.answers_of(reader, {fact.mention_id: fact for fact in facts}, past.unseen)
    promises = _offers(check.judged, rest) if check.state == "done" else ()
    guesses = () if promises else _offers([fact.lead for fact in facts if fact.lead is not None], rest)
    return Safety(check.state, check.answered, check.size, promises, guesses)


def _offers(judged: Sequence[tuple[float, bool]], rest: Iterable[Sureness]) -> tuple[Offer, ...]:
    mentions, occurrences = [0] * STEPS, [0] * STEPS
    for one in rest:
        at = min(STEPS - 1, max(0, one.percent))
        mentions[at] += one.mentions
        occurrences[at] += one.occurrences
    offers, cases = [], spread(judged)
    for alpha in ALPHAS:
        promise = controlled(cases, mentions, alpha)
        at = STEPS if promise.threshold is None else round(promise.threshold * STEPS)
        offers.append(Offer(promise, sum(mentions[at:]), sum(occurrences[at:])))
    return tuple(offers)


def _cost(reader: ProjectReader) -> Cost:
    spent = reader.spent()
    if not spent.requests:
        return Cost()
    return Cost(
        spent.requests,
        spent.prompt_tokens,
        spent.completion_tokens,
        round(spent.cost, 6),
        spent.unpriced,
        teacher_cost(reader),
    )


def _timings(past: Past) -> tuple[Timing, ...]:
    return tuple(
        Timing(kind, len(past.seconds[kind]), round(statistics.median(past.seconds[kind]), 1))
        for kind in get_args(DecisionKind)
        if past.seconds.get(kind)
    )


def leeches_of(reader: ProjectReader, reversals: Iterable[Reversal]) -> tuple[Leech, ...]:
    """What was reversed most often first, then what is most frequent; at most `MOST_LEECHES`.

    A mention that waits for its blind second answer is left out: the first answers would be given away here.
    """
    worst = sorted(reversals, key=lambda one: (-one.reversals, -one.count, one.mention_id))[:MOST_LEECHES]
    mentions = {mention.id: mention for mention in reader.mentions([one.mention_id for one in worst])}
    return tuple(
        Leech(one.mention_id, mentions[one.mention_id].text, one.count, one.reversals, one.answers, one.split)
        for one in worst
        if mentions[one.mention_id].review != "waiting"
    )
