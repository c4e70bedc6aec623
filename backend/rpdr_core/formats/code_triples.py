"""AskAPatient and TwADR-L as they were published: no header, a code, the concept's name and the phrase, between tabs.

Limsopatham and Collier, ACL 2016 (Zenodo record 55013). The files are `.txt` in Latin-1 where they are not ASCII.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.lines import read_lines
from rpdr_core.formats.table import CELL_CAP, Row, Table

HEADERS = ("code", "concept", "mention")
_LOOKED_AT = 50


def is_code_triples(path: Path, encoding: str) -> bool:
    """Whether the first lines all are a number, a name and a phrase: no line of headers begins with a number."""
    lines = [line for line in islice(read_lines(path, encoding), _LOOKED_AT) if line.strip()]
    return bool(lines) and all(map(_fits, lines))


def _fits(line: str) -> bool:
    cells = line.rstrip("\r\n").split("\t")
    code = cells[0].strip()
    return len(cells) == len(HEADERS) and code.isascii() and code.isdecimal() and len(code) > 3 and all(cells)


def open_code_triples(path: Path, encoding: str) -> Table:
    """Open such a file under `HEADERS`."""
    if not is_code_triples(path, encoding):
        hint = "write a code, a name and a phrase on each line, with tabs between them"
        raise FileFormatError("no lines of code, name and phrase", hint=hint, file=str(path), line=1)
    return Table(path, "tsv", HEADERS, partial(_rows, path, encoding), encoding, "\t")


def _rows(path: Path, encoding: str) -> Iterator[Row]:
    for number, line in enumerate(read_lines(path, encoding), 1):
        cells = line.rstrip("\r\n").split("\t") if line.strip() else []
        if len(cells) not in (0, len(HEADERS)):
            message = f"{len(cells)} cells where the first lines have {len(HEADERS)}"
            raise FileFormatError(message, hint="remove or mend the line", file=str(path), line=number)
        if any(len(cell) > CELL_CAP for cell in cells):
            message = f"a cell of more than {CELL_CAP:,} characters"
            raise FileFormatError(message, hint="shorten the cell", file=str(path), line=number)
        yield Row(number, number, tuple(cells))
