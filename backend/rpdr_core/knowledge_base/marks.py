"""What files of the XML, OBO and JSON formats look like at a glimpse."""

from __future__ import annotations

import re

from rpdr_core.knowledge_base.glimpse import Glimpse

_ORDER_ROW = re.compile(rb"(\xef\xbb\xbf)?\d{5} [A-Z][0-9A-Z]{2,6} {1,5}[01] \S")
_ICD10CM = re.compile(r"ICD-?10-?CM?.{0,40}(TABULAR|INDEX|ORDER).*\.(XML|TXT)")

_RESOURCE = re.compile(r'"(resourceType|hierarchyMeaning|caseSensitive)"\s*:')
_OBO = re.compile(r"^(format-version:|\[Term\])", re.MULTILINE)


def is_icd10cm_files(seen: Glimpse) -> bool:
    """A tabular list, alphabetic index or order file of ICD-10-CM, or a folder or zip with one."""
    if seen.names:
        return any(_ICD10CM.match(name) for name in seen.file_names())
    return seen.root in ("ICD10CM.tabular", "ICD10CM.index") or _ORDER_ROW.match(seen.head) is not None


def is_claml(seen: Glimpse) -> bool:
    """A classification in ClaML, or a folder or zip whose files say so."""
    if seen.names:
        return any("CLAML" in name and name.endswith((".XML", ".CLAML")) for name in seen.file_names()) or any(
            name == "CLAML.DTD" for name in seen.file_names()
        )
    return seen.root == "ClaML"


def is_obo(seen: Glimpse) -> bool:
    """An ontology in OBO format, or a folder or zip with one."""
    if seen.names:
        return sum(name.endswith(".OBO") for name in seen.file_names()) == 1
    text = seen.text
    return not text.startswith(("<", "{")) and (_OBO.search(text) is not None)


def is_fhir(seen: Glimpse) -> bool:
    """A FHIR resource in JSON, of whatever type: its reader says which one is wanted."""
    if seen.names:
        return sum(name.endswith(".JSON") for name in seen.file_names()) == 1
    return seen.text.startswith("{") and (_RESOURCE.search(seen.text) is not None)
