"""Accepting at once what a finished random check vouches for. Never by itself: a person has seen the counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rpdr_core.errors import NotAllowedError
from rpdr_core.records import Changes, Mention, NewDecision, Ranking
from rpdr_core.store import Project, ProjectReader
from rpdr_core.workflow.leading import by_role

MOST = 20_000
"""Accepted in one step, the surest first, so that a step stays one that undo takes back in seconds."""

SHOWN = 50
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be accepted: `ids` in the order of their confidence, all occurrences, the least sure to look at."""

    ids: tuple[int, ...]
    occurrences: int
    least_sure: tuple[Mention, ...]


def preview(reader: ProjectReader, threshold: float) -> Preview:
    """Unreviewed, unflagged mentions with an answer of at least this confidence; at most `MOST`."""
    ids = reader.surest(threshold, MOST)
    occurrences = sum(mention.count for page in _pages(reader, ids) for mention in page)
    return Preview(tuple(ids), occurrences, tuple(reader.mentions(ids[-SHOWN:])))


def accept_all(project: Project, ids: Sequence[int], threshold: float, *, reviewer: str) -> Changes:
    """Accept the first answer of each mention as one undoable step, as decisions that nobody made by hand.

    Raises `NotAllowedError` where any of them has changed since the preview.
    """
    student = project.promoted()
    decisions = [
        _decision(mention, project.rankings(mention.id), student, threshold)
        for page in _pages(project, ids)
        for mention in page
    ]
    summary = f"accept {len(decisions):,} mentions of at least {threshold:.0%} confidence"
    return project.accept_unseen(decisions, reviewer=reviewer, summary=summary)


def _decision(mention: Mention, rankings: Sequence[Ranking], student: str | None, threshold: float) -> NewDecision:
    counting = tuple(
        one for one in rankings if student is None or one.ranker in ("retriever", "teacher", f"student:{student}")
    )
    leader = by_role(counting, "student") or by_role(counting, "teacher") or by_role(counting, "retriever")
    sure = mention.confidence is not None and mention.confidence + 1e-11 >= threshold
    if mention.status != "unreviewed" or mention.flagged or not sure or leader is None or not leader.candidates:
        hint = "look at the preview again"
        raise NotAllowedError(f"mention {mention.id} has changed since it was previewed", hint=hint)
    first = leader.candidates[0]
    if leader.verdict == "none" or first.code != mention.guess:
        raise NotAllowedError(f"mention {mention.id} has another answer now", hint="look at the preview again")
    return NewDecision(
        mention.id,
        "accept",
        first.code,
        first.name,
        shown=counting,
        mode="agreed",
        knowledge_base=leader.provenance.knowledge_base,
    )


def _pages(reader: ProjectReader, ids: Sequence[int]) -> Iterator[list[Mention]]:
    for start in range(0, len(ids), _PAGE):
        yield reader.mentions(ids[start : start + _PAGE])
