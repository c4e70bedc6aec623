"""A table before it is imported: its encoding, sheets, headers, guessed columns and first rows."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.encodings import Suggestion, detect
from rpdr_core.formats.opening import is_workbook
from rpdr_core.knowledge_base.release import ReleaseOptions
from rpdr_core.knowledge_base.table import column_names
from rpdr_core.knowledge_base.table_columns import resolve
from rpdr_core.knowledge_base.table_opening import OpenedTable, open_terminology_table

TABLE = "table"
SHOWN = 20


@dataclass(frozen=True, slots=True)
class TableLook:
    """What a table offers to choose from.

    `columns`: (field, header), as guessed or given. `rows`: the first 20, as many cells as `headers`. `needs`: what the
    user must choose before it can be imported (`encoding`, one of `alternatives`; `columns`), and `problem` why.
    """

    headers: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    sheets: tuple[str, ...] = ()
    sheet: str = ""
    encoding: str = ""
    alternatives: tuple[Suggestion, ...] = ()
    delimiter: str = ""
    headless: bool = False
    needs: tuple[str, ...] = ()
    problem: str = ""


def look_at_table(path: Path, options: ReleaseOptions) -> TableLook:
    """Look at a table. Raises where it can be read in no encoding, or columns are given that it has not."""
    if not options.encoding and not is_workbook(path):
        found = detect(path)
        if found.problem is not None:
            if not found.suggestions:
                raise found.problem
            return TableLook(alternatives=found.suggestions, needs=("encoding",), problem=str(found.problem))
    return _look(path, options, open_terminology_table(path, options))


def _look(path: Path, options: ReleaseOptions, opened: OpenedTable) -> TableLook:
    table = opened.table
    columns, problem = column_names(opened, options), ""
    try:
        resolve(table.headers, columns, str(path))
    except FileFormatError as error:
        if any(header for _, header in options.columns):
            raise
        problem = str(error)
    rows = []
    with suppress(FileFormatError):
        for row in islice(table.rows(), SHOWN):
            rows.append((*row.cells, *[""] * (len(table.headers) - len(row.cells))))
    return TableLook(
        headers=table.headers,
        columns=columns,
        rows=tuple(rows),
        sheets=table.sheets,
        sheet=table.sheet,
        encoding=table.encoding,
        delimiter=table.delimiter,
        headless=opened.headless,
        needs=("columns",) if problem else (),
        problem=problem,
    )
