"""Concepts with their descriptions and parents as entities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from rpdr_core.knowledge_base.rf2.concepts import Concepts
from rpdr_core.knowledge_base.rf2.dialects import ALLOWED, AMERICAN_TOO, CHOSEN, ELSEWHERE
from rpdr_core.knowledge_base.rf2.metadata import NOT_FINDINGS
from rpdr_core.knowledge_base.rf2.parents import Parents
from rpdr_core.knowledge_base.rf2.terms import Term, Terms
from rpdr_core.knowledge_base.rf2.titles import parted
from rpdr_core.records import Entity, Note


@dataclass(frozen=True, slots=True)
class Named:
    """What the descriptions of a concept come to. `in_dialect`: the name is preferred in the chosen dialect."""

    name: str
    synonyms: tuple[str, ...]
    type: str
    notes: tuple[Note, ...]
    in_dialect: bool


def named(terms: list[Term]) -> Named | None:
    """Name, synonyms and semantic tag; None where there is neither a synonym nor a fully specified name.

    The preferred term of the chosen dialect is the name, else that of American English, of any dialect, else the fully
    specified name without its tag. Everything else that is a name somewhere becomes a synonym, acceptable ones first:
    a mention may be written in any dialect. The tag is the type, so no term carries it.
    """
    full = [term for term in terms if term.is_full_name]
    short = [term for term in terms if not term.is_full_name and not term.is_definition]
    short.sort(key=_rank)
    tagged = [parted(term.text) for term in sorted(full, key=lambda term: (not term.is_english, _rank(term)))]
    names = [*(term.text for term in short), *(name for name, _ in tagged)]
    # Preferred nowhere: any dialect's synonym says less than the fully specified name.
    if tagged and not (short and short[0].words & (CHOSEN | AMERICAN_TOO | ELSEWHERE)):
        names.insert(0, tagged[0][0])
    if not names:
        return None
    kept = tuple(dict.fromkeys(names))
    notes = tuple(Note("note", term.text) for term in terms if term.is_definition and term.words)
    in_dialect = bool(short and short[0].words & CHOSEN)
    return Named(kept[0], kept[1:], tagged[0][1] if tagged else "", notes, in_dialect)


def _rank(term: Term) -> int:
    for rank, bit in enumerate((CHOSEN, AMERICAN_TOO, ELSEWHERE, ALLOWED)):
        if term.words & bit:
            return rank
    return 4


def entities(
    concepts: Concepts, terms: Terms, parents: Parents, kept: bytearray, left_out: Counter[str]
) -> Iterator[Entity]:
    """The kept concepts in order. `left_out` counts what a person should hear of."""
    for at, code in enumerate(concepts.codes):
        if not kept[at]:
            continue
        found, active = named(list(terms.of(at))), bool(concepts.active[at])
        if found is None:
            left_out["nameless"] += 1
            found = Named(code, (), "", (), in_dialect=True)
        left_out["foreign"] += active and not found.in_dialect
        above = [parent for parent in parents.of(at) if kept[parent]]
        yield Entity(
            code=code,
            name=found.name,
            synonyms=found.synonyms,
            parents=tuple(concepts.codes[parent] for parent in above),
            type=found.type,
            active=active,
            assignable=active and found.name != code and found.type not in NOT_FINDINGS,
            notes=found.notes,
        )
