"""A look at a mention file before it is imported: what it would become, and what to watch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from rpdr_core.errors import FileFormatError, remark
from rpdr_core.formats.chip_cdn import NAMES, is_chip_cdn
from rpdr_core.formats.columns import Columns, guess, places, resolve
from rpdr_core.formats.encodings import Detected, Suggestion, count_ends, detect
from rpdr_core.formats.mentions import Tally, mentions_of
from rpdr_core.formats.opening import is_binary, open_table
from rpdr_core.formats.table import BINARY, Format, Row, Table
from rpdr_core.formats.xlsx import loses_digits

SHOWN = 20
EXAMINED = 2_000

# Bidirectional controls, zero-width characters and other signs that show nothing: Unicode Cf, as far as text uses them.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")


@dataclass(frozen=True, slots=True)
class Preview:
    """A file as it would be imported.

    `encoding` is empty where the user must choose among `alternatives` (then nothing else is known yet), and for
    workbooks and Parquet. `columns.mention` is empty where no header names the mentions. `rows` are the first 20, as
    many cells as `headers`; `rows_estimate` is about how many there are in all.
    """

    format: Format
    encoding: str
    alternatives: tuple[Suggestion, ...] = ()
    delimiter: str = ""
    headers: tuple[str, ...] = ()
    columns: Columns = field(default_factory=Columns)
    rows: tuple[tuple[str, ...], ...] = ()
    rows_estimate: int = 0
    sheets: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def needs_encoding(self) -> bool:
        """Whether nothing can be read before the user chooses an encoding."""
        return not self.encoding and self.format not in BINARY


def preview(path: Path, columns: Columns | None = None, *, encoding: str = "") -> Preview:
    """Look at a file. Raises where it can be read in no encoding, or `columns` names what is not there."""
    if is_binary(path):
        return _look(open_table(path, columns=columns), columns, 0)
    found = Detected(encoding, ends=count_ends(path)) if encoding else detect(path)
    if found.problem is not None:
        return _undecided(path, found)
    return _look(open_table(path, encoding=found.encoding, columns=columns), columns, found.ends)


def _undecided(path: Path, found: Detected) -> Preview:
    assert found.problem is not None
    if not found.suggestions:
        raise found.problem
    likely: Format = "tsv" if path.suffix.lower() == ".tsv" else "csv" if path.suffix.lower() == ".csv" else "text"
    warnings = (str(found.problem.message), *found.warnings)
    return Preview(likely, "", found.suggestions, rows_estimate=found.ends, warnings=warnings)


def _look(table: Table, columns: Columns | None, ends: int) -> Preview:
    usable = columns if columns is not None and columns.mention else guess(table.headers, table.sheet)
    warnings = list(table.warnings)
    rows: list[Row] = []
    try:
        rows.extend(islice(table.rows(), EXAMINED))
        if usable.mention:
            usable = resolve(table.headers, usable, str(table.path))
    except FileFormatError as error:
        if columns is not None and columns.mention:
            raise
        warnings.append(str(error))
    if is_chip_cdn(table.headers):
        warnings.append(remark(f"{NAMES} holds names: they become codes where the terminology has just these names"))
    if usable.mention:
        warnings += _remarks(table, usable, rows)
    else:
        warnings.append(remark("no header names the column of mentions: choose it"))
    width = len(table.headers)
    return Preview(
        format=table.format,
        encoding=table.encoding,
        delimiter=table.delimiter,
        headers=table.headers,
        columns=usable,
        rows=tuple((*row.cells, *[""] * (width - len(row.cells))) for row in rows[:SHOWN]),
        rows_estimate=_estimate(table, ends, len(rows)),
        sheets=table.sheets,
        warnings=tuple(warnings),
    )


def _estimate(table: Table, ends: int, examined: int) -> int:
    if examined < EXAMINED:
        return examined
    return max(examined, table.rows_estimate, ends - (table.format in ("csv", "tsv")))


def _remarks(table: Table, columns: Columns, rows: list[Row]) -> Iterator[str]:
    """What the user should know about the rows examined."""
    where = remark(f"in the first {len(rows):,} rows" if len(rows) == EXAMINED else f"in {len(rows):,} rows")
    at = places(table.headers, columns)
    tally = Tally()
    found = []
    try:
        sample = Table(table.path, table.format, table.headers, lambda: iter(rows))
        found = list(mentions_of(sample, columns, tally))
    except FileFormatError as error:
        yield str(error)
    if tally.skipped:
        yield remark(f"{tally.skipped:,} rows without a mention will be skipped ({where})")
    apart = sum(1 for mention in found if mention.context and mention.start is None)
    if apart:
        yield remark(f"{apart:,} contexts do not contain their mention ({where})")
    invisible = sum(
        len(_INVISIBLE.findall(mention.text)) + len(_INVISIBLE.findall(mention.context)) for mention in found
    )
    if invisible:
        yield remark(f"{invisible:,} invisible characters (zero-width or direction signs) are kept ({where})")
    short = sum(1 for row in rows if 0 < len(row.cells) < len(table.headers) and any(row.cells))
    if short:
        yield remark(f"{short:,} rows have fewer cells than there are headers ({where})")
    numbers = [row.cells[at.code] for row in rows if table.format == "xlsx" and 0 <= at.code < len(row.cells)]
    if any(map(loses_digits, numbers)):
        yield remark("codes of 16 and more digits are stored as numbers: Excel keeps only 15 digits of them")
