"""What one decision or one teacher's ranking asks of a student: an order of candidates, a verdict, who says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from rpdr_core.records import Candidate, Decision, Ranking, Verdict
from rpdr_core.workflow.labels import Label, label_of
from rpdr_core.workflow.leading import by_role, leading
from rpdr_core.workflow.origins import Origin

SINGLE = "a single candidate has no order"


@dataclass(frozen=True, slots=True)
class Target:
    """Candidates in retriever order, and their indexes from best to worst.

    `rejected`: indexes of candidates that a person saw and passed over. With the verdict `none` no candidate is
    right, and the order says nothing. `agreement` (0..1) scales the row's weight: how far the teacher agreed with
    itself when it saw the candidates in another order.
    """

    candidates: tuple[Candidate, ...]
    order: tuple[int, ...]
    origin: Origin
    verdict: Verdict
    rejected: tuple[int, ...] = ()
    agreement: float = 1.0


def human_target(
    decision: Decision,
    shown: Sequence[Ranking],
    standing_in: Sequence[Ranking] = (),
    *,
    propagated: bool = False,
    blind: bool = False,
) -> Target | str:
    """The target of a decision in force, or why it has none.

    `shown` are the rankings that were on screen. Where there were none the choice was blind, and `standing_in` gives
    the candidates. `blind`: the reviewer had said the same before any ranking was there. Where the chosen entity is
    not among the candidates, or nothing matches, none of them is right.
    """
    rankings = shown or standing_in
    label = label_of(decision, rankings)
    if isinstance(label, Label):
        candidates, order = label.candidates, tuple(number - 1 for number in label.order)
        verdict: Verdict = label.verdict
    elif label in _NONE_IS_RIGHT:
        numbered = by_role(rankings, "retriever") or leading(rankings)
        candidates = numbered.candidates if numbered else ()
        order, verdict = tuple(range(len(candidates))), "none"
    else:
        return label
    if len(candidates) < 2:
        return SINGLE
    propagated = propagated or decision.mode == "propagated"
    origin = origin_of(decision, shown, propagated=propagated, blind=blind)
    # Who did not look, or had nothing to look at, rejected nothing.
    looked_at = () if propagated or not shown else _passed_over(decision, rankings, candidates, verdict)
    return Target(candidates, order, origin, verdict, looked_at)


_NONE_IS_RIGHT = (
    "the chosen entity was not among the candidates",
    "no match, and no order but the retriever's own",
)


def origin_of(decision: Decision, shown: Sequence[Ranking], *, propagated: bool = False, blind: bool = False) -> Origin:
    """Where a decision's word comes from; arguments as in `human_target`."""
    if propagated or decision.mode == "propagated":
        return "propagated"
    if decision.kind == "no_match":
        return "no_match"
    if blind or not shown or decision.mode == "adjudicated":
        return "blind"
    return "accepted" if decision.kind == "accept" else "corrected"


def _passed_over(
    decision: Decision, shown: Sequence[Ranking], candidates: Sequence[Candidate], verdict: Verdict
) -> tuple[int, ...]:
    """All of them where none is right; else those that stood above the chosen one: the eye goes down the list."""
    if verdict == "none":
        return tuple(range(len(candidates)))
    led = leading(shown)
    codes = [candidate.code for candidate in led.candidates] if led else []
    above = set(codes[: codes.index(decision.code)]) if decision.code in codes else set()
    above -= {further.code for further in decision.also}
    return tuple(place for place, candidate in enumerate(candidates) if candidate.code in above)


def teacher_target(rankings: Sequence[Ranking]) -> Target | str | None:
    """The target that the teacher's newest ranking sets, or why it sets none; None where it has not ranked."""
    taught = by_role(rankings, "teacher")
    if taught is None:
        return None
    if not taught.verdict:
        return "the teacher gave no verdict"
    if len(taught.candidates) < 2:
        return SINGLE
    candidates = _in_retriever_order(taught.candidates, by_role(rankings, "retriever"))
    places = {candidate.code: place for place, candidate in enumerate(candidates)}
    order = tuple(places[candidate.code] for candidate in taught.candidates)
    origins: dict[Verdict, Origin] = {"exact": "teacher-exact", "close": "teacher-close", "none": "teacher-none"}
    return Target(candidates, order, origins[taught.verdict], taught.verdict, agreement=agreement_of(taught))


class _Asked(msgspec.Struct):
    agreement: float | None = None


def agreement_of(ranking: Ranking) -> float:
    """What a teacher's ranking says in its provenance of two orders; 1 where one was asked for, or could be used."""
    try:
        agreed = msgspec.json.decode(ranking.provenance.parameters, type=_Asked).agreement
    except msgspec.MsgspecError:
        return 1.0
    return 1.0 if agreed is None else min(1.0, max(0.0, agreed))


def _in_retriever_order(candidates: tuple[Candidate, ...], retrieved: Ranking | None) -> tuple[Candidate, ...]:
    """As the student will see them. A list that the retriever gives no longer is sorted by its scores of then."""
    codes = {candidate.code for candidate in candidates}
    if retrieved is not None and {candidate.code for candidate in retrieved.candidates} == codes:
        return retrieved.candidates
    return tuple(sorted(candidates, key=lambda candidate: -candidate.score))
