"""A FHIR CodeSystem in JSON as a release.

Concepts nested in one another and concepts that name their `parent` or `child` are the same hierarchy. Where it means
`part-of`, there are no parents, for a part is no kind of its whole: a note says what a concept is part of.
Designations in the language that the user chooses name the concepts; all others are synonyms. `inactive` and a `status`
of retired, deprecated or inactive retire a concept, `notSelectable` keeps it from being a target. Properties are known
by their code or by the URI that HL7 gives them (http://hl7.org/fhir/concept-properties), so a system may call them as
it likes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rpdr_core.errors import FileFormatError
from rpdr_core.knowledge_base.fhir_records import CodeSystem, Concept, read_code_system
from rpdr_core.knowledge_base.release import Association, Release, ReleaseOptions, Watch
from rpdr_core.knowledge_base.sources import sources, the_one
from rpdr_core.records import Entity, Note

FORMAT = "fhir"
_STANDARD = "http://hl7.org/fhir/concept-properties#"
_RETIRED = frozenset(("retired", "inactive", "entered-in-error", "deprecated"))
_PART_OF = "part-of"
_PREFERRED = frozenset(("display", "preferred", "preferredForLanguage", "900000000000013009"))
_HINT = "give the CodeSystem as it was published"


def open_fhir_codesystem(path: Path, options: ReleaseOptions, watch: Watch) -> Release:
    """Open a CodeSystem, or a Bundle, folder or zip with one. It is read here as a whole, under a cap."""
    found = [source for source in sources(path) if not source.name or source.file_name.endswith(".json")]
    source = the_one(path, found, "JSON file")
    system = read_code_system(source)
    if system.content in ("not-present", "supplement") or not system.concept:
        held = f" ({system.content})" if system.content else ""
        raise FileFormatError(
            f"a CodeSystem without concepts of its own{held}",
            hint="give the CodeSystem that has the concepts; this one only names it, or adds to it",
            file=source.label,
        )
    reading = _Reading(system, source.label, options, watch)
    languages = reading.languages()
    return Release(
        format=FORMAT,
        id=re.sub(r"[\W_]+", "-", (system.name or system.url.rpartition("/")[2] or "codesystem").lower()).strip("-"),
        title=system.title or system.name or system.url or source.file_name,
        version=system.version,
        entities=reading.entities,
        associations=reading.associations,
        remarks=reading.remarks,
        dialects=tuple((language, f"{language} ({count:,})") for language, count in languages.most_common()),
        warnings=tuple(_warnings(system, len(reading.concepts))),
        estimate=len(reading.concepts),
    )


def _warnings(system: CodeSystem, count: int) -> Iterator[str]:
    if system.content and system.content != "complete":
        yield f"the file holds a part of the CodeSystem only: its content is called {system.content!r}"
    if system.count and system.count != count:
        yield f"the CodeSystem counts {system.count:,} concepts, and the file holds {count:,}"
    if system.hierarchyMeaning == _PART_OF:
        yield "the hierarchy says what is part of what: it is kept as notes, and no concept has a parent"


@dataclass(slots=True)
class _Reading:
    system: CodeSystem
    file: str
    options: ReleaseOptions
    watch: Watch
    concepts: dict[str, Concept] = field(default_factory=dict)
    parents: dict[str, list[str]] = field(default_factory=dict)
    _roles: dict[str, str] = field(default_factory=dict)
    _nameless: int = 0

    def __post_init__(self) -> None:
        for each in self.system.property:
            if each.uri.startswith(_STANDARD):
                self._roles[each.code] = each.uri.removeprefix(_STANDARD)
        self._collect()

    def _collect(self) -> None:
        """All concepts in the file's order, with the parents that nesting and properties give."""
        waiting = [(concept, "") for concept in reversed(self.system.concept)]
        while waiting:
            concept, above = waiting.pop()
            code = concept.code
            if not code or code != code.strip():
                raise FileFormatError(f"{code[:40]!r} is no code", hint=_HINT, file=self.file)
            if code in self.concepts:
                raise FileFormatError(f"code {code!r} occurs twice", hint="keep one concept of it", file=self.file)
            self.concepts[code] = concept
            self._add(code, above)
            for value in concept.property:
                role = self._role(value.code)
                if role == "parent":
                    self._add(code, value.text)
                elif role == "child":
                    self._add(value.text, code)
            waiting.extend((inner, code) for inner in reversed(concept.concept))

    def _add(self, code: str, parent: str) -> None:
        above = self.parents.setdefault(code, [])
        if parent and parent not in above:
            above.append(parent)

    def _role(self, code: str) -> str:
        return self._roles.get(code, code)

    def languages(self) -> Counter[str]:
        """How many concepts have a designation in each language."""
        return Counter(
            language
            for concept in self.concepts.values()
            for language in sorted({each.language for each in concept.designation if each.language})
        )

    def entities(self) -> Iterator[Entity]:
        """All concepts, each before what is nested in it."""
        unknown = next((code for code in self.parents if code not in self.concepts), None)
        if unknown is not None:
            raise FileFormatError(f"a child {unknown!r} is not in the file", hint=_HINT, file=self.file)
        self._nameless = 0
        kept = self.concepts
        if not self.options.inactive:
            kept = {code: concept for code, concept in kept.items() if self._is_active(concept)}
        for number, (code, concept) in enumerate(kept.items(), 1):
            if number % 2_000 == 0:
                self.watch("concepts", number, len(kept))
            above = tuple(each for each in self.parents[code] if each in kept or each not in self.concepts)
            yield self._entity(concept, above)

    def associations(self) -> Iterator[Association]:
        """What replaces a concept, where a property says so."""
        for code, concept in self.concepts.items():
            for value in concept.property:
                if self._role(value.code).replace("-", "").lower() == "replacedby" and value.text:
                    yield Association(code, "replaced_by", value.text)

    def remarks(self) -> Iterator[str]:
        if self._nameless:
            yield f"{self._nameless:,} concepts without a display go by their code, and are not proposed"

    def _entity(self, concept: Concept, above: tuple[str, ...]) -> Entity:
        parts = self.system.hierarchyMeaning == _PART_OF
        name, active = self._name(concept), self._is_active(concept)
        self._nameless += not name
        terms = dict.fromkeys(text for each in concept.designation if (text := _tidy(each.value)))
        terms.setdefault(_tidy(concept.display))
        definition = _tidy(concept.definition)
        notes = (definition,) if definition and definition != name else ()
        return Entity(
            code=concept.code,
            name=name or concept.code,
            synonyms=tuple(term for term in terms if term and term != name),
            parents=() if parts else above,
            active=active,
            assignable=active and bool(name) and not self._has(concept, "notSelectable", "true"),
            notes=tuple(Note("note", text) for text in (*notes, *(self._whole(each) for each in above if parts))),
        )

    def _whole(self, code: str) -> str:
        concept = self.concepts.get(code)
        return f"part of: {code}" + (f" {name}" if concept is not None and (name := self._name(concept)) else "")

    def _name(self, concept: Concept) -> str:
        """The designation in the chosen language, the preferred one if there are several; else the display."""
        asked = self.options.dialect.lower()
        found = [
            each
            for each in concept.designation
            if asked and (each.language.lower() == asked or each.language.lower().startswith(f"{asked}-"))
        ]
        best = next((each for each in found if each.use is None or each.use.code in _PREFERRED), None)
        chosen = best or (found[0] if found else None)
        return _tidy(chosen.value if chosen else "") or _tidy(concept.display)

    def _is_active(self, concept: Concept) -> bool:
        if self._has(concept, "inactive", "true"):
            return False
        # LOINC writes both in capitals.
        return not any(
            self._role(each.code).lower() == "status" and each.text.lower() in _RETIRED for each in concept.property
        )

    def _has(self, concept: Concept, role: str, text: str) -> bool:
        return any(self._role(each.code) == role and each.text == text for each in concept.property)


def _tidy(text: str) -> str:
    return " ".join(text.split())
