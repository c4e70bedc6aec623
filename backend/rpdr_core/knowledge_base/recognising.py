"""Which reader a terminology's file is for: told by what is in it, and by its name only where that is silent.

A new format is one line in `READERS`. Readers are named, not imported: a start of the program loads none of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import cast

from rpdr_core.errors import FileFormatError, NotFoundError
from rpdr_core.knowledge_base.glimpse import Glimpse, glimpse
from rpdr_core.knowledge_base.marks import is_claml, is_fhir, is_icd10cm_files, is_obo
from rpdr_core.knowledge_base.release import Release, ReleaseOptions, Watch, unwatched
from rpdr_core.knowledge_base.rf2.naming import is_release

Opener = Callable[[Path, ReleaseOptions, Watch], Release]


@dataclass(frozen=True, slots=True)
class Reader:
    """A format of terminologies. `where` names the opener as `module:function` below `rpdr_core.knowledge_base`."""

    format: str
    title: str
    recognises: Callable[[Glimpse], bool]
    where: str

    def open(self, path: Path, options: ReleaseOptions, watch: Watch) -> Release:
        module, _, name = self.where.partition(":")
        opener = cast(Opener, getattr(import_module(f"rpdr_core.knowledge_base.{module}"), name))
        return opener(path, options, watch)


def _is_omop(seen: Glimpse) -> bool:
    if seen.names:
        return "CONCEPT.CSV" in seen.file_names()
    return seen.head.startswith((b"concept_id\tconcept_name\tdomain_id", b"\xef\xbb\xbfconcept_id\tconcept_name"))


def _is_rf2(seen: Glimpse) -> bool:
    return is_release(seen.names)


def _is_table(seen: Glimpse) -> bool:
    if seen.names:
        return any(name.lower() == "xl/workbook.xml" for name in seen.names)
    return bool(seen.head) and not seen.text.startswith(("<", "{", "["))


READERS: tuple[Reader, ...] = (
    Reader("rf2", "SNOMED CT (RF2)", _is_rf2, "rf2.opening:open_rf2"),
    Reader("omop", "OMOP vocabularies (Athena)", _is_omop, "omop.opening:open_omop"),
    Reader("icd10cm", "ICD-10-CM release files", is_icd10cm_files, "icd10cm_files.opening:open_icd10cm_files"),
    Reader("claml", "Classification in ClaML (ICD-10)", is_claml, "claml.opening:open_claml"),
    Reader("obo", "Ontology in OBO format", is_obo, "obo:open_obo"),
    Reader("fhir", "FHIR CodeSystem (JSON)", is_fhir, "fhir_codesystem:open_fhir_codesystem"),
    Reader("table", "Table (CSV, TSV, XLSX)", _is_table, "table:open_table_release"),
)
"""In the order of asking: the first that recognises a file reads it, so the widest come last."""


def recognise(path: Path, format: str = "") -> Reader:
    """The reader for a file or folder, or the one of that `format`; an error names the formats that are read."""
    if format:
        return _named(format)
    seen = glimpse(path)
    found = next((reader for reader in READERS if reader.recognises(seen)), None)
    if found is None:
        if seen.names and all(name.lower().endswith(".zip") for name in seen.names):
            raise FileFormatError(
                "an archive with nothing but archives in it",
                hint="unpack it, and choose the archive in it or the folder",
                file=str(path),
            )
        raise FileFormatError(
            "an empty file" if not (seen.head or seen.names) else "no terminology in a format that is read here",
            hint=f"give one of: {'; '.join(reader.title for reader in READERS)}",
            file=str(path),
        )
    return found


def short_name(text: str) -> str:
    """A text as the id of a knowledge base: lower case, letters and digits of any script, hyphens."""
    return re.sub(r"[\W_]+", "-", text.lower()).strip("-") or "table"


def open_release(path: Path, options: ReleaseOptions | None = None, watch: Watch = unwatched) -> Release:
    """Open a terminology with the reader that recognises it."""
    chosen = options or ReleaseOptions()
    return recognise(path, chosen.format).open(path, chosen, watch)


def _named(format: str) -> Reader:
    found = next((reader for reader in READERS if reader.format == format), None)
    if found is None:
        known = ", ".join(reader.format for reader in READERS)
        raise NotFoundError(f"no format of terminologies is called {format[:40]!r}", hint=f"one of {known}")
    return found
