"""Importing mentions. Distinct by (text in NFC, context); every row of every file stays on record."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from rpdr_core.errors import FileFormatError
from rpdr_core.folding import fold
from rpdr_core.records import Changed, Changes, NewMention
from rpdr_core.store import audit
from rpdr_core.store.database import Connection

CHUNK = 5_000

_ADD = """INSERT INTO mention (key, count, department, span_start, span_end, text, folded, context)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET count = count + excluded.count,
    department = CASE department WHEN '' THEN excluded.department ELSE department END"""
_ADD_ROW = """INSERT INTO mention_row
    (source_id, mention_id, row_number, row_key, count, code, document_id, doc_start, doc_end, annotation)
    SELECT ?, id, ?, ?, ?, ?, ?, ?, ?, ? FROM mention WHERE key = ?"""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The file that mentions came from. `sha256` of its bytes; `columns` is the mapping used, as JSON."""

    name: str
    sha256: str
    format: str
    encoding: str
    columns: str = ""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """`rows` read, of which `added` became new mentions and `merged` raised the count of known ones.

    `skipped` rows of the file held no mention; they are not among `rows`. `documents` came with them.
    """

    rows: int
    added: int
    merged: int
    changes: Changes
    skipped: int = 0
    documents: int = 0


@dataclass(frozen=True, slots=True)
class Located:
    """A mention as it is read, and the id of the document that it lies in, None for none."""

    new: NewMention
    document_id: int | None = None


def mention_key(text: str, context: str) -> bytes:
    """What makes a mention distinct: 16 bytes of SHA-256, far smaller in the index than the context."""
    normal = unicodedata.normalize("NFC", text).encode()
    return hashlib.sha256(len(normal).to_bytes(8) + normal + context.encode()).digest()[:16]


def add(connection: Connection, source: SourceFile, rows: Iterable[NewMention]) -> ImportResult:
    """Import all rows or, if reading or storing one fails, none."""
    with connection.transaction():
        return store(connection, source, lambda _: map(Located, rows))


def store(connection: Connection, source: SourceFile, read: Callable[[int], Iterable[Located]]) -> ImportResult:
    """Enter the source, what `read` yields for its id, and the import in the audit. Call it inside a transaction."""
    before = _mentions(connection)
    source_id = enter_source(connection, source)
    total = sum(_add_chunk(connection, source, source_id, chunk) for chunk in _chunks(read(source_id)))
    connection.execute("UPDATE source SET row_count = ? WHERE id = ?", total, source_id)
    added = _mentions(connection) - before
    documents = int(connection.value("SELECT count(*) FROM document WHERE source_id = ?", source_id))
    detail = {"source": source_id, "sha256": source.sha256, "rows": total, "added": added}
    audit.append(connection, "import", detail=detail | ({"documents": documents} if documents else {}))
    kinds: frozenset[Changed] = frozenset(["mentions"]) if total or documents else frozenset()
    changes = Changes(kinds, summary=f"import {total:,} rows")
    return ImportResult(total, added, total - added, changes, documents=documents)


def enter_source(connection: Connection, source: SourceFile) -> int:
    """Enter a file that brings rows in a moment; its id. Call it inside a transaction."""
    return connection.insert(
        "INSERT INTO source (name, sha256, format, encoding, columns, row_count, imported_at)"
        " VALUES (?, ?, ?, ?, ?, 0, ?)",
        source.name, source.sha256, source.format, source.encoding, source.columns, audit.now(),
    )  # fmt: skip


def add_row(connection: Connection, source: SourceFile, source_id: int, new: NewMention) -> bytes:
    """Add one row of a source that was entered, with its mention where that is missing; the mention's key."""
    _add_chunk(connection, source, source_id, [Located(new)])
    return mention_key(new.text, new.context)


def _mentions(connection: Connection) -> int:
    return int(connection.value("SELECT sum(mentions) FROM tally"))


def _chunks(rows: Iterable[Located]) -> Iterator[list[Located]]:
    stream = iter(rows)
    while chunk := list(islice(stream, CHUNK)):
        yield chunk


def _add_chunk(connection: Connection, source: SourceFile, source_id: int, chunk: list[Located]) -> int:
    keys = [_checked_key(source, located.new) for located in chunk]
    connection.execute_many(
        _ADD,
        [
            (key, new.count, new.department, new.start, new.end, new.text, fold(new.text), new.context)
            for key, new in zip(keys, (located.new for located in chunk), strict=True)
        ],
    )
    connection.execute_many(
        _ADD_ROW,
        [(source_id, *_row(located), key) for key, located in zip(keys, chunk, strict=True)],
    )
    return len(chunk)


def _row(located: Located) -> tuple[object, ...]:
    new, row = located.new, located.new.row
    return row.row, row.key, new.count, new.code, located.document_id, row.start, row.end, row.annotation


def _checked_key(source: SourceFile, new: NewMention) -> bytes:
    try:
        key = mention_key(new.text, new.context)
        f"{new.department}{new.row.key}{new.code}{new.row.annotation}".encode()
    except UnicodeEncodeError as error:
        hint = "choose another encoding for the file"
        raise FileFormatError("a cell holds half a character", hint=hint, file=source.name, line=new.row.row) from error
    if not new.text.strip():
        hint = "remove the row or fill the cell"
        raise FileFormatError("a mention without text", hint=hint, file=source.name, line=new.row.row)
    if not 0 < new.count < 1 << 53:
        hint = "write 1 or more"
        raise FileFormatError(f"a count of {str(new.count)[:20]}", hint=hint, file=source.name, line=new.row.row)
    return key
