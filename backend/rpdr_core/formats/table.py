"""A mention file as a table: headers, and rows of text cells in file order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Format = Literal["csv", "tsv", "jsonl", "json", "xlsx", "parquet", "text"]
BINARY: frozenset[Format] = frozenset(("xlsx", "parquet"))
"""Formats that know their characters: no encoding is asked for."""

CELL_CAP = 100_000
"""Characters in one cell."""


@dataclass(frozen=True, slots=True)
class Row:
    """`number`: position among the rows after the header, blank ones counted; `line`: where it begins in the file.

    `cells` may be fewer than the headers; missing ones are empty.
    """

    number: int
    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """An opened file. `rows` starts from the top each time; it raises `FileFormatError` where a row is unsound.

    `encoding` is empty for workbooks and Parquet, `delimiter` for all but CSV and TSV. `sheets` are a workbook's
    worksheets. `rows_estimate` is about how many rows there are.
    """

    path: Path
    format: Format
    headers: tuple[str, ...]
    rows: Callable[[], Iterator[Row]]
    encoding: str = ""
    delimiter: str = ""
    rows_estimate: int = 0
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
