"""SSSOM/TSV: a block of metadata, then a row for each pair of a mention and a target.

Source: mapping-commons.github.io/sssom (model and TSV format, 1.0 and 1.1). A mention is a literal: its text is the
`subject_label`, and its key, where it has one, makes the `subject_id`. That there is no target is said by
`sssom:NoTermFound`. What the model has no slot for is in defined extension slots (`ext_...`), with a memo for our
reader in `ext_rpdr`. `confidence` is written where the target is the ranker's first candidate, for that is what ours
is about. A mention that nobody decided states no mapping and is left out. Rows are written aside first: the block,
which comes before them, declares only the prefixes that occur.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from shutil import copyfileobj
from typing import TextIO
from urllib.parse import quote

from rpdr_core.formats.losses import Loss, LossReport
from rpdr_core.formats.mappings import memo
from rpdr_core.formats.mappings.delimiting import FORMULAS, formulas
from rpdr_core.formats.mappings.directions import SSSOM
from rpdr_core.formats.mappings.identifiers import OWN, known, own, set_id
from rpdr_core.formats.mappings.moments import day
from rpdr_core.formats.mappings.record import Mapping, MappingFormat, MappingSet, WrittenMappings
from rpdr_core.formats.mappings.sssom_header import Value, dumped
from rpdr_core.formats.mappings.sssom_reading import COLUMNS, EXTENSIONS, NO_TERM, read, seal_of

_OBO = re.compile(r"([A-Z][A-Za-z]+):(\d+)")
_DECIDED = ("accepted", "corrected", "no_match")
_ELSEWHERE = ("text", "context", "department", "remark", "comment")
_NEEDS_QUOTES = re.compile('[\t\n\r"]')
_UNQUOTED = "-._~"
_XSD = "http://www.w3.org/2001/XMLSchema#"

ALWAYS = LossReport(
    (
        Loss("reviewers by name only: SSSOM's ids are ORCIDs, which nobody has given"),
        Loss("the time of day of a decision, contexts, departments, counts, reasons and flags stand in extension slots,"
             " which other programs may drop"),
        Loss("candidates and how a decision came about are in an extension slot for our own reader only"),
        Loss("an overlap is skos:relatedMatch: SKOS has no word that says more"),
    )
)  # fmt: skip


def write(path: Path, of: MappingSet, mappings: Iterable[Mapping]) -> WrittenMappings:
    """Write a set; `rows` counts its mappings, each of which has a row for each of its targets."""
    told = Counter[str]()
    prefixes = dict[str, str]()
    number = 0
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", newline="", dir=path.parent) as body,
        path.open("w", encoding="utf-8", newline="") as stream,
    ):
        for mapping in mappings:
            if mapping.status not in _DECIDED:
                told["mentions without a decision: they are not in the file"] += 1
                continue
            number += 1
            rows = _rows(mapping, of, number, prefixes)
            told[FORMULAS] += sum(formulas(row.values()) for row in rows)
            for row in rows:
                _put(body, (row.get(name, "") for name in COLUMNS))
        stream.writelines(dumped(_header(of, prefixes)))
        _put(stream, COLUMNS)
        body.seek(0)
        copyfileobj(body, stream)
    return WrittenMappings(number, LossReport(tuple(Loss(what, times) for what, times in told.items() if times)))


def _header(of: MappingSet, prefixes: dict[str, str]) -> dict[str, Value]:
    header: dict[str, Value] = {
        "curie_map": dict(sorted({**prefixes, "rpdr": OWN, "xsd": _XSD}.items())),
        "mapping_set_id": set_id(of),
        "mapping_set_title": of.title,
        "license": "https://w3id.org/sssom/license/unspecified",
        "subject_type": "rdfs literal",
        "subject_source": f"rpdr:source/{quote(of.source or 'unnamed', safe=_UNQUOTED)}",
        "object_source": f"rpdr:terminology/{quote(of.target or 'unnamed', safe=_UNQUOTED)}",
        "object_source_version": of.target_version,
        "mapping_tool": of.made_by,
        "publication_date": day(of.made_at),
        "extension_definitions": [
            {"slot_name": name, "property": f"rpdr:property/{name}", "type_hint": f"xsd:{kind}"}
            for name, kind in (*EXTENSIONS, ("ext_rpdr_set", "string"))
        ],
        "ext_rpdr_set": memo.pack_set(of),
    }
    return {name: value for name, value in header.items() if value}


def _rows(mapping: Mapping, of: MappingSet, number: int, prefixes: dict[str, str]) -> list[dict[str, str]]:
    shared = {
        "subject_id": _subject(mapping, of, prefixes),
        "subject_label": mapping.text,
        "mapping_justification": _justification(mapping),
        "reviewer_label": mapping.reviewer.replace("\\", "\\\\").replace("|", "\\|"),
        "mapping_date": day(mapping.made_at),
        "comment": mapping.comment,
        "ext_status": mapping.status,
        "ext_reason": mapping.reason,
        "ext_decided_at": mapping.made_at,
        "ext_context": mapping.context,
        "ext_department": mapping.department,
        "ext_count": str(mapping.count),
        "ext_remark": mapping.remark,
        "ext_flag": (mapping.flag_reason or "flagged") if mapping.flagged else "",
    }
    pairs = [
        {
            "predicate_id": SSSOM.word(target.relation),
            "object_id": _object(target.code, of, prefixes),
            "object_label": target.name,
            "confidence": _confidence(mapping) if index == 0 else "",
        }
        for index, target in enumerate(mapping.targets)
    ]
    rows = [{**shared, **pair} for pair in pairs or [{"predicate_id": "skos:exactMatch", "object_id": NO_TERM}]]
    note = memo.pack(mapping, number, seal_of(rows), elsewhere=_ELSEWHERE)
    return [{**row, "ext_rpdr": note} for row in rows]


def _subject(mapping: Mapping, of: MappingSet, prefixes: dict[str, str]) -> str:
    if not mapping.key.strip():
        return ""
    prefixes["SOURCE"] = f"{own('source', of.source)}/"
    return f"SOURCE:{quote(mapping.key, safe=_UNQUOTED)}"


def _object(code: str, of: MappingSet, prefixes: dict[str, str]) -> str:
    """A target as a CURIE whose prefix is declared. OBO's codes are CURIEs already.

    That a code looks like OBO's does not make it one (`ORPHA:558`): the terminology must be called so, too.
    """
    obo = _OBO.fullmatch(code)
    if obo and re.match(rf"{obo[1]}(?![a-z])", of.target, re.IGNORECASE):
        prefixes[obo[1]] = f"http://purl.obolibrary.org/obo/{obo[1]}_"
        return code
    found = known(of.target)
    prefix = found.prefix if found else "TARGET"
    prefixes[prefix] = found.expansion if found else f"{own('terminology', of.target)}/"
    return f"{prefix}:{quote(code, safe=_UNQUOTED)}"


def _justification(mapping: Mapping) -> str:
    """By hand, unless a sure ranker was followed (SEMAPV)."""
    return "semapv:CompositeMatching" if mapping.mode == "agreed" else "semapv:ManualMappingCuration"


def _confidence(mapping: Mapping) -> str:
    first = mapping.candidates[0].code if mapping.candidates else ""
    is_first = mapping.status == "accepted" if not first else mapping.targets[0].code == first
    return repr(mapping.confidence) if mapping.confidence is not None and is_first else ""


def _put(stream: TextIO, cells: Iterable[str]) -> None:
    """A row, quoted where the format asks for it ("Quoting")."""
    quoted = ('"' + cell.replace('"', '""') + '"' if _NEEDS_QUOTES.search(cell) else cell for cell in cells)
    stream.write("\t".join(quoted) + "\n")


FORMAT = MappingFormat("sssom", "SSSOM TSV", ".sssom.tsv", write, ALWAYS, read)
