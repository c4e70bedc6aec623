"""Workbooks (XLSX): one worksheet with a header row, read with caps against hostile files."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from rpdr_core.errors import FileFormatError, RpdrError
from rpdr_core.formats.columns import named
from rpdr_core.formats.lines import opened
from rpdr_core.formats.table import CELL_CAP, Row, Table
from rpdr_core.formats.xlsx_archive import check_archive

MAX_ROWS = 1_048_576
MAX_COLUMNS = 1_000
# Excel keeps 15 digits of a number.
_EXACT = 10**15
_BLOCK = 256
_UNSOUND = re.compile("[\0\ud800-\udfff]")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def open_xlsx(path: Path, sheet: str = "", *, above: int = 0) -> Table:
    """Open a workbook's first worksheet, or the one called `sheet`. Formulas give the value that was last saved.

    `above`: how many rows (titles) stand above the headers.
    """
    check_archive(path)
    with _workbook(path) as book:
        sheets = tuple(worksheet.title for worksheet in book.worksheets)
        worksheet = _worksheet(path, book, sheet)
        rows_estimate = max(0, min(worksheet.max_row or 0, MAX_ROWS) - 1 - above)
        title = worksheet.title
        first = next(islice(_cells(path, worksheet, MAX_COLUMNS), above, None), ())
    headers = named(_without_tail(first))
    if not headers:
        hint = "begin the first row with column names, or choose another sheet"
        raise FileFormatError(f"no header row in sheet {title!r}", hint=hint, file=str(path), line=above + 1)
    return Table(
        path, "xlsx", headers, partial(_rows, path, title, len(headers), above),
        rows_estimate=rows_estimate, sheet=title, sheets=sheets,
    )  # fmt: skip


def sheet_names(path: Path) -> tuple[str, ...]:
    """Names of a workbook's worksheets, in order."""
    check_archive(path)
    with _workbook(path) as book:
        return tuple(worksheet.title for worksheet in book.worksheets)


def _rows(path: Path, sheet: str, width: int, above: int) -> Iterator[Row]:
    with _workbook(path) as book:
        rows = _cells(path, _worksheet(path, book, sheet), width)
        for line, cells in enumerate(rows, 1):
            if line > MAX_ROWS:
                raise FileFormatError("more rows than a worksheet can have", hint="save it again", file=str(path))
            if line > above + 1:
                yield Row(line - above - 1, line, cells)


@contextmanager
def _workbook(path: Path) -> Iterator[Any]:
    from openpyxl import load_workbook

    with opened(path) as stream:
        with _unsound(path):
            book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        try:
            yield book
        finally:
            book.close()


@contextmanager
def _unsound(path: Path, line: int = 0) -> Iterator[None]:
    """The library answers a broken workbook with any exception, and remarks on harmless things with warnings."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except RpdrError:
        raise
    except Exception as error:
        hint = "open it in a spreadsheet program and save it again as .xlsx"
        message = f"not readable as a workbook ({type(error).__name__})"
        raise FileFormatError(message, hint=hint, file=str(path), line=line) from error


def _worksheet(path: Path, book: Any, sheet: str) -> Any:
    found = [worksheet for worksheet in book.worksheets if not sheet or worksheet.title == sheet]
    if not found:
        names = ", ".join(repr(worksheet.title) for worksheet in book.worksheets[:12])
        message = f"no sheet {sheet!r}" if sheet else "no worksheet"
        raise FileFormatError(message, hint=f"choose one of {names or 'another file'}", file=str(path))
    return found[0]


def _cells(path: Path, worksheet: Any, width: int) -> Iterator[tuple[str, ...]]:
    """Cells of each row as text, `width` of them. The sheet's own statement of its size is not trusted."""
    with _unsound(path):
        worksheet.reset_dimensions()
        rows = iter(worksheet.iter_rows(min_row=1, max_col=width))
    line = 0
    while True:
        block: list[tuple[str, ...]] = []
        with _unsound(path, line + 1):
            for row in islice(rows, _BLOCK):
                line += 1
                block.append(tuple(_text(path, line, cell) for cell in row))
        if not block:
            return
        yield from block


def _text(path: Path, line: int, cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), value) if "_x" in value else value
        _check(path, line, text)
        return text
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, cell.number_format)
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _number(value: float, number_format: str) -> str:
    """As Excel shows it, as far as it matters to ids and codes: no `.0`, and leading zeros by format."""
    whole = int(value)
    if whole != value:
        return repr(value)
    digits = str(whole)
    return digits.zfill(len(number_format)) if re.fullmatch("0{2,20}", number_format) else digits


def _check(path: Path, line: int, text: str) -> None:
    if len(text) > CELL_CAP:
        message = f"a cell of more than {CELL_CAP:,} characters"
        raise FileFormatError(message, hint="shorten the cell", file=str(path), line=line)
    if _UNSOUND.search(text):
        message = "a NUL or half a character in a cell"
        raise FileFormatError(message, hint="retype the cell", file=str(path), line=line)


def loses_digits(text: str) -> bool:
    """Whether a number in a workbook has more digits than Excel keeps, so that it may be wrong."""
    return text.isdecimal() and not text.startswith("0") and int(text) >= _EXACT


def _without_tail(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Header cells without the empty ones at the end."""
    last = max((index for index, cell in enumerate(cells) if cell.strip()), default=-1)
    return cells[: last + 1]
