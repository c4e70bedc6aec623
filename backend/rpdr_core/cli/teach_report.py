"""What `rpdr teach` says before it sends and after."""

from __future__ import annotations

from dataclasses import asdict

import click

from rpdr_core.cli.options import print_json
from rpdr_core.protocol.messages import PromptPreview
from rpdr_core.workflow.preparing import Prepared
from rpdr_core.workflow.teaching import Estimate, TeachingReport

_FLAGS_SHOWN = 20


def say_nothing_waits(as_json: bool) -> None:
    if as_json:
        print_json({"items": 0, "counts": {}})
    else:
        click.echo("no mention waits for the teacher")


def say_preview(preview: PromptPreview, prepared: Prepared, estimate: Estimate, as_json: bool) -> None:
    """The bytes of one request, all of them, and what the run comes to."""
    if not as_json:
        click.echo(preview.body)
        if preview.fallback:
            click.echo(f"if the server refuses the answer's format, this instead:\n{preview.fallback}")
        say(preview, prepared, estimate)
        return
    value = {
        "items": len(prepared.items),
        "url": preview.url,
        "body": preview.body,
        "fallback": preview.fallback,
        "sha256": preview.sha256,
        "digest": preview.digest,
        "masked": prepared.masked,
        "flagged": [asdict(flag) for flag in prepared.flags],
        "estimate": asdict(estimate),
    }
    print_json(value)


def say(preview: PromptPreview, prepared: Prepared, estimate: Estimate) -> None:
    """What is about to leave, in a few lines on stderr."""
    click.echo(
        f"{len(prepared.items):,} mentions, {estimate.requests:,} requests ({estimate.cached:,} answered before),"
        f" {preview.bytes:,} bytes to {preview.url}",
        err=True,
    )
    click.echo(f"{prepared.masked:,} masked, {len(prepared.flags):,} flagged for you to read", err=True)
    for flag in prepared.flags[:_FLAGS_SHOWN]:
        click.echo(f"  mention {flag.mention_id}: {flag.text}", err=True)
    if len(prepared.flags) > _FLAGS_SHOWN:
        click.echo(f"  and {len(prepared.flags) - _FLAGS_SHOWN:,} more: --preview --json lists them", err=True)
    click.echo(_price(estimate), err=True)


def _price(estimate: Estimate) -> str:
    tokens = f"about {estimate.tokens:,} tokens in and {estimate.answer_tokens:,} out (a guess)"
    if estimate.cost is None or estimate.most is None:
        return f"{tokens}; no price is known for this model"
    currency = estimate.currency
    per = "" if estimate.per_1000 is None else f", {estimate.per_1000:.2f} per 1,000 mentions"
    return f"{tokens}: {estimate.cost:.4f} {currency}{per}, at most {estimate.most:.4f}; prices: {estimate.prices}"


def say_report(report: TeachingReport, prepared: Prepared | None, estimate: Estimate | None, as_json: bool) -> None:
    """How a run went."""
    if as_json:
        value: dict[str, object] = {
            "run": report.run,
            "items": report.items,
            "seconds": round(report.seconds, 1),
            "counts": dict(report.counts),
            "stopped": report.stopped,
            "spent": asdict(report.spent),
            "currency": report.currency,
            "per_1000": report.per_1000,
        }
        if prepared is not None and estimate is not None:
            value |= {"masked": prepared.masked, "flagged": len(prepared.flags), "estimate": asdict(estimate)}
        print_json(value)
        return
    counts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in report.counts.items() if count)
    click.echo(counts or "nothing was sent")
    spent = report.spent
    per = "" if report.per_1000 is None else f", {report.per_1000:.2f} per 1,000 mentions"
    tokens = f"{spent.prompt_tokens:,} tokens in, {spent.completion_tokens:,} out"
    cost = "cost not known" if spent.unpriced else f"cost {spent.cost:.4f} {report.currency}".rstrip()
    click.echo(f"run {report.run}: {tokens}, {cost}{per}")
    if report.stopped:
        click.echo(f"stopped: {report.stopped}")
