"""Identifiers that the specification gives a meaning, and the tags of languages that have a reference set.

Release File Specification, "Metadata Hierarchy", "Reference Set Types" and "Historical Association Reference Sets";
tags: Expression Constraint Language, appendix "Dialect Aliases".
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rpdr_core.knowledge_base.release import AssociationKind

FULLY_SPECIFIED_NAME = "900000000000003001"
SYNONYM = "900000000000013009"
DEFINITION = "900000000000550004"
PREFERRED = "900000000000548007"
ACCEPTABLE = "900000000000549004"
IS_A = "116680003"
INFERRED = "900000000000011006"

AMERICAN = "900000000000509007"
BRITISH = "900000000000508004"

ASSOCIATIONS: Mapping[str, AssociationKind] = MappingProxyType(
    {
        "900000000000526001": "replaced_by",
        "900000000000527005": "same_as",
        "1186921001": "possibly_replaced_by",
        "900000000000523009": "possibly_equivalent_to",
        "1186924009": "partially_equivalent_to",
        "900000000000530003": "alternative",
        "900000000000528000": "was_a",
        "900000000000524003": "moved_to",
    }
)

MAPS: Mapping[str, str] = MappingProxyType({"447562003": "ICD-10", "6011000124106": "ICD-10-CM", "446608001": "ICD-O"})
"""Names of other terminologies by map reference set; one that is not here goes by its title in the release."""

LEGACY_MAPS = frozenset(("900000000000497000", "900000000000498005"))
"""CTV3 and SNOMED RT: identifiers that a concept had before, one for nearly each, and nothing to map to today."""

DIALECTS: Mapping[str, str] = MappingProxyType(
    {
        AMERICAN: "en-US",
        BRITISH: "en-GB",
        "32570271000036106": "en-AU",
        "19491000087109": "en-CA",
        "20581000087109": "fr-CA",
        "271000210107": "en-NZ",
        "21000220103": "en-IE",
        "999001261000000100": "en-NHS-clinical",
        "999000691000001104": "en-NHS-pharmacy",
        "448879004": "es",
        "450828004": "es-AR",
        "5641000179103": "es-UY",
        "722131000": "fr",
        "21000172104": "fr-BE",
        "31000172101": "nl-BE",
        "31000146106": "nl-NL",
        "722130004": "de",
        "554461000005103": "da-DK",
        "46011000052107": "sv-SE",
        "61000202103": "nb-NO",
        "91000202106": "nn-NO",
        "71000181105": "et-EE",
        "722129009": "ja",
        "722128001": "zh",
    }
)

NOT_FINDINGS = frozenset(
    (
        "attribute",
        "core metadata concept",
        "foundation metadata concept",
        "link assertion",
        "linkage concept",
        "metadata",
        "namespace concept",
        "OWL metadata concept",
        "SNOMED RT+CTV3",
        "special concept",
    )
)
"""Semantic tags of what SNOMED CT needs to speak of itself: never what a mention means, so never assigned."""
