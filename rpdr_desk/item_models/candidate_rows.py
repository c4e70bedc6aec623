"""One list out of several rankings: who leads, which rank everyone gives, how heavy a candidate weighs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rpdr_core.records import Candidate, Ranking, TermSource


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """A line of the table. Ranks start at 1; None where that ranker does not list the candidate.

    `weight` (0..1) is the candidate's share of the retriever's best score, times the retriever's confidence where
    that is calibrated; None where the retriever does not list it. Scores of two models never meet. `confidence` is
    the calibrated chance that the candidate is right: of the retriever's first and of the student's first, None
    elsewhere. `by` says why a search found it (see `Hit`), empty for what no search found.
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
    by: str = ""


def percent(chance: float) -> str:
    """A chance in whole per cent. Nothing is ever quite sure, so the ends are open: >99%, <1%."""
    if chance > 0.99:
        return ">99%"
    return "<1%" if chance < 0.01 else f"{chance:.0%}"


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
    weights, chances = _weights(rankings), _chances(rankings)
    return tuple(
        CandidateRow(
            candidate.code,
            candidate.name,
            candidate.matched,
            candidate.source,
            ranks["retriever"].get(candidate.code),
            ranks["teacher"].get(candidate.code),
            ranks["student"].get(candidate.code),
            weights.get(candidate.code),
            chances.get(candidate.code),
        )
        for candidate in candidates
    )


def loose_rows(candidates: Iterable[Candidate]) -> tuple[CandidateRow, ...]:
    """Candidates by themselves: a code and a name, nothing of who found them or where they stood."""
    return tuple(CandidateRow(one.code, one.name) for one in candidates)


def with_codes(rows: Sequence[CandidateRow], codes: Iterable[tuple[str, str]]) -> tuple[CandidateRow, ...]:
    """The rows, then a row for each (code, name) that none of them has: what was chosen by a search is shown too."""
    there = {row.code for row in rows}
    missing = {code: name for code, name in codes if code and code not in there}
    return (*rows, *(CandidateRow(code, name) for code, name in missing.items()))


def in_order_of(shown: Sequence[CandidateRow], rows: Sequence[CandidateRow]) -> tuple[CandidateRow, ...]:
    """`rows` in the order in which their codes are on screen already; what is new goes to the end."""
    fresh = {row.code: row for row in rows}
    old = [row.code for row in shown if row.code in fresh]
    return tuple(fresh[code] for code in (*old, *(code for code in fresh if code not in set(old))))


def kept_in_place(shown: Sequence[CandidateRow], rankings: Sequence[Ranking]) -> tuple[CandidateRow, ...]:
    """The rows of `rankings` in the order already on screen: a late ranking fills columns, it moves nothing.

    What is new goes to the end.
    """
    return in_order_of(shown, rows_of(rankings))


def _united(rankings: Iterable[Ranking]) -> list[Candidate]:
    found: dict[str, Candidate] = {}
    for ranking in rankings:
        for candidate in ranking.candidates:
            known = found.get(candidate.code)
            # A re-ranker may pass a candidate on without the string that brought it.
            if known is None or (not known.matched and candidate.matched):
                found[candidate.code] = candidate
    return list(found.values())


def newest(rankings: Sequence[Ranking], kind: str) -> Ranking | None:
    """The newest ranking by `retriever`, `teacher` or any `student`."""
    return next((one for one in reversed(rankings) if one.ranker.partition(":")[0] == kind), None)


def _ranks(rankings: Sequence[Ranking], kind: str) -> dict[str, int]:
    found = newest(rankings, kind)
    return {candidate.code: rank for rank, candidate in enumerate(found.candidates, 1)} if found else {}


def _weights(rankings: Sequence[Ranking]) -> dict[str, float]:
    found = newest(rankings, "retriever")
    top = max((candidate.score for candidate in found.candidates), default=0.0) if found else 0.0
    if found is None or top <= 0:
        return {}
    full = 1.0 if found.confidence is None else found.confidence
    return {candidate.code: full * max(0.0, candidate.score / top) for candidate in found.candidates}


def _chances(rankings: Sequence[Ranking]) -> dict[str, float]:
    """Where both speak of the same candidate, the student has seen more than the retriever."""
    found = (newest(rankings, "retriever"), newest(rankings, "student"))
    return {
        one.candidates[0].code: one.confidence
        for one in found
        if one is not None and one.candidates and one.confidence is not None
    }
