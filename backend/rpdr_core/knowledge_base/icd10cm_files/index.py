"""The alphabetic index, `icd10cm_index_YYYY.xml`, as synonyms of the codes that its entries point to.

After the schema that comes with a release (CDC/NCHS): letters hold main terms, these hold terms inside one another;
each has a title, with non-essential modifiers (`nemod`) in brackets, and a code, or it says `see` another entry. The
tables of drugs and of neoplasms have the same root and are left alone: a cell of a table is no wording.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.safe_xml import Element, elements, text_of
from rpdr_core.knowledge_base.icd10cm_files.codes import CODE, dotted
from rpdr_core.knowledge_base.icd10cm_files.index_terms import plain, spoken
from rpdr_core.knowledge_base.release import Watch
from rpdr_core.knowledge_base.sources import Source

ROOT = "ICD10CM.index"
TEXT_CAP = 1 << 26
"""Characters of all wordings together, which are in memory while the codes are written."""
ENTRIES_CAP = 1_000_000

_HINT = "give icd10cm_index_YYYY.xml as it was published"
_SHORTEST = 3
_SEPARATOR = re.compile(r"[,\s]+")


@dataclass(slots=True)
class IndexTerms:
    """Wordings by code (with its dot). `unresolved`: how many entries point to one that is not there or has no code."""

    by_code: dict[str, dict[str, None]] = field(default_factory=dict)
    unresolved: int = 0
    size: int = 0

    def add(self, code: str, term: str, source: Source) -> None:
        terms = self.by_code.setdefault(code, {})
        if len(term) >= _SHORTEST and term not in terms:
            terms[term] = None
            self.size += len(term)
            if self.size > TEXT_CAP:
                raise FileFormatError(f"more than {TEXT_CAP:,} characters", hint=_HINT, file=source.label)

    def of(self, code: str, *known: str) -> tuple[str, ...]:
        """Wordings of a code that are not the `known` ones already."""
        have = {term.casefold() for term in known}
        return tuple(term for term in self.by_code.get(code, ()) if term.casefold() not in have)


@dataclass(frozen=True, slots=True)
class _Entry:
    path: tuple[str, ...]
    code: str
    see: str


def read_index(source: Source, watch: Watch, found: IndexTerms) -> None:
    """Add all wordings to `found`. References are followed to the entry that they name word for word."""
    codes: dict[str, str] = {}
    references: list[tuple[tuple[str, ...], str]] = []
    for number, entry in enumerate(_entries(source), 1):
        if number > ENTRIES_CAP:
            raise FileFormatError(f"more than {ENTRIES_CAP:,} entries", hint=_HINT, file=source.label)
        if number % 2_000 == 0:
            watch("alphabetic index", number, 0)
        if entry.code:
            codes.setdefault(_key(", ".join(plain(title) for title in entry.path)), entry.code)
            for term in spoken(entry.path):
                found.add(entry.code, term, source)
        elif entry.see:
            references.append((entry.path, entry.see))
    for path, see in references:
        code = codes.get(_key(see), "") or _code(see)
        if code:
            for term in spoken(path):
                found.add(code, term, source)
        else:
            found.unresolved += 1


def _entries(source: Source) -> Iterator[_Entry]:
    with source.open() as stream:
        for main, _ in elements(stream, source.label, tags={"mainTerm"}):
            yield from _below(main, (), source)


def _below(term: Element, above: tuple[str, ...], source: Source) -> Iterator[_Entry]:
    title = term.find("title")
    if title is None or not (text := text_of(title)):
        raise FileFormatError(f"a {term.tag} without a title", hint=_HINT, file=source.label, line=term.line)
    path = (*above, text)
    written = term.findtext("code", "").strip()
    code = _code(written)
    if written and not code:
        raise FileFormatError(f"{written[:20]!r} is no code", hint=_HINT, file=source.label, line=term.line)
    see = " ".join(term.findtext("see", term.findtext("seecat", "")).split())
    if code or see:
        yield _Entry(path, code, see)
    for child in term.findall("term"):
        yield from _below(child, path, source)  # type: ignore[arg-type]


def _code(text: str) -> str:
    """A code as the index prints it, `S02.0-` where more characters follow, without the dash; empty for other text."""
    code = text.strip().rstrip("-.").removesuffix(".")
    return dotted(code) if CODE.fullmatch(code) else ""


def _key(title: str) -> str:
    """References repeat titles with or without brackets, and separate the levels with commas as titles do words."""
    return " ".join(_SEPARATOR.split(plain(title).lower())).strip()
