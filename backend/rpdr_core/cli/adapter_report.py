"""How a comparison and its impact are printed."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from rpdr_core.evaluation import Interval
from rpdr_core.workflow.comparing import Comparison, PairedResult, RankerScores
from rpdr_core.workflow.impact import Impact
from rpdr_core.workflow.promotion import PromotionReport

_METRICS = ("acc@1", "acc@5", "mrr")
_SHOWN = 10


def report_json(report: PromotionReport) -> dict[str, Any]:
    """The report as JSON values, with what follows from it: `standing`, `doubtful`."""
    values: dict[str, Any] = msgspec.to_builtins(report)
    for paired, value in zip(report.comparison.paired, values["comparison"]["paired"], strict=True):
        value["standing"] = paired.standing
    return values | {"standing": report.standing, "doubtful": report.doubtful}


def print_report(comparison: Comparison) -> None:
    """Rankers side by side, then the pairs. Without a decision there are no figures."""
    share = f"{comparison.held_out.share:.0%} of mention texts are held out"
    click.echo(f"{comparison.n:,} held-out decisions ({share})")
    if comparison.n:
        _print_figures(comparison)
    for why, count in comparison.excluded.items():
        click.echo(f"not judged: {count:,} ({why})")


def print_warnings(comparison: Comparison) -> None:
    """What to mind, on stderr."""
    for warning in comparison.warnings:
        click.echo(f"warning: {warning}", err=True)


def _print_figures(comparison: Comparison) -> None:
    head = "".join(f"{name:>22}" for name in _METRICS)
    click.echo(f"{'':<10}{'n':>7}{head}{'seen':>8}{'unseen':>8}{'ECE':>8}{'s/1,000':>9}{'cost/1,000':>13}")
    for column in comparison.rankers:
        click.echo(_row(column))
    for paired in comparison.paired:
        click.echo(_pair(paired))
    click.echo(comparison.ties)


def _row(column: RankerScores) -> str:
    scores = column.scores
    cells = "".join(f"{_interval(scores.overall.metrics[name]):>22}" for name in _METRICS)
    parts = "".join(f"{_share(part.metrics['acc@1'], part.n):>8}" for part in (scores.seen, scores.unseen))
    error = f"{column.calibration.error:.3f}" if column.calibration.n else "-"
    seconds = "-" if column.seconds_per_1000 is None else f"{column.seconds_per_1000:.1f}"
    cost = "-" if column.per_1000 is None else f"{column.per_1000:.2f} {column.currency}".strip()
    return f"{column.role:<10}{scores.overall.n:>7,}{cells}{parts}{error:>8}{seconds:>9}{cost:>13}"


def _interval(found: Interval) -> str:
    return f"{found.value:.3f} ({found.low:.3f}-{found.high:.3f})"


def _share(found: Interval, n: int) -> str:
    return f"{found.value:.3f}" if n else "-"


def _pair(paired: PairedResult) -> str:
    gap, test = paired.acc_at_1, paired.mcnemar
    return (
        f"new against {paired.against}: acc@1 {gap.value:+.3f} ({gap.low:+.3f} to {gap.high:+.3f}),"
        f" {test.gained:,} gained, {test.lost:,} lost, McNemar mid-p {_p(test.mid_p)}: {paired.standing};"
        f" {paired.detectable:.1%} or more would show"
    )


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def print_impact(impact: Impact) -> None:
    """What would change, in numbers, and the first of it."""
    counts = impact.counts
    click.echo(
        f"{counts.flips:,} of {counts.mentions:,} mentions ({counts.flipped_occurrences:,} occurrences) get another"
        f" first candidate; of {counts.decided:,} mapped ones {counts.gained:,} gained, {counts.lost:,} lost"
        f" ({counts.accepted_lost:,} of them accepted), {counts.moved:,} moved"
    )
    for group in impact.groups:
        click.echo(f"  {group.key}: {group.mentions:,} mentions, {group.gained:,} gained, {group.lost:,} lost")
    for flip in impact.flips[:_SHOWN]:
        sure = "" if flip.confidence is None else f" {flip.confidence:.0%}"
        click.echo(f"  {flip.effect:<7}{flip.text}: {flip.old_code} -> {flip.new_code}{sure}")
    if len(impact.flips) > _SHOWN:
        click.echo(f"  and {len(impact.flips) - _SHOWN:,} more: write them all with --flips FILE.csv")
