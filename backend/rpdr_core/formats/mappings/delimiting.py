"""Opening and writing delimited files of mappings: which sign separates, and which cells a spreadsheet would run.

These files are read by programs that match names and codes letter by letter: no cell is guarded against formulas with
an apostrophe, as our own tables are. How many cells a spreadsheet would run is told in the loss report instead.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from pathlib import Path

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.encodings import detect
from rpdr_core.formats.formulas import guard
from rpdr_core.formats.lines import read_lines
from rpdr_core.formats.mappings.rows import Cells, read_rows

FORMULAS = "cells that a spreadsheet would run as formulas stand as they are: read the file with other programs"
_DELIMITERS = (",", "\t", ";")


def open_rows(path: Path, needed: Collection[str]) -> tuple[tuple[str, ...], Iterator[Cells]]:
    """The header and the rows of a CSV, TSV or semicolon-separated file."""
    lines = read_lines(path, _encoding(path))
    first = next(lines, "")
    if not first.strip():
        hint = "begin with a line of column names"
        raise FileFormatError("no header line", hint=hint, file=str(path), line=1)
    delimiter = max(_DELIMITERS, key=first.count)
    return read_rows(path, chain([first], lines), delimiter=delimiter, needed=needed)


def _encoding(path: Path) -> str:
    """The file's encoding, where it is certain. Older releases of Usagi write ISO-8859-1 and do not say so."""
    found = detect(path)
    if found.problem is None:
        return found.encoding
    names = " or ".join(suggestion.encoding for suggestion in found.suggestions)
    hint = f"save the file as UTF-8; it looks like {names}" if names else "save the file as UTF-8"
    problem = found.problem
    raise FileFormatError(problem.message, hint=hint, file=problem.file, line=problem.line)


def formulas(cells: Iterable[str]) -> int:
    """How many cells a spreadsheet would run."""
    return sum(guard(cell) is not cell for cell in cells)
