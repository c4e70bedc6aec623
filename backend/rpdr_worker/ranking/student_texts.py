"""What an encoder student reads of an item, and the retriever's score as a number it can weigh. No torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rpdr_core.records import Candidate
from rpdr_worker.ranking.student_memory import NOTHING, Remembered

# What a foreign list's order counts, in the retriever's scores: see decision 8.
_PLACE = 0.055


@dataclass(frozen=True, slots=True)
class Reading:
    """How the cosines of a candidate's strings become one.

    `softness`: temperature of the soft maximum (log-sum-exp), at which several near strings count for more than one; 0
    for the greatest. An official name is further from what people say than their own words are: its cosine is raised
    by `name_lead`, and by `alone_lead` besides where nobody has called the entity anything yet.
    """

    softness: float = 0.0
    name_lead: float = 0.0
    alone_lead: float = 0.0

    def with_share(self, share: float) -> Reading:
        """With that share of the leads."""
        return Reading(self.softness, round(share * self.name_lead, 6), round(share * self.alone_lead, 6))


GREATEST = Reading()


def mention_text(mention: str, context: str, width: int) -> str:
    """The mention, and behind it up to `width` characters of context on each side in brackets."""
    text, around = " ".join(mention.split()), " ".join(context.split())
    if width == 0 or not around or around == text:
        return text
    at = around.casefold().find(text.casefold())
    start, end = (max(0, at - width), at + len(text) + width) if at >= 0 else (0, 2 * width)
    return f"{text} ({around[start:end].strip()})"


def candidate_texts(candidate: Candidate, remembered: Remembered = NOTHING, besides: str = "") -> tuple[str, ...]:
    """The strings that stand for a candidate: its name, the official or lexicon string that brought it, and what
    people called it before, but for the wording `besides`.

    A memory term that brought a candidate counts only if it is in `remembered`: undone decisions are not.
    """
    name, matched = " ".join(candidate.name.split()), " ".join(candidate.matched.split())
    brought = (matched,) if matched and candidate.source in ("name", "synonym", "lexicon") else ()
    found: dict[str, str] = {}
    for text in (name, *brought, *remembered.strings(candidate.code, besides)):
        found.setdefault(text.casefold(), text)
    return tuple(found.values())


def prior_scores(candidates: Sequence[Candidate], gaps: Sequence[float]) -> list[float]:
    """The retriever's scores less the best one. A list without scores gets the usual `gaps` of its places.

    A list that is not in the order of its scores was made by somebody else: its order is evidence of its own.
    """
    scores = [candidate.score for candidate in candidates]
    if len(set(scores)) > 1 or len(scores) < 2:
        if any(after > before for before, after in pairwise(scores)):
            scores = [score - _PLACE * math.log(place) for place, score in enumerate(scores, 1)]
        best = max(scores, default=0.0)
        return [score - best for score in scores]
    last = gaps[-1] if gaps else 0.0
    return [gaps[place] if place < len(gaps) else last for place in range(len(scores))]


def usual_gaps(lists: Sequence[Sequence[Candidate]]) -> tuple[float, ...]:
    """Mean of how far the score at each place lies below the list's best, over the lists that have scores."""
    sums: list[float] = []
    counts: list[int] = []
    for candidates in lists:
        scores = [candidate.score for candidate in candidates]
        if len(set(scores)) < 2:
            continue
        best = max(scores)
        for place, score in enumerate(scores):
            if place == len(sums):
                sums.append(0.0)
                counts.append(0)
            sums[place] += score - best
            counts[place] += 1
    return tuple(round(total / count, 6) for total, count in zip(sums, counts, strict=True))
