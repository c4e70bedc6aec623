"""One JSON document that is an array of objects, as a table: each object is a row, as on a line of JSONL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.jsonl import HINT, JsonObject, cells_of, decoder, headers_of, object_of
from rpdr_core.formats.lines import known_encoding, opened
from rpdr_core.formats.table import Row, Table

SIZE_CAP = 128 << 20
"""Bytes of one document: all of it is in memory while it is read."""

_SPACE = re.compile(r"[ \t\r\n]*")
_ARRAY = "begin with [ and write objects, with commas between them"


def is_json_array(head: bytes) -> bool:
    """Whether a file that begins so is one document with an array."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n").startswith(b"[")


def open_json_array(path: Path, encoding: str) -> Table:
    """Open a document. Its headers are the names in all objects; names that hold objects are left out."""
    keys, rows, warnings = headers_of(path, _objects(path, encoding))
    return Table(
        path, "json", keys, partial(_rows, path, encoding, keys), encoding, rows_estimate=rows, warnings=warnings
    )


def _rows(path: Path, encoding: str, headers: tuple[str, ...]) -> Iterator[Row]:
    for number, (line, value) in enumerate(_objects(path, encoding), 1):
        yield Row(number, line, cells_of(path, line, value, headers))


def _objects(path: Path, encoding: str) -> Iterator[tuple[int, JsonObject]]:
    """Each object with the line on which it begins."""
    text = _text_of(path, encoding)
    read = decoder()
    at = _after_space(text, 0)
    if text[at : at + 1] != "[":
        raise FileFormatError("no array of objects", hint=_ARRAY, file=str(path), line=1)
    line, counted, at = 1, 0, _after_space(text, at + 1)
    if text[at : at + 1] == "]":
        raise FileFormatError("the array is empty", hint="choose another file", file=str(path), line=1)
    while True:
        line, counted = line + text.count("\n", counted, at), at
        try:
            value, at = read.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            message = (
                f"element is no JSON ({type(error).__name__})" if at < len(text) else "the document ends too early"
            )
            raise FileFormatError(message, hint=HINT, file=str(path), line=line) from error
        yield line, object_of(path, line, value)
        at = _after_space(text, at)
        sign = text[at : at + 1]
        if sign == "]":
            break
        if sign != ",":
            line += text.count("\n", counted, at)
            message = "a comma is missing" if sign else "the document ends too early"
            raise FileFormatError(message, hint=_ARRAY, file=str(path), line=line)
        at = _after_space(text, at + 1)
    end = _after_space(text, at + 1)
    if end != len(text):
        line += text.count("\n", counted, end)
        raise FileFormatError("text after the end of the array", hint=_ARRAY, file=str(path), line=line)


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _text_of(path: Path, encoding: str) -> str:
    with opened(path) as stream:
        data = stream.read(SIZE_CAP + 1)
    if len(data) > SIZE_CAP:
        message = f"a JSON document of more than {SIZE_CAP >> 20} MiB"
        raise FileFormatError(message, hint="write one object on each line and call the file .jsonl", file=str(path))
    try:
        text = data.decode(known_encoding(encoding))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"byte 0x{data[error.start]:02X} at offset {error.start:,} is not {encoding}"
        hint = "choose the file's encoding, or save it as UTF-8"
        raise FileFormatError(message, hint=hint, file=str(path), line=line) from error
    return text
