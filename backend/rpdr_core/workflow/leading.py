"""Of several rankings of one mention, whose order counts and where a code stands in each."""

from __future__ import annotations

from collections.abc import Sequence

from rpdr_core.records import Candidate, Ranking


def leading(rankings: Sequence[Ranking]) -> Ranking | None:
    """The newest student's ranking, else the teacher's, else the retriever's; None where there is none."""
    return by_role(rankings, "student") or by_role(rankings, "teacher") or by_role(rankings, "retriever")


def counting(rankings: Sequence[Ranking], in_use: str | None) -> tuple[Ranking, ...]:
    """The rankings without those of students that are not in use. `in_use`: as `ProjectReader.promoted`; where that is
    None, no student was ever put in use and the newest counts.
    """
    newest = by_role(rankings, "student")
    kept = None if newest is None else newest.ranker if in_use is None else f"student:{in_use}"
    return tuple(one for one in rankings if not one.ranker.startswith("student:") or one.ranker == kept)


def by_role(rankings: Sequence[Ranking], role: str) -> Ranking | None:
    """The last ranking by the retriever, the teacher or any student."""
    return next((ranking for ranking in reversed(rankings) if ranking.ranker.partition(":")[0] == role), None)


def rank_of(candidates: Sequence[Candidate], code: str) -> int | None:
    """Place of a code from 1, None where it is not among the candidates."""
    return next((place for place, candidate in enumerate(candidates, 1) if candidate.code == code), None)
