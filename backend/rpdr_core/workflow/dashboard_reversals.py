"""Mentions that keep being decided differently: it is the guideline that is unclear about them, not the reviewer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rpdr_core.records import Opinion
from rpdr_core.store.history import NOTHING_SHOWN, PastDecision, said

DECIDED = frozenset(("accept", "correct", "no_match"))
BY_HAND = frozenset(("open", "independent", "adjudicated"))
_REVERSED = 2
_SPLIT_ANSWERS = 3


@dataclass(frozen=True, slots=True)
class Reversal:
    """A mention that was decided differently again and again. `answers`: the codes it was given, oldest first, empty
    for no match; `split`: reviewers differ, and so do the rankers.
    """

    mention_id: int
    count: int
    reversals: int
    answers: tuple[str, ...]
    split: bool


def reversal_of(
    made: Sequence[PastDecision], standing: Sequence[PastDecision], opinions: Sequence[Opinion]
) -> Reversal | None:
    """From all decisions about a mention, oldest first, and those that were not undone; None for most mentions."""
    times = _reversals(made)
    split = _split(standing, opinions)
    if times < _REVERSED and not split:
        return None
    answers = tuple(one.code for one in made if one.kind in DECIDED)
    return Reversal(made[0].mention_id, made[0].count, times, answers, split)


def _reversals(made: Sequence[PastDecision]) -> int:
    """How often an answer given by hand was taken back: replaced by another one, undone, reopened or put off."""
    times, last = 0, None
    for one in made:
        if one.mode not in BY_HAND:
            continue
        if one.undone:
            times += one.kind in DECIDED
        elif one.kind in DECIDED:
            answer = (one.kind == "no_match", one.code)
            times += last is not None and answer != last
            last = answer
        else:
            times += last is not None
            last = None
    return times


def _split(standing: Sequence[PastDecision], opinions: Sequence[Opinion]) -> bool:
    """Several people gave different answers, and the rankers differ too."""
    given = [(one.reviewer, one.code) for one in standing if one.kind in DECIDED and one.mode in BY_HAND]
    given += [(one.reviewer, one.code) for one in opinions if one.kind in DECIDED]
    if len(given) < _SPLIT_ANSWERS or len({who for who, _ in given}) < 2 or len({code for _, code in given}) < 2:
        return False
    newest = next((one for one in reversed(standing) if one.shown != NOTHING_SHOWN), None)
    return newest is not None and len({one.code for one in said(newest.shown)}) > 1
