"""Our own table of decisions as a format of mappings: CSV, XLSX, JSONL, Parquet, as `workflow.decision_table` fills it.

The headers are kept here, below those who fill them (`workflow.decision_table`) and those who read them back.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar, cast, get_args

from rpdr_core.errors import FileFormatError, UserInputError
from rpdr_core.formats.formulas import SIGNATURE, unguard
from rpdr_core.formats.losses import Loss, LossReport
from rpdr_core.formats.mappings.record import Mapping, MappingFormat, MappingSet, WrittenMappings
from rpdr_core.formats.opening import open_table
from rpdr_core.formats.table import Row, Table
from rpdr_core.formats.writing import Cell, writer_for
from rpdr_core.records import DecisionMode, FlagReason, NoMatchReason, Relation, Status, Target
from rpdr_core.relations import relation_of, sentence_of

ROW_HEADERS = ("source file", "row", "row id")
MENTION_HEADERS = ("mention id", "mention", "context", "start", "end", "count", "department")
GIVEN_CODE = "given code"
DECISION_HEADERS = (
    "status", "code", "name", "relation", "further codes", "further names", "further relations", "reason", "comment",
    "decision comment", "flagged", "flag reason", "reviewer", "decided at", "decision id", "how decided",
    "propagated from", "seconds", "double review", "retriever code", "retriever rank", "teacher code", "teacher rank",
    "student code", "student rank", "knowledge base", "knowledge base version", "knowledge base fingerprint",
    "decided with fingerprint",
)  # fmt: skip
HEADERS = (*ROW_HEADERS, *MENTION_HEADERS, GIVEN_CODE, *DECISION_HEADERS)
BETWEEN = " | "
"""Stands between further codes in a cell, and between their names and relations."""

FLAGGED = "yes"
_NEEDED = ("mention", "status", "code", "reviewer")
_HINT = "export the table again, or mend the cell"
_MAX_FURTHER = 1_000

NOT_TAKEN = LossReport(
    (
        Loss("which file and row a mention came from: the table is the file it comes from now"),
        Loss("ids of mentions and decisions, and which decision one was carried over from"),
        Loss("what was on screen when a decision was made: ranks and candidates"),
        Loss("where a mention stands in double review, unless its dispute was settled"),
    )
)
"""What our table says, or a project knows, and an import of the table does not bring back."""

_T = TypeVar("_T", bound=str)


def is_own_table(headers: Iterable[str]) -> bool:
    """Whether a table is an export of ours, by its headers."""
    return SIGNATURE.issubset(map(_spaced, headers))


def read(path: Path) -> tuple[MappingSet, Iterator[Mapping]]:
    """Open a table that this program wrote; its mappings stream.

    Raises `FileFormatError` where it is no such table, and at the line of a cell that says what none of ours says.
    """
    table = open_table(path)
    at = {_spaced(header): place for place, header in enumerate(table.headers)}
    missing = [header for header in _NEEDED if header not in at]
    if missing or not is_own_table(at):
        message = f"no table of decisions of this program: no column {(missing or sorted(SIGNATURE - set(at)))[0]!r}"
        raise FileFormatError(message, hint="export it again with all its columns", file=str(path), line=1)
    guarded = table.format in ("csv", "tsv")
    first = next(table.rows(), None)
    cells = _Cells(path, at, first, guarded=guarded) if first else None
    found = MappingSet() if cells is None else _set_of(cells)
    return found, _mappings(table, at, guarded=guarded)


def _set_of(cells: _Cells) -> MappingSet:
    return MappingSet(
        source=cells.text("source file"),
        target=cells.text("knowledge base"),
        target_version=cells.text("knowledge base version"),
        target_fingerprint=cells.text("knowledge base fingerprint"),
    )


def _mappings(table: Table, at: dict[str, int], *, guarded: bool) -> Iterator[Mapping]:
    for row in table.rows():
        if any(cell.strip() for cell in row.cells):
            yield _mapping(_Cells(table.path, at, row, guarded=guarded))


@dataclass(slots=True)
class _Cells:
    """A row by its headers."""

    path: Path
    at: dict[str, int]
    row: Row
    guarded: bool

    def text(self, header: str) -> str:
        place = self.at.get(header, -1)
        cell = self.row.cells[place] if 0 <= place < len(self.row.cells) else ""
        return unguard(cell) if self.guarded else cell

    def several(self, header: str) -> list[str]:
        text = self.text(header)
        return text.split(BETWEEN) if text else []

    def whole(self, header: str) -> int | None:
        text = self.text(header).strip()
        if not text:
            return None
        if not (text.isascii() and text.isdecimal() and len(text) <= 16):
            raise self.refusal(f"{header} {text[:20]!r} is no whole number")
        return int(text)

    def one_of(self, header: str, values: tuple[_T, ...]) -> _T | str:
        text = self.text(header).strip()
        if text and text not in values:
            raise self.refusal(f"{header} {text[:40]!r} is none of {', '.join(values)}")
        return text

    def refusal(self, message: str) -> FileFormatError:
        return FileFormatError(message, hint=_HINT, file=str(self.path), line=self.row.line)


def _mapping(cells: _Cells) -> Mapping:
    if not cells.text("mention").strip():
        raise cells.refusal("a row without a mention")
    flagged = cells.one_of("flagged", (FLAGGED,)) == FLAGGED
    return Mapping(
        text=cells.text("mention"),
        targets=tuple(_targets(cells)),
        status=cast(Status, cells.one_of("status", get_args(Status)) or "unreviewed"),
        context=cells.text("context"),
        count=_count(cells),
        key=cells.text("row id"),
        department=cells.text("department"),
        reason=cast(NoMatchReason, cells.one_of("reason", get_args(NoMatchReason))),
        comment=cells.text("decision comment"),
        remark=cells.text("comment"),
        flagged=flagged,
        flag_reason=cast(FlagReason, cells.one_of("flag reason", get_args(FlagReason)) if flagged else ""),
        reviewer=cells.text("reviewer"),
        made_at=cells.text("decided at"),
        mode=cells.one_of("how decided", get_args(DecisionMode)),
        line=cells.row.line,
        start=cells.whole("start"),
        end=cells.whole("end"),
        given=cells.text(GIVEN_CODE),
        seconds=_seconds(cells),
        knowledge_base=cells.text("decided with fingerprint"),
    )


def _count(cells: _Cells) -> int:
    found = cells.whole("count")
    if found == 0:
        raise cells.refusal("a count of 0")
    return 1 if found is None else found


def _seconds(cells: _Cells) -> float | None:
    text = cells.text("seconds").strip()
    if not text:
        return None
    try:
        found = float(text)
    except ValueError as error:
        raise cells.refusal(f"seconds {text[:20]!r} are no number") from error
    if not 0 <= found < math.inf:
        raise cells.refusal(f"seconds {text[:20]!r} are no time")
    return found


def _targets(cells: _Cells) -> Iterator[Target]:
    """The code in force and those beside it, each with the relation that its sentence states."""
    code = cells.text("code")
    if not code:
        return
    yield Target(code, cells.text("name"), _relation(cells, cells.text("relation")))
    codes, relations = cells.several("further codes"), cells.several("further relations")
    names = cells.several("further names")
    # A name may hold the sign that stands between names; then none of them is certain, and the code says it.
    names = names if len(names) == len(codes) else [""] * len(codes)
    if len(relations) != len(codes) or len(codes) > _MAX_FURTHER:
        raise cells.refusal(f"{len(codes):,} further codes with {len(relations):,} relations")
    for further, name, sentence in zip(codes, names, relations, strict=True):
        yield Target(further, name, _relation(cells, sentence))


def _relation(cells: _Cells, sentence: str) -> Relation:
    try:
        return relation_of(sentence) if sentence else "equivalent"
    except UserInputError as error:
        raise cells.refusal(f"a relation {sentence[:60]!r}") from error


def _spaced(header: str) -> str:
    """JSONL has `_` for spaces."""
    return header.replace("_", " ")


def _write(suffix: str, path: Path, of: MappingSet, mappings: Iterable[Mapping]) -> WrittenMappings:
    """Write mappings under the same headers; what only a project knows (ids, ranks) stays empty."""
    rows = (_row(of, number, mapping) for number, mapping in enumerate(mappings, 1))
    written = writer_for(Path(f"table{suffix}"))(path, HEADERS, rows)
    return WrittenMappings(written.rows, written.report)


def _row(of: MappingSet, number: int, mapping: Mapping) -> tuple[Cell, ...]:
    main, further = mapping.targets[:1], mapping.targets[1:]
    said: dict[str, Cell] = {
        "source file": of.source, "row": number, "row id": mapping.key, "mention": mapping.text,
        "context": mapping.context, "start": mapping.start, "end": mapping.end, "count": mapping.count,
        "department": mapping.department, GIVEN_CODE: mapping.given, "status": mapping.status,
        "code": main[0].code if main else "", "name": main[0].name if main else "",
        "relation": sentence_of(main[0].relation) if main else "",
        "further codes": BETWEEN.join(target.code for target in further),
        "further names": BETWEEN.join(target.name for target in further),
        "further relations": BETWEEN.join(sentence_of(target.relation) for target in further),
        "reason": mapping.reason, "comment": mapping.remark, "decision comment": mapping.comment,
        "flagged": FLAGGED if mapping.flagged else "", "flag reason": mapping.flag_reason,
        "reviewer": mapping.reviewer, "decided at": mapping.made_at, "how decided": mapping.mode,
        "seconds": "" if mapping.seconds is None else f"{mapping.seconds:g}", "knowledge base": of.target,
        "knowledge base version": of.target_version, "knowledge base fingerprint": of.target_fingerprint,
        "decided with fingerprint": mapping.knowledge_base,
    }  # fmt: skip
    return tuple(said.get(header, "") for header in HEADERS)


def _format(id: str, title: str, suffix: str) -> MappingFormat:
    return MappingFormat(id, title, suffix, partial(_write, suffix), NOT_TAKEN, read)


FORMATS = (
    _format("csv", "Table of decisions, CSV", ".csv"),
    _format("xlsx", "Table of decisions, Excel workbook", ".xlsx"),
    _format("jsonl", "Table of decisions, JSONL", ".jsonl"),
    _format("parquet", "Table of decisions, Parquet", ".parquet"),
)
