"""`rpdr import`: mentions of a file into a project, which is made where there is none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path

import click
import msgspec

from rpdr_core.cli.options import JSON, print_json
from rpdr_core.errors import FileFormatError
from rpdr_core.knowledge_base.library import Library
from rpdr_core.store import ImportResult, Project
from rpdr_core.workflow.importing import Columns, Preview, import_file, preview, read_header

_FIELDS = tuple(field.name for field in fields(Columns) if field.name != "sheet")


@click.command("import")
@click.argument("project", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--kb", default="icd10cm", show_default=True, help="Knowledge base of a new project.")
@click.option("--encoding", default="", help="Encoding of FILE where it is not UTF-8, e.g. gb18030.")
@click.option("--sheet", default="", help="Worksheet of a workbook (default: the first).")
@click.option("--mention-column", "mention", help="Header of the column of mentions.")
@click.option("--context-column", "context", help="Likewise; an empty name leaves the field out.")
@click.option("--count-column", "count")
@click.option("--code-column", "code")
@click.option("--id-column", "id")
@click.option("--department-column", "department")
@click.option("--start-column", "start")
@click.option("--end-column", "end")
@click.option("--preview", "only_look", is_flag=True, help="Show what would be imported, and import nothing.")
@JSON
def import_command(
    project: Path,
    file: Path,
    kb: str,
    encoding: str,
    sheet: str,
    only_look: bool,
    as_json: bool,
    **given: str | None,
) -> None:
    """Import the mentions of FILE into PROJECT (*.rpdr): all rows or none. PROJECT is created if missing."""
    look = preview(file, Columns(sheet=sheet), encoding=encoding)
    chosen = {name: header for name in _FIELDS if (header := given[name]) is not None}
    columns = replace(look.columns, sheet=sheet, **chosen)
    if only_look:
        _show(replace(look, columns=columns), as_json)
        return
    if look.needs_encoding:
        choices = ", ".join(choice.encoding for choice in look.alternatives)
        hint = f"give --encoding, perhaps {choices}; --preview shows how they look"
        raise FileFormatError(look.warnings[0], hint=hint, file=str(file))
    read_header(file, columns, encoding=encoding)
    with _opened(project, kb) as opened:
        result = import_file(opened, file, columns, encoding=encoding, on_progress=_tell)
    _report(result, look, project, as_json)


@contextmanager
def _opened(path: Path, kb: str) -> Iterator[Project]:
    """The project, made where there is none; a new one goes again if nothing could be imported."""
    if path.exists():
        with Project.open(path) as project:
            yield project
        return
    project = Project.create(path, name=path.stem, knowledge_base=Library().open(kb).info)
    try:
        with project:
            yield project
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _tell(rows: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{rows:,} rows ", nl=False, err=True)


def _report(result: ImportResult, look: Preview, project: Path, as_json: bool) -> None:
    if as_json:
        counts = {"rows": result.rows, "added": result.added, "merged": result.merged, "skipped": result.skipped}
        print_json({**counts, "project": str(project), "warnings": look.warnings})
        return
    skipped = f", {result.skipped:,} rows without a mention skipped" if result.skipped else ""
    click.echo(f"{result.rows:,} rows: {result.added:,} new mentions, {result.merged:,} merged{skipped}: {project}")
    for warning in look.warnings:
        click.echo(f"note: {warning}", err=True)


def _show(look: Preview, as_json: bool) -> None:
    if as_json:
        print_json(msgspec.to_builtins(look))
        return
    click.echo(f"format      {look.format} {look.encoding} {look.delimiter!r}")
    for name in _FIELDS:
        click.echo(f"{name:<11} {getattr(look.columns, name) or '-'}")
    click.echo(f"rows        about {look.rows_estimate:,}")
    for choice in look.alternatives:
        click.echo(f"--encoding {choice.encoding}")
        for line in choice.lines:
            click.echo(f"    {line}")
    for warning in look.warnings:
        click.echo(f"note: {warning}", err=True)
