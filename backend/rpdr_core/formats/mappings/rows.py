"""Delimited files of mappings, row by row under named columns; quotes as in RFC 4180, also where tabs separate."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass
from pathlib import Path

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.lines import LINE_CAP
from rpdr_core.formats.table import CELL_CAP

MAX_COLUMNS = 1_000


@dataclass(frozen=True, slots=True)
class Cells:
    """A row of a file by its columns' names. A column that the file lacks is empty."""

    file: str
    line: int
    cells: Map[str, str]

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")

    def whole(self, name: str, default: int = 0) -> int:
        """A whole number; `default` where the cell is empty."""
        text = self[name].strip()
        if not text:
            return default
        if not (text.isascii() and text.isdecimal() and len(text) <= 15):
            raise self.refusal(f"{name} {text[:20]!r} is no whole number", "mend the cell")
        return int(text)

    def refusal(self, message: str, hint: str) -> FileFormatError:
        return FileFormatError(message, hint=hint, file=self.file, line=self.line)


def read_rows(
    path: Path, lines: Iterator[str], *, delimiter: str, needed: Collection[str], skipped: int = 0
) -> tuple[tuple[str, ...], Iterator[Cells]]:
    """The header and the rows of a file. `skipped`: how many of its lines stand before `lines`.

    Raises `FileFormatError` where a needed column is missing, a name stands twice, or a row is unsound.
    """
    records = _records(path, lines, delimiter, skipped)
    line, headers = next(records, (skipped + 1, []))
    headers = [header.strip() for header in headers]
    _check(path, line, headers, needed)
    return tuple(headers), _rows(path, records, headers)


def _check(path: Path, line: int, headers: list[str], needed: Collection[str]) -> None:
    def refusal(message: str, hint: str) -> FileFormatError:
        return FileFormatError(message, hint=hint, file=str(path), line=line)

    if not any(headers):
        raise refusal("no header line", "begin with a line of column names")
    if len(headers) > MAX_COLUMNS:
        raise refusal(f"{len(headers):,} columns", "export only the columns of the format")
    for name in headers:
        if name and headers.count(name) > 1:
            raise refusal(f"{headers.count(name)} columns are called {name[:40]!r}", "give each column its own name")
    for name in needed:
        if name not in headers:
            raise refusal(f"no column {name!r}", "export the file again with all its columns")


def _rows(path: Path, records: Iterator[tuple[int, list[str]]], headers: list[str]) -> Iterator[Cells]:
    for line, cells in records:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(headers):
            # A short row may be all that is left of a longer one: half a concept id is another concept's.
            message = f"{len(cells)} cells under {len(headers)} headers"
            short = len(cells) < len(headers)
            hint = "the file may be cut off: export it again" if short else "quote cells that hold the separator"
            raise FileFormatError(message, hint=hint, file=str(path), line=line)
        if any(len(cell) > CELL_CAP for cell in cells):
            message = f"a cell of more than {CELL_CAP:,} characters"
            raise FileFormatError(message, hint="shorten the cell", file=str(path), line=line)
        yield Cells(str(path), line, dict(zip(headers, cells, strict=True)))


def _records(path: Path, lines: Iterator[str], delimiter: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line on which each begins. A row may span lines inside quotes."""
    size = 0

    def fed() -> Iterator[str]:
        nonlocal size
        for line in lines:
            size += len(line)
            if size > LINE_CAP:
                raise csv.Error(f"a row of more than {LINE_CAP:,} characters")
            yield line

    reader = csv.reader(fed(), delimiter=delimiter, strict=True)
    while True:
        begin, size = skipped + reader.line_num + 1, 0
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            hint = 'close each quoted cell, and write a quote inside it twice ("")'
            raise FileFormatError(f"not readable: {error}", hint=hint, file=str(path), line=begin) from error
        yield begin, cells
