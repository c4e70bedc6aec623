"""A terminology as a CSV or TSV table: `code`, `name`, optional `synonyms`, `parents`, `type`, `active`.

Cells of `synonyms` and `parents` separate their values with `|`. `active` is empty or one of 1/0, true/false,
yes/no. UTF-8, with or without a byte order mark.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from rpdr_core.errors import FileFormatError, NotFoundError
from rpdr_core.knowledge_base.release import Release, ReleaseOptions, Watch
from rpdr_core.records import Entity

COLUMNS = ("code", "name", "synonyms", "parents", "type", "active")
_TRUE = frozenset(("", "1", "true", "yes", "y", "active"))
_FALSE = frozenset(("0", "false", "no", "n", "inactive"))
_MAX_CELL = 1_000_000


def read_table(path: Path) -> Iterator[Entity]:
    """Entities of the table, in file order. Errors name the file, the line and the cure."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            yield from _rows(path, stream)
    except FileNotFoundError as error:
        raise NotFoundError("no such terminology file", hint="check the path", file=str(path)) from error
    except UnicodeDecodeError as error:
        raise FileFormatError("the file is not UTF-8", hint="save it as UTF-8", file=str(path)) from error
    except csv.Error as error:
        raise FileFormatError(
            f"not readable as a table: {error}", hint="save it as CSV or TSV", file=str(path)
        ) from error


def _rows(path: Path, stream: Iterator[str]) -> Iterator[Entity]:
    header_line = next(iter(stream), "")
    delimiter = "\t" if "\t" in header_line else ","
    header = [cell.strip().lower() for cell in next(csv.reader([header_line], delimiter=delimiter), [])]
    missing = [name for name in ("code", "name") if name not in header]
    if missing:
        raise FileFormatError(
            f"the header has no column {' and no column '.join(map(repr, missing))}",
            hint=f"name the columns {', '.join(COLUMNS)}",
            file=str(path),
            line=1,
        )
    csv.field_size_limit(_MAX_CELL)
    if delimiter == "\t":
        reader = csv.reader(stream, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    else:
        reader = csv.reader(stream, delimiter=delimiter)
    for row in reader:
        if any(cell.strip() for cell in row):
            yield _entity(path, reader.line_num + 1, header, row)


def _entity(path: Path, line: int, header: list[str], row: list[str]) -> Entity:
    if len(row) > len(header):
        raise FileFormatError(
            f"{len(row)} cells under {len(header)} headings",
            hint="quote cells that hold the separator",
            file=str(path),
            line=line,
        )
    cells = {name: cell.strip() for name, cell in zip(header, row, strict=False)}
    code, name = cells.get("code", ""), cells.get("name", "")
    if not code or not name:
        raise FileFormatError("a row without code or name", hint="fill both cells", file=str(path), line=line)
    active = _active(path, line, cells.get("active", ""))
    return Entity(
        code=code,
        name=name,
        synonyms=_values(cells.get("synonyms", "")),
        parents=_values(cells.get("parents", "")),
        type=cells.get("type", ""),
        active=active,
        assignable=active,
    )


def _values(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.strip() for value in cell.split("|") if value.strip()))


def _active(path: Path, line: int, cell: str) -> bool:
    value = cell.lower()
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise FileFormatError(f"active is {cell!r}", hint="write 1 or 0", file=str(path), line=line)


def open_table_release(path: Path, options: ReleaseOptions, watch: Watch) -> Release:
    """Open a table as a release."""
    return Release("table", path.stem, path.stem, "", lambda: read_table(path))
