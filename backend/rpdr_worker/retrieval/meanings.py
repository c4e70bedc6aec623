"""Which of several entities a mention means ("MS"): the one whose name and place read most like the context.

Only where the text cannot tell: strings that equal the mention and name entities of different branches. Every other
mention costs nothing, and no context moves it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rpdr_worker.retrieval.branches import same_branch
from rpdr_worker.retrieval.encoder import Vectors
from rpdr_worker.retrieval.reading import Readable
from rpdr_worker.retrieval.terms import Terminology

# What a cosine adds, and at most: the places of a lexicon's codes are 0.02 apart, and a decision is 0.15 above them.
_WEIGHT, _MOST = 0.25, 0.06
# Characters of a long context that are read, half of them on either side of the mention.
_WINDOW = 300


@dataclass(frozen=True, slots=True)
class Meanings:
    """`groups`: entities of one branch each; `names`: what each is called; `context`: what is read of the context."""

    context: str = ""
    names: tuple[str, ...] = ()
    groups: tuple[tuple[int, ...], ...] = ()

    def texts(self) -> tuple[str, ...]:
        """What needs a vector."""
        return (self.context, *self.names) if self.groups else ()


def meanings(terminology: Terminology, entities: Sequence[int], text: str, context: str) -> Meanings:
    """Groups of the entities that a mention names; none where all of them are of one branch."""
    groups: list[list[int]] = []
    for entity in entities:
        home = next((group for group in groups if same_branch(terminology, group[0], entity)), None)
        if home is None:
            groups.append([entity])
        else:
            home.append(entity)
    if len(groups) < 2:
        return Meanings()
    names = tuple(_described(terminology, group[0]) for group in groups)
    return Meanings(_window(text, context), names, tuple(map(tuple, groups)))


def leanings(found: Meanings, vectors: Mapping[Readable, Vectors]) -> dict[int, float]:
    """What the context adds to each entity's score; empty where there is no vector to tell by."""
    if not found.groups or any(text not in vectors for text in found.texts()):
        return {}
    near = [float(vectors[found.context] @ vectors[name]) for name in found.names]
    middle = sum(near) / len(near)
    return {
        entity: max(-_MOST, min(_MOST, _WEIGHT * (cosine - middle)))
        for group, cosine in zip(found.groups, near, strict=True)
        for entity in group
    }


def _described(terminology: Terminology, entity: int) -> str:
    """Its name, and what it belongs to."""
    one = terminology.entities[entity]
    above = [terminology.entities[terminology.position[parent]].name for parent in one.parents[:1]]
    return "; ".join([one.name, *above])


def _window(text: str, context: str) -> str:
    if len(context) <= _WINDOW:
        return context
    at = max(context.find(text), 0)
    start = max(0, min(at + len(text) // 2 - _WINDOW // 2, len(context) - _WINDOW))
    return context[start : start + _WINDOW]
