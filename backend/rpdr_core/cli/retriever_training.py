"""What `rpdr align` and `rpdr tune-retriever` share: a run to its end, its encoder on the shelf, in use if it won."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import click
import msgspec

from rpdr_core.cli.following import watch, worker_on
from rpdr_core.cli.options import print_json, show_progress
from rpdr_core.encoder_manifest import EncoderCheck
from rpdr_core.errors import Cancelled
from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import BuildIndex, OpenRetrieval, TrainingSpec
from rpdr_core.protocol.run_messages import Checkpoints, RunState
from rpdr_core.workflow.distilling import TrainingRows
from rpdr_core.workflow.encoders import TrainedEncoder, encoders_folder, find_encoder, use_encoder
from rpdr_core.workflow.fetching import fetch_adapter
from rpdr_core.workflow.hosts import find_host
from rpdr_core.workflow.retrieving import reference
from rpdr_core.workflow.runs import RunSettings, control, start_run, trouble_of

RECIPE_HELP = "A recipe's name or a .toml file."


@dataclass(frozen=True, slots=True)
class Course:
    """How a training is carried out. `use`: the knowledge base is searched with the encoder once it has won."""

    name: str
    host: str
    detach: bool
    checkpoint: float
    use: bool
    as_json: bool


def start(spec: TrainingSpec, rows: TrainingRows, course: Course) -> RunState:
    """Upload and start, here or on the host."""
    target = find_host(course.host) if course.host else None
    settings = RunSettings(Checkpoints(course.checkpoint))
    if target is not None:
        settings = RunSettings(Checkpoints(course.checkpoint), target.launcher, target.cluster)
    with worker_on(course.host) as worker:
        return start_run(worker, spec, rows, course.name, settings=settings)


def carry_out(spec: TrainingSpec, rows: TrainingRows, catalogue: Catalogue, course: Course) -> None:
    """Start, follow, fetch; a winner gets its index and then takes over. Ctrl+C cancels and keeps the checkpoint."""
    state = start(spec, rows, course)
    if course.detach:
        _print_started(state, course)
        return
    state = _watched(course.host, state.run)
    trouble = trouble_of(state)
    if trouble is not None:
        raise trouble
    with worker_on(course.host) as worker:
        info = fetch_adapter(worker, state.run, state.name, folder=encoders_folder())
    encoder = find_encoder(info.folder)
    check = encoder.manifest.check
    took_over = course.use and check.wins
    if took_over:
        build_index(catalogue, encoder)
        use_encoder(catalogue.info.fingerprint, encoder.name)
    _print_result(encoder, state, took_over, course.as_json)


def build_index(catalogue: Catalogue, encoder: TrainedEncoder) -> None:
    """Embed the knowledge base with an encoder; what searches it meanwhile keeps the vectors that it has."""
    with WorkerClient.start() as worker:
        opened = OpenRetrieval(reference(catalogue), (), str(encoder.folder))
        state = worker.call("retrieval.open", opened)
        if state.dense_done < state.dense_total:
            worker.call("index.build", BuildIndex(state.fingerprint), on_progress=show_progress)


def check_line(check: EncoderCheck) -> str:
    """The check in words."""
    if not check.texts:
        return "not checked: no text was held out"
    low, high = check.at_1_gain
    among = f"{check.texts:,} held-out texts among {check.strings:,} strings"
    first = f"first place {check.at_1_before:.1%} -> {check.at_1:.1%} (gain {low:+.1%} to {high:+.1%})"
    return f"{among}: {first}, first ten {check.at_10_before:.1%} -> {check.at_10:.1%}{_with_contexts(check)}"


def _with_contexts(check: EncoderCheck) -> str:
    if not check.contexts:
        return ""
    alone = f"{check.alone_at_1_before:.1%} -> {check.alone_at_1:.1%}"
    return f"; {check.contexts:,} were read with their context, all of them alone: first place {alone}"


def as_dict(encoder: TrainedEncoder) -> dict[str, Any]:
    manifest = msgspec.to_builtins(encoder.manifest)
    info = {**manifest["info"], "folder": str(encoder.folder)}
    kept = {key: manifest[key] for key in ("base", "knowledge_base", "seed", "context", "check")}
    return {"name": encoder.name, **info, **kept, "in_use": list(encoder.in_use)}


def _watched(host: str, run: str) -> RunState:
    try:
        return watch(host, run)
    except Cancelled:
        click.echo("\ncancelling..", err=True)
        with worker_on(host) as worker:
            control(worker, run, "cancel")
        where = f" --host {host}" if host else ""
        click.echo(f"its checkpoint is kept; go on with: rpdr runs resume {run}{where}", err=True)
        raise


def _print_started(state: RunState, course: Course) -> None:
    if course.as_json:
        print_json(msgspec.to_builtins(state))
        return
    where = f" --host {course.host}" if course.host else ""
    click.echo(f"run {state.run} has started; see: rpdr runs follow {state.run}{where}")
    click.echo(f"when it is done: rpdr runs fetch {state.run}{where}, then rpdr encoders use NAME --kb KB")


def _print_result(encoder: TrainedEncoder, state: RunState, took_over: bool, as_json: bool) -> None:
    check = encoder.manifest.check
    if as_json:
        print_json({**as_dict(find_encoder(encoder.name)), "run": state.run, "seconds": state.seconds})
        return
    click.echo(f"encoder {encoder.name} ({encoder.id}) in {state.seconds:.0f} s: {encoder.folder}")
    click.echo(check_line(check))
    if took_over:
        click.echo("it wins, and the knowledge base is searched with it from now on")
    elif check.wins:
        click.echo(f"it wins; use it with: rpdr encoders use {encoder.name} --kb KB")
    else:
        click.echo("it does not win beyond chance, so nothing changes; it is kept, and --encoder NAME tries it")
