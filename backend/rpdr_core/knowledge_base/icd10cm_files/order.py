"""The order file, `icd10cm_order_YYYY.txt`: all codes of a year, headers among them, in fixed columns.

From the description that comes with a release (CMS, "ICD-10-CM Code Description Files"): columns 1-5 the order number,
7-13 the code without its dot, 15 whether it is a header (0) or valid for submission (1), 17-76 the short description,
78 on the long one. Blanks stand between.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.lines import stream_lines
from rpdr_core.knowledge_base.icd10cm_files.codes import LENGTH, dotted
from rpdr_core.knowledge_base.release import Watch
from rpdr_core.knowledge_base.sources import Source
from rpdr_core.records import Entity

ROWS_CAP = 1_000_000
_CODE, _FLAG, _SHORT, _LONG = slice(6, 13), slice(14, 15), slice(16, 76), slice(77, None)
_ROW = re.compile(r"\d{5} [A-Z][0-9A-Z]{2,6} {1,5}[01] \S")
_HINT = "give icd10cm_order_YYYY.txt as it was published, in fixed columns"


@dataclass(frozen=True, slots=True)
class Row:
    """A row; `code` with its dot. `billable`: valid for submission."""

    code: str
    billable: bool
    short: str
    long: str


def is_order(head: bytes) -> bool:
    """Whether a file that begins so is an order file."""
    return _ROW.match(head[:100].decode("ascii", "replace")) is not None


def rows(source: Source) -> Iterator[Row]:
    """All rows in order. Codes are checked for being there once, and for their category having come before."""
    seen: set[str] = set()
    with source.open() as stream:
        for number, line in enumerate(stream_lines(stream, source.label, "utf-8-sig"), 1):
            if not line.strip():
                continue
            row = _row(line, number, source)
            if row.code in seen:
                raise FileFormatError(
                    f"code {row.code} occurs twice", hint="keep one row of it", file=source.label, line=number
                )
            seen.add(row.code)
            if len(seen) > ROWS_CAP:
                raise FileFormatError(f"more than {ROWS_CAP:,} rows", hint=_HINT, file=source.label, line=number)
            yield row


def order_entities(source: Source, watch: Watch, estimate: int) -> Iterator[Entity]:
    """The order file alone as a terminology: without chapters, blocks and notes."""
    above: list[str] = []
    for number, row in enumerate(rows(source), 1):
        if number % 5_000 == 0:
            watch("order file", number, estimate)
        above = list(takewhile(row.code.startswith, above))
        yield Entity(
            code=row.code,
            name=row.long,
            synonyms=() if row.short == row.long else (row.short,),
            parents=(above[-1],) if above else (),
            type=_type(row.code),
            assignable=row.billable,
        )
        above.append(row.code)


def _row(line: str, number: int, source: Source) -> Row:
    if not _ROW.match(line):
        raise FileFormatError("no row of an order file", hint=_HINT, file=source.label, line=number)
    short, long = line[_SHORT].strip(), line[_LONG].strip()
    if not short:
        raise FileFormatError("a row without a description", hint=_HINT, file=source.label, line=number)
    return Row(dotted(line[_CODE].strip()), line[_FLAG] == "1", short, long or short)


def _type(code: str) -> str:
    if len(code) == 3:
        return "category"
    return "extension" if len(code) > LENGTH else "subcategory"
