"""Import a mention file into a project: look first, then all rows or none."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec

from rpdr_core.errors import FileFormatError, NotAllowedError
from rpdr_core.formats.chip_cdn import CODE, GoldNames, is_chip_cdn, with_codes
from rpdr_core.formats.columns import Columns, resolve
from rpdr_core.formats.encodings import Suggestion
from rpdr_core.formats.lines import CHUNK, opened
from rpdr_core.formats.mentions import Tally, mentions_of
from rpdr_core.formats.opening import open_table
from rpdr_core.formats.preview import Preview, preview
from rpdr_core.formats.table import Table
from rpdr_core.records import NewMention
from rpdr_core.store import ImportResult, Project, ProjectReader, SourceFile, StoredSource

__all__ = [
    "Columns",
    "GoldNames",
    "ImportResult",
    "Preview",
    "Suggestion",
    "import_file",
    "imported_before",
    "preview",
]

OnProgress = Callable[[int], object]
_PROGRESS_ROWS = 5_000


def import_file(
    project: Project,
    path: Path,
    columns: Columns | None = None,
    *,
    encoding: str = "",
    on_progress: OnProgress | None = None,
    again: bool = False,
    names: GoldNames | None = None,
) -> ImportResult:
    """Import a file in one transaction. Its codes stay with its rows; they are no decisions.

    Without `encoding` the file must be UTF-8 or have a byte order mark; without `columns` they are guessed.
    `on_progress` hears the number of rows so far; whatever it raises (`Cancelled`) undoes the import. A file of the
    same bytes that was imported before is refused (`NotAllowedError`) unless `again`: its rows would count twice.
    `names` finds the codes of a file that gives names instead (CHIP-CDN), and counts those it does not find.
    """
    digest, stamp = _digest(path)
    before = _same_file(project, digest)
    if before is not None and not again:
        hint = "import it again only if its rows are to count twice"
        raise NotAllowedError(f"this file was imported before{_when(before)}", hint=hint, file=str(path))
    table, used = read_header(path, columns, encoding=encoding)
    source = SourceFile(path.name, digest, table.format, table.encoding, msgspec.json.encode(used).decode())
    if names is not None and is_chip_cdn(table.headers):
        table = with_codes(table, names)
        used = replace(used, code=CODE)
    tally = Tally()
    result = project.add_mentions(source, _rows(table, used, tally, stamp, on_progress or int))
    return replace(result, skipped=tally.skipped)


def imported_before(reader: ProjectReader, path: Path) -> StoredSource | None:
    """The newest import of a file with the same bytes, whatever it was called then; None where there was none.

    To be asked before an import: the file's rows would count again.
    """
    return _same_file(reader, _digest(path)[0])


def _same_file(reader: ProjectReader, digest: str) -> StoredSource | None:
    # A file of mappings that was taken over has added rows for new mentions only, if at all; it says so with 0 rows.
    found = [source for source in reader.sources() if source.file.sha256 == digest and source.rows]
    return found[-1] if found else None


def _when(before: StoredSource) -> str:
    return f" on {before.imported_at[:10]} as {before.file.name!r} ({before.rows:,} rows)"


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
