"""What a decision teaches a re-ranker: an order of the candidates and a verdict, or why it teaches nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rpdr_core.records import Candidate, Decision, Ranking, Verdict
from rpdr_core.workflow.leading import by_role, leading, rank_of

DISPUTED = "two reviewers differ, and nobody has settled it"
"""Why a mention's decision neither teaches nor judges anybody: it is one of two words."""

Meaning = Literal["accepted", "corrected", "no_match"]
Exclusion = Literal[
    "deferred",
    "no candidates were on screen",
    "the chosen entity was not among the candidates",
    "the mention is none (not a mention, or unreadable)",
    "no match, and no order but the retriever's own",
    "accepted unseen: the ranker said so, nobody else",
]


@dataclass(frozen=True, slots=True)
class Label:
    """`candidates` as a ranker gets them, in the order of `numbered_by`; `order`: their numbers from 1, best first."""

    meaning: Meaning
    candidates: tuple[Candidate, ...]
    order: tuple[int, ...]
    verdict: Verdict
    numbered_by: str


def label_of(decision: Decision, shown: Sequence[Ranking]) -> Label | Exclusion:
    """The label of a decision in force, out of the rankings that were frozen with it.

    Candidates stand in the retriever's order, as they will at inference. A chosen entity comes first, then those that
    were chosen beside it; the others follow in the order of the ranking that led the screen. An entity that is broader
    or narrower than the mention, or overlaps it, is close. Where nothing matches, the retriever's own order is no
    label: it would be taught back to its pupil.
    """
    if decision.kind == "defer":
        return "deferred"
    if decision.mode == "agreed":
        return "accepted unseen: the ranker said so, nobody else"
    if decision.reason in ("not_a_mention", "unreadable"):
        return "the mention is none (not a mention, or unreadable)"
    led = leading(shown)
    numbered = by_role(shown, "retriever") or led
    if led is None or numbered is None or not numbered.candidates:
        return "no candidates were on screen"
    codes = [candidate.code for candidate in numbered.candidates]
    ordered = [code for code in dict.fromkeys(candidate.code for candidate in led.candidates) if code in codes]
    ordered += [code for code in codes if code not in ordered]
    verdict: Verdict = "none"
    if decision.kind == "no_match":
        if led.ranker == "retriever":
            return "no match, and no order but the retriever's own"
    elif decision.code not in codes:
        return "the chosen entity was not among the candidates"
    else:
        chosen = [decision.code, *(further.code for further in decision.also if further.code in codes)]
        ordered = [*chosen, *(code for code in ordered if code not in chosen)]
        verdict = "close" if decision.relation != "equivalent" else _verdict(decision.code, shown)
    meaning: Meaning = "accepted" if decision.kind == "accept" else "corrected" if decision.code else "no_match"
    order = tuple(rank_of(numbered.candidates, code) or 0 for code in ordered)
    return Label(meaning, numbered.candidates, order, verdict, numbered.ranker)


def _verdict(code: str, shown: Sequence[Ranking]) -> Verdict:
    """A chosen entity is exact, unless a ranker that put it first called it close and the reviewer let that stand."""
    for role in ("student", "teacher"):
        ranking = by_role(shown, role)
        if ranking and ranking.verdict == "close" and ranking.candidates and ranking.candidates[0].code == code:
            return "close"
    return "exact"
