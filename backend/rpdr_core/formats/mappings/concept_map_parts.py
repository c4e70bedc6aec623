"""What ConceptMaps of both releases share: FHIR's strings and codes, our extensions, and the seal over an element.

FHIR strings hold no control characters but tab, line feed and carriage return (hl7.org/fhir/R4/datatypes.html#string):
others are shown as U+FFFD, and the memo has them as they are.
"""

from __future__ import annotations

import re

import msgspec

from rpdr_core.formats.mappings import memo
from rpdr_core.formats.mappings.identifiers import OWN

MENTION = f"{OWN}fhir/StructureDefinition/mention"
MAPPING_SET = f"{OWN}fhir/StructureDefinition/mapping-set"
MEMO = "rpdr"
STRINGS = ("context", "department", "remark")
"""Fields of a mapping that stand in the extension as strings, under their own names."""

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_CODE = re.compile(r"[^\s]+( [^\s]+)*")


class Extension(msgspec.Struct, rename="camel"):
    url: str
    value_string: str = ""
    value_code: str = ""
    value_date_time: str = ""
    value_boolean: bool = False
    value_integer: int = 0
    extension: list[Extension] = []


class Property(msgspec.Struct, rename="camel"):
    """What R5 holds of a target beside the relationship."""

    code: str = ""
    value_string: str = ""
    value_date_time: str = ""


class Target(msgspec.Struct, rename="camel"):
    code: str = ""
    display: str = ""
    equivalence: str = ""
    relationship: str = ""
    comment: str = ""
    value_set: str = ""
    depends_on: list[dict[str, object]] = []
    property: list[Property] = []


class Element(msgspec.Struct, rename="camel"):
    code: str = ""
    display: str = ""
    no_map: bool = False
    target: list[Target] = []
    extension: list[Extension] = []


def string(text: str) -> str:
    """The text as a string of FHIR's; empty where it has nothing to show."""
    return _CONTROLS.sub("\ufffd", text) if text.strip() else ""


def code(text: str) -> str:
    """The text as a code of FHIR's: words with one space between them."""
    return " ".join(string(text).split())


def is_code(text: str) -> bool:
    return bool(_CODE.fullmatch(text)) and string(text) == text


def seal_of(element: Element) -> str:
    """The seal over what FHIR holds of a mapping."""
    cells = [element.code, element.display, str(element.no_map)]
    for target in element.target:
        cells += [target.code, target.display, target.equivalence, target.relationship, target.comment]
    return memo.seal(cells)
