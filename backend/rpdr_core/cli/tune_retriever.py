"""`rpdr tune-retriever`: the retriever's encoder learns from decisions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from rpdr_core.cli.following import HOST
from rpdr_core.cli.options import JSON
from rpdr_core.cli.retriever_training import RECIPE_HELP, Course, carry_out
from rpdr_core.errors import UserInputError
from rpdr_core.formats.mentions import read_mentions
from rpdr_core.knowledge_base.library import Catalogue, Library
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import TrainingSpec
from rpdr_core.store import open_reader
from rpdr_core.workflow.consent import refuse_host
from rpdr_core.workflow.distilling import VALIDATION, TrainingRows, select_rows
from rpdr_core.workflow.runs import refuse_recipe


@click.command("tune-retriever")
@click.argument("project", required=False, type=click.Path(path_type=Path))
@click.option("--corrections", type=click.Path(path_type=Path), help="Coded mentions (CSV/TSV) instead; with --kb.")
@click.option("--kb", default="", help="Knowledge base of --corrections; of PROJECT only if it is a file.")
@click.option("--recipe", default="retriever", show_default=True, help=RECIPE_HELP)
@click.option("--encoder", "base", default="", help="Encoder to begin with (default: the bundled one).")
@click.option("--teacher", is_flag=True, help="Learn from the teacher's rankings of PROJECT, too.")
@click.option("--name", default="", help="Name of the new encoder (default: by PROJECT or the file).")
@click.option("--keep", is_flag=True, help="Keep the new encoder, but never put it in use.")
@HOST
@click.option("--detach", is_flag=True, help="Start and return; see rpdr runs.")
@click.option("--checkpoint", default=60.0, show_default=True, help="Seconds between two checkpoints.")
@click.option("--seed", default=0, show_default=True, help="Equal seeds and rows give equal encoders.")
@click.option("--validation", default=VALIDATION, show_default=True, type=click.FloatRange(0.0, 0.5))
@JSON
def tune_retriever_command(
    project: Path | None,
    corrections: Path | None,
    kb: str,
    recipe: str,
    base: str,
    teacher: bool,
    name: str,
    keep: bool,
    host: str,
    detach: bool,
    checkpoint: float,
    seed: int,
    validation: float,
    as_json: bool,
) -> None:
    """Train the retriever's encoder on PROJECT's decisions, or on coded mentions of a file.

    Names of an entity and what people called it come to stand together. Held-out decisions say when to stop, and
    whether the new encoder takes over: until it has won and its index is made, nothing changes.
    """
    if (project is not None) == (corrections is not None) or (corrections is not None and not kb):
        raise UserInputError("give PROJECT, or --corrections with --kb", hint="see rpdr tune-retriever --help")
    refuse_recipe(recipe, retriever=True)
    if project is not None:
        rows, catalogue = _of_project(project, kb, host, seed, validation, teacher=teacher)
        stem = project.stem
    else:
        assert corrections is not None
        rows, catalogue = _of_file(corrections, kb, seed, validation)
        stem = corrections.stem
    spec = TrainingSpec(recipe, catalogue.info.fingerprint, base, seed)
    carry_out(spec, rows, catalogue, Course(name or f"{stem}-tuned", host, detach, checkpoint, not keep, as_json))


def _of_project(
    project: Path, kb: str, host: str, seed: int, validation: float, *, teacher: bool
) -> tuple[TrainingRows, Catalogue]:
    with open_reader(project) as reader:
        refuse_host(reader, host)
        rows = select_rows(reader, seed=seed, validation=validation)
        catalogue = Library().open(kb or reader.knowledge_base().fingerprint)
    if teacher:
        return rows, catalogue
    decided = [
        tuple(row for row in part if not row.origin.startswith("teacher")) for part in (rows.train, rows.validation)
    ]
    origins = {name: count for name, count in rows.origins.items() if not name.startswith("teacher")}
    return replace(rows, train=decided[0], validation=decided[1], origins=origins), catalogue


def _of_file(corrections: Path, kb: str, seed: int, validation: float) -> tuple[TrainingRows, Catalogue]:
    from rpdr_core.workflow.corrections import rows_from_corrections

    catalogue = Library().open(kb)
    with WorkerClient.start() as worker:
        mentions = list(read_mentions(corrections))
        return rows_from_corrections(mentions, catalogue, worker, seed=seed, validation=validation), catalogue
