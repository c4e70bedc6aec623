"""Usagi's save file, read: our own comes back whole, Usagi's says what somebody approved there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import cast, get_args

from rpdr_core.formats.mappings import memo
from rpdr_core.formats.mappings.delimiting import open_rows
from rpdr_core.formats.mappings.directions import USAGI
from rpdr_core.formats.mappings.grouping import grouped
from rpdr_core.formats.mappings.moments import from_millis
from rpdr_core.formats.mappings.record import Mapping, MappingSet, flag_reason
from rpdr_core.formats.mappings.rows import Cells
from rpdr_core.records import Candidate, NoMatchReason, Relation, Target

STATUSES = ("APPROVED", "UNCHECKED", "AUTO_MAPPED", "AUTO_MAPPED_TO_1", "INVALID_TARGET", "IGNORED", "FLAGGED")
_NEEDED = ("sourceCode", "sourceName", "mappingStatus", "conceptId")
_GROUPED = ("sourceCode", "sourceName", "ADD_INFO:rpdr")
_SEALED = ("sourceCode", "sourceName", "mappingStatus", "equivalence", "statusSetBy", "statusSetOn")
_OF_A_TARGET = ("conceptId", "mappingType")
_PLAIN = ("", "MAPS_TO", "EVENT")
"""Types of a target that is what the source term means. Others say what its value or unit is."""


def read(path: Path) -> tuple[MappingSet, Iterator[Mapping]]:
    """Open a save file, ours or Usagi's. Suggestions that nobody approved become candidates, not targets; targets for
    a term's value or unit (`MAPS_TO_VALUE`, `MAPS_TO_UNIT`) are no meaning of it, and become a remark.

    Raises `FileFormatError` where a column is missing, and on the way where a cell is unsound.
    """
    _, rows = open_rows(path, _NEEDED)
    groups = grouped(rows, _GROUPED)
    first = next(groups, None)
    if first is None:
        return MappingSet(concept_ids=True), iter(())
    text = first[0]["ADD_INFO:rpdr"]
    of = memo.unpack(text, file=str(path), line=first[0].line).of if text else MappingSet(concept_ids=True)
    return of, (_mapping(group) for group in chain([first], groups))


def seal_of(rows: Sequence[dict[str, str] | Cells]) -> str:
    """The seal over what Usagi holds of a mapping."""
    shared = [rows[0][name] for name in _SEALED]
    return memo.seal([*shared, *(row[name] for row in rows for name in _OF_A_TARGET)])


def _mapping(rows: list[Cells]) -> Mapping:
    first = rows[0]
    if not first["sourceName"].strip() and not first["sourceCode"].strip():
        raise first.refusal("a row without sourceCode and sourceName", "remove the row")
    text = first["ADD_INFO:rpdr"]
    note = memo.unpack(text, file=first.file, line=first.line) if text else None
    if note is None or note.seal != seal_of(rows):
        return _as_usagi_says(rows)
    elsewhere = {
        "text": first["sourceName"],
        "context": first["ADD_INFO:context"],
        "department": first["ADD_INFO:department"],
        "remark": first["ADD_INFO:remark"],
        "comment": first["comment"],
    }
    if "key" not in note.body:
        elsewhere["key"] = memo.key_of(first["sourceCode"])
    return memo.restore(note, elsewhere, file=first.file, line=first.line)


def _as_usagi_says(rows: list[Cells]) -> Mapping:
    first = rows[0]
    status = first["mappingStatus"].strip()
    if status not in STATUSES:
        raise first.refusal(f"mappingStatus {status[:40]!r} is not known", "one of " + ", ".join(STATUSES))
    heard = USAGI.hear(first["equivalence"].strip() or "UNREVIEWED", file=first.file, line=first.line)
    given = [(row, str(code)) for row in rows if (code := row.whole("conceptId"))]
    found = [(code, row["conceptName"]) for row, code in given if _is_plain(row)]
    mapping = _undecided(first, flagged=status == "FLAGGED")
    if len(found) < len(given):
        beside = [f"{row['mappingType']}: {code} {row['conceptName']}" for row, code in given if not _is_plain(row)]
        mapping = replace(mapping, remark="\n".join(filter(None, [mapping.remark, *beside])))
    if status == "IGNORED" or (status == "APPROVED" and not given):
        return replace(_decided(mapping, first), status="no_match", reason=_reason(first, ignored=status == "IGNORED"))
    if status == "APPROVED" and found:
        # "Unmatched" beside a target contradicts it: only an overlap is certain. Usagi's default is "unreviewed".
        relation = {"no_match": "inexact", "open": "equivalent"}.get(heard, heard)
        targets = tuple(Target(code, name, cast(Relation, relation)) for code, name in found)
        return replace(_decided(mapping, first), status="accepted", targets=targets)
    return replace(mapping, candidates=tuple(Candidate(code, name) for code, name in found))


def _is_plain(row: Cells) -> bool:
    return row["mappingType"].strip() in _PLAIN


def _undecided(row: Cells, *, flagged: bool) -> Mapping:
    return Mapping(
        text=row["sourceName"] or row["sourceCode"],
        context=row["ADD_INFO:context"],
        department=row["ADD_INFO:department"],
        remark=row["ADD_INFO:remark"],
        comment=row["comment"],
        key=memo.key_of(row["sourceCode"]),
        count=_frequency(row),
        flagged=flagged,
        flag_reason=flag_reason(row["ADD_INFO:flag reason"]) if flagged else "",
        line=row.line,
    )


def _frequency(row: Cells) -> int:
    """How often a term occurs. Usagi writes -1 throughout where the list that it was given did not say."""
    return 1 if row["sourceFrequency"].strip() == "-1" else max(1, row.whole("sourceFrequency", 1))


def _decided(mapping: Mapping, row: Cells) -> Mapping:
    return replace(mapping, reviewer=row["statusSetBy"], made_at=from_millis(row.whole("statusSetOn")))


def _reason(row: Cells, *, ignored: bool) -> NoMatchReason:
    said = row["ADD_INFO:reason"]
    if said in get_args(NoMatchReason):
        return cast(NoMatchReason, said)
    return "not_a_mention" if ignored else "not_in_terminology"
