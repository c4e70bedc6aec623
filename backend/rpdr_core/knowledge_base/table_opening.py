"""A terminology's table opened: which sheet, delimiter and row of headers, and whether there are headers at all."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.columns import named
from rpdr_core.formats.delimited import DELIMITERS, open_with
from rpdr_core.formats.encodings import chosen
from rpdr_core.formats.lines import read_lines
from rpdr_core.formats.opening import is_workbook
from rpdr_core.formats.table import Row, Table
from rpdr_core.formats.xlsx import open_xlsx, sheet_names
from rpdr_core.knowledge_base.release import ReleaseOptions
from rpdr_core.knowledge_base.table_columns import is_header, plain

TITLES = 6
"""Rows at the top among which the headers are looked for: lists often begin with their title."""

# A code is short, of Latin letters, digits and signs, with a digit in it.
_CODE = re.compile(r"(?=[^\d]*\d)[A-Za-z0-9][A-Za-z0-9.+*/†_:-]{0,23}")


@dataclass(frozen=True, slots=True)
class OpenedTable:
    """`headless`: the first row is an entity already, and columns are called by their position."""

    table: Table
    headless: bool = False


def open_terminology_table(path: Path, options: ReleaseOptions) -> OpenedTable:
    """Open a CSV, TSV or XLSX file. `FileFormatError` where it has no rows, or its encoding is not certain."""
    wanted = tuple(header for _, header in options.columns if header)
    if is_workbook(path):
        return _best((partial(open_xlsx, path, sheet) for sheet in _sheets(path, options.sheet)), wanted)
    encoding = chosen(path, options.encoding)
    return _best((partial(open_with, path, encoding, mark) for mark in _delimiters(path, encoding, wanted)), wanted)


def looks_like_code(cell: str) -> bool:
    return _CODE.fullmatch(cell.strip()) is not None


def _sheets(path: Path, sheet: str) -> tuple[str, ...]:
    return (sheet,) if sheet else sheet_names(path) or ("",)


def _best(openers: Iterator[Callable[..., Table]], wanted: Sequence[str]) -> OpenedTable:
    """The first table with headers that say enough, else the first that has any rows."""
    first: OpenedTable | None = None
    trouble: FileFormatError | None = None
    for opener in openers:
        try:
            found = _with_headers(opener, wanted)
        except FileFormatError as error:
            trouble = trouble or error
            continue
        if found.headless or _fits(found.table.headers, wanted):
            return found
        first = first or found
    if first is None:
        assert trouble is not None
        raise trouble
    return first


def _with_headers(opener: Callable[..., Table], wanted: Sequence[str]) -> OpenedTable:
    """The table read from the row that names its columns; one without such a row as it stands."""
    top = opener()
    if _fits(top.headers, wanted):
        return OpenedTable(top)
    for above in range(1, TITLES):
        with suppress(FileFormatError):
            table = opener(above=above)
            if _fits(table.headers, wanted):
                return OpenedTable(table)
    return _headless(top) if _is_headless(top, wanted) else OpenedTable(top)


def _fits(headers: Sequence[str], wanted: Sequence[str]) -> bool:
    if wanted:
        known = {plain(header) for header in headers}
        return all(plain(header) in known for header in wanted)
    return is_header(headers)


def _is_headless(table: Table, wanted: Sequence[str]) -> bool:
    """Whether the row of headers is a code and a name, like the rows below it; or the user calls columns by place."""
    positions = {plain(name) for name in named([""] * len(table.headers))}
    if wanted and all(plain(header) in positions for header in wanted):
        return True
    if len(table.headers) != 2:
        return False
    rows: list[tuple[str, ...]] = [table.headers]
    with suppress(FileFormatError):
        rows += [row.cells for row in islice(table.rows(), 50) if any(row.cells)]
    pairs = [(row[0], row[1] if len(row) > 1 else "") for row in rows]
    words = [bool(name.strip()) and not looks_like_code(name) for _, name in pairs]
    # Further down a name may look like a code, as COVID-19 does.
    return all(looks_like_code(code) for code, _ in pairs) and words[0] and 2 * sum(words) > len(words)


def _headless(table: Table) -> OpenedTable:
    first = Row(0, 1, table.headers)
    headers = named([""] * len(table.headers))
    return OpenedTable(replace(table, headers=headers, rows=lambda: chain((first,), table.rows())), headless=True)


def _delimiters(path: Path, encoding: str, wanted: Sequence[str]) -> list[str]:
    """Delimiters by what they make of the first lines: headers that fit, then most columns."""
    lines = list(islice((line for line in read_lines(path, encoding) if line.strip()), TITLES))
    if not lines:
        raise FileFormatError("the file is empty", hint="choose another file", file=str(path))
    tabbed = path.suffix.lower() in (".tsv", ".tab")

    def worth(mark: str) -> tuple[bool, int, bool]:
        rows = []
        with suppress(csv.Error):
            rows = [named(next(csv.reader([line], delimiter=mark), [])) for line in lines]
        width = min((len(row) for row in rows), default=0)
        return any(_fits(row, wanted) for row in rows), width, (mark == "\t") == tabbed

    best = max(DELIMITERS, key=worth)
    return [best]
