"""SSSOM/TSV, read: our own comes back whole, others as their rows say.

A row says of one pair what it is. Rows of one subject that stand together are one mapping; a pair that is stated not to
match (`predicate_modifier` Not) becomes a remark. A row whose subject is `sssom:NoTermFound` says of an entity of the
terminology that no source term means it, which is nothing about a source term: it is left out.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import cast, get_args
from urllib.parse import unquote

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.lines import read_lines
from rpdr_core.formats.mappings import memo
from rpdr_core.formats.mappings.directions import SSSOM, Heard
from rpdr_core.formats.mappings.grouping import grouped
from rpdr_core.formats.mappings.identifiers import OWN, name_of
from rpdr_core.formats.mappings.record import Mapping, MappingSet, flag_reason
from rpdr_core.formats.mappings.rows import Cells, read_rows
from rpdr_core.formats.mappings.sssom_header import HEADER_CAP, parsed
from rpdr_core.records import NoMatchReason, Relation, Target

NO_TERM = "sssom:NoTermFound"
EXTENSIONS = (
    ("ext_status", "string"), ("ext_reason", "string"), ("ext_decided_at", "string"), ("ext_context", "string"),
    ("ext_department", "string"), ("ext_count", "integer"), ("ext_remark", "string"), ("ext_flag", "string"),
    ("ext_rpdr", "string"),
)  # fmt: skip
COLUMNS = (
    "subject_id", "subject_label", "predicate_id", "object_id", "object_label", "mapping_justification",
    "reviewer_label", "mapping_date", "confidence", "comment", *(name for name, _ in EXTENSIONS),
)  # fmt: skip
_NEEDED = ("predicate_id", "object_id")
_GROUPED = ("subject_id", "subject_label", "ext_rpdr")
_SEALED = ("subject_id", "subject_label", "mapping_justification", "reviewer_label", "mapping_date")
_OF_A_PAIR = ("predicate_id", "predicate_modifier", "object_id", "object_label")
_PROPAGATED = ("mapping_date",)
"""Propagatable slots that a mapping of ours has a place for."""

_PURL = "http://purl.obolibrary.org/obo/"


def read(path: Path) -> tuple[MappingSet, Iterator[Mapping]]:
    """Open a set with its metadata in the same file, or without any.

    Raises `FileFormatError` where the block or the header is unsound, and on the way where a row is.
    """
    header, first, lines, skipped = _split(path)
    said = parsed(header, str(path))
    if not first.strip():
        hint = "begin the rows with a line of slot names"
        raise FileFormatError("no header line", hint=hint, file=str(path), line=skipped + 1)
    delimiter = "\t" if "\t" in first or "," not in first else ","
    headers, rows = read_rows(path, chain([first], lines), delimiter=delimiter, needed=_NEEDED, skipped=skipped)
    prefixes = _prefixes(said, str(path))
    groups = grouped(_propagated(rows, said, headers), _GROUPED)
    return _set_of(said, str(path)), (_mapping(group, prefixes) for group in groups)


def seal_of(rows: Sequence[dict[str, str] | Cells]) -> str:
    """The seal over what SSSOM's own slots hold of a mapping."""
    cells = [_cell(rows[0], name) for name in _SEALED]
    return memo.seal([*cells, *(_cell(row, name) for row in rows for name in _OF_A_PAIR)])


def _cell(row: dict[str, str] | Cells, name: str) -> str:
    return row.get(name, "") if isinstance(row, dict) else row[name]


def _split(path: Path) -> tuple[str, str, Iterator[str], int]:
    """The metadata block without its signs, the line after it, those that follow, and how many the block has."""
    lines = read_lines(path, "utf-8-sig")
    block, size = list[str](), 0
    for line in lines:
        if not line.startswith("#"):
            return _unmarked(block), line, lines, len(block)
        block.append(line)
        size += len(line)
        if size > HEADER_CAP:
            message = f"a metadata block of more than {HEADER_CAP:,} characters"
            raise FileFormatError(message, hint="shorten the block", file=str(path), line=len(block))
    return _unmarked(block), "", lines, len(block)


def _unmarked(block: list[str]) -> str:
    """The block's YAML: all lines have the same number of spaces behind their sign, which YAML does not mind."""
    return "".join(line[1:] for line in block)


def _prefixes(said: dict[str, object], file: str) -> dict[str, str]:
    found = said.get("curie_map") or {}
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        hint = "write each prefix with its expansion"
        raise FileFormatError("curie_map is no list of prefixes", hint=hint, file=file, line=1)
    return found


def _propagated(rows: Iterator[Cells], said: dict[str, object], headers: Collection[str]) -> Iterator[Cells]:
    """Rows about source terms, with what the set says of all its mappings unless rows say it ("Propagation")."""
    shared = {name: value for name in _PROPAGATED if name not in headers and isinstance(value := said.get(name), str)}
    for row in rows:
        if row["subject_id"].strip() != NO_TERM:
            yield Cells(row.file, row.line, {**row.cells, **shared}) if shared else row


