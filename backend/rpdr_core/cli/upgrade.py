"""`rpdr upgrade`: a project moved to a newer release of its terminology, counted before anything is touched."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from rpdr_core.cli.login import login
from rpdr_core.cli.options import JSON, print_json
from rpdr_core.knowledge_base.library import Library
from rpdr_core.records import KnowledgeBaseInfo
from rpdr_core.store import Project, open_reader
from rpdr_core.workflow.deciding import catalogue_of
from rpdr_core.workflow.upgrading import TargetChange, UpgradePlan, apply_upgrade, plan_upgrade

_LISTED = 40


@click.command("upgrade")
@click.argument("project", type=click.Path(path_type=Path))
@click.option("--kb", required=True, help="The newer release: an imported id, a fingerprint, or a file.")
@click.option("--apply", "apply", is_flag=True, help="Do it; without this the command only counts and lists.")
@click.option("--renamed", is_flag=True, help="Reopen decisions whose code has another name now, too.")
@click.option("--scope", default=None, help="The project's scope afterwards, where the present one does not fit.")
@click.option("--force", is_flag=True, help="Even where this looks like another terminology.")
@click.option("--as", "who", default="", help="Who does this (default: the name you are logged in with).")
@click.option("--list", "most", default=_LISTED, show_default=True, type=click.IntRange(0), help="Most codes to list.")
@JSON
def upgrade_command(
    project: Path,
    kb: str,
    apply: bool,
    renamed: bool,
    scope: str | None,
    force: bool,
    who: str,
    most: int,
    as_json: bool,
) -> None:
    """Compare PROJECT's terminology with the newer release KB, and say which decisions that would reopen.

    With --apply the project is moved to it. Only decisions with a code that was retired are reopened, the release's own
    replacement first on their list. It is one step: undo takes it back whole.
    """
    library = Library()
    new = library.open(kb)
    with open_reader(project) as reader:
        old = catalogue_of(library, reader.knowledge_base())
        plan = plan_upgrade(reader, old, new, _show, renamed=renamed, scope=scope)
    if not apply:
        _say(plan, most, as_json, applied=False)
        return
    with Project.open(project) as opened:
        apply_upgrade(opened, plan, who or login(), force=force)
    _say(plan, most, as_json, applied=True)


def _show(stage: str, done: int, total: int) -> None:
    del total  # a catalogue does not say how long it is
    if sys.stderr.isatty():
        click.echo(f"\r{stage}: {done:,}   ", nl=False, err=True)


def _say(plan: UpgradePlan, most: int, as_json: bool, *, applied: bool) -> None:
    if as_json:
        print_json(_as_json(plan, applied=applied))
        return
    for line in _lines(plan, most, applied=applied):
        click.echo(line)


def _as_json(plan: UpgradePlan, *, applied: bool) -> dict[str, object]:
    return {
        "applied": applied,
        "from": asdict(plan.before),
        "to": asdict(plan.after),
        "same_terminology": plan.kin,
        "scope": plan.scope,
        "scope_problem": plan.scope_problem,
        "counts": asdict(plan.counts),
        "targets": [asdict(one) for one in plan.targets],
        "mention_ids": [one.mention_id for one in plan.requeued],
    }


def _lines(plan: UpgradePlan, most: int, *, applied: bool) -> Iterator[str]:
    counts = plan.counts
    yield f"{_release(plan.before)} -> {_release(plan.after)}"
    if not plan.kin:
        yield "most codes are not in the newer release: this looks like another terminology"
    yield f"codes        {counts.unchanged:,} unchanged, {counts.renamed:,} renamed, {counts.moved:,} moved"
    yield (
        f"             {counts.retired:,} retired ({counts.retired_with_replacement:,} with a replacement),"
        f" {counts.added:,} added"
    )
    done = "reopened" if applied else "to reopen"
    yield f"{done:<12} {_decisions(counts.reopened, counts.reopened_occurrences)}"
    yield f"  replaced   {counts.replaced:,} with one replacement from the release; the others leave a choice"
    yield f"renamed      {_decisions(counts.renamed_decisions, counts.renamed_occurrences)}"
    yield f"kept         {_decisions(counts.kept, counts.kept_occurrences)}"
    yield f"lists        {counts.lists:,} of undecided mentions name a retired code and are made anew"
    if counts.no_match and counts.added:
        yield f"no match     {counts.no_match:,} decisions had nothing in the old release"
    if counts.foreign:
        yield f"foreign      {counts.foreign:,} decisions name codes that the old release did not have either"
    if plan.scope_problem:
        yield f"scope        does not fit: {plan.scope_problem}; give --scope"
    for target in plan.targets[:most]:
        yield from _target(target)
    if len(plan.targets) > most:
        yield f"... and {len(plan.targets) - most:,} more codes (--list)"
    if not applied:
        yield "nothing was changed; add --apply to do it"


def _target(target: TargetChange) -> Iterator[str]:
    what = target.loss.replace("_", " ") or f'now "{target.new_name}"'
    yield f"{target.code}  {target.name}: {what} ({_decisions(target.mentions, target.occurrences)})"
    for one in target.proposals:
        through = f", by way of {', '.join(one.through)}" if one.through else ""
        yield f"  {'->' if one.sure else ' ?'} {one.code}  {one.name} [{one.word.replace('_', ' ')}{through}]"


def _decisions(mentions: int, occurrences: int) -> str:
    return f"{mentions:,} decisions, {occurrences:,} occurrences"


def _release(info: KnowledgeBaseInfo) -> str:
    return f"{info.title} {info.version}".strip() + f" ({info.fingerprint[:12]})"
