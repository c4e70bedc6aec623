"""`rpdr adapters`: a student's life after its training: seen, checked, compared, promoted, rolled back, given away."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from rpdr_core.cli.adapter_report import print_impact, print_report, print_warnings, report_json
from rpdr_core.cli.login import login
from rpdr_core.cli.options import JSON, print_json, show_progress
from rpdr_core.errors import NotFoundError, UserInputError
from rpdr_core.protocol.adapter_messages import FuseAdapter, VerifyAdapter
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import AdapterInfo, ProgressEvent
from rpdr_core.store import Project, ProjectReader, open_reader
from rpdr_core.workflow.adapters import current_student, find_adapter, list_adapters, register_adapter, registered
from rpdr_core.workflow.comparing import Comparison, compare
from rpdr_core.workflow.held_out import held_out_of, hold_out
from rpdr_core.workflow.impact import Impact, impact_of, write_flips
from rpdr_core.workflow.promotion import PromotionReport, promote, report_in, report_of, roll_back
from rpdr_core.workflow.serving import Server, export_for
from rpdr_core.workflow.student_ranking import ranker

PROJECT = click.argument("project", type=click.Path(path_type=Path))
ADAPTER = click.argument("adapter")
REVIEWER = click.option("--reviewer", default="", help="Who does it (default: the name you are logged in with).")
LIMIT = click.option(
    "--impact-limit", default=0, help="Rank only so many mentions anew, the most frequent first (0: all)."
)
FLIPS = click.option("--flips", type=click.Path(path_type=Path), help="Write every flip here (.csv, .xlsx, .jsonl).")


@click.group("adapters", invoke_without_command=True)
@click.option("--folder", type=click.Path(path_type=Path), help="Another folder of adapters.")
@JSON
@click.pass_context
def adapters_group(context: click.Context, folder: Path | None, as_json: bool) -> None:
    """The trained adapters. Without a subcommand: the list."""
    if context.invoked_subcommand is None:
        _list(folder, as_json)


@adapters_group.command("list")
@click.option("--folder", type=click.Path(path_type=Path), help="Another folder of adapters.")
@click.option("--project", type=click.Path(path_type=Path), help="The students of this project instead.")
@JSON
def list_command(folder: Path | None, project: Path | None, as_json: bool) -> None:
    """The adapters on this machine, or a project's students: which is in use, which promotions led there."""
    if project is None:
        _list(folder, as_json)
    else:
        with open_reader(project) as reader:
            _list_project(reader, as_json)


def _list(folder: Path | None, as_json: bool) -> None:
    found = list_adapters(folder)
    if as_json:
        print_json(msgspec.to_builtins(found))
        return
    for info in found:
        click.echo(_line(info))


def _line(info: AdapterInfo) -> str:
    before, after = f"{info.acc_at_1_before:.1%}", f"{info.acc_at_1:.1%}"
    return f"{info.id}  {before} -> {after}  {info.train_rows:>7,} rows  {info.recipe}  {info.folder}"


def _list_project(reader: ProjectReader, as_json: bool) -> None:
    found, history, rule = registered(reader), reader.promotions(), held_out_of(reader)
    if as_json:
        print_json(
            {
                "current": current_student(reader).id,
                "held_out": msgspec.to_builtins(rule),
                "adapters": msgspec.to_builtins(found),
                "promotions": [_promotion(one) for one in history],
            }
        )
        return
    for one in found:
        where = "" if one.here else "  (not on this machine)"
        click.echo(f"{'*' if one.in_use else ' '} {_line(one.info)}{where}")
    for step in history:
        click.echo(f"{step.made_at}  {step.reason} {step.adapter_id or '(none)'}  {step.reviewer}")
    click.echo(f"held out: {rule.share:.0%} of mention texts")


def _promotion(step: Any) -> dict[str, object]:
    report = report_in(step)
    kept = {name: getattr(step, name) for name in ("id", "adapter_id", "made_at", "reviewer", "reason")}
    return kept | {"report": None if report is None else report_json(report)}


