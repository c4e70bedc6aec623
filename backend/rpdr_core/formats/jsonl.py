"""JSONL: an object on each line with the same names as a table's headers, or a plain string on each line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.lines import read_lines
from rpdr_core.formats.table import CELL_CAP, Row, Table

_MAX_KEYS = 1_000
HINT = 'write one object on each line, such as {"mention": "..", "context": ".."}'


JsonObject = dict[str, object]


def open_jsonl(path: Path, encoding: str) -> Table:
    """Open a JSONL file. Its headers are the keys of all objects; keys that hold objects are left out."""
    headers, rows, warnings = headers_of(path, _objects(path, encoding))
    return Table(
        path, "jsonl", headers, partial(_rows, path, encoding, headers), encoding, rows_estimate=rows, warnings=warnings
    )


def headers_of(path: Path, objects: Iterable[tuple[int, JsonObject]]) -> tuple[tuple[str, ...], int, tuple[str, ...]]:
    """The names of all objects (with their lines) that can be columns, how many objects, and a warning of the rest."""
    keys: dict[str, bool] = {}
    rows = 0
    for line, value in objects:
        rows += 1
        for key, cell in value.items():
            keys[key] = keys.get(key, True) and _is_cell(cell)
        if len(keys) > _MAX_KEYS:
            message = f"more than {_MAX_KEYS:,} different names"
            raise FileFormatError(message, hint=HINT, file=str(path), line=line)
    nested = [key for key, usable in keys.items() if not usable]
    warnings = (f"{len(nested)} names hold objects and cannot be columns: {', '.join(nested[:5])}",) if nested else ()
    return tuple(key for key, usable in keys.items() if usable), rows, warnings


def cells_of(path: Path, line: int, value: JsonObject, headers: Sequence[str]) -> tuple[str, ...]:
    """An object's cells under these headers."""
    cells = tuple(_text(value.get(header)) for header in headers)
    for cell in cells:
        if len(cell) > CELL_CAP:
            message = f"a value of more than {CELL_CAP:,} characters"
            raise FileFormatError(message, hint="shorten the value", file=str(path), line=line)
    return cells


def _objects(path: Path, encoding: str) -> Iterator[tuple[int, JsonObject]]:
    for number, line in enumerate(read_lines(path, encoding), 1):
        if line.strip():
            yield number, _value(path, number, line)


def _rows(path: Path, encoding: str, headers: tuple[str, ...]) -> Iterator[Row]:
    for number, line in enumerate(read_lines(path, encoding), 1):
        value = _value(path, number, line) if line.strip() else {}
        yield Row(number, number, cells_of(path, number, value, headers))


def _value(path: Path, number: int, line: str) -> JsonObject:
    """A line's object; a plain string is the object of a mention."""
    try:
        value = decoder().decode(line)
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, _RefusedError) else "the line is not JSON"
        raise FileFormatError(reason, hint=HINT, file=str(path), line=number) from error
    if isinstance(value, str) and line.lstrip().startswith('"'):
        value = {"mention": value}
    return object_of(path, number, value)


def object_of(path: Path, line: int, value: object) -> JsonObject:
    """A decoded value as the object of a row; raises `FileFormatError` where it is none, or holds half a character."""
    if not isinstance(value, dict):
        raise FileFormatError("neither an object nor a string", hint=HINT, file=str(path), line=line)
    if not _is_whole(value):
        hint = "write characters beyond U+FFFF as they are or as two \\u escapes"
        raise FileFormatError("half a character (a lone surrogate), or a NUL", hint=hint, file=str(path), line=line)
    return value


def decoder() -> json.JSONDecoder:
    """Numbers stay as they are written: 1.10 is a code, and large integers are not cut."""
    return json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_refuse_constant, object_pairs_hook=_unique)


class _RefusedError(ValueError):
    """Valid for Python's JSON, not for a mention file."""


def _refuse_constant(name: str) -> object:
    raise _RefusedError(f"{name} is no JSON value")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _RefusedError("a name occurs twice in one object")
    return found


def _is_whole(value: dict[str, object]) -> bool:
    try:
        for key, cell in value.items():
            key.encode()
            _text(cell).encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in "".join(map(_text, value.values()))


def _is_cell(value: object) -> bool:
    return not isinstance(value, dict) and not (
        isinstance(value, list) and any(isinstance(item, dict | list) for item in value)
    )


def _text(value: object) -> str:
    """A value as a cell; several codes in a list are joined with `|`."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "|".join(_text(item) for item in value)
    return ""
