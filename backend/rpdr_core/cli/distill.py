"""`rpdr distill`: train a student, on this machine or on a host."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import click
import msgspec

from rpdr_core.cli.following import HOST, note_run, register, watch, worker_on
from rpdr_core.cli.options import JSON, print_json
from rpdr_core.errors import Cancelled, UserInputError
from rpdr_core.formats.mentions import read_mentions
from rpdr_core.knowledge_base.library import Catalogue, Library
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import AdapterInfo, TrainingSpec
from rpdr_core.protocol.run_messages import Checkpoints, RunState
from rpdr_core.store import open_reader
from rpdr_core.workflow.consent import refuse_host
from rpdr_core.workflow.distilling import VALIDATION, TrainingRows, select_rows
from rpdr_core.workflow.fetching import fetch_adapter
from rpdr_core.workflow.hosts import find_host
from rpdr_core.workflow.noise_filters import NOISE_FILTERS, NoiseFilter
from rpdr_core.workflow.runs import RunSettings, control, refuse_recipe, start_run, trouble_of


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the rows come from: a project, or files of recorded rankings and of corrections with a knowledge base."""

    project: Path | None
    rankings: Path | None
    corrections: Path | None
    kb: str
    noise_filter: NoiseFilter
    seed: int
    validation: float

    @property
    def name(self) -> str:
        found = self.project or self.rankings or self.corrections
        return found.stem if found else ""

    def rows(self, worker: WorkerClient, host: str) -> tuple[TrainingRows, str]:
        """The rows, and the knowledge base's fingerprint. `worker`: one on this machine; `host`: where they will go."""
        if self.project is not None:
            with open_reader(self.project) as reader:
                refuse_host(reader, host)
                rows = select_rows(reader, seed=self.seed, validation=self.validation)
                return rows, reader.knowledge_base().fingerprint
        catalogue = Library().open(self.kb)
        taught = self._taught(catalogue, worker)
        if self.corrections is None:
            return taught, catalogue.info.fingerprint
        from rpdr_core.workflow.corrections import rows_from_corrections

        rows = rows_from_corrections(
            list(read_mentions(self.corrections)),
            catalogue,
            worker,
            teacher=[*taught.train, *taught.validation],
            seed=self.seed,
            validation=self.validation,
        )
        return rows, catalogue.info.fingerprint

    def _taught(self, catalogue: Catalogue, worker: WorkerClient) -> TrainingRows:
        if self.rankings is None:
            return TrainingRows((), ())
        from rpdr_core.workflow.recorded_rankings import rows_from_rankings

        return rows_from_rankings(
            self.rankings,
            catalogue,
            worker,
            noise_filter=self.noise_filter,
            seed=self.seed,
            validation=self.validation,
        )


