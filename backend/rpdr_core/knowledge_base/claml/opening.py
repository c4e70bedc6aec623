"""A ClaML file as a release.

ClaML 2.0.0 is EN 14463:2007 (later ISO 13120:2013), with `ClaML.dtd` beside the file; 3.0.0 keeps the elements that are
read here. Taken from it: classes of kind chapter, block and category with SuperClass and SubClass, rubrics, modifiers,
usage (dagger and asterisk). `preferredLong`, where there is one, is the name, for `preferred` then says only what the
class above does not. Inclusions are synonyms of categories; those of chapters and blocks list contents. An exclusion
says "classified elsewhere", and both may be true of a patient: that is an Excludes2 in ICD-10-CM's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Literal

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.safe_xml import Element, elements, text_of
from rpdr_core.knowledge_base.claml.labels import annotated, labels, plain
from rpdr_core.knowledge_base.claml.modifiers import Subdividing
from rpdr_core.knowledge_base.claml.structure import NAMING, Structure, read_structure, usage_note
from rpdr_core.knowledge_base.release import Release, ReleaseOptions, Watch
from rpdr_core.knowledge_base.sources import Source, sources, the_one, xml_root
from rpdr_core.records import Entity, Note

FORMAT = "claml"
ROOT = "ClaML"
_HEAD = 200
_YEAR = re.compile(r"[-_ ]?(19|20)\d\d.*")
_NOTES: dict[str, Literal["includes", "excludes2"]] = {"inclusion": "includes", "exclusion": "excludes2"}


def open_claml(path: Path, options: ReleaseOptions, watch: Watch) -> Release:
    """Open a ClaML file, or the folder or zip that holds one."""
    found = [source for source in sources(path) if not source.name or source.file_name.endswith((".xml", ".claml"))]
    source = found[0] if len(found) == 1 else the_one(path, [each for each in found if _is_claml(each)], "ClaML file")
    root = xml_root(source, doctype=True)
    if root.tag != ROOT:
        hint = "give a ClaML file; its first element is <ClaML>"
        raise FileFormatError(f"the first element is <{root.tag[:40]}>", hint=hint, file=source.label, line=root.line)
    head = _Head.read(source)
    reading = _Reading(source, options.dialect, watch)
    version = root.get("version", "")
    known = version.startswith(("2.", "3."))
    return Release(
        format=FORMAT,
        id=_id(head.name or head.title),
        title=head.title or head.name or source.file_name,
        version=head.version,
        entities=reading.entities,
        sample=reading.sample,
        remarks=lambda: tuple(reading.remarks),
        dialects=tuple((language, language) for language in head.languages),
        warnings=() if known else (f"ClaML of version {version or 'unknown'}: 2.0.0 and 3.0.0 are known here",),
    )


def _is_claml(source: Source) -> bool:
    return xml_root(source, doctype=True).tag == ROOT


def _id(name: str) -> str:
    """A name that stays when the year changes: `ICD-10-GM 2024` is `icd10gm`."""
    base = _YEAR.sub("", name.strip()).lower()
    return re.sub(r"[\W_]+", "", base)[:40] or "claml"


@dataclass(frozen=True, slots=True)
class _Head:
    name: str
    title: str
    version: str
    languages: tuple[str, ...]

    @classmethod
    def read(cls, source: Source) -> _Head:
        name = title = version = ""
        languages: dict[str, None] = {}
        with source.open() as stream:
            found = elements(stream, source.label, tags=("Title", "ModifierClass", "Class"), doctype=True)
            for element, _ in islice(found, _HEAD):
                if element.tag == "Title":
                    title, name = text_of(element), element.get("name", "")
                    version = element.get("version", "") or element.get("date", "")
                languages.update(dict.fromkeys(filter(None, (each.get("lang") for each in element.iter("Label")))))
        return cls(name, title, version, tuple(languages))


@dataclass(slots=True)
class _Reading:
    source: Source
    dialect: str
    watch: Watch
    remarks: list[str] = field(default_factory=list)

    def entities(self) -> Iterator[Entity]:
        """All classes in the file's order, each with what its modifiers make of it."""
        structure = read_structure(self.source, self.dialect, self.watch)
        optional = frozenset(structure.optional)
        making = Subdividing(structure.subdivisions, optional, set(structure.nodes), self.source.label)
        with self.source.open() as stream:
            found = elements(stream, self.source.label, tags=("Class",), doctype=True)
            for number, (element, _) in enumerate(found, 1):
                if number % 2_000 == 0:
                    self.watch("classes", number, len(structure.nodes))
                entity = self._entity(element, structure)
                inner = entity.code in structure.with_children
                yield from making.below(entity, () if inner else structure.applied(entity.code))
        self.remarks = list(_remarks(structure, making))

    def sample(self) -> Iterator[Entity]:
        """The first classes, without what modifiers make of them: that would take a pass over the whole file."""
        structure = Structure()
        with self.source.open() as stream:
            found = elements(stream, self.source.label, tags=("Class",), doctype=True)
            for element, _ in islice(found, _HEAD):
                structure.take(element, self.source)
                yield self._entity(element, structure)

    def _entity(self, element: Element, structure: Structure) -> Entity:
        code = element.get("code", "").strip()
        node = structure.nodes[code]
        names = list(dict.fromkeys(self._texts(element, *NAMING)))
        if not names:
            hint = "give each class a preferred rubric"
            raise FileFormatError(f"class {code!r} has no name", hint=hint, file=self.source.label, line=element.line)
        category = node.kind == "category"
        terms = dict.fromkeys((*names[1:], *(self._texts(element, "inclusion") if category else ())))
        terms.pop(names[0], None)
        inner = category and any(structure.is_category(parent) for parent in node.parents)
        return Entity(
            code=code,
            name=names[0],
            synonyms=tuple(terms),
            parents=node.parents,
            type="subcategory" if inner else node.kind,
            assignable=category and code not in structure.with_children,
            notes=tuple(self._notes(element, structure)),
        )

    def _texts(self, element: Element, *kinds: str) -> Iterator[str]:
        for kind in kinds:
            for rubric in element.findall("Rubric"):
                if rubric.get("kind") == kind:
                    yield from (text for label in labels(rubric, self.dialect) if (text := plain(label)))

    def _notes(self, element: Element, structure: Structure) -> Iterator[Note]:
        yield from usage_note(element)
        for rubric in element.findall("Rubric"):
            kind = rubric.get("kind", "")
            if kind not in NAMING:
                for label in labels(rubric, self.dialect):
                    if text := annotated(label, structure.marks):
                        yield Note(_NOTES.get(kind, "note"), text)


def _remarks(structure: Structure, making: Subdividing) -> Iterator[str]:
    if making.made:
        yield f"{making.made:,} codes were made of modifiers (fourth and fifth characters)"
    if making.passed_over:
        yield f"{making.passed_over:,} codes that modifiers would make are classes of the file, which stay as they are"
    if structure.unknown_children:
        yield f"{structure.unknown_children:,} classes are named as subclasses and are not in the file"
