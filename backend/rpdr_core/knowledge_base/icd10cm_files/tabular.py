"""The tabular list, `icd10cm_tabular_YYYY.xml`: chapters, sections, and codes (`diag`) inside one another.

After the schema that comes with a release (CDC/NCHS): a `diag` has a name, that is its code, a desc, and notes of
several kinds; `sevenChrDef` gives the seventh characters for all codes below that have none of their own, and a code
that is too short for one is filled up with the placeholder X. Inclusion terms become synonyms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import cast

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.safe_xml import Element, places, text_of
from rpdr_core.knowledge_base.icd10cm_files.codes import CODE, LENGTH, undotted, with_seventh, without_range
from rpdr_core.knowledge_base.icd10cm_files.notes import notes_of, seventh, texts
from rpdr_core.knowledge_base.release import Watch
from rpdr_core.knowledge_base.sources import Source
from rpdr_core.records import Entity, Note

ROOT = "ICD10CM.tabular"
_HINT = "give icd10cm_tabular_YYYY.xml as it was published"

Known = Callable[[str], bool]
"""Whether a code with a seventh character exists, as the year's order file knows; without one, all do."""


def all_known(_code: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class _Above:
    """What holds for the codes below: the entity above, and the seventh characters with their meanings."""

    code: str
    seventh: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Tabular:
    """One reading of the list. `count`: entities so far."""

    source: Source
    watch: Watch
    known: Known = all_known
    estimate: int = 0
    count: int = 0
    _seen: set[str] = field(default_factory=set)

    def entities(self) -> Iterator[Entity]:
        """All chapters, blocks and codes in the list's order."""
        chapter: Element | None = None
        with self.source.open() as stream:
            for place in places(stream, self.source.label, tags={"section", "chapter"}):
                element = place.element
                above = element if element.tag == "chapter" else self._chapter(place.inside, element)
                if above is not chapter:
                    chapter = above
                    yield self._upper(chapter, self._name(chapter), "chapter", ())
                if element.tag == "section":
                    yield from self._section(element, self._name(chapter))
                    self.watch("tabular list", self.count, self.estimate)
        if not self.count:
            raise FileFormatError("the list has no chapters", hint=_HINT, file=self.source.label)

    def _chapter(self, inside: tuple[Element, ...], section: Element) -> Element:
        if inside and inside[-1].tag == "chapter":
            return inside[-1]
        raise self._wrong("a section outside of a chapter", section)

    def _section(self, section: Element, chapter: str) -> Iterator[Entity]:
        code = section.get("id", "")
        if not code:
            raise self._wrong("a section without an id", section)
        diags = cast("list[Element]", section.findall("diag"))
        # Some sections hold a single category of the same code: it stands for both.
        same = next((diag for diag in diags if diag.findtext("name", "").strip() == code), None)
        if same is None:
            yield self._upper(section, code, "block", (chapter,))
            above = _Above(code, seventh(section))
        else:
            above = _Above(chapter, seventh(section))
        for diag in diags:
            notes = tuple(notes_of(section)) if diag is same else ()
            yield from self._diag(diag, above, notes)

    def _upper(self, element: Element, code: str, kind: str, parents: tuple[str, ...]) -> Entity:
        name = without_range(self._text(element, "desc"))
        terms = tuple(dict.fromkeys(texts(element, "inclusionTerm")))
        self._take(code, element)
        notes = tuple(notes_of(element))
        return Entity(code, name, terms, parents=parents, type=kind, assignable=False, notes=notes)

    def _diag(self, diag: Element, above: _Above, more: tuple[Note, ...] = ()) -> Iterator[Entity]:
        code, desc = self._name(diag), self._text(diag, "desc")
        if not CODE.fullmatch(code):
            raise self._wrong(f"{code[:20]!r} is no code", diag)
        self._take(code, diag)
        inner = _Above(code, seventh(diag) or above.seventh)
        below = cast("list[Element]", diag.findall("diag"))
        extensions = [] if below or len(undotted(code)) >= LENGTH else list(self._extensions(inner, desc, diag))
        yield Entity(
            code=code,
            name=desc,
            synonyms=tuple(dict.fromkeys(texts(diag, "inclusionTerm"))),
            parents=(above.code,),
            type="category" if len(code) == 3 else "subcategory",
            assignable=not below and not extensions,
            notes=(*dict.fromkeys((*more, *notes_of(diag))),),
        )
        yield from extensions
        for child in below:
            yield from self._diag(child, inner)

    def _extensions(self, above: _Above, desc: str, diag: Element) -> Iterator[Entity]:
        for character, meaning in above.seventh:
            code = with_seventh(above.code, character)
            if self.known(code):
                self._take(code, diag)
                yield Entity(code, f"{desc}, {meaning}" if meaning else desc, parents=(above.code,), type="extension")

    def _take(self, code: str, element: Element) -> None:
        if code in self._seen:
            raise self._wrong(f"{code} occurs twice", element)
        self._seen.add(code)
        self.count += 1

    def _name(self, element: Element) -> str:
        return self._text(element, "name")

    def _text(self, element: Element, tag: str) -> str:
        found = element.find(tag)
        text = text_of(found) if found is not None else ""
        if not text:
            raise self._wrong(f"a {element.tag} without a {tag}", element)
        return text

    def _wrong(self, message: str, element: Element) -> FileFormatError:
        return FileFormatError(message, hint=_HINT, file=self.source.label, line=element.line)
