"""`rpdr export` and `rpdr relink`: mappings, candidates, documents and training rows as files."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click
import msgspec

from rpdr_core.cli.export_forms import Form, Wish, form_by_name, forms
from rpdr_core.cli.options import JSON, print_json, show_stage
from rpdr_core.errors import UserInputError
from rpdr_core.formats.losses import LossReport
from rpdr_core.knowledge_base.library import Library
from rpdr_core.store import ProjectReader, open_reader
from rpdr_core.workflow.document_export import relink_documents
from rpdr_core.workflow.exporting import Exported, Only
from rpdr_core.workflow.relinking import relink
from rpdr_core.workflow.training import manifest_path

_PATH = click.Path(path_type=Path)
_FORMATS = (
    "csv, xlsx, jsonl, parquet (our table of decisions), usagi, stcm, fhir-r4, fhir-r5, sssom, candidates, chat,"
    " alpaca, pairs, or a format of documents. Without it the file's name says csv, xlsx, jsonl or parquet."
)


@click.command("export")
@click.argument("project", type=_PATH)
@click.option("-o", "--output", type=_PATH, help="File to write.")
@click.option("--format", "format_id", default="", help=_FORMATS)
@click.option("--kind", type=click.Choice(["decisions", "training"]), default="decisions", help="training: as chat.")
@click.option("--rows/--mentions", "by_row", default=True, help="A line for each source row (default), or mention.")
@click.option("--decided", is_flag=True, help="Only mentions that are decided.")
@click.option("--source-name", default="", help="What the file calls your list (default: the project's name).")
@click.option("--source", default=0, help="Documents: number of the imported file, where several brought some.")
@click.option("--bom", is_flag=True, help="Begin CSV with a byte order mark, for Excel.")
@click.option("--text-free", is_flag=True, help="Training rows without mention and context text (see rpdr relink).")
@click.option("--losses", "only_tell", is_flag=True, help="Tell what the file would not hold, and write nothing.")
@JSON
def export_command(
    project: Path,
    output: Path | None,
    format_id: str,
    kind: str,
    by_row: bool,
    decided: bool,
    source_name: str,
    source: int,
    bom: bool,
    text_free: bool,
    only_tell: bool,
    as_json: bool,
) -> None:
    """Write PROJECT's decisions, candidates or training rows. PROJECT may be in use."""
    if output is None and not only_tell:
        raise click.UsageError("Missing option '-o' / '--output'.")
    form = _form(format_id or ("chat" if kind == "training" else ""), output, text_free=text_free)
    only: Only = "decided" if decided else "all"
    wish = Wish("rows" if by_row else "mentions", only, bom, text_free, source_name, source)
    with open_reader(project) as reader:
        if only_tell:
            _tell(_losses(reader, form, output, wish), as_json)
            return
        assert output is not None
        done = form.write(reader, output, wish, show_stage)
    _report(done, as_json, manifest=form.manifest)


@click.command("relink")
@click.argument("text_free", type=_PATH)
@click.argument("originals", nargs=-1, required=True, type=_PATH)
@click.option("--kb", default="", help="Of training rows: icd10cm, an imported id, or a CSV/TSV file.")
@click.option("-o", "--output", required=True, type=_PATH, help="File to write.")
@JSON
def relink_command(text_free: Path, originals: tuple[Path, ...], kb: str, output: Path, as_json: bool) -> None:
    """Make training rows of TEXT_FREE, where the ORIGINALS it was imported from are.

    A MedCATtrainer export without text gets its texts back from exports that have them, by the documents' names.
    """
    if text_free.suffix.lower() == ".json":
        linked = relink_documents(text_free, originals, output)
        if as_json:
            print_json({"output": str(output), "documents": linked})
        else:
            click.echo(f"{linked:,} documents: {output}")
        return
    if not kb:
        raise click.UsageError("Missing option '--kb'.")
    _report(relink(text_free, originals, Library().open(kb), output), as_json, manifest=True)


def _form(format_id: str, output: Path | None, *, text_free: bool) -> Form:
    known = forms()
    chosen = format_id or (form_by_name(output) if output is not None else "csv")
    if chosen not in known:
        raise UserInputError(f"no format is called {chosen!r}", hint=f"one of {', '.join(sorted(known))}")
    form = known[chosen]
    if text_free and not form.text_free:
        hint = "add --kind training, or a --format that can be"
        raise UserInputError("only training rows and documents can be text-free", hint=hint)
    return form


def _losses(reader: ProjectReader, form: Form, output: Path | None, wish: Wish) -> LossReport:
    """What a real export does not hold, written into a folder that is gone afterwards."""
    suffix = output.suffix if output is not None and output.suffix else form.suffix
    with tempfile.TemporaryDirectory(prefix="rpdr-losses-") as folder:
        return form.write(reader, Path(folder) / f"export{suffix}", wish, show_stage).report


def _tell(report: LossReport, as_json: bool) -> None:
    if as_json:
        print_json({"losses": msgspec.to_builtins(report.losses)})
        return
    for loss in report.losses:
        click.echo(_line(loss.what, loss.times))


def _line(what: str, times: int) -> str:
    return f"not in the file: {what}" + (f" ({times:,})" if times else "")


def _report(done: Exported, as_json: bool, *, manifest: bool) -> None:
    if as_json:
        beside = {"manifest": str(manifest_path(done.path))} if manifest else {}
        losses = msgspec.to_builtins(done.report.losses)
        print_json({"output": str(done.path), "rows": done.rows, "sha256": done.sha256, "losses": losses, **beside})
        return
    click.echo(f"{done.rows:,} rows: {done.path}")
    for loss in done.report.losses:
        click.echo(_line(loss.what, loss.times), err=True)
