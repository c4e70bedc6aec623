"""Rows of a table as mentions: trimmed, counted, with the mention found in its context."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.columns import Columns, Places, places, resolve
from rpdr_core.formats.formulas import is_guarded_export, unguard
from rpdr_core.formats.opening import open_table
from rpdr_core.formats.table import Row, Table
from rpdr_core.records import NewMention, SourceRow

_LARGEST_COUNT = (1 << 53) - 1
_USAGI_COUNT, _USAGI_UNKNOWN = "sourceFrequency", "-1"
"""Usagi writes -1 under this header where the list that it was given had no frequencies."""


@dataclass(slots=True)
class Tally:
    """What a pass over a file counted: `skipped` rows had no mention in them."""

    rows: int = 0
    skipped: int = 0


def read_mentions(path: Path, *, encoding: str = "", columns: Columns | None = None) -> Iterator[NewMention]:
    """Mentions of a CSV, TSV, JSONL, XLSX or plain text file, in order. Streams.

    Without `encoding` the file must be UTF-8 or have a byte order mark; without `columns` they are guessed from
    the headers. Rows without a mention are passed over. Errors name file, line and cure.
    """
    table = open_table(path, encoding=encoding, columns=columns)
    return mentions_of(table, resolve(table.headers, columns or Columns(), str(path)), Tally())


def mentions_of(table: Table, columns: Columns, tally: Tally) -> Iterator[NewMention]:
    """Mentions of an opened table by resolved columns; `tally` counts as they go by."""
    at = places(table.headers, columns)
    guarded = table.format in ("csv", "tsv") and is_guarded_export(table.headers)
    unknown = _USAGI_UNKNOWN if at.count >= 0 and table.headers[at.count].strip() == _USAGI_COUNT else ""
    for row in table.rows():
        if guarded:
            row = Row(row.number, row.line, tuple(map(unguard, row.cells)))
        mention = _mention(str(table.path), row, at, unknown)
        if mention is not None:
            tally.rows += 1
            yield mention
        elif any(cell.strip() for cell in row.cells):
            tally.skipped += 1


def _mention(file: str, row: Row, at: Places, unknown: str) -> NewMention | None:
    text = _cell(row, at.mention).strip()
    if not text:
        return None
    raw = _cell(row, at.context)
    context = raw.strip()
    start, end = _offsets(file, row, at, text, raw)
    return NewMention(
        text=text,
        context=context,
        start=start,
        end=end,
        count=_count(file, row, _cell(row, at.count).strip(), unknown),
        code=_cell(row, at.code).strip(),
        department=_cell(row, at.department).strip(),
        row=SourceRow(row.number, _cell(row, at.id).strip()),
    )


def _cell(row: Row, index: int) -> str:
    return row.cells[index] if 0 <= index < len(row.cells) else ""


def _count(file: str, row: Row, cell: str, unknown: str) -> int:
    if cell in ("", unknown):
        return 1
    if not cell.isdecimal() or len(cell) > 16 or not 0 < int(cell) <= _LARGEST_COUNT:
        hint = "write a whole number from 1, without separators"
        raise FileFormatError(f"a count of {cell[:20]!r}", hint=hint, file=file, line=row.line)
    return int(cell)


def _offsets(file: str, row: Row, at: Places, text: str, raw: str) -> tuple[int | None, int | None]:
    """Offsets of the mention in the trimmed context: the given ones if they hold, else the first occurrence."""
    given = _cell(row, at.start).strip(), _cell(row, at.end).strip()
    lead = len(raw) - len(raw.lstrip())
    if not any(given):
        return find(text, raw.strip())
    if all(part.isdecimal() and len(part) < 10 for part in given):
        start, end = int(given[0]), int(given[1])
        piece = raw[start:end]
        if piece.strip() == text:
            start += len(piece) - len(piece.lstrip()) - lead
            return start, start + len(text)
    raise FileFormatError(
        f"start {given[0][:12]!r} and end {given[1][:12]!r} do not mark the mention in its context",
        hint="count characters from 0, the end not included; or leave these columns out",
        file=file,
        line=row.line,
    )


def find(text: str, context: str) -> tuple[int | None, int | None]:
    """Offsets of a mention in its context: the first occurrence as written, else the first in whatever case."""
    start = context.find(text)
    if start >= 0:
        return start, start + len(text)
    found = re.search(re.escape(text), context, re.IGNORECASE) if context else None
    return (found.start(), found.end()) if found else (None, None)
