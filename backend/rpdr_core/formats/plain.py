"""Plain text: one mention on each line."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.lines import read_lines
from rpdr_core.formats.table import CELL_CAP, Row, Table

HEADERS = ("mention",)


def open_plain(path: Path, encoding: str) -> Table:
    """Open a file of lines; there is no header."""
    return Table(path, "text", HEADERS, partial(_rows, path, encoding), encoding)


def _rows(path: Path, encoding: str) -> Iterator[Row]:
    for number, line in enumerate(read_lines(path, encoding), 1):
        cell = line.rstrip("\r\n")
        if len(cell) > CELL_CAP:
            message = f"a mention of more than {CELL_CAP:,} characters"
            raise FileFormatError(message, hint="write one mention on each line", file=str(path), line=number)
        yield Row(number, number, (cell,))
