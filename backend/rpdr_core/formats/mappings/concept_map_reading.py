"""FHIR ConceptMap (R4 and R5) as JSON, read: our own comes back whole, others as their targets say.

The file is walked twice: for what it says of itself, which may stand behind the elements, and for the elements.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar, cast, get_args

import msgspec

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.mappings import memo
from rpdr_core.formats.mappings.concept_map_parts import (
    MAPPING_SET,
    MEMO,
    MENTION,
    STRINGS,
    Element,
    Extension,
    Property,
    Target,
    seal_of,
    string,
)
from rpdr_core.formats.mappings.directions import FHIR_R4, FHIR_R5, Heard
from rpdr_core.formats.mappings.identifiers import name_of
from rpdr_core.formats.mappings.json_stream import JsonStream
from rpdr_core.formats.mappings.record import Mapping, MappingSet, flag_reason
from rpdr_core.records import NoMatchReason, Relation
from rpdr_core.records import Target as MappedTarget
from rpdr_core.relations import SENTENCES

_SAID = ("title", "name", "date", "publisher", "description", "extension")
_OF_A_GROUP = ("source", "target", "targetVersion")
_T = TypeVar("_T")
_HINT = "export it again as FHIR ConceptMap (R4 or R5) in JSON"


def read(release: str, path: Path) -> tuple[MappingSet, Iterator[Mapping]]:
    """Open a ConceptMap of a release (`R4` or `R5`), which the words of its targets tell.

    A target that is stated not to be related becomes a remark, for it is no mapping. Raises `FileFormatError` where the
    file is no ConceptMap of that release or no sound JSON, and on the way where an element is unsound.
    """
    said = _survey(path, release)
    return _set_of(said, str(path)), (_mapping(element, line, str(path)) for line, element in _elements(path))


class _Said(msgspec.Struct, rename="camel"):
    """What stands in a ConceptMap beside its elements."""

    resource_type: str = ""
    title: str = ""
    name: str = ""
    date: str = ""
    publisher: str = ""
    description: str = ""
    source: str = ""
    target: str = ""
    target_version: str = ""
    extension: list[Extension] = []


def _survey(path: Path, release: str) -> _Said:
    stream = JsonStream(path)
    found: dict[str, object] = {}
    for name in stream.members():
        if name == "group":
            for _ in stream.items():
                _group_head(stream, found, release)
            continue
        value = stream.value()
        if name in ("resourceType", *_SAID):
            found[name] = value
    stream.end()
    said = _converted(found, _Said, str(path), 1)
    if said.resource_type != "ConceptMap":
        message = f"resourceType is {said.resource_type[:40]!r}, not 'ConceptMap'"
        raise FileFormatError(message, hint=_HINT, file=str(path), line=1)
    return said


def _group_head(stream: JsonStream, found: dict[str, object], release: str) -> None:
    for name in stream.members():
        if name == "element":
            for _ in stream.items():
                if _is_of_another(stream.value(), release):
                    other = "R5" if release == "R4" else "R4"
                    stream.refuse(f"a ConceptMap of {other}", f"read it as FHIR ConceptMap ({other})")
            continue
        value = stream.value()
        if name in _OF_A_GROUP:
            found.setdefault(name, value)


def _is_of_another(element: object, release: str) -> bool:
    """Whether an element's targets speak as the other release's do. What is unsound is told later."""
    word, other = ("equivalence", "relationship") if release == "R4" else ("relationship", "equivalence")
    targets = element.get("target") if isinstance(element, dict) else None
    first = targets[0] if isinstance(targets, list) and targets else None
    return isinstance(first, dict) and other in first and word not in first


def _elements(path: Path) -> Iterator[tuple[int, Element]]:
    stream = JsonStream(path)
    for name in stream.members():
        if name != "group":
            stream.value()
            continue
        for _ in stream.items():
            for inner in stream.members():
                if inner != "element":
                    stream.value()
                    continue
                for _ in stream.items():
                    # Where the value begins: white space before it is passed over first.
                    line = stream.begin()
                    yield line, _converted(stream.value(), Element, str(path), line)


def _converted(value: object, type: type[_T], file: str, line: int) -> _T:
    try:
        return msgspec.convert(value, type)
    except (msgspec.ValidationError, RecursionError) as error:
        message = f"not as FHIR has it: {error}" if isinstance(error, msgspec.ValidationError) else "nested too deep"
        raise FileFormatError(message, hint=_HINT, file=file, line=line) from error


def _set_of(said: _Said, file: str) -> MappingSet:
    own = next((one.value_string for one in said.extension if one.url == MAPPING_SET), "")
    if own:
        of = memo.unpack_set(own, file=file)
        return of if string(of.title) == said.title else replace(of, title=said.title)
    target, _, version = said.target.partition("|")
    return MappingSet(
        title=said.title or said.name,
        source=name_of(said.source.partition("|")[0]),
        target=name_of(target),
        target_version=said.target_version or version,
        made_at=said.date,
        made_by=said.publisher,
    )


def _mapping(element: Element, line: int, file: str) -> Mapping:
    if not element.display.strip() and not element.code.strip():
        raise FileFormatError("an element without code and display", hint="remove it", file=file, line=line)
    parts = {part.url: part for one in element.extension if one.url == MENTION for part in one.extension}
    note = memo.unpack(parts[MEMO].value_string, file=file, line=line) if MEMO in parts else None
    if note is None or note.seal != seal_of(element):
        return _as_it_says(element, parts, line, file)
    elsewhere = {name: parts[name].value_string for name in STRINGS if name in parts and name not in note.body}
    if "text" not in note.body:
        elsewhere["text"] = element.display
    if "key" not in note.body:
        elsewhere["key"] = memo.key_of(element.code)
    return memo.restore(note, elsewhere, file=file, line=line)


def _as_it_says(element: Element, parts: dict[str, Extension], line: int, file: str) -> Mapping:
    pairs = [(target, _heard(target, file, line)) for target in element.target]
    reason = parts["reason"].value_code if "reason" in parts else ""
    unrelated = [_unrelated(target) for target, heard in pairs if heard == "unrelated"]
    flagged = "flagged" in parts and parts["flagged"].value_boolean
    # Whoever drops extensions may keep R5's properties.
    properties = {name: Property() for name in ("reviewer", "decided-at")}
    properties |= {one.code: one for target in element.target[:1] for one in target.property}
    # R5 has no place for a comment beside "no map" but our extension.
    beside = _part(parts, "comment") if element.no_map else ""
    mapping = Mapping(
        text=element.display or element.code,
        context=_part(parts, "context"),
        department=_part(parts, "department"),
        key=memo.key_of(element.code),
        count=max(1, parts["count"].value_integer) if "count" in parts else 1,
        comment=next((comment for target, _ in pairs if (comment := _comment(target))), beside),
        remark="\n".join(filter(None, [_part(parts, "remark"), *unrelated])),
        reviewer=_part(parts, "reviewer") or properties["reviewer"].value_string,
        made_at=(parts["decided-at"].value_date_time if "decided-at" in parts else "")
        or properties["decided-at"].value_date_time,
        flagged=flagged,
        flag_reason=flag_reason(parts["flag-reason"].value_code) if flagged and "flag-reason" in parts else "",
        line=line,
    )
    related = [(target, heard) for target, heard in pairs if heard not in ("no_match", "unrelated")]
    if related:
        targets = tuple(
            MappedTarget(_code(target, file, line), target.display, cast(Relation, heard)) for target, heard in related
        )
        return replace(mapping, status="accepted", targets=targets)
    if element.no_map or any(heard == "no_match" for _, heard in pairs):
        said = cast(NoMatchReason, reason) if reason in get_args(NoMatchReason) else "not_in_terminology"
        return replace(mapping, status="no_match", reason=said)
    return mapping


def _part(parts: dict[str, Extension], name: str) -> str:
    return parts[name].value_string if name in parts else ""


def _heard(target: Target, file: str, line: int) -> Heard:
    if target.equivalence:
        return FHIR_R4.hear(target.equivalence, file=file, line=line)
    return FHIR_R5.hear(target.relationship, file=file, line=line)


def _code(target: Target, file: str, line: int) -> str:
    if not target.code:
        what = "a target that is a value set" if target.value_set else "a target without a code"
        raise FileFormatError(what, hint="map to codes", file=file, line=line)
    return target.code


def _comment(target: Target) -> str:
    """The comment, and what a mapping depends on, which our record has no place for."""
    comment = "" if target.comment in SENTENCES.values() else target.comment
    if not target.depends_on:
        return comment
    return f"{comment}\ndepends on {msgspec.json.encode(target.depends_on).decode()}".strip()


def _unrelated(target: Target) -> str:
    return f"not related: {target.code} {target.display}".rstrip()
