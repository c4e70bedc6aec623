"""`rpdr export` and `rpdr relink`: decisions and training rows as files."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from rpdr_core.cli.options import JSON, KB, print_json
from rpdr_core.errors import UserInputError
from rpdr_core.knowledge_base.library import Library
from rpdr_core.store import open_reader
from rpdr_core.workflow.exporting import Exported, Level, export_decisions
from rpdr_core.workflow.relinking import relink
from rpdr_core.workflow.training import export_training, manifest_path

_OUTPUT = click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="File to write.")


@click.command("export")
@click.argument("project", type=click.Path(path_type=Path))
@_OUTPUT
@click.option("--kind", type=click.Choice(["decisions", "training"]), default="decisions", show_default=True)
@click.option("--rows/--mentions", "by_row", default=True, help="A line for each source row (default), or mention.")
@click.option("--bom", is_flag=True, help="Begin CSV with a byte order mark, for Excel.")
@click.option("--text-free", is_flag=True, help="Training rows without mention and context text (see rpdr relink).")
@JSON
def export_command(
    project: Path, output: Path, kind: str, by_row: bool, bom: bool, text_free: bool, as_json: bool
) -> None:
    """Export decisions as .csv, .xlsx or .jsonl, or training rows as .jsonl. PROJECT may be in use."""
    if text_free and kind != "training":
        raise UserInputError("only training rows can be text-free", hint="add --kind training")
    if kind == "training" and output.suffix.lower() != ".jsonl":
        raise UserInputError("training rows are JSONL", hint="let the name end in .jsonl", file=output.name)
    level: Level = "rows" if by_row else "mentions"
    with open_reader(project) as reader:
        if kind == "training":
            done = export_training(reader, output, text_free=text_free)
        else:
            done = export_decisions(reader, output, level=level, mark=bom)
    _report(done, as_json, manifest=kind == "training")


@click.command("relink")
@click.argument("text_free", type=click.Path(path_type=Path))
@click.argument("originals", nargs=-1, required=True, type=click.Path(path_type=Path))
@KB
@_OUTPUT
@JSON
def relink_command(text_free: Path, originals: tuple[Path, ...], kb: str, output: Path, as_json: bool) -> None:
    """Make training rows of TEXT_FREE, where the ORIGINALS it was imported from are."""
    _report(relink(text_free, originals, Library().open(kb), output), as_json, manifest=True)


def _report(done: Exported, as_json: bool, *, manifest: bool) -> None:
    if as_json:
        beside = {"manifest": str(manifest_path(done.path))} if manifest else {}
        losses = msgspec.to_builtins(done.report.losses)
        print_json({"output": str(done.path), "rows": done.rows, "sha256": done.sha256, "losses": losses, **beside})
        return
    click.echo(f"{done.rows:,} rows: {done.path}")
    for loss in done.report.losses:
        click.echo(f"not in the file: {loss.what}" + (f" ({loss.times:,})" if loss.times else ""), err=True)
