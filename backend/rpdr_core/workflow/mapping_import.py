"""Files of mappings into a project: look first, count what would happen, then take all or nothing as one step."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Literal, cast, get_args

import msgspec

from rpdr_core.errors import FileFormatError, NotAllowedError, UserInputError
from rpdr_core.formats.columns import guess
from rpdr_core.formats.documents.formats import FORMATS as DOCUMENTS
from rpdr_core.formats.documents.formats import is_document_file, recognise
from rpdr_core.formats.documents.mappings import mappings_of as mappings_of_documents
from rpdr_core.formats.documents.notes import ID as NOTES
from rpdr_core.formats.losses import LossReport
from rpdr_core.formats.mappings import FORMATS
from rpdr_core.formats.mappings.own_table import FORMATS as OWN
from rpdr_core.formats.mappings.own_table import NOT_TAKEN
from rpdr_core.formats.mappings.record import Mapping, MappingFormat, MappingSet, WrittenMappings
from rpdr_core.formats.mentions import find
from rpdr_core.formats.opening import open_table
from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.knowledge_base.release import Watch, remark, unwatched
from rpdr_core.records import (
    Changes,
    DecisionKind,
    DecisionMode,
    NewDecision,
    NewMention,
    NoMatchReason,
    SourceRow,
    Status,
    Target,
)
from rpdr_core.store import Project, SourceFile, Taken, Taking, answers, times
from rpdr_core.workflow.document_import import digest_of
from rpdr_core.workflow.mapping_export import format_of

__all__ = ["CodeNote", "MappingLook", "TakeResult", "look_mappings", "open_mappings", "take_mappings"]

SHOWN = 20
NOTED = 1_000
_EVERY = 2_000
_KINDS: dict[Status, DecisionKind] = {
    "accepted": "accept",
    "corrected": "correct",
    "no_match": "no_match",
    "deferred": "defer",
}
UNKNOWN_REASON: NoMatchReason = "not_in_terminology"
"""What a file without reasons means by "no match": the format's own sense of a source term without a target."""

NOTHING = LossReport()
_OWN_IDS = frozenset(form.id for form in OWN)


@dataclass(frozen=True, slots=True)
class MappingLook:
    """A file of mappings as it was found: its format, what it says of itself, its first mappings."""

    format: str
    title: str
    about: MappingSet
    mappings: tuple[Mapping, ...]
    more: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeNote:
    """A code at a line of the file that the project's terminology does not have (`unknown`: the row's decision was left
    out), or has and would not propose (`inactive`, `unassignable`: it was taken).
    """

    line: int
    code: str
    trouble: Literal["unknown", "inactive", "unassignable"]


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


def open_mappings(path: Path, format_id: str = "") -> tuple[MappingFormat, MappingSet, Callable[[], Iterator[Mapping]]]:
    """The file's format (recognised where none is given), what it says of itself, and its mappings from the top.

    Raises `FileFormatError` where no format can read it: with the words of the one that got furthest.
    """
    if format_id or is_document_file(path):
        form = _documents(path, format_id) or format_of(format_id)
        return form, _head(form, path)[0], lambda: _read(form, path)
    errors: list[FileFormatError] = []
    for form in sorted(FORMATS, key=lambda form: not path.name.lower().endswith(form.suffix)):
        if form.read is None:
            continue
        try:
            about, _ = _head(form, path)
        except FileFormatError as error:
            # Its frames hold the reader, and with it the file, open until the collector comes by.
            traceback.clear_frames(error.__traceback__)
            errors.append(error)
        else:
            return form, about, lambda form=form: _read(form, path)
    raise max(errors, key=lambda error: error.line > 1)


def _documents(path: Path, format_id: str) -> MappingFormat | None:
    """A format of documents with decisions in them, as one of mappings that is only read."""
    wanted = format_id or recognise(path)
    if wanted == NOTES:
        raise UserInputError(
            "notes hold no mappings",
            hint="choose a file of mappings; notes are imported as documents",
            file=str(path),
        )
    found = next((known for known in DOCUMENTS if known.id == wanted), None)
    if found is None:
        return None

    def write(path: Path, _about: MappingSet, _mappings: Iterable[Mapping]) -> WrittenMappings:
        raise UserInputError("documents are written with their texts", hint="export the documents", file=path.name)

    return MappingFormat(
        found.id, found.title, found.suffix, write, LossReport(), partial(mappings_of_documents, format_id=found.id)
    )


def _head(form: MappingFormat, path: Path) -> tuple[MappingSet, list[Mapping]]:
    if form.read is None:
        hint = f"one of {', '.join(known.id for known in FORMATS if known.read)}"
        raise UserInputError(f"files of the format {form.id} cannot be read back", hint=hint, file=str(path))
    about, mappings = form.read(path)
    return about, list(islice(mappings, SHOWN + 1))


def _read(form: MappingFormat, path: Path) -> Iterator[Mapping]:
    assert form.read is not None
    return form.read(path)[1]


def look_mappings(path: Path, format_id: str = "") -> MappingLook:
    """Look at a file of mappings without a project: cheap, its first lines only."""
    form, about, mappings = open_mappings(path, format_id)
    first = list(islice(mappings(), SHOWN + 1))
    warnings = () if first else ("the file holds no mapping",)
    return MappingLook(form.id, form.title, about, tuple(first[:SHOWN]), len(first) > SHOWN, warnings)


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
    book = _Book.of(catalogue, mappings, watch)
    reading = _Reading(path, book, anywhere=form.id not in _OWN_IDS)
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
        if number % _EVERY == 0:
            watch("taking", number, 0)
        yield row
    watch("taking", number, number)


