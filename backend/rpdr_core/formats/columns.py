"""Which column holds what: guessed from the headers, or given by the user."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from rpdr_core.errors import FileFormatError

# Of several columns that fit, the one whose name stands first is taken.
ALIASES: dict[str, tuple[str, ...]] = {
    "mention": (
        "mention", "mention text", "text", "term", "source term", "source name", "sourcename", "diagnosis",
        "diagnosis text", "problem", "phrase", "description", "提及", "诊断",
        "诊断名称", "诊断描述", "疾病名称", "术语", "原文",
    ),
    "context": ("context", "sentence", "snippet", "note", "notes", "上下文", "语境", "句子", "病历", "病历文本"),
    "count": (
        "count", "n", "frequency", "freq", "occurrences", "source frequency", "sourcefrequency",
        "频次", "频数", "次数", "数量",
    ),
    "code": (
        "code", "gold", "gold code", "icd", "icd code", "icd 10", "icd10", "icd 10 cm", "icd10cm", "编码", "代码",
        "疾病编码", "诊断编码", "icd编码",
    ),
    "id": ("id", "key", "row id", "rowid", "identifier", "source code", "sourcecode", "编号", "序号", "行号"),
    "department": ("department", "dept", "clinic", "ward", "科室", "部门"),
    "start": ("start", "begin", "start offset", "起始", "开始"),
    "end": ("end", "stop", "end offset", "结束", "终止"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Columns:
    """The header of the column that holds each field.

    Empty: the file has no such column; an empty `mention` means that all columns are to be guessed.
    `sheet` is the worksheet of a workbook, empty for its first.
    """

    mention: str = ""
    context: str = ""
    count: str = ""
    code: str = ""
    id: str = ""
    department: str = ""
    start: str = ""
    end: str = ""
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Places:
    """Index of each field's cell in a row, -1 where the file has no such column."""

    mention: int
    context: int
    count: int
    code: int
    id: int
    department: int
    start: int
    end: int


def guess(headers: Sequence[str], sheet: str = "") -> Columns:
    """The columns that the headers name; `mention` stays empty where none is recognised."""
    by_name: dict[str, str] = {}
    for header in headers:
        by_name.setdefault(_plain(header), header)
    found = {
        name: next((by_name[alias] for alias in aliases if alias in by_name), "") for name, aliases in ALIASES.items()
    }
    return Columns(**found, sheet=sheet)


def resolve(headers: Sequence[str], columns: Columns, file: str, line: int = 1) -> Columns:
    """The columns to read, spelt as in the file: guessed, or the given ones checked against the headers."""
    if not columns.mention:
        guessed = guess(headers, columns.sheet)
        if not guessed.mention:
            raise FileFormatError(
                f"no column of mentions among {_listed(headers)}",
                hint="name one column 'mention', or say which column holds the mentions",
                file=file,
                line=line,
            )
        columns = guessed
    return replace(columns, **{name: _spelt(headers, getattr(columns, name), file, line) for name in ALIASES})


def places(headers: Sequence[str], columns: Columns) -> Places:
    """Where the fields of resolved columns are."""
    at = {header: index for index, header in enumerate(headers)}
    return Places(**{field.name: at.get(getattr(columns, field.name), -1) for field in fields(Places)})


def named(cells: Sequence[str]) -> tuple[str, ...]:
    """Header cells as names: trimmed; an empty one is called by its position."""
    return tuple(cell.strip() or f"column {number}" for number, cell in enumerate(cells, 1))


def _spelt(headers: Sequence[str], wanted: str, file: str, line: int) -> str:
    if not wanted:
        return ""
    same = [header for header in headers if header == wanted]
    same = same or [header for header in headers if _plain(header) == _plain(wanted)]
    if not same:
        message = f"no column {wanted!r} among {_listed(headers)}"
        raise FileFormatError(message, hint="check the column's name", file=file, line=line)
    if len(same) > 1:
        message = f"{len(same)} columns are called {wanted!r}"
        raise FileFormatError(message, hint="give each column its own name", file=file, line=line)
    return same[0]


def _plain(header: str) -> str:
    return re.sub(r"[\s_.\-]+", " ", unicodedata.normalize("NFKC", header)).strip().casefold()


def _listed(headers: Sequence[str]) -> str:
    shown = ", ".join(repr(header[:40]) for header in headers[:12])
    return f"{shown} and {len(headers) - 12} more" if len(headers) > 12 else shown or "no headers"
