"""A first pass over a classification: which classes there are, where they belong, and what subdivides them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from sys import intern
from typing import NoReturn

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.safe_xml import Element, elements
from rpdr_core.knowledge_base.claml.labels import annotated, labels, plain
from rpdr_core.knowledge_base.claml.modifiers import Applied, Subdivision, position_of
from rpdr_core.knowledge_base.release import Watch
from rpdr_core.knowledge_base.sources import Source
from rpdr_core.records import Note

CLASSES_CAP = 1_000_000
SUBDIVISIONS_CAP = 50_000
NAMING = ("preferredLong", "preferred")
"""Rubric kinds that name a class, the one that needs no context first."""

_USAGE = {
    "dagger": "dagger code: the cause, with an asterisk code for its manifestation",
    "aster": "asterisk code: a manifestation, always with the dagger code of its cause",
    "optional": "additional code: always with another code",
}
_HINT = "give the classification's ClaML file as it was published"
_NOT_AFTER = "excludeOnPrecedingModifier"
_OPTIONAL = ("optional", "facultat", "opcional", "facoltativ", "wahlweise", "факультатив")


@dataclass(frozen=True, slots=True)
class Node:
    """A class without its words."""

    kind: str
    parents: tuple[str, ...]
    modified_by: tuple[Applied, ...] = ()
    not_modified_by: tuple[str, ...] = ()
    line: int = 0


@dataclass(slots=True)
class Structure:
    """`optional`: modifiers that say of themselves that their subdivisions are for optional use. `count`: of all
    subdivisions.
    """

    nodes: dict[str, Node] = field(default_factory=dict)
    parents_of: dict[str, list[str]] = field(default_factory=dict)
    with_children: set[str] = field(default_factory=set)
    subdivisions: dict[str, list[Subdivision]] = field(default_factory=dict)
    optional: set[str] = field(default_factory=set)
    marks: dict[str, str] = field(default_factory=dict)
    unknown_children: int = 0
    count: int = 0

    def is_category(self, code: str) -> bool:
        return code in self.nodes and self.nodes[code].kind == "category"

    def take(self, element: Element, source: Source) -> None:
        """Take a class by itself, without a look at the others."""
        _take_class(self, {}, element, source)

    def applied(self, code: str) -> list[Applied]:
        """Modifiers of a class, its own and those of the categories above it, without those that it excludes."""
        found: dict[str, Applied] = {}
        excluded: set[str] = set()
        seen: set[str] = set()
        while self.is_category(code) and code not in seen:
            seen.add(code)
            node = self.nodes[code]
            excluded.update(node.not_modified_by)
            for applied in node.modified_by:
                if applied.modifier not in excluded:
                    found.setdefault(applied.modifier, applied)
            code = node.parents[0] if node.parents else ""
        return sorted(found.values(), key=lambda applied: applied.position)


def read_structure(source: Source, dialect: str, watch: Watch) -> Structure:
    """Read it all once. `FileFormatError` with the line of whatever is wanting or twice there."""
    found = Structure()
    listed: dict[str, str] = {}
    tags = ("UsageKind", "Modifier", "ModifierClass", "Class")
    with source.open() as stream:
        for element, _ in elements(stream, source.label, tags=tags, doctype=True):
            if element.tag == "Class":
                _take_class(found, listed, element, source)
                if len(found.nodes) % 2_000 == 0:
                    watch("structure", len(found.nodes), 0)
            elif element.tag == "ModifierClass":
                _take_subdivision(found, element, source, dialect)
            elif element.tag == "Modifier":
                words = " ".join(plain(label).lower() for label in element.findall("Rubric/Label"))
                if any(word in words for word in _OPTIONAL):
                    found.optional.add(element.get("code", ""))
            else:
                found.marks[element.get("name", "")] = element.get("mark", "")
    _check(found, listed, source)
    return found


def usage_note(element: Element) -> Iterator[Note]:
    """What the usage of a class (dagger, asterisk) says."""
    usage = element.get("usage", "")
    if usage:
        yield Note("note", _USAGE.get(usage, f"{usage} code"))


def _take_class(found: Structure, listed: dict[str, str], element: Element, source: Source) -> None:
    code = _code(element, source)
    if code in found.nodes:
        _refuse(f"class {code!r} occurs twice", source, element.line)
    if len(found.nodes) >= CLASSES_CAP:
        _refuse(f"more than {CLASSES_CAP:,} classes", source, element.line)
    for child in element.findall("SubClass"):
        listed.setdefault(child.get("code", ""), code)
    if len(listed) > CLASSES_CAP:
        _refuse(f"more than {CLASSES_CAP:,} subclasses are named", source, element.line)
    parents = tuple(dict.fromkeys(intern(above.get("code", "")) for above in element.findall("SuperClass")))
    kind = intern(element.get("kind", "category"))
    found.nodes[code] = Node(kind, parents, tuple(_applied(element)), tuple(_excluded(element)), element.line)


def _applied(element: Element) -> Iterator[Applied]:
    for modified in element.findall("ModifiedBy"):
        code = modified.get("code", "")
        valid = tuple(each.get("code", "") for each in modified.findall("ValidModifierClass"))
        everything = modified.get("all", "true") == "true"
        yield Applied(
            code, None if everything and not valid else valid, position_of(code, modified.get("position", ""))
        )


def _excluded(element: Element) -> Iterator[str]:
    return (excluded.get("code", "") for excluded in element.findall("ExcludeModifier"))


def _take_subdivision(found: Structure, element: Element, source: Source, dialect: str) -> None:
    code, modifier = _code(element, source), element.get("modifier", "")
    label = next(_named(element, dialect), "")
    if not modifier or not label:
        _refuse(f"modifier class {code!r} without its modifier or a preferred rubric", source, element.line)
    inclusions = [label for rubric in _rubrics(element, "inclusion") for label in labels(rubric, dialect)]
    exclusions = [label for rubric in _rubrics(element, "exclusion") for label in labels(rubric, dialect)]
    not_after = (meta.get("value", "") for meta in element.findall("Meta") if meta.get("name") == _NOT_AFTER)
    found.count += 1
    if found.count > SUBDIVISIONS_CAP:
        _refuse(f"more than {SUBDIVISIONS_CAP:,} modifier classes", source, element.line)
    found.subdivisions.setdefault(modifier, []).append(
        Subdivision(
            code=code,
            label=label,
            terms=tuple(dict.fromkeys(text for each in inclusions if (text := plain(each)))),
            notes=(
                *usage_note(element),
                *(Note("includes", annotated(each, found.marks)) for each in inclusions),
                *(Note("excludes2", annotated(each, found.marks)) for each in exclusions),
            ),
            not_after=frozenset((" ".join(value.split())) for value in not_after),
        )
    )


def _named(element: Element, dialect: str) -> Iterator[str]:
    for kind in NAMING:
        for rubric in _rubrics(element, kind):
            yield from (text for label in labels(rubric, dialect) if (text := plain(label)))


def _rubrics(element: Element, kind: str) -> Iterator[Element]:
    return (rubric for rubric in element.findall("Rubric") if rubric.get("kind") == kind)  # type: ignore[misc]


def _check(found: Structure, listed: dict[str, str], source: Source) -> None:
    if not found.nodes:
        raise FileFormatError("the classification has no classes", hint=_HINT, file=source.label)
    for child, parent in listed.items():
        node = found.nodes.get(child)
        if node is None:
            found.unknown_children += 1
        elif not node.parents:
            found.nodes[child] = Node(node.kind, (parent,), node.modified_by, node.not_modified_by, node.line)
    for code, node in found.nodes.items():
        for parent in node.parents:
            if parent not in found.nodes:
                _refuse(f"class {code!r} belongs to {parent!r}, which is not in the file", source, node.line)
            found.with_children.add(parent)
        for applied in node.modified_by:
            if applied.modifier not in found.subdivisions:
                _refuse(
                    f"class {code!r} names the modifier {applied.modifier!r}, which has no classes", source, node.line
                )


def _code(element: Element, source: Source) -> str:
    code = element.get("code", "").strip()
    if not code:
        _refuse(f"a {element.tag} without a code", source, element.line)
    return code


def _refuse(message: str, source: Source, line: int) -> NoReturn:
    raise FileFormatError(message, hint=_HINT, file=source.label, line=line)