@adapters_group.command("show")
@ADAPTER
@JSON
def show_command(adapter: str, as_json: bool) -> None:
    """One ADAPTER (folder, name or id): what it was made from and how it did on its validation rows."""
    info = find_adapter(adapter)
    if as_json:
        print_json(msgspec.to_builtins(info))
        return
    for name, value in msgspec.to_builtins(info).items():
        click.echo(f"{name.replace('_', ' '):<16} {value}")


@adapters_group.command("verify")
@ADAPTER
@JSON
def verify_command(adapter: str, as_json: bool) -> None:
    """Check every hash of ADAPTER, and that its base model here is the one it was trained on."""
    info = find_adapter(adapter)
    with WorkerClient.start() as worker:
        found = worker.call("adapter.verify", VerifyAdapter(info.folder))
    if as_json:
        print_json(msgspec.to_builtins(found))
    else:
        base = f"base model {found.info.base_model} is here" if found.base == "same" else f"note: {found.note}"
        click.echo(f"{found.info.id}: {found.files} files, {found.bytes:,} bytes, as they were written; {base}")


@adapters_group.command("register")
@PROJECT
@ADAPTER
@REVIEWER
@JSON
def register_command(project: Path, adapter: str, reviewer: str, as_json: bool) -> None:
    """Make ADAPTER known to PROJECT, e.g. one that was trained elsewhere. It is not in use by that."""
    info = find_adapter(adapter)
    with Project.open(project) as opened:
        changes = register_adapter(opened, info, actor=reviewer or login())
    if as_json:
        print_json({"id": info.id, "registered": bool(changes.kinds)})
    else:
        click.echo(f"student {info.id} is registered" if changes.kinds else f"student {info.id} was registered before")


@adapters_group.command("hold-out")
@PROJECT
@click.argument("share", type=float)
@JSON
def hold_out_command(project: Path, share: float, as_json: bool) -> None:
    """Hold out a greater SHARE (0.1 is one in ten) of PROJECT's mention texts to judge students by."""
    with Project.open(project) as opened:
        hold_out(opened, share)
        rule = held_out_of(opened)
    if as_json:
        print_json(msgspec.to_builtins(rule))
    else:
        click.echo(f"held out from now on: {rule.share:.0%} of mention texts")


@adapters_group.command("compare")
@PROJECT
@ADAPTER
@LIMIT
@FLIPS
@click.option("--no-impact", is_flag=True, help="Leave out what it would change.")
@JSON
def compare_command(
    project: Path, adapter: str, impact_limit: int, flips: Path | None, no_impact: bool, as_json: bool
) -> None:
    """ADAPTER beside the other rankers on PROJECT's held-out decisions, and what it would change."""
    with open_reader(project) as reader:
        info = find_adapter(adapter, reader)
        comparison, impact = _judged(reader, info, impact_limit, with_impact=not no_impact)
    if flips is not None and impact is not None:
        write_flips(flips, impact)
    if as_json:
        listed = {"flips": msgspec.to_builtins(impact.flips)} if impact else {}
        print_json(report_json(report_of(comparison, impact)) | listed)
        return
    print_report(comparison)
    print_warnings(comparison)
    if impact is not None:
        print_impact(impact)