@click.command("distill")
@click.argument("project", required=False, type=click.Path(path_type=Path))
@click.option(
    "--rankings", type=click.Path(path_type=Path), help="Recorded rankings (JSONL) instead of PROJECT; with --kb."
)
@click.option(
    "--corrections",
    type=click.Path(path_type=Path),
    help="Coded mentions (CSV/TSV) as human decisions, beside --rankings or alone; with --kb.",
)
@click.option("--kb", default="", help="Knowledge base of these files: icd10cm, an imported id, or a CSV/TSV file.")
@click.option(
    "--noise-filter",
    type=click.Choice(NOISE_FILTERS),
    default="verdict",
    show_default=True,
    help="Which recorded rankings are believed.",
)
@click.option("--recipe", default="encoder-student", show_default=True, help="A recipe's name or a .toml file.")
@click.option(
    "--base", "--encoder", "base", default="", help="Folder or hub name of the base model, where the training runs."
)
@click.option("--name", default="", help="The run's name, and the adapter's (default: by PROJECT or the rankings).")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Adapter folder (default: by the run's name).")
@HOST
@click.option("--detach", is_flag=True, help="Start and return; see rpdr runs.")
@click.option("--checkpoint", default=60.0, show_default=True, help="Seconds between two checkpoints.")
@click.option("--seed", default=0, show_default=True, help="Equal seeds and rows give equal adapters.")
@click.option("--validation", default=VALIDATION, show_default=True, type=click.FloatRange(0.0, 0.5))
@JSON
def distill_command(
    project: Path | None,
    rankings: Path | None,
    corrections: Path | None,
    kb: str,
    noise_filter: NoiseFilter,
    recipe: str,
    base: str,
    name: str,
    output: Path | None,
    host: str,
    detach: bool,
    checkpoint: float,
    seed: int,
    validation: float,
    as_json: bool,
) -> None:
    """Train a student on PROJECT's decisions, and on the teacher's rankings where nobody decided.

    It runs as a process of its own: a lost connection does not stop it. Ctrl+C cancels it and keeps its checkpoint.
    """
    from_files = rankings is not None or corrections is not None
    if (project is not None) == from_files or (from_files and not kb):
        raise UserInputError("give PROJECT, or --rankings or --corrections with --kb", hint="see rpdr distill --help")
    refuse_recipe(recipe, retriever=False)
    source = _Source(project, rankings, corrections, kb, noise_filter, seed, validation)
    spec, rows, state = _start(source, recipe, base, name, host, checkpoint)
    note_run(project, state, spec, host)
    if detach:
        _print_started(state, host, as_json)
        return
    state = _watched(host, state.run)
    note_run(project, state, spec, host)
    trouble = trouble_of(state)
    if trouble is not None:
        raise trouble
    with worker_on(host) as worker:
        folder, plain = (output.absolute().parent, output.name) if output else (None, state.name)
        info = fetch_adapter(worker, state.run, plain, folder=folder)
    register(project, info, state.run)
    if as_json:
        counts = {"origins": dict(rows.origins), "excluded": dict(rows.excluded)}
        print_json({**msgspec.to_builtins(info), "run": state.run, "seconds": state.seconds, **counts})
    else:
        _print_result(info, rows, state)


def _start(
    source: _Source, recipe: str, base: str, name: str, host: str, checkpoint: float
) -> tuple[TrainingSpec, TrainingRows, RunState]:
    target = find_host(host) if host else None
    settings = RunSettings(Checkpoints(checkpoint))
    if target is not None:
        settings = RunSettings(Checkpoints(checkpoint), target.launcher, target.cluster)
    with ExitStack() as opened:
        here = opened.enter_context(WorkerClient.start())
        rows, fingerprint = source.rows(here, host)
        spec = TrainingSpec(recipe, fingerprint, base, source.seed)
        there = opened.enter_context(worker_on(host)) if host else here
        return spec, rows, start_run(there, spec, rows, name or source.name, settings=settings)


def _watched(host: str, run: str) -> RunState:
    """The run's end. Ctrl+C cancels it, which keeps its checkpoint."""
    try:
        return watch(host, run)
    except Cancelled:
        click.echo("\ncancelling..", err=True)
        with worker_on(host) as worker:
            control(worker, run, "cancel")
        where = f" --host {host}" if host else ""
        click.echo(f"its checkpoint is kept; go on with: rpdr runs resume {run}{where}", err=True)
        raise


def _print_started(state: RunState, host: str, as_json: bool) -> None:
    if as_json:
        print_json(msgspec.to_builtins(state))
    else:
        where = f" --host {host}" if host else ""
        click.echo(f"run {state.run} has started; see: rpdr runs follow {state.run}{where}")


def _print_result(info: AdapterInfo, rows: TrainingRows, state: RunState) -> None:
    origins = ", ".join(f"{count:,} {name}" for name, count in rows.origins.items())
    click.echo(f"{info.train_rows:,} rows to train on, {info.validation_rows:,} to validate on ({origins})")
    for why, count in rows.excluded.items():
        click.echo(f"left out: {count:,} ({why})")
    if info.validation_rows:
        click.echo(f"acc@1 on the validation rows: {info.acc_at_1_before:.1%} -> {info.acc_at_1:.1%}")
    click.echo(f"student {info.id} in {state.seconds:.0f} s: {info.folder}")
