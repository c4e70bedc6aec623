"""Names for the world outside: URIs of code systems in FHIR, prefixes of identifiers in SSSOM.

Well-known terminologies have names of their own (terminology.hl7.org, external code systems; bioregistry.io). For the
rest there is a name under `rpdr-desk.invalid`, a domain that never resolves (RFC 2606): it names and leads nowhere.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from urllib.parse import quote, unquote

from rpdr_core.formats.mappings.record import MappingSet

OWN = "http://rpdr-desk.invalid/"


@dataclass(frozen=True, slots=True)
class Known:
    """A terminology with names of its own: FHIR's `system`, and the prefix and its expansion for SSSOM."""

    id: str
    system: str
    prefix: str
    expansion: str


KNOWN = (
    Known("icd10cm", "http://hl7.org/fhir/sid/icd-10-cm", "ICD10CM", "http://purl.bioontology.org/ontology/ICD10CM/"),
    Known("icd10", "http://hl7.org/fhir/sid/icd-10", "ICD10", "https://icd.who.int/browse10/2019/en#/"),
    Known("snomed", "http://snomed.info/sct", "SCTID", "http://snomed.info/id/"),
    Known("sct", "http://snomed.info/sct", "SCTID", "http://snomed.info/id/"),
    Known("loinc", "http://loinc.org", "LOINC", "http://loinc.org/rdf/"),
    Known(
        "rxnorm",
        "http://www.nlm.nih.gov/research/umls/rxnorm",
        "RXNORM",
        "http://purl.bioontology.org/ontology/RXNORM/",
    ),
    Known("omop", f"{OWN}terminology/omop", "OMOP", "https://athena.ohdsi.org/search-terms/terms/"),
    Known("athena", f"{OWN}terminology/athena", "OMOP", "https://athena.ohdsi.org/search-terms/terms/"),
)


def known(target: str) -> Known | None:
    """The terminology that a knowledge base's id begins with, e.g. `icd10cm-2026`."""
    plain = re.sub(r"[^a-z0-9]", "", target.casefold())
    # "icd10" must not claim "icd10gm", nor a letter go on after any of them.
    fits = (one for one in KNOWN if re.match(rf"{one.id}(?![a-z])|{one.id}ct", plain))
    return max(fits, key=lambda one: len(one.id), default=None)


def system_of(target: str) -> str:
    """FHIR's URI of a terminology."""
    found = known(target)
    return found.system if found else own("terminology", target)


def own(kind: str, name: str) -> str:
    """A URI of ours for what has no other name."""
    return f"{OWN}{kind}/{quote(name or 'unnamed', safe='')}"


def name_of(uri: str) -> str:
    """The name that a URI stands for: the reverse of `own` and `system_of`, other URIs as they are."""
    if uri.startswith(OWN):
        return unquote(uri.rpartition("/")[2])
    return next((one.id for one in KNOWN if one.system == uri), uri)


def set_id(of: MappingSet) -> str:
    """A URN for a set of mappings, the same for the same statements about it."""
    said = (of.title, of.source, of.target, of.target_version, of.target_fingerprint, of.made_at)
    return uuid.uuid5(uuid.NAMESPACE_URL, "\0".join((OWN, *said))).urn
