"""OMOP's SOURCE_TO_CONCEPT_MAP as CSV.

Source: OMOP CDM 5.4, SOURCE_TO_CONCEPT_MAP (OHDSI/CommonDataModel, OMOP_CDMv5.4_Field_Level.csv): `source_code` has at
most 50 characters, `source_code_description` 255, vocabulary ids 20; `source_concept_id` is 0 or a local concept above
two billion; `invalid_reason` is D, U or empty; what has no target is mapped to concept 0 of vocabulary `None`, as
Usagi's ExportSourceToConceptMapDialog.java does. The table says of a pair that it is, and nothing else: no relation, no
reviewer, no comment. A mention that nobody decided is left out, for 0 says that there is no target.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.losses import Loss, LossReport
from rpdr_core.formats.mappings import memo
from rpdr_core.formats.mappings.concept_ids import MOST, concept_ids, vocabulary
from rpdr_core.formats.mappings.delimiting import FORMULAS, formulas, open_rows
from rpdr_core.formats.mappings.grouping import grouped
from rpdr_core.formats.mappings.moments import day
from rpdr_core.formats.mappings.record import Mapping, MappingFormat, MappingSet, WrittenMappings
from rpdr_core.formats.mappings.rows import Cells
from rpdr_core.records import Target

COLUMNS = (
    "source_code", "source_concept_id", "source_vocabulary_id", "source_code_description", "target_concept_id",
    "target_vocabulary_id", "valid_start_date", "valid_end_date", "invalid_reason",
)  # fmt: skip
CODE_CAP, NAME_CAP, VOCABULARY_CAP = 50, 255, 20
NO_VOCABULARY = "None"
_EVER, _FOREVER = "1970-01-01", "2099-12-31"
_NEEDED = ("source_code", "target_concept_id")
_GROUPED = ("source_code", "source_vocabulary_id", "source_code_description")
_DECIDED = ("accepted", "corrected", "no_match")

ALWAYS = LossReport(
    (
        Loss("the relation: the table has no place for it, every pair counts as a mapping"),
        Loss("reviewers, comments, flags, reasons, contexts, departments, counts, candidates and the time of day"),
        Loss("names of targets, and the terminology's release"),
        Loss("which vocabulary a target is of, where the terminology joins several: its own name stands there"),
        Loss("targets that are no OMOP concept ids"),
    )
)


def write(path: Path, of: MappingSet, mappings: Iterable[Mapping]) -> WrittenMappings:
    """Write the table; `rows` counts the mappings in it, each of which has a row for each of its targets."""
    told = Counter[str]()
    written = 0
    last: tuple[str, ...] = ()
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        for mapping in mappings:
            rows = _rows(mapping, of, told)
            written += bool(rows)
            told["mappings that read as one with the mapping before: both have the same code and name"] += bool(
                rows and rows[0][:4] == last
            )
            last = rows[0][:4] if rows else last
            writer.writerows(rows)
    return WrittenMappings(written, LossReport(tuple(Loss(what, times) for what, times in told.items() if times)))


def read(path: Path) -> tuple[MappingSet, Iterator[Mapping]]:
    """Open a table. Rows that are deleted or replaced (`invalid_reason` D or U) are left out: they hold no longer.

    Raises `FileFormatError` where a column is missing, and on the way where a cell is unsound.
    """
    headers, rows = open_rows(path, ())
    missing = [name for name in _NEEDED if name not in [header.casefold() for header in headers]]
    if missing:
        hint = "export the table again with all its columns"
        raise FileFormatError(f"no column {missing[0]!r}", hint=hint, file=str(path), line=1)
    groups = grouped(_in_force(rows), _GROUPED)
    first = next(groups, None)
    if first is None:
        return MappingSet(concept_ids=True), iter(())
    of_target = next((row["target_vocabulary_id"] for row in first), "")
    of = MappingSet(
        source=first[0]["source_vocabulary_id"],
        target="" if of_target == NO_VOCABULARY else of_target,
        concept_ids=True,
    )
    return of, (_mapping(group) for group in chain([first], groups))


def _rows(mapping: Mapping, of: MappingSet, told: Counter[str]) -> list[tuple[str, ...]]:
    ids = concept_ids(mapping, of)
    if mapping.status not in _DECIDED:
        told["mentions without a decision: they are not in the file"] += 1
        return []
    if mapping.status != "no_match" and not ids:
        told["mappings to targets that are no OMOP concept ids: they are not in the file"] += 1
        return []
    targets = [(str(found), vocabulary(str(found), of)) for found in ids] or [("0", NO_VOCABULARY)]
    code, start = _code(mapping), day(mapping.made_at) or _EVER
    source = (code, "0", (of.source or "RPDR")[:VOCABULARY_CAP], mapping.text[:NAME_CAP])
    rows: list[tuple[str, ...]] = [
        (*source, target, name[:VOCABULARY_CAP], start, _FOREVER, "") for target, name in targets
    ]
    _tell(told, mapping, of, code)
    told[FORMULAS] += sum(formulas(row) for row in rows)
    return rows


def _code(mapping: Mapping) -> str:
    code = memo.source_code(mapping)
    return code if len(code) <= CODE_CAP else memo.seal([code])


def _tell(told: Counter[str], mapping: Mapping, of: MappingSet, code: str) -> None:
    """Count what this mapping loses."""
    told["relations other than the same meaning"] += sum(target.relation != "equivalent" for target in mapping.targets)
    told["reasons of mentions without a target"] += mapping.status == "no_match" and bool(mapping.reason)
    told["comments"] += bool(mapping.comment) + bool(mapping.remark)
    told["reviewers"] += bool(mapping.reviewer)
    told["contexts"] += bool(mapping.context)
    told["counts above one"] += mapping.count > 1
    told["flags"] += mapping.flagged
    told["source codes of more than 50 characters: a digest stands for them"] += bool(
        mapping.key.strip() and code != mapping.key
    )
    told["names cut to 255 characters"] += len(mapping.text) > NAME_CAP
    told["source vocabulary ids cut to 20 characters"] += len(of.source) > VOCABULARY_CAP


def _in_force(rows: Iterator[Cells]) -> Iterator[Cells]:
    """Rows neither deleted nor replaced. Databases give column names in either case."""
    for row in rows:
        found = Cells(row.file, row.line, {name.casefold(): cell for name, cell in row.cells.items()})
        reason = found["invalid_reason"].strip().upper()
        if reason not in ("", "D", "U", "NULL"):
            raise row.refusal(f"invalid_reason {reason[:20]!r} is not known", "D, U or nothing")
        if reason in ("", "NULL"):
            yield found


def _mapping(rows: list[Cells]) -> Mapping:
    first = rows[0]
    code = first["source_code"]
    text = first["source_code_description"] or code
    if not text.strip():
        raise first.refusal("a row without source_code and source_code_description", "remove the row")
    # A pair has a row for each time that it was valid.
    ids = list(dict.fromkeys(found for row in rows if (found := row.whole("target_concept_id"))))
    if any(found > MOST for found in ids):
        raise first.refusal("a concept id above 2,147,483,647", "mend target_concept_id")
    start = day(first["valid_start_date"].strip()) if first["valid_start_date"].strip() != _EVER else ""
    return Mapping(
        text=text,
        targets=tuple(Target(str(found), "") for found in ids),
        status="accepted" if ids else "no_match",
        reason="" if ids else "not_in_terminology",
        key=memo.key_of(code),
        made_at=f"{start}T00:00:00.000Z" if start else "",
        line=first.line,
    )


FORMAT = MappingFormat("stcm", "OMOP SOURCE_TO_CONCEPT_MAP", ".csv", write, ALWAYS, read)
