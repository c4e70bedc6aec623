"""Usagi's save file (CSV), written as Usagi 1.4 reads it.

Source: OHDSI/Usagi, ReadCodeMappingsFromFile.java, SourceCode.java, CodeMapping.java, MappingTarget.java (RFC 4180, a
row for each target of a source code; times in milliseconds since 1970; `ADD_INFO:` columns belong to the source code,
are shown, and are saved again). Usagi looks each `conceptId` up in its own index: a target that is no OMOP concept id
is written as 0 and the mapping as `UNCHECKED`, so that Usagi never takes it for a source code without a target. A flag
stands above a status there: what is flagged is `FLAGGED`, whatever was decided.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from rpdr_core.formats.losses import Loss, LossReport
from rpdr_core.formats.mappings import memo
from rpdr_core.formats.mappings.concept_ids import MOST, concept_ids
from rpdr_core.formats.mappings.delimiting import FORMULAS, formulas
from rpdr_core.formats.mappings.directions import USAGI
from rpdr_core.formats.mappings.moments import millis
from rpdr_core.formats.mappings.record import Mapping, MappingFormat, MappingSet, WrittenMappings
from rpdr_core.formats.mappings.usagi_reading import read, seal_of

COLUMNS = (
    "sourceCode", "sourceName", "sourceFrequency", "sourceAutoAssignedConceptIds", "ADD_INFO:targets",
    "ADD_INFO:context", "ADD_INFO:department", "ADD_INFO:reason", "ADD_INFO:flag reason", "ADD_INFO:remark",
    "ADD_INFO:rpdr", "matchScore", "mappingStatus", "equivalence", "statusSetBy", "statusSetOn", "conceptId",
    "conceptName", "domainId", "mappingType", "comment", "createdBy", "createdOn", "assignedReviewer",
)  # fmt: skip
_ELSEWHERE = ("text", "context", "department", "remark", "comment")
_SET_ASIDE = ("not_a_mention", "unreadable")

ALWAYS = LossReport(
    (
        Loss("Usagi has one equivalence for all targets of a source code: the main target's"),
        Loss("what Usagi has no column for stands in ADD_INFO:rpdr, which it keeps and does not use"),
        Loss("domains of targets are not written: Usagi takes them from its own index"),
    )
)


def write(path: Path, of: MappingSet, mappings: Iterable[Mapping]) -> WrittenMappings:
    """Write a save file; `rows` counts the mappings, each of which has a row for each of its targets."""
    number, told = 0, Counter[str]()
    last: tuple[str, ...] = ()
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        for number, mapping in enumerate(mappings, 1):
            rows = _rows(mapping, of, number)
            _tell(told, mapping, of, rows, last)
            last = rows[0][:2]
            writer.writerows(rows)
    return WrittenMappings(number, LossReport(tuple(Loss(what, times) for what, times in told.items() if times)))


def _rows(mapping: Mapping, of: MappingSet, number: int) -> list[tuple[str, ...]]:
    ids = concept_ids(mapping, of)
    moment = millis(mapping.made_at)
    shared = {
        "sourceCode": memo.source_code(mapping),
        "sourceName": mapping.text,
        "sourceFrequency": str(min(mapping.count, MOST)),
        "ADD_INFO:targets": " | ".join(f"{target.code} {target.name}" for target in mapping.targets),
        "ADD_INFO:context": mapping.context,
        "ADD_INFO:department": mapping.department,
        "ADD_INFO:reason": mapping.reason,
        "ADD_INFO:flag reason": mapping.flag_reason,
        "ADD_INFO:remark": mapping.remark,
        "matchScore": repr(mapping.confidence or 0.0),
        "mappingStatus": _status(mapping, decided=bool(ids)),
        "equivalence": _equivalence(mapping),
        "statusSetBy": mapping.reviewer,
        "statusSetOn": str(moment),
        "mappingType": "MAPS_TO",
        "comment": mapping.comment,
        "createdBy": mapping.reviewer,
        "createdOn": str(moment),
    }
    own = [{"conceptId": "0"}]
    if ids:
        own = [
            {"conceptId": str(found), "conceptName": target.name}
            for found, target in zip(ids, mapping.targets, strict=True)
        ]
    rows = [{**shared, **target} for target in own]
    elsewhere = (*_ELSEWHERE, "key") if _is_plain(mapping) else _ELSEWHERE
    note = memo.pack(mapping, number, seal_of(rows), elsewhere=elsewhere, of=of if number == 1 else None)
    return [tuple({**row, "ADD_INFO:rpdr": note}.get(name, "") for name in COLUMNS) for row in rows]


def _is_plain(mapping: Mapping) -> bool:
    """Whether the key can be told from the source code."""
    return memo.key_of(memo.source_code(mapping)) == mapping.key


def _status(mapping: Mapping, *, decided: bool) -> str:
    if mapping.flagged:
        return "FLAGGED"
    if mapping.status == "no_match":
        return "IGNORED" if mapping.reason in _SET_ASIDE else "APPROVED"
    return "APPROVED" if decided and mapping.status in ("accepted", "corrected") else "UNCHECKED"


def _equivalence(mapping: Mapping) -> str:
    if mapping.status == "no_match":
        return USAGI.no_match
    return USAGI.word(mapping.targets[0].relation) if mapping.targets else "UNREVIEWED"


def _tell(
    told: Counter[str], mapping: Mapping, of: MappingSet, rows: Sequence[Sequence[str]], last: Sequence[str]
) -> None:
    """Count what Usagi does not see as it is."""
    main = mapping.targets[0].relation if mapping.targets else ""
    told["targets that are no OMOP concept ids: Usagi sees a source code that is still to be mapped"] += bool(
        mapping.targets and not concept_ids(mapping, of)
    )
    told["relations of further targets that differ from the main one's"] += sum(
        target.relation != main for target in mapping.targets[1:]
    )
    told["decisions that Usagi sees as flagged"] += mapping.flagged and mapping.status not in ("unreviewed", "deferred")
    told["source codes that Usagi joins with the one before: both have the same code and name"] += tuple(
        rows[0][:2]
    ) == tuple(last)
    told[FORMULAS] += sum(formulas(row) for row in rows)


FORMAT = MappingFormat("usagi", "Usagi save file", ".csv", write, ALWAYS, read)
