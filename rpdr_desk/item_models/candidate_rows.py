"""One list out of several rankings: who leads, which rank everyone gives, how heavy a candidate weighs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rpdr_core.records import Candidate, Ranking, TermSource, Verdict


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """A line of the table. Ranks start at 1; None where that ranker does not list the candidate.

    `weight` (0..1) is the candidate's share of the best score, by the leading ranker alone: scores of two models
    never meet. Where the first candidate has a calibrated `confidence` (None elsewhere), that is the full weight.
    `verdict` is what the leading ranker says of the first candidate.
    """

    code: str
    name: str
    matched: str = ""
    source: TermSource = "name"
    retriever: int | None = None
    teacher: int | None = None
    student: int | None = None
    weight: float | None = None
    confidence: float | None = None
    verdict: Verdict = ""


def leading(rankings: Sequence[Ranking]) -> Ranking | None:
    """The ranking whose order counts: the newest student, else the teacher, else the retriever."""
    students = [ranking for ranking in rankings if ranking.ranker.startswith("student")]
    named = {ranking.ranker: ranking for ranking in rankings}
    return students[-1] if students else named.get("teacher") or named.get("retriever")


def rows_of(rankings: Sequence[Ranking]) -> tuple[CandidateRow, ...]:
    """All candidates once: in the leading ranker's order, then those that only the others list."""
    first = leading(rankings)
    if first is None:
        return ()
    candidates = _united([first, *(other for other in rankings if other is not first)])
    ranks = {kind: _ranks(rankings, kind) for kind in ("retriever", "teacher", "student")}
    weights = _weights(first.candidates, 1.0 if first.confidence is None else first.confidence)
    rows = [
        CandidateRow(
            candidate.code,
            candidate.name,
            candidate.matched,
            candidate.source,
            ranks["retriever"].get(candidate.code),
            ranks["teacher"].get(candidate.code),
            ranks["student"].get(candidate.code),
            weights.get(candidate.code),
        )
        for candidate in candidates
    ]
    if rows:
        rows[0] = replace(rows[0], confidence=first.confidence, verdict=first.verdict)
    return tuple(rows)


def kept_in_place(shown: Sequence[CandidateRow], rankings: Sequence[Ranking]) -> tuple[CandidateRow, ...]:
    """The rows of `rankings` in the order already on screen: a late ranking fills columns, it moves nothing.

    What is new goes to the end. The confidence stays with the first row only if that row is first in both.
    """
    fresh = {row.code: row for row in rows_of(rankings)}
    old = [row.code for row in shown]
    order = [*(code for code in old if code in fresh), *(code for code in fresh if code not in old)]
    return tuple(
        fresh[code] if place == 0 else replace(fresh[code], confidence=None, verdict="")
        for place, code in enumerate(order)
    )


def _united(rankings: Iterable[Ranking]) -> list[Candidate]:
    found: dict[str, Candidate] = {}
    for ranking in rankings:
        for candidate in ranking.candidates:
            known = found.get(candidate.code)
            # A re-ranker may pass a candidate on without the string that brought it.
            if known is None or (not known.matched and candidate.matched):
                found[candidate.code] = candidate
    return list(found.values())


def _ranks(rankings: Sequence[Ranking], kind: str) -> dict[str, int]:
    newest = [ranking for ranking in rankings if ranking.ranker.partition(":")[0] == kind]
    if not newest:
        return {}
    return {candidate.code: rank for rank, candidate in enumerate(newest[-1].candidates, 1)}


def _weights(candidates: Sequence[Candidate], full: float) -> dict[str, float]:
    top = max((candidate.score for candidate in candidates), default=0.0)
    if top <= 0:
        return {}
    return {candidate.code: full * max(0.0, candidate.score / top) for candidate in candidates}
