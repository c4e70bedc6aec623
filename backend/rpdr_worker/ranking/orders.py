"""Two answers about one item, asked in two orders of its candidates, made one; and how far they agree."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from rpdr_core.records import Verdict

_DIGITS = 2


def agreement(first: Sequence[int], second: Sequence[int]) -> float:
    """0..1: half for the same first candidate, half for the share of pairs that stand in the same order.

    Rounded to two places, so that a project's provenances stay few.
    """
    place = {candidate: at for at, candidate in enumerate(second)}
    pairs = list(itertools.combinations(first, 2))
    same = sum(place[before] < place[after] for before, after in pairs)
    share = same / len(pairs) if pairs else 1.0
    return round((float(first[0] == second[0]) + share) / 2, _DIGITS)


def merged(first: Sequence[int], second: Sequence[int]) -> tuple[int, ...]:
    """By the sum of both places, the first answer where they tie."""
    place = {candidate: at for at, candidate in enumerate(second)}
    return tuple(candidate for _, _, candidate in sorted((at + place[one], at, one) for at, one in enumerate(first)))


def common(first: Verdict, second: Verdict) -> Verdict:
    """The verdict that both stand for; `close` where one said exact and the other close; else none given."""
    if first == second:
        return first
    return "close" if {first, second} == {"exact", "close"} else ""
