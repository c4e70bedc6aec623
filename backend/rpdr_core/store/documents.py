"""Documents: texts that were imported, with the occurrences of mentions that lie in them.

Their text is patient text. It stays in this table: no log, audit row or ledger entry names it, and what goes to a
teacher is made from a mention's own context.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator

from rpdr_core.errors import FileFormatError
from rpdr_core.records import AnnotatedDocument, Document, NewDocument
from rpdr_core.store import mentions
from rpdr_core.store.database import Connection
from rpdr_core.store.mentions import ImportResult, Located, SourceFile

_ADD = (
    "INSERT INTO document (source_id, kind, sha256, key, title, text, structure) VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (source_id, key) DO NOTHING RETURNING id"
)
_COLUMNS = "id, source_id, key, title, text, kind, sha256, structure"


def no_structure() -> str:
    """Of a file whose documents form no collection that says anything of itself."""
    return ""


def add(
    connection: Connection,
    source: SourceFile,
    found: Iterable[AnnotatedDocument],
    structure: Callable[[], str] = no_structure,
) -> ImportResult:
    """Import all documents with their mentions or, if reading or storing one fails, none.

    `structure` is asked once all documents are read.
    """
    with connection.transaction():
        result = mentions.store(connection, source, lambda source_id: _located(connection, source, source_id, found))
        source_id = connection.value("SELECT max(id) FROM source")
        connection.execute("UPDATE source SET structure = ? WHERE id = ?", structure(), source_id)
    return result


def _located(
    connection: Connection, source: SourceFile, source_id: int, found: Iterable[AnnotatedDocument]
) -> Iterator[Located]:
    for annotated in found:
        document_id = _insert(connection, source, source_id, annotated.document)
        for new in annotated.mentions:
            _check_place(source, annotated.document, new.row.start, new.row.end)
            yield Located(new, document_id)


def _insert(connection: Connection, source: SourceFile, source_id: int, new: NewDocument) -> int:
    try:
        digest = hashlib.sha256(new.text.encode()).hexdigest()
        f"{new.key}{new.title}{new.kind}{new.structure}".encode()
    except UnicodeEncodeError as error:
        hint = "choose another encoding for the file"
        raise FileFormatError(f"document {new.key!r} holds half a character", hint=hint, file=source.name) from error
    row = connection.row(_ADD, source_id, new.kind, digest, new.key, new.title, new.text, new.structure)
    if row is None:
        hint = "give each document an id of its own"
        raise FileFormatError(f"two documents have the id {new.key!r}", hint=hint, file=source.name)
    return int(row[0])


def _check_place(source: SourceFile, document: NewDocument, start: int | None, end: int | None) -> None:
    """Raise unless both ends are given and lie within the text in this order, or neither is."""
    if start is None and end is None:
        return
    if start is None or end is None or not 0 <= start <= end <= len(document.text):
        raise FileFormatError(
            f"an annotation of document {document.key!r} lies outside its text",
            hint="count offsets in characters from the beginning of the document",
            file=source.name,
        )


def count(connection: Connection, source_id: int) -> int:
    return int(connection.value("SELECT count(*) FROM document WHERE source_id = ?", source_id))


def of_source(connection: Connection, source_id: int) -> Iterator[Document]:
    """In the file's order (streams)."""
    for row in connection.stream(f"SELECT {_COLUMNS} FROM document WHERE source_id = ? ORDER BY id", source_id):  # noqa: S608
        yield Document(*row)


def by_id(connection: Connection, document_id: int) -> Document | None:
    row = connection.row(f"SELECT {_COLUMNS} FROM document WHERE id = ?", document_id)  # noqa: S608
    return Document(*row) if row else None


def structure_of(connection: Connection, source_id: int) -> str:
    """What the format says of the collection; empty where it says nothing."""
    row = connection.row("SELECT structure FROM source WHERE id = ?", source_id)
    return str(row[0]) if row else ""
