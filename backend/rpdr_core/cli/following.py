"""What the commands about training runs share: a worker here or on a host, and the live view of a run."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from rpdr_core.errors import HostError, NotAllowedError, WorkerLostError
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import AdapterInfo, TrainingEvent, TrainingSpec
from rpdr_core.protocol.run_messages import RunEvent, RunState
from rpdr_core.store import Project
from rpdr_core.workflow.adapters import register_adapter
from rpdr_core.workflow.hosts import connect, find_host
from rpdr_core.workflow.runs import follow, stored_run

HOST = click.option("--host", default="", help="Where it trains: a name from rpdr host list (default: this machine).")
_PAUSES = (1.0, 2.0, 5.0, 10.0, 20.0)


@contextmanager
def worker_on(host: str) -> Iterator[WorkerClient]:
    """A worker on the host, or on this machine where `host` is empty."""
    with connect(find_host(host)) if host else WorkerClient.start() as worker:
        yield worker


def watch(host: str, run: str, offset: int = 0) -> RunState:
    """Show a run until it ends. A lost connection is made again from where it broke; the run goes on meanwhile.

    Raises `Cancelled` on Ctrl+C; the run goes on then, too.
    """
    seen, tries = [offset], [0]

    def show(event: RunEvent) -> None:
        # Something came: this connection was one, and the pauses begin anew after it.
        seen[0], tries[0] = event.offset, 0
        show_event(event)

    while True:
        try:
            with worker_on(host) as worker:
                return follow(worker, run, show, seen[0])
        except (WorkerLostError, HostError) as error:
            if tries[0] == len(_PAUSES):
                raise
            pause = _PAUSES[tries[0]]
            tries[0] += 1
            click.echo(f"note: {error.message}; the run goes on, trying again in {pause:g} s", err=True)
            time.sleep(pause)


def show_event(event: RunEvent) -> None:
    """One event on stderr; steps only where somebody watches."""
    if event.kind == "training" and event.training is not None:
        if sys.stderr.isatty():
            _show_step(event.training)
    elif event.kind == "resumed":
        lost = f", {event.lost_steps:,} steps are done again" if event.lost_steps else ""
        click.echo(f"resumed from step {event.step:,}{lost}", err=True)
    elif event.note:
        click.echo(f"note: {event.note}", err=True)


def _show_step(event: TrainingEvent) -> None:
    right = "" if event.acc_at_1 is None else f", acc@1 {event.acc_at_1:.1%}"
    left = "" if event.seconds_left is None else f", {event.seconds_left:.0f} s left"
    last = event.step == event.steps
    click.echo(f"\rstep {event.step:,} of {event.steps:,}, loss {event.loss:.3f}{right}{left}   ", nl=last, err=True)


def note_run(project: Path | None, state: RunState, spec: TrainingSpec, host: str) -> None:
    """Keep in the project how the run stands."""
    if project is not None:
        with _writable(project) as opened:
            if opened is not None:
                opened.record_run(stored_run(state, spec, host))


def register(project: Path | None, info: AdapterInfo, run: str) -> None:
    """Make the adapter known to the project."""
    if project is not None:
        with _writable(project) as opened:
            if opened is not None:
                register_adapter(opened, info, run_id=run)


@contextmanager
def _writable(path: Path) -> Iterator[Project | None]:
    """The project; None, with a word, while somebody else has it open: a training is not lost for that."""
    try:
        project = Project.open(path)
    except NotAllowedError as error:
        click.echo(f"note: not recorded in the project: {error}", err=True)
        yield None
        return
    with project:
        yield project
