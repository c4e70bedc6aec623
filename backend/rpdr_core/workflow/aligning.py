"""What a knowledge base teaches an encoder of itself: a row for each of its strings, with the entity that it names."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from rpdr_core.folding import fold
from rpdr_core.knowledge_base.lexicon import LexiconTerm
from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.protocol.messages import TrainingRow
from rpdr_core.records import Candidate, Entity
from rpdr_core.workflow.distilling import TrainingRows
from rpdr_core.workflow.held_out import place

HELD_OUT = 0.1
ORIGIN = "terminology"
_NOT_TARGETS = frozenset(("chapter", "block", "extension"))
_BESIDE = 5


def rows_from_names(
    catalogue: Catalogue,
    *,
    seed: int = 0,
    held_out: float = HELD_OUT,
    lexicon: bool = True,
    check: Callable[[], None] = lambda: None,
) -> TrainingRows:
    """Rows of the official strings of all that a mention may be linked to, and of our lexicon's Latin terms.

    A row's first candidate is the entity; on the row of its name stand entities beside it, too (of the same parent).
    `held_out` is the share of synonyms kept back to judge by: no kept string of any entity equals one (case and white
    space folded), nor does a term of the lexicon. Seventh-character extensions repeat their parents' names and are
    left out, as in the index.
    """
    entities = []
    for entity in catalogue.entities():
        check()
        if entity.active and entity.type not in _NOT_TARGETS:
            entities.append(entity)
    kept = {entity.code: entity for entity in entities}
    held = _held_out(entities, seed, held_out)
    beside = _beside(entities, seed)
    train: list[TrainingRow] = []
    for entity in entities:
        check()
        own = held.get(entity.code, {})
        near = tuple(_candidate(kept[code]) for code in beside.get(entity.code, ()))
        train.append(_row(entity.name, entity, near))
        train += [_row(synonym, entity) for synonym in entity.synonyms if fold(synonym) not in own]
    if lexicon:
        hidden = {text for texts in held.values() for text in texts}
        train += _of_lexicon(catalogue.lexicon_terms(), kept, hidden)
    judged = tuple(_row(text, kept[code]) for code, texts in held.items() for text in texts.values())
    origins = {"strings": len(train), "entities": len(entities)}
    return TrainingRows(tuple(train), judged, origins, {"held out": len(judged)} if judged else {})


def _held_out(entities: Iterable[Entity], seed: int, share: float) -> dict[str, dict[str, str]]:
    """Held-out synonyms by code, folded and as written: those that name one entity once."""
    entities = list(entities)
    times: dict[str, int] = {}
    for entity in entities:
        for text in (entity.name, *entity.synonyms):
            times[fold(text)] = times.get(fold(text), 0) + 1
    held: dict[str, dict[str, str]] = {}
    for entity in entities:
        for synonym in entity.synonyms:
            text = fold(synonym)
            if times[text] == 1 and place("held out synonym", seed, f"{entity.code} {text}") < share:
                held.setdefault(entity.code, {})[text] = synonym
    return held


def _beside(entities: Iterable[Entity], seed: int) -> Mapping[str, tuple[str, ...]]:
    """A few entities of the same parent for each; the same for the same seed."""
    families: dict[str, list[str]] = {}
    for entity in entities:
        for parent in entity.parents[:1]:
            families.setdefault(parent, []).append(entity.code)
    draw = random.Random(f"beside {seed}")  # noqa: S311 - a sample, guards nothing
    found: dict[str, tuple[str, ...]] = {}
    for codes in families.values():
        for code in codes:
            drawn = draw.sample(codes, min(_BESIDE + 1, len(codes)))
            found[code] = tuple(one for one in drawn if one != code)[:_BESIDE]
    return found


def _of_lexicon(terms: Iterable[LexiconTerm], kept: Mapping[str, Entity], hidden: set[str]) -> Iterator[TrainingRow]:
    """The first code of a term is what it means. Terms in Chinese say nothing to an encoder of English."""
    for term in terms:
        if term.term.isascii() and fold(term.term) not in hidden and term.codes and term.codes[0] in kept:
            row = _row(term.term, kept[term.codes[0]])
            yield replace(row, origin="lexicon")


def _row(text: str, entity: Entity, beside: tuple[Candidate, ...] = ()) -> TrainingRow:
    candidates = (_candidate(entity), *beside)
    return TrainingRow(text, "", candidates, tuple(range(len(candidates))), ORIGIN)


def _candidate(entity: Entity) -> Candidate:
    return Candidate(entity.code, entity.name)
