"""How a chosen entity stands to its mention: four relations, each stored as one plain sentence.

The sentence names the direction, so that nobody who reads a table has to guess whose "broader" it is: it is always the
*target* (the entity) as seen from the *source* (the mention).
"""

from __future__ import annotations

from collections.abc import Mapping

from rpdr_core.errors import UserInputError
from rpdr_core.records import Relation

SENTENCES: Mapping[Relation, str] = {
    "equivalent": "the target means the same as the source",
    "broader": "the target is broader than the source",
    "narrower": "the target is narrower than the source",
    "inexact": "the target overlaps the source",
}
_RELATIONS: Mapping[str, Relation] = {sentence: relation for relation, sentence in SENTENCES.items()}


def sentence_of(relation: Relation) -> str:
    """The sentence that a relation is stored as."""
    return SENTENCES[relation]


def relation_of(sentence: str) -> Relation:
    """The relation that a stored sentence states; `UserInputError` where it is none of ours."""
    found = _RELATIONS.get(sentence)
    if found is None:
        raise UserInputError(f"no relation is called {sentence!r}", hint="; ".join(SENTENCES.values()))
    return found
