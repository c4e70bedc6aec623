"""`rpdr import`: mentions, mappings or documents of a file into a project, which is made where there is none."""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import fields
from pathlib import Path

import click
import msgspec

from rpdr_core.cli.importing_others import import_mappings, import_notes, known_import, opened_project
from rpdr_core.cli.options import JSON, print_json
from rpdr_core.errors import FileFormatError, NotAllowedError, UserInputError
from rpdr_core.formats.chip_cdn import is_chip_cdn
from rpdr_core.knowledge_base.library import Library
from rpdr_core.store import ImportResult, Project
from rpdr_core.workflow.deciding import catalogue_of
from rpdr_core.workflow.document_import import DocumentOptions, is_document_file
from rpdr_core.workflow.importing import Columns, GoldNames, Preview, import_file, preview, read_header

_FIELDS = tuple(field.name for field in fields(Columns) if field.name != "sheet")


@click.command("import")
@click.argument("project", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--as",
    "what",
    type=click.Choice(["mentions", "mappings", "documents"]),
    help="mentions of a table; mappings with their decisions; documents with the mentions in them. Without it a file of"
    " BioC, PubTator, brat or MedCATtrainer, a .docx, .pdf or folder is documents, all else mentions.",
)
@click.option("--kb", default="icd10cm", show_default=True, help="Knowledge base of a new project.")
@click.option("--encoding", default="", help="Encoding of FILE where it is not UTF-8, e.g. gb18030.")
@click.option("--format", "format_id", default="", help="Format of mappings or documents (default: as FILE looks).")
@click.option("--type", "types", multiple=True, help="Documents: annotations of this type only become mentions.")
@click.option("--reviewer", default="", help="Who takes mappings over (their reviewers stay as the file has them).")
@click.option("--replace", is_flag=True, help="Let decisions of FILE replace those in force that say otherwise.")
@click.option("--again", is_flag=True, help="Import FILE though it was imported before: its rows count twice.")
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
    what: str | None,
    kb: str,
    encoding: str,
    format_id: str,
    types: tuple[str, ...],
    reviewer: str,
    replace: bool,
    again: bool,
    sheet: str,
    only_look: bool,
    as_json: bool,
    **given: str | None,
) -> None:
    """Import FILE into PROJECT (*.rpdr): all of it or nothing. PROJECT is created if missing."""
    what = what or ("documents" if not any(given.values()) and is_document_file(file) else "mentions")
    if what != "mentions" and any(given.values()):
        raise UserInputError("columns are chosen for mentions", hint="leave the --...-column options out")
    if what == "mappings":
        import_mappings(project, file, kb, format_id, reviewer, replace=replace, only_look=only_look, as_json=as_json)
    elif what == "documents":
        options = DocumentOptions(format_id, encoding, types)
        import_notes(project, file, kb, options, again=again, only_look=only_look, as_json=as_json)
    else:
        _import_mentions(project, file, kb, encoding, sheet, given, again=again, only_look=only_look, as_json=as_json)


def _import_mentions(
    project: Path,
    file: Path,
    kb: str,
    encoding: str,
    sheet: str,
    given: dict[str, str | None],
    *,
    again: bool,
    only_look: bool,
    as_json: bool,
) -> None:
    look = preview(file, Columns(sheet=sheet), encoding=encoding)
    chosen = {name: header for name in _FIELDS if (header := given[name]) is not None}
    columns = dataclasses.replace(look.columns, sheet=sheet, **chosen)
    before = known_import(project, file, only_look=only_look)
    if before and not again:
        look = dataclasses.replace(look, warnings=(*look.warnings, before))
    if only_look:
        _show(dataclasses.replace(look, columns=columns), as_json)
        return
    if look.needs_encoding:
        choices = ", ".join(choice.encoding for choice in look.alternatives)
        hint = f"give --encoding, perhaps {choices}; --preview shows how they look"
        raise FileFormatError(look.warnings[0], hint=hint, file=str(file))
    if before and not again:
        raise NotAllowedError(before, hint="add --again if they are to count twice", file=str(file))
    read_header(file, columns, encoding=encoding)
    with opened_project(project, kb) as opened:
        names = _gold_names(look, opened)
        result = import_file(opened, file, columns, encoding=encoding, on_progress=_tell, again=again, names=names)
    if names is not None:
        found = f"{names.found:,} names became codes, {names.unknown:,} are in the terminology by no such name"
        look = dataclasses.replace(look, warnings=(*look.warnings[1:], found))
    _report(result, look, project, as_json)


def _gold_names(look: Preview, project: Project) -> GoldNames | None:
    """For a file that gives names of entities: the project's terminology by name."""
    if not is_chip_cdn(look.headers):
        return None
    return GoldNames.of(catalogue_of(Library(), project.knowledge_base()).entities())


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
