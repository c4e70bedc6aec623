"""Files of an ICD-10-CM release as one terminology: tabular list, order file and alphabetic index, as far as given.

The tabular list gives chapters, notes and inclusion terms; the order file which codes exist, which are billable, and
their full names; the index further wordings. Each alone is read as far as it goes.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.safe_xml import elements, text_of
from rpdr_core.knowledge_base.icd10cm_files import index, order, tabular
from rpdr_core.knowledge_base.release import Release, ReleaseOptions, Watch
from rpdr_core.knowledge_base.sources import Source, sources, the_one, xml_root
from rpdr_core.records import Entity

FORMAT = "icd10cm"
_YEAR = re.compile(r"(?:19|20)\d\d")
_HEAD = 200
_XML_CODE, _ROW = 100, 110
"""Bytes of a tabular list, and of an order file, for each code: for an estimate only."""


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one release that are here."""

    tabular: Source | None = None
    order: Source | None = None
    indexes: tuple[Source, ...] = ()
    left_out: tuple[str, ...] = ()


def open_icd10cm_files(path: Path, _options: ReleaseOptions, watch: Watch) -> Release:
    """Open a tabular list, an order file, an index, or a folder or zip with them."""
    files = find(path)
    years = _years(files)
    estimate = _estimate(files)
    reading = _Reading(path, files, watch, estimate)
    return Release(
        format=FORMAT,
        id="icd10cm",
        title="ICD-10-CM",
        version=next((year for year in years.values() if year), ""),
        entities=reading.entities,
        remarks=lambda: tuple(reading.remarks),
        warnings=tuple(_warnings(files, years)),
        estimate=estimate,
        sample=reading.sample if files.tabular or files.order else None,
    )


def find(path: Path) -> Files:
    """Tell the files at a path apart by what is in them; `FileFormatError` where none is of a release."""
    tabulars: list[Source] = []
    orders: list[Source] = []
    indexes: list[Source] = []
    left_out: list[str] = []
    for source in sources(path):
        kind = _kind(source)
        if kind == "tables":
            left_out.append(source.file_name)
        elif kind:
            {tabular.ROOT: tabulars, index.ROOT: indexes, "order": orders}[kind].append(source)
    if not (tabulars or orders or indexes):
        hint = "give icd10cm_tabular_YYYY.xml, icd10cm_order_YYYY.txt, or a folder or zip with them"
        raise FileFormatError("no ICD-10-CM release here", hint=hint, file=str(path))
    return Files(
        the_one(path, tabulars, "tabular list") if tabulars else None,
        the_one(path, orders, "order file") if orders else None,
        tuple(indexes),
        tuple(left_out),
    )


def _kind(source: Source) -> str:
    """What a file is: a root element, `order`, `tables` for an index that is one of the tables, or nothing of ours."""
    if source.name and not source.file_name.endswith((".xml", ".txt")):
        return ""
    with source.open() as stream:
        head = stream.read(_HEAD)
    if order.is_order(head.removeprefix(codecs.BOM_UTF8)):
        return "order"
    if source.file_name.endswith(".txt") or not _begins_as_xml(head):
        return ""
    tag = xml_root(source).tag
    if tag == index.ROOT and "table of" in _first(source, "title").lower():
        return "tables"
    return tag if tag in (tabular.ROOT, index.ROOT) else ""


def _begins_as_xml(head: bytes) -> bool:
    return head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<")


def _first(source: Source, tag: str) -> str:
    """Text of the first element of that tag; empty where there is none."""
    with source.open() as stream:
        return next((text_of(element) for element, _ in elements(stream, source.label, tags={tag})), "")


def _years(files: Files) -> dict[str, str]:
    """The year that each file says it is of, by its name."""
    found = {}
    for source in (files.tabular, files.order, *files.indexes):
        if source is not None:
            said = _first(source, "version") if source is not files.order else ""
            year = _YEAR.search(said) or _YEAR.search(source.file_name)
            found[source.file_name] = year[0] if year else ""
    return found


def _warnings(files: Files, years: dict[str, str]) -> Iterator[str]:
    if len({year for year in years.values() if year}) > 1:
        said = ", ".join(f"{name} of {year}" for name, year in years.items() if year)
        yield f"the files are of different years: {said}"
    if files.tabular is None and files.order is None:
        yield "an index alone: its entries serve as names, and no code has an official title"
    elif files.tabular is None:
        yield "an order file without its tabular list: there will be no chapters, notes and inclusion terms"
    elif files.order is None:
        yield "no order file: seventh characters are added to every code that they are announced for"
    if files.left_out:
        yield f"not read, for a table's cells are no wordings: {', '.join(files.left_out)}"


def _estimate(files: Files) -> int:
    if files.order is not None:
        return files.order.size // _ROW
    return files.tabular.size // _XML_CODE if files.tabular is not None else 0


@dataclass(slots=True)
class _Reading:
    """The files' entities, and what was found while they were read."""

    path: Path
    files: Files
    watch: Watch
    estimate: int
    remarks: list[str] = field(default_factory=list)

    def entities(self) -> Iterator[Entity]:
        self.remarks.clear()
        terms = index.IndexTerms()
        for source in self.files.indexes:
            index.read_index(source, self.watch, terms)
        left = set(terms.by_code)
        for entity in self._official(terms):
            more = terms.of(entity.code, entity.name, *entity.synonyms) if entity.code in left else ()
            left.discard(entity.code)
            yield replace(entity, synonyms=(*entity.synonyms, *more)) if more else entity
        self._remark(len(left), "codes of the index are not in the release")
        self._remark(terms.unresolved, "references of the index lead to no code and were left out")

    def sample(self) -> Iterator[Entity]:
        """The same without the index, which must be read as a whole before the first code."""
        return self._official(index.IndexTerms())

    def _official(self, terms: index.IndexTerms) -> Iterator[Entity]:
        if self.files.tabular is not None:
            return self._tabular(self.files.tabular)
        if self.files.order is not None:
            return order.order_entities(self.files.order, self.watch, self.estimate)
        return (Entity(code, next(iter(found))) for code, found in sorted(terms.by_code.items()) if found)

    def _tabular(self, source: Source) -> Iterator[Entity]:
        if self.files.order is None:
            yield from tabular.Tabular(source, self.watch, estimate=self.estimate).entities()
            return
        rows = {row.code: row for row in order.rows(self.files.order)}
        left, unlisted = set(rows), 0
        for entity in tabular.Tabular(source, self.watch, rows.__contains__, self.estimate).entities():
            row = rows.get(entity.code)
            left.discard(entity.code)
            unlisted += row is None and entity.type not in ("chapter", "block")
            yield entity if row is None or entity.type in ("chapter", "block") else _listed(entity, row)
        self._remark(len(left), "codes of the order file are not in the tabular list and were left out")
        self._remark(unlisted, "codes of the tabular list are not in the order file")

    def _remark(self, count: int, what: str) -> None:
        if count:
            self.remarks.append(f"{count:,} {what}")


def _listed(entity: Entity, row: order.Row) -> Entity:
    """With the order file's full name and short description, and billable as it says."""
    synonyms = dict.fromkeys((*entity.synonyms, entity.name, row.short))
    synonyms.pop(row.long, None)
    return replace(entity, name=row.long, synonyms=tuple(synonyms), assignable=row.billable)
