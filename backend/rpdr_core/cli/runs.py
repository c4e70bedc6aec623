"""`rpdr runs`: the training runs on this machine or on a host."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click
import msgspec

from rpdr_core.cli.following import HOST, register, watch, worker_on
from rpdr_core.cli.options import JSON, print_json
from rpdr_core.errors import UserInputError
from rpdr_core.protocol.run_messages import RunState
from rpdr_core.workflow.fetching import fetch_result
from rpdr_core.workflow.runs import control, list_runs, remove_run, run_state, trouble_of

RUN = click.argument("run")


@click.group("runs")
def runs_group() -> None:
    """See, steer and fetch training runs."""


@runs_group.command("list")
@HOST
@JSON
def list_command(host: str, as_json: bool) -> None:
    """List the runs, the newest first."""
    with worker_on(host) as worker:
        found = list_runs(worker)
    if as_json:
        print_json(msgspec.to_builtins(found))
        return
    for run in found:
        click.echo(_line(run))


@runs_group.command("follow")
@RUN
@click.option("--offset", default=0, help="Byte of the record to begin at.")
@HOST
@JSON
def follow_command(run: str, offset: int, host: str, as_json: bool) -> None:
    """Watch RUN until it ends. Ctrl+C leaves it running."""
    state = watch(host, run, offset)
    _show(state, as_json)
    trouble = trouble_of(state)
    if trouble is not None:
        raise trouble


@runs_group.command("pause")
@RUN
@HOST
@JSON
def pause_command(run: str, host: str, as_json: bool) -> None:
    """Let RUN wait, its memory kept."""
    _steer(run, host, "pause", as_json)


@runs_group.command("resume")
@RUN
@HOST
@JSON
def resume_command(run: str, host: str, as_json: bool) -> None:
    """Let RUN go on: after a pause, or from its newest checkpoint after a cancel, a kill or a reboot."""
    _steer(run, host, "resume", as_json)


@runs_group.command("cancel")
@RUN
@HOST
@JSON
def cancel_command(run: str, host: str, as_json: bool) -> None:
    """Stop RUN; its newest checkpoint is kept."""
    _steer(run, host, "cancel", as_json)


@runs_group.command("fetch")
@RUN
@click.option("--name", default="", help="Name of the adapter here (default: the run's).")
@click.option("--project", type=click.Path(path_type=Path), help="A project to make it known to.")
@HOST
@JSON
def fetch_command(run: str, name: str, project: Path | None, host: str, as_json: bool) -> None:
    """Copy the adapter of RUN to this machine's adapters."""
    with worker_on(host) as worker:
        state = run_state(worker, run)
        if state.state != "done":
            raise trouble_of(state) or UserInputError(f"run {run} is not done yet", hint=f"rpdr runs follow {run}")
        info = fetch_result(worker, run, name or state.name)
    if info.kind != "retriever":
        register(project, info, run)
    if as_json:
        print_json(msgspec.to_builtins(info))
    else:
        what = "encoder" if info.kind == "retriever" else "student"
        click.echo(f"{what} {info.id}: {info.folder}")


@runs_group.command("remove")
@RUN
@HOST
@JSON
def remove_command(run: str, host: str, as_json: bool) -> None:
    """Delete RUN with its training rows and checkpoints. A fetched adapter stays."""
    with worker_on(host) as worker:
        remove_run(worker, run)
    if as_json:
        print_json({"removed": run})
    else:
        click.echo(f"run {run} is removed, with its rows")


def _steer(run: str, host: str, action: Literal["pause", "resume", "cancel"], as_json: bool) -> None:
    with worker_on(host) as worker:
        _show(control(worker, run, action), as_json)


def _show(state: RunState, as_json: bool) -> None:
    if as_json:
        print_json(msgspec.to_builtins(state))
    else:
        click.echo(_line(state))


def _line(run: RunState) -> str:
    at = f"step {run.last.step:,} of {run.last.steps:,}" if run.last else ""
    right = f"acc@1 {run.last.acc_at_1:.1%}" if run.last and run.last.acc_at_1 is not None else ""
    words = (run.run, f"{run.state:9}", run.name, at, right, run.adapter_id, run.message)
    return "  ".join(word for word in words if word)
