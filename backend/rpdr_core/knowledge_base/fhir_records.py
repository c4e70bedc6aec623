"""A FHIR CodeSystem as far as it is read, R4 and R5 alike (https://hl7.org/fhir/codesystem.html, sections 4.8.2-5).

Structs, not dataclasses: of half a million concepts in memory at once, the collector of cycles looks at none.
"""

from __future__ import annotations

import re
from typing import Annotated, TypeVar

import msgspec

from rpdr_core.errors import FileFormatError
from rpdr_core.knowledge_base.sources import Source

SIZE_CAP = 1 << 28
"""Bytes of a file: it is in memory as a whole."""

_HINT = "give a FHIR CodeSystem in JSON, R4 or R5"
_PLACE = re.compile(r"\(byte (\d+)\)")
T = TypeVar("T")


class Coding(msgspec.Struct, frozen=True, gc=False):
    system: str = ""
    code: str = ""
    display: str = ""


class Designation(msgspec.Struct, frozen=True, gc=False):
    value: str
    language: str = ""
    use: Coding | None = None


class PropertyValue(msgspec.Struct, frozen=True, gc=False):
    """One value of a concept; only one `value...` is there."""

    code: str
    valueCode: str = ""  # noqa: N815 - FHIR's names
    valueString: str = ""  # noqa: N815
    valueBoolean: bool | None = None  # noqa: N815
    valueCoding: Coding | None = None  # noqa: N815

    @property
    def text(self) -> str:
        if self.valueBoolean is not None:
            return "true" if self.valueBoolean else "false"
        return self.valueCode or self.valueString or (self.valueCoding.code if self.valueCoding else "")


class Concept(msgspec.Struct, frozen=True, gc=False):
    code: str
    display: str = ""
    definition: str = ""
    designation: tuple[Designation, ...] = ()
    property: tuple[PropertyValue, ...] = ()
    concept: tuple[Concept, ...] = ()


class PropertyDefinition(msgspec.Struct, frozen=True, gc=False):
    code: str
    uri: str = ""


class CodeSystem(msgspec.Struct, frozen=True, gc=False):
    url: str = ""
    version: str = ""
    name: str = ""
    title: str = ""
    language: str = ""
    content: str = ""
    hierarchyMeaning: str = ""  # noqa: N815
    count: Annotated[int, msgspec.Meta(ge=0, le=1 << 53)] = 0
    property: tuple[PropertyDefinition, ...] = ()
    concept: tuple[Concept, ...] = ()


class _Typed(msgspec.Struct, frozen=True, gc=False):
    resourceType: str = ""  # noqa: N815


class _Entry(msgspec.Struct, frozen=True, gc=False):
    resource: msgspec.Raw = msgspec.Raw(b"{}")


class _Bundle(msgspec.Struct, frozen=True, gc=False):
    entry: tuple[_Entry, ...] = ()


def read_code_system(source: Source) -> CodeSystem:
    """The CodeSystem of a file, also as the only one of a Bundle."""
    data = _bytes(source)
    kind = _decoded(data, _Typed, source).resourceType
    if kind == "Bundle":
        found = [bytes(entry.resource) for entry in _decoded(data, _Bundle, source).entry]
        kinds = [_decoded(each, _Typed, source).resourceType for each in found]
        systems = [each for each, kind in zip(found, kinds, strict=True) if kind == "CodeSystem"]
        if len(systems) != 1:
            held = f"{len(systems):,} CodeSystems" if systems else "no CodeSystem"
            raise FileFormatError(f"a Bundle with {held}", hint="give a Bundle or file with one", file=source.label)
        return _decoded(systems[0], CodeSystem, source)
    if kind == "ValueSet":
        message = "a ValueSet: it chooses codes of a terminology, and is none"
        raise FileFormatError(message, hint="give the CodeSystem that it chooses from", file=source.label)
    if kind != "CodeSystem":
        message = f"a FHIR {kind[:40]}, no CodeSystem" if kind else "no FHIR resource: resourceType is wanting"
        raise FileFormatError(message, hint=_HINT, file=source.label)
    return _decoded(data, CodeSystem, source)


def _bytes(source: Source) -> bytes:
    with source.open() as stream:
        data = stream.read(SIZE_CAP + 1)
    if len(data) > SIZE_CAP:
        hint = "split the CodeSystem, or import the terminology from its own release"
        raise FileFormatError(f"more than {SIZE_CAP:,} bytes of JSON", hint=hint, file=source.label)
    return data.removeprefix(b"\xef\xbb\xbf")


def _decoded(data: bytes, kind: type[T], source: Source) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except RecursionError as error:
        message = "concepts or values nested beyond measure"
        raise FileFormatError(message, hint=_HINT, file=source.label) from error
    except msgspec.ValidationError as error:
        raise FileFormatError(f"not as FHIR has it: {error}", hint=_HINT, file=source.label) from error
    except UnicodeDecodeError as error:
        line = _line_of_bad_byte(data)
        raise FileFormatError("not UTF-8", hint="save the file as UTF-8", file=source.label, line=line) from error
    except msgspec.DecodeError as error:
        place = _PLACE.search(str(error))
        line = data.count(b"\n", 0, int(place[1])) + 1 if place else 0
        cut = "truncated" in str(error)
        hint = "get the file again, it is cut short" if cut else "mend the JSON"
        raise FileFormatError(f"not sound JSON: {error}", hint=hint, file=source.label, line=line) from error


def _line_of_bad_byte(data: bytes) -> int:
    for number, line in enumerate(data.split(b"\n"), 1):
        try:
            line.decode()
        except UnicodeDecodeError:
            return number
    return 0
