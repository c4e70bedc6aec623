"""FHIR ConceptMap, R4 and R5, as JSON; a million elements stream.

Sources: hl7.org/fhir/R4/conceptmap.html and hl7.org/fhir/R5/conceptmap.html. A mention is an element, its text the
display, its key the code. That there is no target is said by a target without a code and `unmatched` (R4), or by
`noMap` (R5); a mention that nobody decided has no target at all. The decision's comment is the main target's; where an
invariant asks for a comment and there is none, the relation's sentence stands in. R5 has properties of a target for
reviewer, time, status and confidence. All else is in an extension of ours on the element, which others may ignore, with
a memo for our reader.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Literal, TextIO

import msgspec

from rpdr_core.formats.losses import Loss, LossReport
from rpdr_core.formats.mappings import memo
from rpdr_core.formats.mappings.concept_map_parts import (
    MAPPING_SET,
    MEMO,
    MENTION,
    STRINGS,
    Element,
    code,
    is_code,
    seal_of,
    string,
)
from rpdr_core.formats.mappings.concept_map_reading import read
from rpdr_core.formats.mappings.directions import FHIR_R4, FHIR_R5
from rpdr_core.formats.mappings.identifiers import own, set_id, system_of
from rpdr_core.formats.mappings.moments import fhir_moment
from rpdr_core.formats.mappings.record import Mapping, MappingFormat, MappingSet, WrittenMappings
from rpdr_core.records import Relation
from rpdr_core.relations import sentence_of

FhirRelease = Literal["R4", "R5"]
Json = dict[str, object]

_DIRECTIONS = {"R4": FHIR_R4, "R5": FHIR_R5}
_NEEDS_COMMENT: dict[str, tuple[Relation, ...]] = {"R4": ("narrower", "inexact"), "R5": ("narrower",)}
_GREATEST = 2**31 - 1
_PROPERTIES = (
    ("reviewer", "string", "who decided"),
    ("decided-at", "dateTime", "when"),
    ("status", "string", "accepted (the first candidate), corrected (another one)"),
    ("confidence", "decimal", "calibrated chance that the ranker's first candidate is right"),
)
_EXTENSION = "an extension of our own, which other programs may drop"

_SHARED = (
    Loss(f"contexts, departments, counts, reasons, flags and comments on mentions stand in {_EXTENSION}"),
    Loss("candidates and how a decision came about are in that extension for our own reader only"),
    Loss("every map is a draft: FHIR's status is of the whole set"),
)
ALWAYS = {
    "R4": LossReport((*_SHARED, Loss(f"reviewers, times and status stand in {_EXTENSION}"))),
    "R5": LossReport((*_SHARED, Loss("an overlap is 'related-to': R5 has no word that says more"))),
}


def write(release: FhirRelease, path: Path, of: MappingSet, mappings: Iterable[Mapping]) -> WrittenMappings:
    """Write a ConceptMap of a release; `rows` counts its elements."""
    told = Counter[str]()
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        rows = _write(stream, release, of, mappings, told)
    return WrittenMappings(rows, LossReport(tuple(Loss(what, times) for what, times in told.items() if times)))


def _write(
    stream: TextIO, release: FhirRelease, of: MappingSet, mappings: Iterable[Mapping], told: Counter[str]
) -> int:
    head = _dumped(_head(release, of))
    numbered = enumerate(mappings, 1)
    first = next(numbered, None)
    if first is None:
        # A group without elements is not allowed.
        stream.write(f"{head}\n")
        return 0
    group = _dumped(_group(release, of))
    stream.write(f'{head[:-1]},\n"group":[{group[:-1]},"element":[\n')
    number = 0
    for number, mapping in chain([first], numbered):
        _tell(told, mapping)
        stream.write(",\n" if number > 1 else "")
        stream.write(_dumped(element_of(release, mapping, number)))
    stream.write("\n]}]}\n")
    return number


def _head(release: FhirRelease, of: MappingSet) -> Json:
    head: Json = {
        "resourceType": "ConceptMap",
        "extension": [{"url": MAPPING_SET, "valueString": memo.pack_set(of)}],
        "url": set_id(of),
        "name": "RpdrDeskMappings",
        "title": string(of.title),
        "status": "draft",
        "experimental": False,
        "date": fhir_moment(of.made_at),
        "description": string(of.made_by),
    }
    if release == "R5":
        head["property"] = [
            {"code": name, "uri": own("property", name), "description": what, "type": kind}
            for name, kind, what in _PROPERTIES
        ]
    return _full(head)


def _group(release: FhirRelease, of: MappingSet) -> Json:
    source, target, version = own("source", of.source), system_of(of.target), code(of.target_version)
    if release == "R5":
        # The version of a canonical follows a bar; a URI has no spaces.
        return {"source": source, "target": f"{target}|{version}" if version and " " not in version else target}
    return _full({"source": source, "target": target, "targetVersion": version})


def element_of(release: FhirRelease, mapping: Mapping, number: int) -> Json:
    """A mapping as an element of a ConceptMap."""
    key = mapping.key if is_code(mapping.key) else _made_code(mapping)
    element: Json = {"code": key, "display": string(mapping.text)}
    if mapping.status == "no_match":
        element |= {"noMap": True} if release == "R5" else {"target": [_unmatched(mapping)]}
    elif mapping.targets:
        element["target"] = [_target(release, mapping, index) for index in range(len(mapping.targets))]
    element = _full(element)
    exact = [name for name in ("text", *STRINGS) if string(getattr(mapping, name)) == getattr(mapping, name)]
    elsewhere = (*exact, "key") if memo.key_of(key) == mapping.key else exact
    note = memo.pack(mapping, number, seal_of(msgspec.convert(element, Element)), elsewhere=elsewhere)
    return {"extension": [{"url": MENTION, "extension": _parts(mapping, note)}], **element}


def _made_code(mapping: Mapping) -> str:
    """A code for a mention without one that FHIR could hold; the key tells rows of the same text apart."""
    return memo.source_code(replace(mapping, key="", department=mapping.department + mapping.key))


def _unmatched(mapping: Mapping) -> Json:
    return _full({"equivalence": FHIR_R4.no_match, "comment": string(mapping.comment)})


def _target(release: FhirRelease, mapping: Mapping, index: int) -> Json:
    target = mapping.targets[index]
    comment = string(mapping.comment) if index == 0 else ""
    if not comment and target.relation in _NEEDS_COMMENT[release]:
        comment = sentence_of(target.relation)
    directions = _DIRECTIONS[release]
    found: Json = {
        "code": code(target.code),
        "display": string(target.name),
        directions.field: directions.word(target.relation),
        "comment": comment,
    }
    if release == "R5" and index == 0:
        found["property"] = _properties(mapping)
    return _full(found)


def _properties(mapping: Mapping) -> list[Json]:
    values: tuple[tuple[str, str, object], ...] = (
        ("reviewer", "valueString", string(mapping.reviewer)),
        ("decided-at", "valueDateTime", fhir_moment(mapping.made_at)),
        ("status", "valueString", mapping.status),
        ("confidence", "valueDecimal", mapping.confidence),
    )
    return [{"code": name, kind: value} for name, kind, value in values if value not in (None, "")]


def _parts(mapping: Mapping, note: str) -> list[Json]:
    values: tuple[tuple[str, str, object], ...] = (
        *((name, "valueString", string(getattr(mapping, name))) for name in STRINGS),
        ("count", "valueInteger", min(mapping.count, _GREATEST)),
        ("status", "valueCode", mapping.status),
        ("reason", "valueCode", mapping.reason),
        ("comment", "valueString", string(mapping.comment)),
        ("reviewer", "valueString", string(mapping.reviewer)),
        ("decided-at", "valueDateTime", fhir_moment(mapping.made_at)),
        ("confidence", "valueDecimal", mapping.confidence),
        ("flagged", "valueBoolean", mapping.flagged or None),
        ("flag-reason", "valueCode", mapping.flag_reason),
        (MEMO, "valueString", note),
    )
    return [{"url": name, kind: value} for name, kind, value in values if value not in (None, "")]


def _tell(told: Counter[str], mapping: Mapping) -> None:
    texts = (mapping.text, mapping.context, mapping.comment, mapping.remark)
    told["texts with control characters: other programs see U+FFFD in their place"] += sum(
        "\ufffd" in string(text) and "\ufffd" not in text for text in texts
    )
    told["row ids that are no codes of FHIR's: a made one stands for them"] += bool(
        mapping.key and not is_code(mapping.key)
    )


def _full(found: Json) -> Json:
    """FHIR has no empty values."""
    return {name: value for name, value in found.items() if value not in ("", [], None)}


def _dumped(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


FORMATS = (
    MappingFormat("fhir-r4", "FHIR ConceptMap (R4)", ".json", partial(write, "R4"), ALWAYS["R4"], partial(read, "R4")),
    MappingFormat("fhir-r5", "FHIR ConceptMap (R5)", ".json", partial(write, "R5"), ALWAYS["R5"], partial(read, "R5")),
)
