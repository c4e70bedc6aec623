"""`rpdr distill` and `rpdr adapters`: train a student from a project, and see the ones there are."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec

from rpdr_core.cli.options import ENCODER, JSON, print_json
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import AdapterInfo, Distill, TrainingEvent
from rpdr_core.store import open_reader
from rpdr_core.workflow.adapters import adapters_folder, list_adapters
from rpdr_core.workflow.distilling import VALIDATION, TrainingRows, select_rows


@click.command("distill")
@click.argument("project", type=click.Path(path_type=Path))
@click.option("--recipe", default="encoder-student", show_default=True, help="A recipe's name or a .toml file.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Adapter folder (default: by the project's name)."
)
@ENCODER
@click.option("--seed", default=0, show_default=True, help="Equal seeds and rows give equal adapters.")
@click.option("--validation", default=VALIDATION, show_default=True, type=click.FloatRange(0.0, 0.5))
@JSON
def distill_command(
    project: Path, recipe: str, output: Path | None, encoder: str, seed: int, validation: float, as_json: bool
) -> None:
    """Train a student on PROJECT's decisions, and on the teacher's rankings where nobody decided."""
    with open_reader(project) as reader:
        rows = select_rows(reader, seed=seed, validation=validation)
        fingerprint = reader.knowledge_base().fingerprint
    folder = (output or adapters_folder() / project.stem).absolute()
    params = Distill(recipe, str(folder), fingerprint, rows.train, rows.validation, encoder, seed)
    with WorkerClient.start() as worker:
        info = worker.call("distill", params, on_partial=_show_event)
    if as_json:
        counts = {"origins": dict(rows.origins), "excluded": dict(rows.excluded)}
        print_json({**msgspec.to_builtins(info), **counts})
    else:
        _print_result(info, rows)


@click.command("adapters")
@click.option("--folder", type=click.Path(path_type=Path), help="Another folder of adapters.")
@JSON
def adapters_command(folder: Path | None, as_json: bool) -> None:
    """List the trained adapters."""
    found = list_adapters(folder)
    if as_json:
        print_json(msgspec.to_builtins(found))
        return
    for info in found:
        before, after = f"{info.acc_at_1_before:.1%}", f"{info.acc_at_1:.1%}"
        click.echo(f"{info.id}  {before} -> {after}  {info.train_rows:>7,} rows  {info.recipe}  {info.folder}")


def _print_result(info: AdapterInfo, rows: TrainingRows) -> None:
    origins = ", ".join(f"{count:,} {name}" for name, count in rows.origins.items())
    click.echo(f"{info.train_rows:,} rows to train on, {info.validation_rows:,} held out ({origins})")
    for why, count in rows.excluded.items():
        click.echo(f"left out: {count:,} ({why})")
    if info.validation_rows:
        click.echo(f"acc@1 on the rows held out: {info.acc_at_1_before:.1%} -> {info.acc_at_1:.1%}")
    click.echo(f"student {info.id}: {info.folder}")


def _show_event(event: TrainingEvent) -> None:
    if sys.stderr.isatty():
        right = "" if event.acc_at_1 is None else f", acc@1 {event.acc_at_1:.1%}"
        left = "" if event.seconds_left is None else f", {event.seconds_left:.0f} s left"
        last = event.step == event.steps
        click.echo(
            f"\rstep {event.step:,} of {event.steps:,}, loss {event.loss:.3f}{right}{left}   ", nl=last, err=True
        )