@adapters_group.command("promote")
@PROJECT
@ADAPTER
@LIMIT
@FLIPS
@click.option("--no-impact", is_flag=True, help="Leave out what it would change.")
@click.option("--yes", is_flag=True, help="Do not ask, even if it is worse or nothing is known of it.")
@REVIEWER
@JSON
def promote_command(
    project: Path,
    adapter: str,
    impact_limit: int,
    flips: Path | None,
    no_impact: bool,
    yes: bool,
    reviewer: str,
    as_json: bool,
) -> None:
    """Compare ADAPTER, then put it in use in PROJECT. The report is kept with the promotion."""
    with open_reader(project) as reader:
        info = find_adapter(adapter, reader)
        if current_student(reader).id == info.id and reader.promotions():
            raise UserInputError(f"student {info.id} is in use already")
        comparison, impact = _judged(reader, info, impact_limit, with_impact=not no_impact)
    report = report_of(comparison, impact)
    if flips is not None and impact is not None:
        write_flips(flips, impact)
    if not as_json:
        print_report(comparison)
    print_warnings(comparison)
    _ask_if_doubtful(report, yes=yes)
    with Project.open(project) as opened:
        promote(opened, info, report, reviewer=reviewer or login())
    if as_json:
        print_json(report_json(report) | {"promoted": info.id})
    else:
        click.echo(f"student {info.id} is in use; take it back with: rpdr adapters rollback {project}")


def _ask_if_doubtful(report: PromotionReport, *, yes: bool) -> None:
    if not report.doubtful or yes:
        return
    known = "it is worse" if report.comparison.n else "nothing is known of it"
    click.confirm(f"Put it in use although {known}?", abort=True, err=True)


@adapters_group.command("rollback")
@PROJECT
@REVIEWER
@JSON
def rollback_command(project: Path, reviewer: str, as_json: bool) -> None:
    """Take PROJECT's newest promotion back: the student from before it is in use again, or none."""
    with Project.open(project) as opened:
        roll_back(opened, reviewer=reviewer or login())
        current = current_student(opened).id
    if as_json:
        print_json({"current": current})
    else:
        click.echo(f"student {current} is in use again" if current else "no student is in use")


@adapters_group.command("fuse")
@ADAPTER
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="A new or empty folder.")
@JSON
def fuse_command(adapter: str, output: Path, as_json: bool) -> None:
    """Merge ADAPTER into its base model: a whole model folder. The adapter stays as it is."""
    info = find_adapter(adapter)
    with WorkerClient.start() as worker:
        params = FuseAdapter(info.folder, str(output.absolute()))
        found = worker.call("adapter.fuse", params, on_progress=_show_note)
    if as_json:
        print_json(msgspec.to_builtins(found))
    else:
        what = "encoder for mentions" if found.kind == "encoder" else "language model"
        click.echo(f"{what}, {found.bytes:,} bytes: {found.folder}")


def _show_note(event: ProgressEvent) -> None:
    if event.note and sys.stderr.isatty():
        click.echo(event.note, err=True)
    else:
        show_progress(event)


@adapters_group.command("export")
@ADAPTER
@click.option("--for", "server", required=True, type=click.Choice(["vllm", "ollama"]), help="The server it is for.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="A new or empty folder.")
@JSON
def export_command(adapter: str, server: Server, output: Path, as_json: bool) -> None:
    """A generative ADAPTER as a folder that vLLM or Ollama serves, with the commands in its README."""
    info = find_adapter(adapter)
    if not info.folder:
        raise NotFoundError(f"student {info.id} is not on this machine", hint="fetch it first")
    served = export_for(server, info, output)
    if as_json:
        print_json(msgspec.to_builtins(served))
        return
    for note in served.notes:
        click.echo(f"note: {note}", err=True)
    click.echo(f"{served.folder}\n{served.command}")


def _judged(
    reader: ProjectReader, info: AdapterInfo, limit: int, *, with_impact: bool
) -> tuple[Comparison, Impact | None]:
    """The comparison and, if asked for, the impact, by one worker."""
    with WorkerClient.start() as worker:
        rank = ranker(worker, reader.knowledge_base().fingerprint, reader.memory())
        comparison = compare(reader, info, rank)
        if not with_impact:
            return comparison, None
        current = current_student(reader)
        impact = impact_of(reader, info.folder, current, rank, limit=limit, on_progress=_show_impact)
        return comparison, impact


def _show_impact(done: int, total: int) -> None:
    show_progress(ProgressEvent(done, total))
