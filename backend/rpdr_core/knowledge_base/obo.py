"""Ontologies in OBO 1.4: Disease Ontology, Human Phenotype Ontology, Mondo.

Terms become entities: `EXACT` synonyms are synonyms; narrower, broader and related wordings mean something else and are
kept as notes. `is_a` gives the parents, the namespace the type. Obsolete terms stay, inactive, with `replaced_by` and
`consider` as associations; an `alt_id` is an id that was merged into its term. An `xref` to a terminology that is coded
with becomes a map target; its trailing modifiers say how sure it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.lines import stream_lines
from rpdr_core.knowledge_base.obo_lines import Stanza, stanzas
from rpdr_core.knowledge_base.release import Association, MapTarget, Release, ReleaseOptions, Watch
from rpdr_core.knowledge_base.sources import Source, sources, the_one
from rpdr_core.records import Entity, Note

FORMAT = "obo"
_TITLES = {"doid": "Disease Ontology", "hp": "Human Phenotype Ontology", "mondo": "Mondo Disease Ontology"}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_SYNONYM = re.compile(r"(EXACT|NARROW|BROAD|RELATED)\b")
_LEGACY = {"exact_synonym": "EXACT", "narrow_synonym": "NARROW", "broad_synonym": "BROAD", "related_synonym": "RELATED"}
_WORDS = {"NARROW": "narrower", "BROAD": "broader", "RELATED": "related"}
_XREF = re.compile(r"([A-Za-z0-9_.-]+):(\S+)")
_CODED = (
    (re.compile(r"ICD-?10-?CM(?:_.*)?"), "ICD-10-CM"),
    (re.compile(r"ICD-?10-?GM"), "ICD-10-GM"),
    (re.compile(r"ICD-?10(?:-?WHO)?"), "ICD-10"),
    (re.compile(r"ICD-?11(?:\..*)?"), "ICD-11"),
    (re.compile(r"ICD-?9-?CM(?:_.*)?"), "ICD-9-CM"),
    (re.compile(r"ICD-?O"), "ICD-O"),
    (re.compile(r"SNOMED-?CT(?:_US)?(?:_.*)?|SCTID|SNOMED"), "SNOMED CT"),
    (re.compile(r"MedDRA", re.IGNORECASE), "MedDRA"),
    (re.compile(r"MESH", re.IGNORECASE), "MeSH"),
    (re.compile(r"OMIM"), "OMIM"),
    (re.compile(r"UMLS(?:_CUI)?"), "UMLS"),
)
_BYTES = 700
"""Of a file for each term: for an estimate only."""


def open_obo(path: Path, options: ReleaseOptions, watch: Watch) -> Release:
    """Open an OBO file, or the folder or zip that holds one."""
    found = [source for source in sources(path) if not source.name or source.file_name.endswith(".obo")]
    source = the_one(path, found, "OBO file")
    reading = _Reading(source, options, watch, source.size // _BYTES)
    header, first = reading.head()
    if not header.clauses and first is None:
        hint = "give an OBO file, with its header and [Term] stanzas"
        raise FileFormatError("no OBO file", hint=hint, file=source.label, line=1)
    name = (header.first("ontology") or (first.first("id").partition(":")[0] if first else "")).lower()
    said = header.first("data-version") or header.first("date")
    date = _DATE.search(said)
    written = header.first("format-version")
    return Release(
        format=FORMAT,
        id=re.sub(r"[\W_]+", "-", name.removesuffix(".obo")).strip("-") or "obo",
        title=_TITLES.get(name, name.upper() or source.file_name),
        version=date[0] if date else said,
        entities=reading.entities,
        associations=reading.associations,
        maps=reading.maps,
        remarks=reading.remarks,
        warnings=()
        if written in ("1.2", "1.4")
        else (f"OBO format {written or 'unknown'}: 1.2 and 1.4 are known here",),
        estimate=reading.estimate,
    )


@dataclass(slots=True)
class _Reading:
    source: Source
    options: ReleaseOptions
    watch: Watch
    estimate: int
    _seen: Counter[str] = field(default_factory=Counter)
    _namespace: str = ""

    def head(self) -> tuple[Stanza, Stanza | None]:
        """The header and the first term, if it comes soon."""
        found = list(islice(self._stanzas(), 2))
        return found[0], found[1] if len(found) > 1 else None

    def entities(self) -> Iterator[Entity]:
        """All terms in the file's order, obsolete ones unless they are unwanted."""
        self._seen.clear()
        ids: set[str] = set()
        for term in self._terms("terms"):
            code = term.first("id")
            if code in ids:
                raise self._wrong(f"{code!r} occurs twice", term.line)
            ids.add(code)
            if not self.options.inactive and _is_obsolete(term):
                continue
            yield self._entity(code, term)
        if not ids:
            raise self._wrong("no terms in the file", 1)

    def associations(self) -> Iterator[Association]:
        for term in self._terms("associations"):
            code = term.first("id")
            for clause in term.clauses:
                if clause.tag == "replaced_by":
                    yield Association(code, "replaced_by", clause.plain())
                elif clause.tag == "consider":
                    yield Association(code, "alternative", clause.plain())
                elif clause.tag == "alt_id":
                    yield Association(clause.plain(), "replaced_by", code)

    def maps(self) -> Iterator[MapTarget]:
        for term in self._terms("maps"):
            code, ranks = term.first("id"), Counter[str]()
            for clause in term.all("xref"):
                found = _XREF.match(clause.plain())
                to = _coded(found[1]) if found else ""
                if found and to:
                    ranks[to] += 1
                    advice = "equivalent" if "equivalentTo" in clause.value else ""
                    yield MapTarget(code, to, found[2], priority=ranks[to], advice=advice)

    def remarks(self) -> Iterator[str]:
        for scope, words in _WORDS.items():
            if self._seen[scope]:
                yield f"{self._seen[scope]:,} {words} wordings are kept as notes, and not used as synonyms"
        if self._seen["open end"]:
            yield "the file ends in the middle of a line: it may be cut short"
        if self._seen["nameless"]:
            yield f"{self._seen['nameless']:,} terms without a name go by their id, and are not proposed"

    def _entity(self, code: str, term: Stanza) -> Entity:
        name, obsolete = term.first("name"), _is_obsolete(term)
        self._seen["nameless"] += not name
        exact: dict[str, None] = {}
        notes = [Note("note", text) for clause in term.all("def") if (text := clause.quoted(self.source.label)[0])]
        for text, scope in self._synonyms(term):
            if scope == "EXACT":
                exact[text] = None
            else:
                self._seen[scope] += 1
                notes.append(Note("note", f"{_WORDS[scope]}: {text}"))
        exact.pop(name, None)
        return Entity(
            code=code,
            name=name or code,
            synonyms=tuple(exact),
            parents=tuple(dict.fromkeys(parent for clause in term.all("is_a") if (parent := clause.plain()))),
            type=term.first("namespace") or self._namespace,
            active=not obsolete,
            assignable=bool(name) and not obsolete,
            notes=tuple(notes),
        )

    def _synonyms(self, term: Stanza) -> Iterator[tuple[str, str]]:
        for clause in term.clauses:
            if clause.tag == "synonym" or clause.tag in _LEGACY:
                text, rest = clause.quoted(self.source.label)
                scope = _SYNONYM.match(rest)
                if text:
                    yield text, _LEGACY.get(clause.tag) or (scope[1] if scope else "RELATED")

    def _terms(self, stage: str) -> Iterator[Stanza]:
        count = 0
        for stanza in self._stanzas():
            if not stanza.kind:
                self._namespace = stanza.first("default-namespace")
            elif stanza.kind == "Term" and stanza.first("is_anonymous") != "true":
                if not stanza.first("id"):
                    raise self._wrong("a term without an id", stanza.line)
                count += 1
                if count % 2_000 == 0:
                    self.watch(stage, count, self.estimate)
                yield stanza

    def _stanzas(self) -> Iterator[Stanza]:
        with self.source.open() as stream:
            lines = stream_lines(stream, self.source.label, self.options.encoding or "utf-8-sig")
            yield from stanzas(self._watched(lines), self.source.label)

    def _watched(self, lines: Iterator[str]) -> Iterator[str]:
        line = "\n"
        for line in lines:
            yield line
        self._seen["open end"] = not line.endswith(("\n", "\r"))

    def _wrong(self, message: str, line: int) -> FileFormatError:
        return FileFormatError(message, hint="give the OBO file as it was published", file=self.source.label, line=line)


def _is_obsolete(term: Stanza) -> bool:
    return any(clause.plain() == "true" for clause in term.all("is_obsolete"))


def _coded(prefix: str) -> str:
    return next((to for pattern, to in _CODED if pattern.fullmatch(prefix)), "")
