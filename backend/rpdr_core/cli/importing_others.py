"""`rpdr import --as mappings` and `--as documents`; and opening the project that any import goes into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import click
import msgspec

from rpdr_core.cli.options import print_json, show_stage
from rpdr_core.errors import NotAllowedError
from rpdr_core.knowledge_base.library import Library
from rpdr_core.store import Project, open_reader
from rpdr_core.workflow.deciding import catalogue_of
from rpdr_core.workflow.document_import import DocumentOptions, digest_of, import_documents, look_documents
from rpdr_core.workflow.mapping_import import TakeResult, take_mappings

_SHOWN = 20
_NAME = 80
_FATES = {
    "taken": "decisions taken over",
    "same": "say what is in force already",
    "repeated": "say what an earlier row says",
    "conflict": "differ from a decision in force, which was kept (--replace lets them replace it)",
    "contradiction": "differ from an earlier row of the file, which counts",
    "in_review": "would replace what two reviewers are at",
    "ambiguous": "name a text that stands in several contexts here",
    "remark": "have a comment where another one stands, which was kept",
}
_CODES = {
    "unknown": "have a code that the terminology does not have, and were left out",
    "inactive": "have a code that is no longer active",
    "unassignable": "have a code that may not be assigned",
}


@contextmanager
def opened_project(path: Path, kb: str) -> Iterator[Project]:
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


def known_import(project: Path, file: Path, *, only_look: bool) -> str:
    """What to say where these bytes were imported before; empty if they never were."""
    if not project.exists():
        return ""
    digest = digest_of(file)
    # A look may come while somebody works on the project; a writer also reads files of an older schema.
    with open_reader(project) if only_look else Project.open(project) as opened:
        found = [source for source in opened.sources() if source.file.sha256 == digest and source.rows]
    if not found:
        return ""
    newest = found[-1]
    return (
        f"this file was imported before, on {newest.imported_at[:10]} as {newest.file.name!r}:"
        f" its {newest.rows:,} rows would count again"
    )


def import_mappings(
    project: Path,
    file: Path,
    kb: str,
    format_id: str,
    reviewer: str,
    *,
    replace: bool,
    only_look: bool,
    as_json: bool,
) -> None:
    """Take decisions over, and tell what became of each."""
    made = not project.exists()
    with opened_project(project, kb) as opened:
        catalogue = catalogue_of(Library(), opened.knowledge_base())
        result = take_mappings(
            opened, file, catalogue, format_id=format_id, reviewer=reviewer, replace=replace, only_look=only_look,
            watch=show_stage,
        )  # fmt: skip
    if made and only_look:
        project.unlink()
    if as_json:
        print_json(_told(result, project))
        return
    _say(result, project, only_look=only_look)


def _told(result: TakeResult, project: Path) -> dict[str, object]:
    taken = result.taken
    return {
        "project": str(project), "format": result.format, "rows": taken.rows, "added": taken.added,
        "fates": dict(taken.fates), "flags": taken.flags, "remarks": taken.remarks, "codes": result.codes,
        "proposals": result.proposals, "reasonless": result.reasonless, "reviewers": result.reviewers,
        "strangers": dict(taken.strangers), "warnings": result.warnings,
        "not_taken": msgspec.to_builtins(result.not_taken.losses),
        "notes": msgspec.to_builtins(taken.notes), "code_notes": msgspec.to_builtins(result.code_notes),
    }  # fmt: skip


def _say(result: TakeResult, project: Path, *, only_look: bool) -> None:
    taken = result.taken
    would = "would be " if only_look else ""
    click.echo(f"{taken.rows:,} rows ({result.format}): {taken.added:,} new mentions {would}made: {project}")
    for fate, times in taken.fates.items():
        click.echo(f"{times:,} rows {_FATES[fate]}" if fate != "taken" else f"{times:,} {_FATES[fate]}")
    for name, times in (("flags", taken.flags), ("comments", taken.remarks)):
        if times:
            click.echo(f"{times:,} {name} {would}set")
    for trouble, times in result.codes.items():
        click.echo(f"note: {times:,} rows {_CODES[trouble]}", err=True)
    if result.proposals:
        click.echo(f"note: {result.proposals:,} rows have a code and no decision", err=True)
    if result.reasonless:
        click.echo(f"note: {result.reasonless:,} times no match without a reason: not in the terminology", err=True)
    _say_strangers(taken.strangers)
    for warning in result.warnings:
        click.echo(f"note: {warning}", err=True)
    for loss in result.not_taken.losses if only_look else ():
        click.echo(f"not taken over: {loss.what}", err=True)
    for note in result.code_notes[:_SHOWN]:
        click.echo(f"line {note.line}: {note.code} {note.trouble}", err=True)
    for left in taken.notes[:_SHOWN]:
        click.echo(f"line {left.line}: {left.fate} {left.theirs} {left.ours}".rstrip(), err=True)


def _say_strangers(strangers: Mapping[str, int]) -> None:
    """Names that the roster lacks; a file may name anybody."""
    for name, times in islice(strangers.items(), _SHOWN):
        click.echo(f"note: {name[:_NAME]!r} is not in the list of reviewers ({times:,} decisions)", err=True)
    if len(strangers) > _SHOWN:
        click.echo(f"note: nor are {len(strangers) - _SHOWN:,} more names (--json lists them)", err=True)


def import_notes(
    project: Path, file: Path, kb: str, options: DocumentOptions, *, again: bool, only_look: bool, as_json: bool
) -> None:
    """Documents with the mentions in them."""
    look = look_documents(file, options)
    before = known_import(project, file, only_look=only_look)
    if only_look:
        if as_json:
            print_json(msgspec.to_builtins(look) | {"imported_before": before})
            return
        more = "" if look.complete else " and more"
        click.echo(f"{look.title}: {look.documents:,} documents{more}, {look.mentions:,} mentions")
        for type_, times in look.types:
            click.echo(f"--type {type_ or '-'}  {times:,} annotations")
        for warning in (*look.warnings, *filter(None, [before])):
            click.echo(f"note: {warning}", err=True)
        return
    if before and not again:
        raise NotAllowedError(before, hint="add --again if they are to count twice", file=str(file))
    with opened_project(project, kb) as opened:
        result = import_documents(opened, file, options, show_stage)
    if as_json:
        counts = {"rows": result.rows, "added": result.added, "merged": result.merged, "documents": result.documents}
        print_json({**counts, "project": str(project), "warnings": look.warnings})
        return
    click.echo(
        f"{result.documents:,} documents, {result.rows:,} mentions in them: {result.added:,} new,"
        f" {result.merged:,} merged: {project}"
    )
    for warning in look.warnings:
        click.echo(f"note: {warning}", err=True)
