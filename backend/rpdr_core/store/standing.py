"""What the rankers together say of a mention: how sure, how far ahead, and who differs from whom."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from rpdr_core.records import RETRIEVER_STUDENT, RETRIEVER_TEACHER, TEACHER_STUDENT, Verdict

STUDENT = "student:"
NEWEST = (
    "ranker, answer, confidence, verdict, json_array_length(candidates),"
    " iif(json_type(candidates, '$[0][4]') IN ('real', 'integer'), json_extract(candidates, '$[0][4]'), NULL),"
    " iif(json_type(candidates, '$[1][4]') IN ('real', 'integer'), json_extract(candidates, '$[1][4]'), NULL)"
)
"""Columns of `ranking` that make a `Newest`. A score that is no number, in a strange file, is none."""

_ROLES = ("student", "teacher", "retriever")
_PAIRS = {
    frozenset(("retriever", "teacher")): RETRIEVER_TEACHER,
    frozenset(("retriever", "student")): RETRIEVER_STUDENT,
    frozenset(("teacher", "student")): TEACHER_STUDENT,
}


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest ranking of one ranker. `answer`: its first candidate's code, empty for "none of these"; `length`:
    of its list; `first` and `second`: scores of the first two, None where there are fewer.
    """

    ranker: str
    answer: str
    confidence: float | None = None
    verdict: Verdict = ""
    length: int = 0
    first: float | None = None
    second: float | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A mention's columns that follow from its rankings; `margin` in thousandths, `quarrel` in bits (see `records`)."""

    confidence: float | None = None
    disagreement: int = 0
    guess: str = ""
    margin: int | None = None
    verdict: Verdict = ""
    quarrel: int = 0


def standing(newest: Sequence[Newest], in_use: str | None = None) -> Standing:
    """The standing of a mention, given its newest rankings, oldest first.

    The ranker that counts is the student, else the teacher, else the retriever: it gives guess, margin and verdict.
    Confidence is its own, or that of the next one which states any. Disagreement is the number of different answers
    of the three, less one; quarrel says which two differ. The student is the one of id `in_use`, none where that is
    empty; the newest where it is None, as in a project that never put one in use.
    """
    counts = [one for one in newest if in_use is None or one.ranker == STUDENT + in_use or _role(one) != "student"]
    by_role = {_role(one): one for one in counts}
    present = [by_role[role] for role in _ROLES if role in by_role]
    if not present:
        return Standing()
    leads = present[0]
    return Standing(
        confidence=next((one.confidence for one in present if one.confidence is not None), None),
        disagreement=len({one.answer for one in present}) - 1,
        guess=leads.answer,
        margin=margin_of(leads),
        verdict=leads.verdict,
        quarrel=sum(
            _PAIRS[frozenset((_role(one), _role(other)))]
            for one, other in combinations(present, 2)
            if one.answer != other.answer
        ),
    )


def margin_of(ranking: Newest) -> int | None:
    """How far the first candidate is ahead of the second: 0 (level) to 1000 (alone), in thousandths.

    The scores of retriever and teacher are the retriever's: cosines with something added for exact matches, so the
    margin is their difference. (A teacher orders without scores and leaves the retriever's on the list. Where it puts
    a lower one first, the two are at odds: no margin.) A student's are logits: the margin is by how much the second's
    share is smaller than the first's. None where there is no candidate, or a ranker gave no scores: all 0, or a
    student that wrote its order out and numbered the places 0, -1, -2.
    """
    if ranking.length == 0 or ranking.first is None:
        return None
    if ranking.length == 1 or ranking.second is None:
        return 1000
    written = ranking.confidence is None and _role(ranking) == "student" and ranking.second == -1
    if ranking.first == 0 and (ranking.second == 0 or written):
        return None
    ahead = max(0.0, ranking.first - ranking.second)
    return round(1000 * (1 - math.exp(-ahead) if _role(ranking) == "student" else min(1.0, ahead)))


def _role(ranking: Newest) -> str:
    return "student" if ranking.ranker.startswith(STUDENT) else ranking.ranker
