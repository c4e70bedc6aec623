"""Apache Parquet as a table of text cells, and tables as Parquet. Row groups are streamed; pyarrow is loaded on use.

Text columns are read as dictionaries: a value that stands in a million rows is there once, so its size can be looked at
before it is copied. Columns of lists, structures, maps and bytes are refused: no cell could say them unchanged.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from rpdr_core.errors import FileFormatError, MissingExtraError, RpdrError
from rpdr_core.formats.columns import named
from rpdr_core.formats.lines import opened
from rpdr_core.formats.table import CELL_CAP, Row, Table

MAGIC = b"PAR1"
MAX_COLUMNS = 1_000
_BATCH = 1_000
_GROUP = 50_000
_GROUP_BYTES = 4 << 30
_HINT = "write the table again, for example with pandas or pyarrow"

_WHOLE = frozenset(
    (
        "row", "mention_id", "start", "end", "count", "decision_id", "propagated_from", "retriever_rank",
        "teacher_rank", "student_rank", "rank",
    )
)  # fmt: skip
"""Columns of ours that hold whole numbers; empty cells of them are null."""
_FRACTIONS = frozenset(("score", "confidence", "weight", "label"))


def is_parquet(head: bytes) -> bool:
    """Whether a file that begins so is Parquet."""
    return head.startswith(MAGIC)


def open_parquet(path: Path) -> Table:
    """Open a Parquet file by its footer; `FileFormatError` where it is truncated, encrypted, or has nested columns."""
    with _parquet(path) as file:
        schema, metadata = file.schema_arrow, file.metadata
        headers = named(list(schema.names))
        if len(headers) > MAX_COLUMNS:
            message = f"{len(headers):,} columns"
            raise FileFormatError(message, hint="write only the columns you need", file=str(path))
        if not headers:
            raise FileFormatError("no columns", hint=_HINT, file=str(path))
        for field in schema:
            _check_type(path, field)
        for number in range(metadata.num_row_groups):
            if metadata.row_group(number).total_byte_size > _GROUP_BYTES:
                message = f"row group {number + 1} holds more than {_GROUP_BYTES >> 30} GiB"
                raise FileFormatError(message, hint="write smaller row groups", file=str(path))
        rows = int(metadata.num_rows)
    return Table(path, "parquet", headers, partial(_rows, path), rows_estimate=rows)


@contextmanager
def _parquet(path: Path) -> Iterator[Any]:
    parquet = _library()
    with opened(path) as stream, _unsound(path):
        first = parquet.ParquetFile(stream, pre_buffer=False)
        texts = [field.name for field in first.schema_arrow if _is_text(field.type)]
        stream.seek(0)
        file = parquet.ParquetFile(
            stream, pre_buffer=False, buffer_size=1 << 20, read_dictionary=texts, page_checksum_verification=True
        )
        with file:
            yield file


def _library() -> Any:
    try:
        from pyarrow import parquet
    except ImportError as error:
        message = "Parquet files need pyarrow, which is not installed"
        raise MissingExtraError(message, hint='pip install "rpdr-desk[parquet]"') from error
    return parquet


@contextmanager
def _unsound(path: Path, row: int = 0) -> Iterator[None]:
    """The library answers a broken file with any of its exceptions, or Python's."""
    try:
        yield
    except RpdrError:
        raise
    except MemoryError as error:
        message = "the file asks for more memory than there is"
        raise FileFormatError(message, hint="write smaller row groups", file=str(path), line=row) from error
    except Exception as error:
        message = f"not readable as Parquet ({type(error).__name__})"
        hint = f"the file may be cut off or damaged: {_HINT}"
        raise FileFormatError(message, hint=hint, file=str(path), line=row) from error


def _is_text(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _check_type(path: Path, field: Any) -> None:
    from pyarrow import types

    kind = field.type.value_type if types.is_dictionary(field.type) else field.type
    plain = (
        _is_text(kind), types.is_integer(kind), types.is_floating(kind), types.is_boolean(kind), types.is_decimal(kind),
        types.is_date(kind), types.is_timestamp(kind), types.is_time(kind), types.is_null(kind),
    )  # fmt: skip
    if any(plain):
        return
    nested = types.is_nested(kind)
    what = "nested" if nested else "no text or number"
    cure = "write one plain column for each part" if nested else "write it as text"
    message = f"column {field.name[:40]!r} is {what} ({str(kind)[:60]})"
    raise FileFormatError(message, hint=f"{cure}, or leave the column out", file=str(path))


def _rows(path: Path) -> Iterator[Row]:
    number = 0
    with _parquet(path) as file:
        batches = iter(file.iter_batches(batch_size=_BATCH, use_threads=False))
        while True:
            with _unsound(path, number + 1):
                batch = next(batches, None)
                columns = [] if batch is None else [_cells(path, column, number) for column in batch.columns]
            if batch is None:
                return
            for cells in zip(*columns, strict=True):
                number += 1
                yield Row(number, number, cells)


def _cells(path: Path, column: Any, before: int) -> list[str]:
    """A column of one batch as text cells; `before` rows were read already."""
    from pyarrow import compute, types

    if types.is_dictionary(column.type) and _is_text(column.type.value_type):
        longest = compute.max(compute.binary_length(column.dictionary)).as_py() or 0
        if longest > 4 * CELL_CAP:
            _refuse_long(path, before + 1)
        values = [_checked(path, value, before) for value in column.dictionary.to_pylist()]
        return ["" if index is None else values[index] for index in column.indices.to_pylist()]
    return [_text(path, value, before + place) for place, value in enumerate(column.to_pylist(), 1)]


def _text(path: Path, value: object, row: int) -> str:
    """As a person would write it: whole numbers without `.0` (pandas makes fractions of counts with gaps)."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        return _checked(path, value, row)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1 << 53 else repr(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, int | Decimal):
        return str(value)
    message = f"a value of type {type(value).__name__}"
    raise FileFormatError(message, hint="write it as text", file=str(path), line=row)


def _checked(path: Path, value: str | None, row: int) -> str:
    text = value or ""
    if len(text) > CELL_CAP:
        _refuse_long(path, row)
    if "\0" in text:
        raise FileFormatError("a NUL in a cell", hint="remove it", file=str(path), line=row)
    return text


def _refuse_long(path: Path, row: int) -> None:
    message = f"a cell of more than {CELL_CAP:,} characters"
    raise FileFormatError(message, hint="shorten the cell", file=str(path), line=row)


def write(path: Path, names: Sequence[str], rows: Iterable[Sequence[str | int | float | None]]) -> int:
    """Write a table as row groups of 50,000 rows, with checksums on its pages; the number of rows."""
    parquet = _library()
    import pyarrow

    kinds = [
        pyarrow.int64() if name in _WHOLE else pyarrow.float64() if name in _FRACTIONS else pyarrow.string()
        for name in names
    ]
    schema = pyarrow.schema(list(zip(names, kinds, strict=True)))
    stream = iter(rows)
    total = 0
    with parquet.ParquetWriter(path, schema, write_page_checksum=True) as writer:
        while block := list(islice(stream, _GROUP)):
            columns = [
                pyarrow.array([_typed(cell, name) for cell in column], type=kind)
                for name, kind, column in zip(names, kinds, zip(*block, strict=True), strict=True)
            ]
            writer.write_table(pyarrow.Table.from_arrays(columns, schema=schema))
            total += len(block)
    return total


def _typed(cell: str | int | float | None, name: str) -> str | int | float | None:
    if name in _WHOLE or name in _FRACTIONS:
        return None if cell == "" else cell
    return "" if cell is None else str(cell)
