"""Files of mappings into a project: count what would happen, then take all or nothing as one step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from rpdr_core.errors import NotAllowedError
from rpdr_core.formats.columns import guess
from rpdr_core.formats.losses import LossReport
from rpdr_core.formats.mappings.own_table import FORMATS as OWN
from rpdr_core.formats.mappings.own_table import NOT_TAKEN
from rpdr_core.formats.mappings.record import MappingFormat
from rpdr_core.formats.opening import open_table
from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.knowledge_base.release import Watch, remark, unwatched
from rpdr_core.records import (
    Changes,
)
from rpdr_core.store import Project, SourceFile, Taken, Taking
from rpdr_core.workflow.document_import import digest_of
from rpdr_core.workflow.mapping_files import open_mappings
from rpdr_core.workflow.mapping_rows import EVERY, Book, CodeNote, MappingRows

NOTHING = LossReport()
_OWN_IDS = frozenset(form.id for form in OWN)


@dataclass(frozen=True, slots=True)
class TakeResult:
    """What a file brought, or (`only_look`) would bring. `taken` has the counts by fate, and rows left alone.

    `codes` counts rows by what was the trouble with their codes, `code_notes` lists the first of them. `proposals`:
    rows with a code and no decision; `reasonless`: "no match" without a reason; `reviewers`: decisions by name.
    `not_taken`: what a table of ours says beside, and a project does not take over.
    """

    format: str
    taken: Taken
    codes: dict[str, int] = field(default_factory=dict)
    code_notes: tuple[CodeNote, ...] = ()
    proposals: int = 0
    reasonless: int = 0
    reviewers: dict[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    not_taken: LossReport = NOTHING

    @property
    def changes(self) -> Changes:
        return self.taken.changes


def take_mappings(
    project: Project,
    path: Path,
    catalogue: Catalogue,
    *,
    format_id: str = "",
    reviewer: str = "",
    replace: bool = False,
    only_look: bool = False,
    watch: Watch = unwatched,
) -> TakeResult:
    """Take the decisions, flags and remarks of a file over, in one transaction and as one undoable step.

    Mentions that are missing are made. Reviewer, time, relation, further codes, comment, reason and mode stay as the
    file has them; names of entities come from `catalogue`, which must be the project's. A decision in force that says
    otherwise is left alone unless `replace`. `reviewer` is who takes them over. `only_look` counts and keeps nothing.
    """
    base = project.knowledge_base()
    if catalogue.info.fingerprint != base.fingerprint:
        raise NotAllowedError(
            "this is not the project's knowledge base", hint=f"use {base.title} {base.version}".rstrip()
        )
    form, about, mappings = open_mappings(path, format_id)
    book = Book.of(catalogue, mappings, watch)
    reading = MappingRows(path, book, anywhere=form.id not in _OWN_IDS)
    taken = project.take(
        _source(path, form),
        lambda: _watched(reading.rows(mappings()), watch),
        reviewer=reviewer,
        replace=replace,
        only_look=only_look,
    )
    warnings = []
    if about.target_fingerprint and about.target_fingerprint != base.fingerprint:
        warnings.append(
            remark("the file was made with another release of the terminology: look at the codes that differ")
        )
    return TakeResult(
        form.id, taken, dict(reading.codes), tuple(reading.code_notes), reading.proposals, reading.reasonless,
        dict(reading.reviewers), tuple(warnings), NOT_TAKEN if form.id in _OWN_IDS else NOTHING,
    )  # fmt: skip


def _watched(rows: Iterator[Taking], watch: Watch) -> Iterator[Taking]:
    number = 0
    for number, row in enumerate(rows, 1):
        if number % EVERY == 0:
            watch("taking", number, 0)
        yield row
    watch("taking", number, number)


def _source(path: Path, form: MappingFormat) -> SourceFile:
    """The file as a source. A table of ours keeps its columns, so that text-free rows find their texts in it again."""
    digest = digest_of(path)
    if form.id not in _OWN_IDS:
        return SourceFile(path.name, digest, form.id, "", "")
    table = open_table(path)
    columns = msgspec.json.encode(guess(table.headers, table.sheet)).decode()
    return SourceFile(path.name, digest, table.format, table.encoding, columns)
