"""Tables written as CSV, XLSX, JSONL or Parquet. The caller gives a file of its own to write and puts it in place."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rpdr_core.errors import UserInputError
from rpdr_core.formats.formulas import guard
from rpdr_core.formats.losses import LossReport, counted
from rpdr_core.formats.xlsx import MAX_ROWS

Cell = str | int | float | None

CELL_LIMIT = 32_767
"""UTF-16 units in a worksheet's cell (Microsoft, Excel specifications and limits)."""

# Office Open XML writes what XML cannot hold as _xHHHH_ (ECMA-376 part 1, 22.9.2.19).
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows a file holds, and what it does not."""

    rows: int
    report: LossReport


def writer_for(path: Path, *, mark: bool = False) -> Callable[[Path, Sequence[str], Iterable[Sequence[Cell]]], Written]:
    """The writer for a file's name. `mark`: begin CSV with a byte order mark, so that Excel sees UTF-8."""
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return lambda file, headers, rows: write_csv(file, headers, rows, mark=mark)
    if suffix == ".xlsx":
        return write_xlsx
    if suffix == ".jsonl":
        return write_jsonl
    if suffix == ".parquet":
        return write_parquet
    raise UserInputError(
        f"no format is known by {path.suffix or 'a name without ending'!r}",
        hint="let the name end in .csv, .xlsx, .jsonl or .parquet",
        file=path.name,
    )


def write_csv(
    path: Path,
    headers: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    mark: bool = False,
    delimiter: str = ",",
) -> Written:
    """Separated by commas, or by another `delimiter`, in UTF-8; cells that a spreadsheet would run get an
    apostrophe (see `formulas`).
    """
    number = guarded = 0
    with path.open("w", encoding="utf-8-sig" if mark else "utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter)
        writer.writerow(headers)
        for number, row in enumerate(rows, 1):  # noqa: B007 - the last number is the count
            cells = [guard(cell) if isinstance(cell, str) else cell for cell in row]
            guarded += sum(new is not old for new, old in zip(cells, row, strict=True))
            writer.writerow(cells)
    return Written(number, counted(cells_that_look_like_formulas_have_a_leading_apostrophe=guarded))


def write_jsonl(path: Path, headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Written:
    """One object on each line; names are the headers with `_` for spaces."""
    names = [header.replace(" ", "_") for header in headers]
    number = 0
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for number, row in enumerate(rows, 1):  # noqa: B007
            stream.write(json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) + "\n")
    return Written(number, LossReport())


def write_parquet(path: Path, headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Written:
    """Apache Parquet; names are the headers with `_` for spaces. See `parquet`."""
    from rpdr_core.formats.parquet import write

    names = [header.replace(" ", "_") for header in headers]
    return Written(write(path, names, rows), LossReport())


def write_xlsx(path: Path, headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Written:
    """One worksheet: typed cells (text is never a formula), a frozen bold header, widths by column."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Mentions")
    sheet.freeze_panes = "A2"
    for index, header in enumerate(headers, 1):
        sheet.column_dimensions[get_column_letter(index)].width = _width(header)

    def typed(value: Cell, font: Font | None = None) -> object:
        if not isinstance(value, str):
            return value
        cell = WriteOnlyCell(sheet, value)
        # The library takes "=" for a formula and "#N/A" for an error; here text is text.
        cell.data_type = "s"
        if font is not None:
            cell.font = font
        return cell

    sheet.append([typed(header, Font(bold=True)) for header in headers])
    number = cut = 0
    try:
        for number, row in enumerate(rows, 1):
            if number >= MAX_ROWS:
                message = f"more than {MAX_ROWS - 1:,} rows do not fit a worksheet"
                raise UserInputError(message, hint="write a .csv or .jsonl file", file=path.name)
            texts = [_fitted(cell) if isinstance(cell, str) else cell for cell in row]
            cut += sum(isinstance(cell, str) and _units(_escaped(cell)) > CELL_LIMIT for cell in row)
            sheet.append([typed(text) for text in texts])
    except BaseException:
        # The rows so far wait in a file of the library's own, which would stay until the program ends.
        sheet.close()
        sheet._writer.cleanup()
        raise
    book.save(path)
    return Written(number, counted(cells_were_cut_to_what_a_worksheet_holds=cut))


def _width(header: str) -> int:
    wide = {"mention": 36, "name": 44, "context": 60, "source file": 24, "comment": 30, "decided at": 22}
    return wide.get(header, max(10, len(header) + 2))


def _escaped(text: str) -> str:
    return _UNWRITABLE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _fitted(text: str) -> str:
    """The text escaped for a worksheet, cut where the cell is full."""
    escaped = _escaped(text)
    while (over := _units(escaped) - CELL_LIMIT) > 0:
        # A character takes at most seven units.
        text = text[: len(text) - max(1, over // 7)]
        escaped = _escaped(text)
    return escaped