def _set_of(said: dict[str, object], file: str) -> MappingSet:
    def text(name: str) -> str:
        value = said.get(name, "")
        return value if isinstance(value, str) else ""

    own = text("ext_rpdr_set")
    if own:
        return replace(memo.unpack_set(own, file=file), title=text("mapping_set_title"))
    return MappingSet(
        title=text("mapping_set_title"),
        source=_source(text("subject_source")),
        target=_source(text("object_source")),
        target_version=text("object_source_version"),
        made_at=text("publication_date") or text("mapping_date"),
        made_by=text("mapping_tool"),
    )


def _source(curie: str) -> str:
    return name_of(OWN + curie.removeprefix("rpdr:")) if curie.startswith("rpdr:") else curie


def _mapping(rows: list[Cells], prefixes: dict[str, str]) -> Mapping:
    first = rows[0]
    text = first["ext_rpdr"]
    note = memo.unpack(text, file=first.file, line=first.line) if text else None
    if note is None or note.seal != seal_of(rows):
        return _as_they_say(rows, prefixes)
    elsewhere = {
        "text": first["subject_label"],
        "context": first["ext_context"],
        "department": first["ext_department"],
        "remark": first["ext_remark"],
        "comment": first["comment"],
    }
    return memo.restore(note, elsewhere, file=first.file, line=first.line)


def _as_they_say(rows: list[Cells], prefixes: dict[str, str]) -> Mapping:
    first = rows[0]
    pairs = [(row, _heard(row)) for row in rows]
    unrelated = [
        f"not {row['predicate_id']}: {row['object_id']} {row['object_label']}".rstrip()
        for row, heard in pairs
        if heard == "unrelated"
    ]
    mapping = _undecided(first, prefixes, unrelated)
    targets = tuple(
        Target(_code(row, row["object_id"], prefixes), row["object_label"], cast(Relation, heard))
        for row, heard in pairs
        if heard not in ("no_match", "unrelated")
    )
    if targets:
        # A pair has a row for each of its justifications.
        return replace(mapping, status="accepted", targets=tuple(dict.fromkeys(targets)))
    if any(heard == "no_match" for _, heard in pairs):
        said = first["ext_reason"]
        reason = cast(NoMatchReason, said) if said in get_args(NoMatchReason) else "not_in_terminology"
        return replace(mapping, status="no_match", reason=reason)
    return mapping


def _undecided(row: Cells, prefixes: dict[str, str], unrelated: list[str]) -> Mapping:
    key = _code(row, row["subject_id"], prefixes) if row["subject_id"] else ""
    if not row["subject_label"].strip() and not key:
        raise row.refusal("a row without subject_id and subject_label", "remove the row")
    return Mapping(
        text=row["subject_label"] or key,
        key=key,
        context=row["ext_context"],
        department=row["ext_department"],
        count=max(1, row.whole("ext_count", 1)),
        comment=row["comment"],
        remark="\n".join(filter(None, [row["ext_remark"], *unrelated])),
        flagged=bool(row["ext_flag"]),
        flag_reason=flag_reason(row["ext_flag"]),
        reviewer=_people(row),
        made_at=row["ext_decided_at"] or row["review_date"] or row["mapping_date"],
        confidence=_confidence(row),
        line=row.line,
    )


def _people(row: Cells) -> str:
    """Who reviewed or made the mapping; several names stay separated by bars."""
    names = ("reviewer_label", "reviewer_id", "author_label", "author_id", "creator_label", "creator_id")
    text = next((row[name] for name in names if row[name]), "")
    return text.replace("\\|", "|").replace("\\\\", "\\")


def _heard(row: Cells) -> Heard:
    modifier = row["predicate_modifier"].strip()
    if modifier not in ("", "Not", "NOT"):
        raise row.refusal(f"predicate_modifier {modifier[:40]!r} is not known", "Not, or nothing")
    if not row["predicate_id"]:
        raise row.refusal("a row without predicate_id", "name the relation, e.g. skos:exactMatch")
    if row["object_id"] == NO_TERM:
        return "no_match"
    return "unrelated" if modifier else SSSOM.hear(row["predicate_id"].strip(), file=row.file, line=row.line)


def _code(row: Cells, curie: str, prefixes: dict[str, str]) -> str:
    """The code that a CURIE stands for: OBO's are codes themselves."""
    prefix, colon, local = curie.partition(":")
    if not colon or not local:
        raise row.refusal(f"{curie[:60]!r} is no CURIE", "write prefix:code, and declare the prefix in curie_map")
    expansion = prefixes.get(prefix, "")
    if expansion.startswith(_PURL):
        return curie
    return unquote(local) if prefixes.get("rpdr") == OWN else local


def _confidence(row: Cells) -> float | None:
    text = row["confidence"].strip()
    if not text:
        return None
    try:
        found = float(text)
    except ValueError as error:
        raise row.refusal(f"confidence {text[:20]!r} is no number", "a number from 0 to 1") from error
    if not 0 <= found <= 1 or not math.isfinite(found):
        raise row.refusal(f"confidence {text[:20]!r} is no chance", "a number from 0 to 1")
    return found
