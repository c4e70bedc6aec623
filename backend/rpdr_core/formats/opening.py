"""Which format a file has, by what is in it and then by its name; and opening it as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.code_triples import HEADERS as TRIPLES
from rpdr_core.formats.code_triples import is_code_triples, open_code_triples
from rpdr_core.formats.columns import Columns, guess
from rpdr_core.formats.delimited import DELIMITERS, open_delimited, open_with, sniff
from rpdr_core.formats.encodings import chosen
from rpdr_core.formats.json_array import is_json_array, open_json_array
from rpdr_core.formats.jsonl import open_jsonl
from rpdr_core.formats.lines import opened, read_lines
from rpdr_core.formats.parquet import is_parquet, open_parquet
from rpdr_core.formats.plain import open_plain
from rpdr_core.formats.table import Format, Table
from rpdr_core.formats.xlsx import open_xlsx, sheet_names

_FOREIGN = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old workbook (.xls) or a workbook with a password"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a compressed file"),
    (b"SQLite format 3\0", "a database"),
    (b"{\\rtf", "a document in RTF"),
)
_TEXT_SUFFIXES = (".txt", ".text", ".lst", ".list")
_JSON_SUFFIXES = (".jsonl", ".ndjson", ".jsonlines")
_KINDS = "a CSV, TSV, JSON, JSONL, XLSX, Parquet or plain text file"


def open_table(path: Path, *, encoding: str = "", columns: Columns | None = None) -> Table:
    """Open a mention file. Raises `FileFormatError` where it has no headers, or its encoding is not certain."""
    columns = columns or Columns()
    if is_workbook(path):
        return open_xlsx(path, columns.sheet)
    if is_parquet(_head(path)):
        return open_parquet(path)
    return _open_text(path, chosen(path, encoding), columns.mention)


def reopen(path: Path, format: Format, encoding: str, is_right: Callable[[Table], bool]) -> Table:
    """Open a file as it was opened once before; `is_right` recognises its headers and its sheet."""
    openers: Iterable[Callable[[], Table]]
    if format == "parquet":
        openers = [partial(open_parquet, path)]
    elif format == "json":
        openers = [partial(open_json_array, path, encoding)]
    elif format == "text":
        openers = [partial(open_plain, path, encoding)]
    elif format == "jsonl":
        openers = [partial(open_jsonl, path, encoding)]
    elif format == "xlsx":
        openers = (partial(open_xlsx, path, sheet) for sheet in sheet_names(path))
    else:
        openers = [partial(open_with, path, encoding, delimiter) for delimiter in DELIMITERS]
        openers.append(partial(open_code_triples, path, encoding))
    for opener in openers:
        # Another sheet may be empty, and another delimiter may not fit.
        with suppress(FileFormatError):
            table = opener()
            if is_right(table):
                return table
    message = "the headers are not those that were imported"
    raise FileFormatError(message, hint="give the file as it was imported", file=str(path))


def is_workbook(path: Path) -> bool:
    """Whether to read the file as XLSX; raises where it is of a kind that nobody here reads."""
    head = _head(path)
    for magic, what in _FOREIGN:
        if head.startswith(magic):
            raise FileFormatError(f"this is {what}", hint=f"save it as {_KINDS}", file=str(path))
    if head.startswith(b"PK\x05\x06"):
        raise FileFormatError("this is a zip with nothing in it", hint=f"choose {_KINDS}", file=str(path))
    if head.startswith(b"PK\x03\x04"):
        return True
    if path.suffix.lower() in (".xlsx", ".xlsm", ".xls"):
        raise FileFormatError(
            "the file's name says workbook, its content does not", hint=f"save it as {_KINDS}", file=str(path)
        )
    return False


def is_binary(path: Path) -> bool:
    """Whether the file knows its characters, so that no encoding is asked for; raises as `is_workbook`."""
    return is_workbook(path) or is_parquet(_head(path))


def _head(path: Path) -> bytes:
    with opened(path) as stream:
        return stream.read(64)


def _open_text(path: Path, encoding: str, wanted: str) -> Table:
    suffix = path.suffix.lower()
    # One document may be one line, longer than a line of a table may be.
    if suffix == ".json" and is_json_array(_head(path)):
        return open_json_array(path, encoding)
    first = next((line for line in read_lines(path, encoding) if line.strip()), "")
    if not first:
        raise FileFormatError("the file is empty", hint="choose another file", file=str(path))
    if suffix in _JSON_SUFFIXES or first.lstrip().startswith('{"'):
        return open_jsonl(path, encoding)
    if suffix == ".json":
        hint = "write an array of objects, or one object on each line and call the file .jsonl"
        raise FileFormatError("one JSON document that is no array", hint=hint, file=str(path))
    if "\t" in first and (not wanted or wanted in TRIPLES) and is_code_triples(path, encoding):
        return open_code_triples(path, encoding)
    if suffix in _TEXT_SUFFIXES and not _is_header(first, wanted):
        return open_plain(path, encoding)
    return open_delimited(path, encoding, wanted=wanted, prefer="\t" if suffix in (".tsv", ".tab") else ",")


def _is_header(line: str, wanted: str) -> bool:
    cells = [cell.strip() for cell in line.split(sniff(line, wanted=wanted))]
    return wanted in cells if wanted else bool(guess(cells).mention)
