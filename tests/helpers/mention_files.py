"""Mention files for tests: written by other means than ours, and the texts worth writing."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hypothesis import strategies as st
from openpyxl import Workbook

from rpdr_core.formats.columns import Columns
from rpdr_core.formats.mentions import read_mentions
from rpdr_core.records import NewMention

HEADERS = ("id", "mention", "context", "count", "code", "department")

_ODD = "\"',;|\t=+-@'\\/{}[]<>&%_x0041_ \u00e9\u00a0\u3000白内障术后，、🩺👩🏽‍⚕️\u202e\u200b\ufeff\u0301ﬁ"

letters = st.one_of(st.sampled_from(_ODD), st.characters(exclude_categories=("Cs", "Cc")))
"""Characters a mention may have: quotes, delimiters, formula signs, Chinese, emoji, invisible ones."""

words = st.text(letters, max_size=40).map(str.strip)
"""A cell on one line."""

mentions = words.filter(bool)
"""A mention: some text, trimmed."""

passages = st.text(st.one_of(letters, st.sampled_from("\n\t")), max_size=80).map(str.strip)
"""A cell that may hold line breaks and tabs."""


@st.composite
def rows(draw: st.DrawFn, cells: st.SearchStrategy[str] = passages, first: st.SearchStrategy[str] = mentions) -> list:
    """Rows under `HEADERS` as a reader should give them back."""
    row = st.tuples(words, first, cells, st.integers(1, 10**6).map(str), words, words)
    return draw(st.lists(row, min_size=1, max_size=6))


@contextmanager
def scratch(name: str, content: bytes | str = b"") -> Iterator[Path]:
    """A file in a folder of its own, for tests that run many times."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        yield path


def csv_text(rows: Iterable[Sequence[str]], headers: Sequence[str] = HEADERS, **dialect: str) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, **dialect).writerows([headers, *rows])  # type: ignore[arg-type]
    return stream.getvalue()


def jsonl_text(rows: Iterable[Sequence[str]], headers: Sequence[str] = HEADERS, *, ascii: bool = False) -> str:
    return "".join(json.dumps(dict(zip(headers, row, strict=True)), ensure_ascii=ascii) + "\n" for row in rows)


def workbook(path: Path, rows: Iterable[Sequence[object]], headers: Sequence[str] = HEADERS, sheet: str = "S1") -> Path:
    """A workbook as a spreadsheet program would write it: shared strings, typed cells."""
    book = Workbook()
    book.active.title = sheet
    book.active.append(list(headers))
    for row in rows:
        book.active.append(list(row))
    book.save(path)
    return path


_SHARED_TYPE = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument'
    b'.spreadsheetml.sharedStrings+xml"/></Types>'
)


def with_shared_strings(path: Path, target: Path, *strings: str) -> Path:
    """A workbook whose second row points at shared strings (taken as XML), as Excel writes text."""
    with zipfile.ZipFile(path) as archive:
        types = archive.read("[Content_Types].xml").replace(b"</Types>", _SHARED_TYPE)
        sheet = archive.read("xl/worksheets/sheet1.xml")
    cells = "".join(f'<c t="s"><v>{number}</v></c>' for number in range(len(strings)))
    items = "".join(f"<si><t>{text}</t></si>" for text in strings)
    parts = {
        "[Content_Types]_dot_xml": types,
        "xl__worksheets__sheet1_dot_xml": sheet.replace(b"</sheetData>", f"<row>{cells}</row></sheetData>".encode()),
        "xl__sharedStrings_dot_xml": (
            f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{items}</sst>'.encode()
        ),
    }
    return rezipped(path, target, **parts)


def cells_of(found: Iterable[NewMention]) -> list[tuple[str, ...]]:
    """Mentions as the rows they came from."""
    return [(m.row.key, m.text, m.context, str(m.count), m.code, m.department) for m in found]


def read(path: Path, encoding: str = "", **columns: str) -> list[NewMention]:
    return list(read_mentions(path, encoding=encoding, columns=Columns(**columns)))


def rezipped(path: Path, target: Path, **parts: bytes) -> Path:
    """A copy of an archive with parts replaced or added; keywords are names with `__` for `/` and `_dot_` for `.`."""
    changed = {name.replace("__", "/").replace("_dot_", "."): content for name, content in parts.items()}
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, changed.pop(info.filename) if info.filename in changed else old.read(info))
        for name, content in changed.items():
            new.writestr(name, content)
    return target
