"""OMOP concept ids as targets: Usagi and SOURCE_TO_CONCEPT_MAP know no other codes."""

from __future__ import annotations

import re

from rpdr_core.formats.mappings.record import Mapping, MappingSet

MOST = 2**31 - 1
"""The greatest concept id (OMOP CDM 5.4: integer)."""


def concept_id(code: str, of: MappingSet) -> int:
    """A target's OMOP concept id; 0 where its code is none."""
    ids = of.concept_ids or of.target.casefold().startswith(("omop", "athena"))
    fits = ids and code.isascii() and code.isdecimal() and len(code) <= 10 and not code.startswith("0")
    return int(code) if fits and int(code) <= MOST else 0


def concept_ids(mapping: Mapping, of: MappingSet) -> tuple[int, ...]:
    """The concept ids of all targets; empty where one of them has none."""
    found = tuple(concept_id(target.code, of) for target in mapping.targets)
    return found if all(found) else ()


def vocabulary(code: str, of: MappingSet) -> str:
    """The OMOP vocabulary id of a target: as the set tells it, else what its terminology is called without `omop`."""
    found = of.vocabulary(code)
    if found:
        return found
    plain = re.sub(r"^(omop|athena)[\W_]*", "", of.target, flags=re.IGNORECASE) or of.target
    return next((name for name in _USUAL if name.casefold() == re.sub(r"[-_]", " ", plain.casefold())), plain)


_USUAL = (
    "SNOMED", "RxNorm", "RxNorm Extension", "LOINC", "ICD10", "ICD10CM", "ICD10CN", "ICD10GM", "ICD9CM", "ICDO3", "ATC",
    "AMT", "MeSH", "MedDRA", "NDC", "UCUM", "HCPCS", "CPT4", "CVX", "OMOP Extension", "OMOP Genomic", "Cancer Modifier",
)  # fmt: skip
"""Vocabulary ids as the VOCABULARY table spells them, which matters there and not in a knowledge base's id."""
