"""Scores of strings become scores of entities.

A string's score mixes dense and lexical cosine (`WEIGHT` lexical). An entity's score is the soft maximum over its
strings (log-sum-exp, as in BioSyn's synonym marginalisation, arXiv 2005.00239), so that several near synonyms count
for more than one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from rpdr_core.records import TermSource
from rpdr_worker.retrieval.encoder import Vectors

WEIGHT = 0.25
TEMPERATURE = 0.05
# Where a string has no vector its cosine is guessed from its lexical score (regression over AskAPatient names).
_GUESS_BASE, _GUESS_SLOPE = 0.25, 0.7


class Hit(NamedTuple):
    """A string that speaks for an entity. Higher `score` is better."""

    entity: int
    matched: str
    source: TermSource
    score: float
    exact: bool = False


def fuse(lexical: Vectors, dense: Vectors | None) -> Vectors:
    """Score per string; NaN in `dense` means that the string has no vector."""
    guess = _GUESS_BASE + _GUESS_SLOPE * lexical
    known = guess if dense is None else np.where(np.isnan(dense), guess, dense)
    return np.asarray((1.0 - WEIGHT) * known + WEIGHT * lexical, np.float32)


class Scored(NamedTuple):
    """An entity with its score and its best string."""

    entity: int
    score: float
    best: Hit


def entities_of(hits: Iterable[Hit]) -> list[Scored]:
    """Entities of the hits, best first; ties keep the terminology's order."""
    groups: dict[int, list[Hit]] = {}
    for hit in hits:
        groups.setdefault(hit.entity, []).append(hit)
    scored = [_soft_maximum(entity, members) for entity, members in groups.items()]
    return sorted(scored, key=lambda item: (-item.score, item.entity))


def _soft_maximum(entity: int, members: list[Hit]) -> Scored:
    if len(members) == 1:
        return Scored(entity, members[0].score, members[0])
    best = max(members, key=lambda hit: hit.score)
    total = sum(math.exp((hit.score - best.score) / TEMPERATURE) for hit in members)
    return Scored(entity, best.score + TEMPERATURE * math.log(total), best)
