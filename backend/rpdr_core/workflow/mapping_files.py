"""A file of mappings as it was found: its format, recognised or given, and its mappings one by one."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from rpdr_core.errors import FileFormatError, UserInputError
from rpdr_core.formats.documents.formats import FORMATS as DOCUMENTS
from rpdr_core.formats.documents.formats import is_document_file, recognise
from rpdr_core.formats.documents.mappings import mappings_of as mappings_of_documents
from rpdr_core.formats.documents.notes import ID as NOTES
from rpdr_core.formats.losses import LossReport
from rpdr_core.formats.mappings import FORMATS
from rpdr_core.formats.mappings.record import Mapping, MappingFormat, MappingSet, WrittenMappings
from rpdr_core.workflow.mapping_export import format_of

SHOWN = 20


@dataclass(frozen=True, slots=True)
class MappingLook:
    """A file of mappings as it was found: its format, what it says of itself, its first mappings."""

    format: str
    title: str
    about: MappingSet
    mappings: tuple[Mapping, ...]
    more: bool
    warnings: tuple[str, ...] = ()


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
