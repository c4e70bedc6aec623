"""Words of the Terminologies page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from rpdr_core.records import Entity
from rpdr_desk.views import wording
from rpdr_desk.views.files import words as files

if TYPE_CHECKING:
    from rpdr_desk.operations.shelf import Held, Look

SHELF_FIGURES = frozenset((2, 3, 4))
SYNONYMS = 6
"""So many synonyms of an entity stand in a cell."""


def shelf_headings() -> tuple[str, ...]:
    say = QCoreApplication.translate
    return (
        say("terminologies", "Terminology"),
        say("terminologies", "Version"),
        say("terminologies", "Entities"),
        say("terminologies", "Terms"),
        say("terminologies", "Size"),
        say("terminologies", "Imported"),
        say("terminologies", "Use"),
    )


def shelf_row(held: Held, used: str) -> tuple[str, ...]:
    """`used`: fingerprint of the one that the project maps to."""
    say, info = QCoreApplication.translate, held.info
    here = bool(info.fingerprint)
    use = say("terminologies", "this project") if here and info.fingerprint == used else ""
    return (
        info.title,
        info.version,
        wording.number(info.entities) if here else "–",
        wording.number(info.terms) if here else "–",
        files.size(held.size) if held.size else "–",
        wording.day(held.made_at) if held.made_at else say("terminologies", "comes with the program"),
        use,
    )


def entity_headings() -> tuple[str, ...]:
    say = QCoreApplication.translate
    return (
        say("terminologies", "Code"),
        say("terminologies", "Name"),
        say("terminologies", "Type"),
        say("terminologies", "Below"),
        say("terminologies", "State"),
        say("terminologies", "Synonyms"),
    )


def entity_row(entity: Entity) -> tuple[str, ...]:
    more = len(entity.synonyms) - SYNONYMS
    synonyms = "; ".join(entity.synonyms[:SYNONYMS]) + (f"; +{more}" if more > 0 else "")
    return (entity.code, entity.name, entity.type, ", ".join(entity.parents), _state(entity), synonyms)


def _state(entity: Entity) -> str:
    say = QCoreApplication.translate
    if not entity.active:
        return say("terminologies", "retired")
    return "" if entity.assignable else say("terminologies", "not to be assigned")


def field_text(name: str) -> str:
    """What a column of a table of entities holds; a field that we have no words for stays as it is."""
    say = QCoreApplication.translate
    known = {
        "code": say("terminologies", "Code"),
        "name": say("terminologies", "Name"),
        "synonyms": say("terminologies", "Synonyms"),
        "parents": say("terminologies", "Codes above it"),
        "type": say("terminologies", "Type"),
        "active": say("terminologies", "In use (yes or no)"),
        "replaced_by": say("terminologies", "Replaced by"),
    }
    return known.get(name, name)


def summary(look: Look) -> str:
    """What a file is, in one line."""
    say = QCoreApplication.translate
    parts = [format_text(look.format, look.format_title), look.version]
    if look.table is not None and look.table.encoding:
        parts.append(look.table.encoding.upper())
    if look.estimate:
        parts.append(wording.fill(say("terminologies", "about %1"), files.entities(look.estimate)))
    return "   ·   ".join(part for part in parts if part)


def format_text(format: str, title: str) -> str:
    """A format's title in the language of the moment; one that we have no words for stays as it is."""
    say = QCoreApplication.translate
    known = {
        "rf2": say("terminologies", "SNOMED CT (RF2)"),
        "icd10cm": say("terminologies", "ICD-10-CM release files"),
        "claml": say("terminologies", "Classification in ClaML (ICD-10)"),
        "obo": say("terminologies", "Ontology in OBO format"),
        "fhir": say("terminologies", "FHIR CodeSystem (JSON)"),
        "omop": say("terminologies", "OMOP vocabularies (Athena)"),
        "table": say("terminologies", "Table (CSV, TSV, XLSX)"),
    }
    return known.get(format, title)


def needs_text(need: str) -> str:
    """What the user must choose before anything can be imported."""
    say = QCoreApplication.translate
    match need:
        case "encoding":
            return say("terminologies", "Choose the encoding that reads right.")
        case "columns":
            return say("terminologies", "Say which column holds the code and which the name.")
        case "vocabularies":
            return say("terminologies", "Choose the vocabularies to import.")
        case _:
            return need
