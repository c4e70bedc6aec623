"""`rpdr status`: the figures of the dashboard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from rpdr_core.cli.options import JSON, print_json
from rpdr_core.evaluation.rates import Rate
from rpdr_core.store import open_reader
from rpdr_core.workflow.dashboard import dashboard_of
from rpdr_core.workflow.dashboard_figures import Accuracy, Cost, Dashboard, Offer, Reliability, Safety

_SHOWN = 10


@click.command("status")
@click.argument("project", type=click.Path(path_type=Path))
@JSON
def status_command(project: Path, as_json: bool) -> None:
    """Print how far PROJECT is: progress, pace, accuracy of the rankers, what may be accepted, cost, leeches."""
    with open_reader(project) as reader:
        found = dashboard_of(reader)
    if as_json:
        print_json(asdict(found))
        return
    for line in _lines(found):
        click.echo(line)


def _lines(found: Dashboard) -> Iterator[str]:
    progress = found.progress
    yield f"mentions     {_of(progress.decided, progress.mentions)}"
    yield f"occurrences  {_of(progress.occurrences_decided, progress.occurrences)}"
    yield f"finish       {_finish(found)}"
    yield from _accuracy(found.accuracy)
    yield from _reliability(found.reliability)
    yield from _safety(found.safety)
    yield f"cost         {_cost(found.cost)}"
    for one in found.timings:
        yield f"seconds      {one.kind}: {one.median:g} (median of {one.n:,})"
    if found.leeches or found.put_aside:
        yield f"leeches      {len(found.leeches):,}, and {found.put_aside:,} put aside for discussion"
    for leech in found.leeches[:_SHOWN]:
        answers = " > ".join(code or "no match" for code in leech.answers)
        yield f"  mention {leech.mention_id}: reversed {leech.reversals} times: {answers}"


def _of(done: int, all_: int) -> str:
    return f"{done:,} of {all_:,} decided ({done / all_:.1%})" if all_ else "none"


def _finish(found: Dashboard) -> str:
    finish = found.pace.finish
    if 0 < found.progress.mentions == found.progress.decided:
        return "everything is decided"
    if finish is None:
        return "not enough decisions yet"
    days = f"{finish.low:,}" if finish.low == finish.high else f"{finish.low:,} to {finish.high:,}"
    return f"{days} working days, at the pace of the last {finish.days} ({finish.per_day:g} mentions a day)"


def _accuracy(accuracy: Accuracy) -> Iterator[str]:
    for role, rate in accuracy.overall.items():
        yield f"{role:<12} right first: {_rate(rate)}, against decisions made with rankings on screen"
    for role, rate in accuracy.blind.items():
        yield f"{role:<12} right first: {_rate(rate)}, against answers given before any ranking was there"


def _reliability(found: Reliability) -> Iterator[str]:
    if found.summary.n:
        yield f"calibration  {found.role}: error {found.summary.error:.3f} over {found.summary.n:,} decisions"
    for one in found.bins:
        yield f"  confidence {one.confidence:.2f}: right {_rate(one.right)}"


def _safety(found: Safety) -> Iterator[str]:
    states = {
        "none": "no random check was drawn: what follows is a guess, not a promise",
        "open": f"{found.answered:,} of {found.size:,} answered: what follows is a guess, not a promise",
        "stale": "the random check no longer fits the project: draw a new one",
        "done": f"all {found.size:,} of the random check answered",
    }
    yield f"acceptance   {states[found.check]}"
    for offer in found.promises or found.guesses:
        yield f"  errors below {offer.promise.alpha:.0%}: {_offer(offer)}"


def _offer(offer: Offer) -> str:
    promise = offer.promise
    if promise.threshold is not None:
        covered = f"{offer.mentions:,} mentions, {offer.occurrences:,} occurrences"
        return (
            f"confidence from {promise.threshold:.0%} on ({covered}; {promise.wrong} of {promise.n} judged were wrong)"
        )
    if promise.more is None:
        return "no threshold: even the surest answers are wrong too often"
    return f"no threshold yet: at least {promise.more:,} more decisions needed"


def _cost(cost: Cost) -> str:
    if not cost.requests:
        return "nothing was asked of a teacher"
    words = f"{cost.money:.4f} for {cost.requests:,} requests, {cost.prompt_tokens:,} tokens in,"
    words += f" {cost.completion_tokens:,} out"
    if cost.per_1000 is not None:
        words += (
            f"; {1000 * cost.per_1000.money / cost.per_1000.mentions:.4f} {cost.per_1000.currency} per 1,000 mentions"
        )
    return words + (f"; {cost.unpriced:,} requests without a known price" if cost.unpriced else "")


def _rate(rate: Rate) -> str:
    if rate.value is None or rate.low is None or rate.high is None:
        return "-"
    return f"{rate.value:.3f} ({rate.low:.2f}-{rate.high:.2f}) of {rate.n:,}"
