"""CSV and TSV: the delimiter is read off the header; quotes count in CSV, and in TSV only where they fit."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain, islice
from pathlib import Path

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.columns import guess, named
from rpdr_core.formats.lines import LINE_CAP, read_lines
from rpdr_core.formats.table import CELL_CAP, Row, Table

DELIMITERS = (",", "\t", ";")
MAX_COLUMNS = 1_000

_QUOTED = re.compile(r'"([^"]*(?:""[^"]*)*)"(?!")')
_JOINED_LINES = 200


def open_delimited(path: Path, encoding: str, *, wanted: str = "", prefer: str = ",") -> Table:
    """Open a CSV or TSV file.

    `wanted` is the mention column's name if the user gave it; `prefer` the delimiter where headers are silent.
    """
    first = next(read_lines(path, encoding), "")
    return open_with(path, encoding, sniff(first, wanted=wanted, prefer=prefer))


def open_with(path: Path, encoding: str, delimiter: str, *, above: int = 0) -> Table:
    """Open a CSV or TSV file whose delimiter is known. `above`: how many records (titles) stand above the headers."""
    line, cells = next(islice(_records(path, encoding, delimiter, 0), above, None), (1, []))
    headers = named(cells)
    if not any(cell.strip() for cell in cells):
        raise FileFormatError("no header line", hint="begin with a line of column names", file=str(path), line=line)
    if len(headers) > MAX_COLUMNS:
        message = f"{len(headers):,} columns"
        raise FileFormatError(message, hint="export only the columns you need", file=str(path), line=line)
    return Table(
        path=path,
        format="tsv" if delimiter == "\t" else "csv",
        headers=headers,
        rows=partial(_rows, path, encoding, delimiter, len(headers), above),
        encoding=encoding,
        delimiter=delimiter,
    )


def sniff(header: str, *, wanted: str = "", prefer: str = ",") -> str:
    """The delimiter that makes most of a header line: a mention column first, then more columns."""

    def worth(delimiter: str) -> tuple[bool, int, bool]:
        try:
            cells = next(csv.reader([header], delimiter=delimiter), [])
        except csv.Error:  # a cell beyond all measure: reading the rows says where
            cells = []
        names = named(cells)
        return (wanted in names if wanted else bool(guess(names).mention), len(cells), delimiter == prefer)

    return max(DELIMITERS, key=worth)


def _rows(path: Path, encoding: str, delimiter: str, width: int, above: int) -> Iterator[Row]:
    records = _records(path, encoding, delimiter, width)
    for number, (line, cells) in enumerate(records, -above):
        if number <= 0:
            continue
        # An extra cell is refused even if the last ones are empty: cells may have moved into other columns.
        if len(cells) > width and any(cell.strip() for cell in cells):
            hint = "quote cells that hold the separator" if delimiter != "\t" else "remove the extra tabs"
            message = f"{len(cells)} cells under {width} headers"
            raise FileFormatError(message, hint=hint, file=str(path), line=line)
        if any(len(cell) > CELL_CAP for cell in cells):
            message = f"a cell of more than {CELL_CAP:,} characters"
            raise FileFormatError(message, hint="shorten the cell", file=str(path), line=line)
        yield Row(number, line, tuple(cells[:width]))


def _records(path: Path, encoding: str, delimiter: str, width: int) -> Iterator[tuple[int, list[str]]]:
    lines = read_lines(path, encoding)
    return _tabbed(lines, width) if delimiter == "\t" else _quoted(path, lines, delimiter)


def _quoted(path: Path, lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Records of a CSV with the line on which each begins. A record may span lines inside quotes."""
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
        begin, size = reader.line_num + 1, 0
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            hint = 'close each quoted cell, and write a quote inside it twice ("")'
            message = f"not readable as CSV: {error}"
            raise FileFormatError(message, hint=hint, file=str(path), line=begin) from error
        yield begin, cells


def _tabbed(lines: Iterator[str], width: int) -> Iterator[tuple[int, list[str]]]:
    """Records of a TSV with the line on which each begins.

    Quotes are part of the text, as terminologies write them, unless a cell begins and ends with one (Excel's
    way). `width` is the header's number of cells; a quoted cell may span lines or hold tabs if that fits it.
    """
    number = 0
    waiting: list[str] = []
    while line := waiting.pop(0) if waiting else next(lines, ""):
        number += 1
        cells = line.rstrip("\r\n").split("\t")
        if '"' in line and width and _opens(cells, width):
            more = _joined(line, chain(list(waiting), lines), width, taken := list[str]())
            del waiting[: len(taken)]
            if more:
                yield number, more
                number += len(taken)
                continue
            waiting[:0] = taken
        yield number, [_unquoted(cell) for cell in cells]


def _opens(cells: Sequence[str], width: int) -> bool:
    """Whether a cell may begin here that ends elsewhere: a quote is left open, or tabs split a quoted cell."""
    return any(cell.startswith('"') and not _QUOTED.fullmatch(cell) for cell in cells) and (
        len(cells) != width or cells[-1].startswith('"')
    )


def _joined(line: str, following: Iterator[str], width: int, taken: list[str]) -> list[str]:
    """The record's cells read with quotes, over as many lines as they need; empty if that does not give `width`.

    `taken` receives the lines that were looked at beyond the first.
    """
    short = line.count("\t") < width - 1
    text = line
    while True:
        cells, still_open = _split_quoted(text.rstrip("\r\n"))
        if not still_open:
            return cells if len(cells) == width else []
        if len(taken) == _JOINED_LINES or len(text) > CELL_CAP:
            return []
        found = next(following, "")
        if not found:
            return []
        taken.append(found)
        if not short and found.count("\t") >= width - 1:
            return []
        text += found


def _split_quoted(text: str) -> tuple[list[str], bool]:
    """Cells split at tabs outside properly quoted cells, and whether the last cell's quote is still open.

    No cells where text follows a closing quote, or a line ends outside quotes.
    """
    cells, at = list[str](), 0
    while True:
        if text.startswith('"', at):
            match = _QUOTED.match(text, at)
            if match is None:
                return [], True
            if text[match.end() : match.end() + 1] not in ("", "\t"):
                return [], False
            cells.append(match[1].replace('""', '"'))
            at = match.end()
        else:
            end = text.find("\t", at)
            end = len(text) if end < 0 else end
            cells.append(text[at:end])
            if "\n" in cells[-1] or "\r" in cells[-1]:
                return [], False
            at = end
        if at >= len(text):
            return cells, False
        at += 1


def _unquoted(cell: str) -> str:
    match = _QUOTED.fullmatch(cell) if len(cell) > 1 and cell[0] == '"' else None
    return match[1].replace('""', '"') if match else cell
