"""The one table of relation directions: how each format of mappings says what we call `Relation`.

Our relation is the target as seen from the source: `broader` means that the target is broader than the source. Formats
look from either end, and one word may mean opposite things in two of them, so no other module spells such a word.

FHIR R4, `ConceptMap.group.element.target.equivalence` (hl7.org/fhir/R4/codesystem-concept-map-equivalence.html), looks
    at the target: `wider`, "the target mapping is wider in meaning than the source concept"; `subsumes`, the target
    subsumes the source (the source is-a target); `narrower` and `specializes` (the target is-a source) are their
    opposites; `inexact` is an overlap of both; `disjoint` states that there is no relation. Invariant cmd-1: `narrower`
    and `inexact` need a comment.
FHIR R5, `target.relationship` (hl7.org/fhir/R5/codesystem-concept-map-relationship.html), looks at the source:
    `source-is-narrower-than-target` is R4's `wider`. That there is no match is said by `element.noMap`. Invariant
    cmd-1: `source-is-broader-than-target` and `not-related-to` need a comment, except in a draft.
SSSOM, `predicate_id` (mapping-commons.github.io/sssom/spec-model, W3C SKOS Reference section 10): the triple "subject
    skos:broadMatch object" says that the object, our target, is the broader one. That there is no match is said by the
    object `sssom:NoTermFound`, that there is no relation by `predicate_modifier` `Not`.
Usagi, `equivalence`: the code (OHDSI/Usagi, Equivalence.java; issue 156) equates `WIDER` with skos:broadMatch and
    `NARROWER` with skos:narrowMatch, and the help names FHIR's R4 codes as its source: the target is the wider one. The
    help's own wording, "the target contains more information" for wider, reads the other way round, and users may have
    followed it. We follow the code. `EQUAL` is skos:exactMatch there and `EQUIVALENT` "the same meaning", which is what
    our `equivalent` says: both are read as it.
OMOP SOURCE_TO_CONCEPT_MAP has no place for a relation at all.

`inexact`, an overlap, is written as skos:relatedMatch and related-to: both leave the relation open. skos:closeMatch
would claim that the two can stand for each other; it is read as `inexact`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from rpdr_core.errors import FileFormatError
from rpdr_core.records import Relation

Heard = Relation | Literal["no_match", "unrelated", "open"]
"""What a file's word says of a pair: a relation, that there is no target, that source and target are not related, or
nothing yet."""


@dataclass(frozen=True, slots=True)
class Directions:
    """One format's words: `said` for each of our relations, and `heard` for each word that its files may hold.

    `no_match` is its word for a source without a target, empty where it has none.
    """

    field: str
    said: Mapping[Relation, str]
    heard: Mapping[str, Heard]
    no_match: str = ""
    open_words: bool = False

    def word(self, relation: Relation) -> str:
        """The format's word for a relation."""
        return self.said[relation]

    def hear(self, word: str, *, file: str, line: int = 0) -> Heard:
        """What a word of a file says; `FileFormatError` where the format has no such word."""
        found = self.heard.get(word)
        if found is not None:
            return found
        if self.open_words:
            return "inexact"
        hint = "one of " + ", ".join(self.heard)
        raise FileFormatError(f"{self.field} {word[:40]!r} is not known", hint=hint, file=file, line=line)


FHIR_R4 = Directions(
    "equivalence",
    MappingProxyType(
        {"equivalent": "equivalent", "broader": "wider", "narrower": "narrower", "inexact": "inexact"},
    ),
    MappingProxyType(
        {
            "equivalent": "equivalent",
            "equal": "equivalent",
            "wider": "broader",
            "subsumes": "broader",
            "narrower": "narrower",
            "specializes": "narrower",
            "inexact": "inexact",
            "relatedto": "inexact",
            "unmatched": "no_match",
            "disjoint": "unrelated",
        }
    ),
    no_match="unmatched",
)

FHIR_R5 = Directions(
    "relationship",
    MappingProxyType(
        {
            "equivalent": "equivalent",
            "broader": "source-is-narrower-than-target",
            "narrower": "source-is-broader-than-target",
            "inexact": "related-to",
        }
    ),
    MappingProxyType(
        {
            "equivalent": "equivalent",
            "source-is-narrower-than-target": "broader",
            "source-is-broader-than-target": "narrower",
            "related-to": "inexact",
            "not-related-to": "unrelated",
        }
    ),
)

SSSOM = Directions(
    "predicate_id",
    MappingProxyType(
        {
            "equivalent": "skos:exactMatch",
            "broader": "skos:broadMatch",
            "narrower": "skos:narrowMatch",
            "inexact": "skos:relatedMatch",
        }
    ),
    MappingProxyType(
        {
            "skos:exactMatch": "equivalent",
            "owl:equivalentClass": "equivalent",
            "owl:equivalentProperty": "equivalent",
            "owl:sameAs": "equivalent",
            "skos:broadMatch": "broader",
            "rdfs:subClassOf": "broader",
            "rdfs:subPropertyOf": "broader",
            "skos:narrowMatch": "narrower",
            "sssom:superClassOf": "narrower",
            "skos:closeMatch": "inexact",
            "skos:relatedMatch": "inexact",
        }
    ),
    # Readers must accept any predicate (SSSOM, "Allowed and common mapping predicates").
    open_words=True,
)

USAGI = Directions(
    "equivalence",
    MappingProxyType(
        {"equivalent": "EQUIVALENT", "broader": "WIDER", "narrower": "NARROWER", "inexact": "INEXACT"},
    ),
    MappingProxyType(
        {
            "EQUIVALENT": "equivalent",
            "EQUAL": "equivalent",
            "WIDER": "broader",
            "NARROWER": "narrower",
            "INEXACT": "inexact",
            "UNMATCHED": "no_match",
            "UNREVIEWED": "open",
            # The names that Usagi shows since 1.4.4.
            "exactMatch": "equivalent",
            "closeMatch": "equivalent",
            "broadMatch": "broader",
            "narrowMatch": "narrower",
            "relatedMatch": "inexact",
            "unmatched": "no_match",
            "unreviewed": "open",
        }
    ),
    no_match="UNMATCHED",
)