@dataclass(frozen=True, slots=True)
class _Known:
    name: str
    active: bool
    assignable: bool


@dataclass(frozen=True, slots=True)
class _Book:
    """Of the codes that a file names, those that the terminology has. Bounded by the file, not by the terminology."""

    entities: dict[str, _Known]

    @classmethod
    def of(cls, catalogue: Catalogue, mappings: Callable[[], Iterator[Mapping]], watch: Watch) -> _Book:
        codes: set[str] = set()
        for number, mapping in enumerate(mappings(), 1):
            codes.update(target.code for target in mapping.targets)
            if number % _EVERY == 0:
                watch("reading", number, 0)
        return cls(
            {
                entity.code: _Known(entity.name, entity.active, entity.assignable)
                for entity in (catalogue.entities() if codes else ())
                if entity.code in codes
            }
        )


class _Reading:
    """Mappings as rows to take, with what was the trouble on the way."""

    def __init__(self, path: Path, book: _Book, *, anywhere: bool) -> None:
        self._path = path
        self._book = book
        self._anywhere = anywhere
        self.codes: Counter[str] = Counter()
        self.code_notes: list[CodeNote] = []
        self.proposals = self.reasonless = 0
        self.reviewers: Counter[str] = Counter()

    def rows(self, mappings: Iterator[Mapping]) -> Iterator[Taking]:
        for number, mapping in enumerate(mappings, 1):
            yield self._row(mapping, number)

    def _row(self, mapping: Mapping, number: int) -> Taking:
        decision = self._decision(mapping)
        if decision is not None:
            self.reviewers[mapping.reviewer] += 1
        return Taking(
            new=self._mention(mapping, number),
            decision=decision,
            reviewer=mapping.reviewer,
            made_at=self._time(mapping) if decision else "",
            flagged=mapping.flagged,
            flag_reason=mapping.flag_reason,
            remark=mapping.remark,
            anywhere=self._anywhere and not mapping.context,
            line=mapping.line,
        )

    def _mention(self, mapping: Mapping, number: int) -> NewMention:
        text = mapping.text.strip()
        if not text:
            raise self._refusal(mapping, "a mapping without a source text", "fill the cell or remove the row")
        start, end = mapping.start, mapping.end
        if start is None or end is None or mapping.context[start:end] != text:
            start, end = find(text, mapping.context)
        return NewMention(
            text=text,
            context=mapping.context,
            start=start,
            end=end,
            count=mapping.count,
            code=mapping.given,
            department=mapping.department,
            row=SourceRow(number, mapping.key),
        )

    def _decision(self, mapping: Mapping) -> NewDecision | None:
        kind = _KINDS.get(mapping.status)
        if kind is None or (kind in answers.MAPS and not mapping.targets):
            self.proposals += bool(mapping.targets)
            return None
        maps = kind in answers.MAPS
        targets = self._named(mapping) if maps else ()
        if maps and not targets:
            return None
        reason: NoMatchReason | Literal[""] = mapping.reason if kind == "no_match" else ""
        if kind == "no_match" and not reason:
            self.reasonless += 1
            reason = UNKNOWN_REASON
        main = targets[0] if targets else Target("", "")
        found = NewDecision(
            mention_id=0,
            kind=kind,
            code=main.code,
            name=main.name,
            reason=reason,
            comment=mapping.comment,
            seconds=mapping.seconds,
            relation=main.relation,
            also=targets[1:],
            mode=cast(DecisionMode, mapping.mode) if mapping.mode in get_args(DecisionMode) else "open",
            knowledge_base=mapping.knowledge_base,
        )
        try:
            answers.check(found)
        except UserInputError as error:
            raise self._refusal(mapping, error.message, error.hint) from error
        return found

    def _named(self, mapping: Mapping) -> tuple[Target, ...]:
        """The targets under the terminology's names; none where it lacks one, for the rest would say something else."""
        known = [(target, self._book.entities.get(target.code)) for target in mapping.targets]
        troubles: set[Literal["unknown", "inactive", "unassignable"]] = set()
        for target, entity in known:
            if entity is not None and entity.active and entity.assignable:
                continue
            trouble: Literal["unknown", "inactive", "unassignable"] = (
                "unknown" if entity is None else "inactive" if not entity.active else "unassignable"
            )
            troubles.add(trouble)
            if len(self.code_notes) < NOTED:
                self.code_notes.append(CodeNote(mapping.line, target.code, trouble))
        self.codes.update(troubles)
        return tuple(
            Target(target.code, entity.name, target.relation)
            for target, entity in known
            if entity is not None and "unknown" not in troubles
        )

    def _time(self, mapping: Mapping) -> str:
        """The time as the store writes it; empty where the file tells none."""
        if not mapping.made_at:
            return ""
        try:
            return times.iso(times.millis(mapping.made_at))
        except (UserInputError, OverflowError) as error:
            hint = "write it as 2026-11-21T18:30:00Z"
            raise self._refusal(mapping, f"{mapping.made_at[:40]!r} is no moment", hint) from error

    def _refusal(self, mapping: Mapping, message: str, hint: str) -> FileFormatError:
        return FileFormatError(message, hint=hint, file=str(self._path), line=mapping.line)


def _source(path: Path, form: MappingFormat) -> SourceFile:
    """The file as a source. A table of ours keeps its columns, so that text-free rows find their texts in it again."""
    digest = digest_of(path)
    if form.id not in _OWN_IDS:
        return SourceFile(path.name, digest, form.id, "", "")
    table = open_table(path)
    columns = msgspec.json.encode(guess(table.headers, table.sheet)).decode()
    return SourceFile(path.name, digest, table.format, table.encoding, columns)
