"""What reviewed mentions teach while a file is linked, and how they are judged all the same.

In the order of a lot they are cut into blocks; each block is answered by a ranker that remembers the blocks before it
and no more. Given those, a block is a random draw like any other, so the exact test of `evaluation.risk` holds for
what was remembered then: leaving each mention out in turn would not do, for its errors hang together. Then all of them
are remembered, and the file is linked. That more of the same kind does not make answers of one confidence worse is the
one thing that is assumed, and the blocks, of which the last ones know most of it, would show it.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rpdr_core.errors import NotAllowedError
from rpdr_core.folding import fold
from rpdr_core.records import MemoryTerm, NewMention, Ranking
from rpdr_core.workflow.linking_drift import Trait, trait_of

Linker = Callable[[list[NewMention]], list[Ranking]]

BLOCKS = 8
_SEED = 27
"""The order must not be chosen by its outcome: it is the same in every run."""


@dataclass(frozen=True, slots=True)
class Memory:
    """The memory of the worker that links. `after`: no decision in it has a higher id."""

    link: Linker
    remember: Callable[[tuple[MemoryTerm, ...]], object]
    forget: Callable[[tuple[int, ...]], object]
    after: int
    chunk: int


@dataclass(frozen=True, slots=True)
class Judged:
    """`cases`: (confidence, right) of each reviewed mention. `traits`: how they look to the ranker that links the file,
    to be compared with its rows. `learned`: what is remembered of them, nothing where they were judged alone. `alone`:
    wordings (folded) that one block alone has taught, so that they were not known when their traits were taken.
    """

    cases: tuple[tuple[float, bool], ...]
    traits: tuple[Trait, ...]
    learned: tuple[MemoryTerm, ...] = ()
    alone: tuple[str, ...] = ()


def judge(reviewed: Sequence[NewMention], link: Linker, chunk: int) -> Judged:
    """Without learning: the ranker stays as it is."""
    rankings = _linked(reviewed, link, chunk)
    return Judged(tuple(judged_of(reviewed, rankings)), _traits(reviewed, rankings))


def judge_and_learn(reviewed: Sequence[NewMention], memory: Memory) -> Judged:
    """Judge block by block and remember them all. They stay in the worker's memory."""
    drawn = _drawn(reviewed)
    blocks = [(part, _terms(part, memory.after)) for part in _blocks(drawn)]
    cases: list[tuple[float, bool]] = []
    for part, terms in blocks:
        mentions = [mention for _, mention in part]
        cases += judged_of(mentions, _linked(mentions, memory.link, memory.chunk))
        memory.remember(terms)
    traits: list[Trait] = []
    for part, terms in blocks:
        # The file's rows meet a memory that lacks them: so must these, or every file would look unlike them.
        mentions = [mention for _, mention in part]
        memory.forget(tuple(term.decision_id for term in terms))
        traits += _traits(mentions, _linked(mentions, memory.link, memory.chunk))
        memory.remember(terms)
    learned = tuple(term for _, terms in blocks for term in terms)
    return Judged(tuple(cases), tuple(traits), learned, _alone([terms for _, terms in blocks]))


def judged_of(reviewed: Sequence[NewMention], rankings: Sequence[Ranking]) -> list[tuple[float, bool]]:
    """(confidence, right) of each reviewed mention. No answer is a wrong one of confidence 0."""
    judged = []
    for mention, ranking in zip(reviewed, rankings, strict=True):
        if ranking.candidates and ranking.confidence is None:
            message = f"the ranker {ranking.ranker} does not say how sure it is"
            raise NotAllowedError(message, hint="link with --ranker retriever, or with a calibrated student")
        right = bool(ranking.candidates) and ranking.candidates[0].code == mention.code
        judged.append((ranking.confidence or 0.0, right))
    return judged


Drawn = tuple[int, NewMention]
"""A mention with its place in the draw."""


def _terms(part: Iterable[Drawn], after: int) -> tuple[MemoryTerm, ...]:
    """What is remembered of reviewed mentions: those that have a code."""
    return tuple(MemoryTerm(mention.text, mention.code, after + 1 + place) for place, mention in part if mention.code)


def _alone(blocks: Iterable[Iterable[MemoryTerm]]) -> tuple[str, ...]:
    taught = Counter(text for terms in blocks for text in {fold(term.term) for term in terms})
    return tuple(sorted(text for text, times in taught.items() if times == 1))


def _drawn(reviewed: Sequence[NewMention]) -> list[Drawn]:
    order = list(reviewed)
    random.Random(_SEED).shuffle(order)  # noqa: S311 - a lot that is the same in every run
    return list(enumerate(order))


def _blocks(drawn: Sequence[Drawn]) -> list[Sequence[Drawn]]:
    size = max(1, -(-len(drawn) // BLOCKS))
    return [drawn[start : start + size] for start in range(0, len(drawn), size)]


def _linked(mentions: Sequence[NewMention], link: Linker, chunk: int) -> list[Ranking]:
    rankings: list[Ranking] = []
    for start in range(0, len(mentions), chunk):
        rankings += link(list(mentions[start : start + chunk]))
    return rankings


def _traits(mentions: Sequence[NewMention], rankings: Sequence[Ranking]) -> tuple[Trait, ...]:
    return tuple(
        trait_of(mention, one.candidates[0].matched if one.candidates else "", one.confidence)
        for mention, one in zip(mentions, rankings, strict=True)
    )
