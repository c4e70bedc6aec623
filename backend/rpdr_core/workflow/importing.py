"""Import a mention file into a project: look first, then all rows or none."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.columns import Columns, resolve
from rpdr_core.formats.encodings import Suggestion
from rpdr_core.formats.lines import CHUNK, opened
from rpdr_core.formats.mentions import Tally, mentions_of
from rpdr_core.formats.opening import open_table
from rpdr_core.formats.preview import Preview, preview
from rpdr_core.formats.table import Table
from rpdr_core.records import NewMention
from rpdr_core.store import ImportResult, Project, SourceFile

__all__ = ["Columns", "ImportResult", "Preview", "Suggestion", "import_file", "preview"]

OnProgress = Callable[[int], object]
_PROGRESS_ROWS = 5_000


def import_file(
    project: Project,
    path: Path,
    columns: Columns | None = None,
    *,
    encoding: str = "",
    on_progress: OnProgress | None = None,
) -> ImportResult:
    """Import a file in one transaction. Its codes stay with its rows; they are no decisions.

    Without `encoding` the file must be UTF-8 or have a byte order mark; without `columns` they are guessed.
    `on_progress` hears the number of rows so far; whatever it raises (`Cancelled`) undoes the import.
    """
    digest, stamp = _digest(path)
    table, used = read_header(path, columns, encoding=encoding)
    source = SourceFile(path.name, digest, table.format, table.encoding, msgspec.json.encode(used).decode())
    tally = Tally()
    result = project.add_mentions(source, _rows(table, used, tally, stamp, on_progress or int))
    return replace(result, skipped=tally.skipped)


def read_header(path: Path, columns: Columns | None = None, *, encoding: str = "") -> tuple[Table, Columns]:
    """Open a file and settle which columns to read; raises what an import would raise before its first row."""
    table = open_table(path, encoding=encoding, columns=columns)
    return table, replace(resolve(table.headers, columns or Columns(), str(path)), sheet=table.sheet)


def _rows(
    table: Table, columns: Columns, tally: Tally, stamp: tuple[int, int], on_progress: OnProgress
) -> Iterator[NewMention]:
    for mention in mentions_of(table, columns, tally):
        yield mention
        if tally.rows % _PROGRESS_ROWS == 0:
            on_progress(tally.rows)
    on_progress(tally.rows)
    if not tally.rows:
        hint = "check which column holds the mentions"
        raise FileFormatError("no row holds a mention", hint=hint, file=str(table.path))
    with opened(table.path) as stream:
        if _stamp(stream.fileno()) != stamp:
            hint = "import it again when nobody writes to it"
            raise FileFormatError("the file changed while it was read", hint=hint, file=str(table.path))


def _digest(path: Path) -> tuple[str, tuple[int, int]]:
    """SHA-256 of the file's bytes, and its size and time of change, which tell whether it stays the same."""
    digest = hashlib.sha256()
    with opened(path) as stream:
        stamp = _stamp(stream.fileno())
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest(), stamp


def _stamp(descriptor: int) -> tuple[int, int]:
    found = os.fstat(descriptor)
    return found.st_size, found.st_mtime_ns
