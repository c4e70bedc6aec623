"""Accepting at once what a finished random check vouches for. Never by itself: a person has seen the counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from rpdr_core.errors import NotAllowedError
from rpdr_core.records import Changes, Mention, NewDecision, Ranking
from rpdr_core.store import Project, ProjectReader
from rpdr_core.workflow.leading import by_role

MOST = 20_000
"""Accepted in one step, the surest first, so that a step stays one that undo takes back in seconds."""

SHOWN = 50
_ALL = 1 << 40
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Unseen:
    """A mention with the entity that it would get."""

    mention_id: int
    text: str
    code: str
    name: str
    confidence: float
    count: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be accepted: `ids` from the surest to the least sure, all their occurrences; `least_sure`: the last of
    them, the least sure first.
    """

    ids: tuple[int, ...]
    occurrences: int
    least_sure: tuple[Unseen, ...]


def preview(reader: ProjectReader, threshold: float) -> Preview:
    """Unreviewed, unflagged mentions with an answer of at least this confidence; at most `MOST`.

    What the plan has drawn to be answered before rankings is left to people: its answer is not shown here either.
    """
    ids, student = acceptable(reader, threshold, MOST), reader.promoted()
    occurrences = sum(mention.count for page in _pages(reader, ids) for mention in page)
    last = reversed(reader.mentions(ids[-SHOWN:]))
    return Preview(tuple(ids), occurrences, tuple(_unseen(reader, mention, student) for mention in last))


def acceptable(reader: ProjectReader, threshold: float, limit: int) -> list[int]:
    """Ids of what may be accepted unseen, surest first, at most `limit`."""
    if not reader.review_plan().independent_share:
        return reader.surest(threshold, limit)
    # Those that are left to people stay among the surest: they must not use up the limit, step after step.
    every = reader.surest(threshold, _ALL)
    return list(islice((one for one in every if not reader.drawn(one).independent), limit))


def _unseen(reader: ProjectReader, mention: Mention, student: str | None) -> Unseen:
    leader = _leader(_counting(reader.rankings(mention.id), student))
    name = leader.candidates[0].name if leader is not None and leader.candidates else ""
    return Unseen(mention.id, mention.text, mention.guess, name, mention.confidence or 0.0, mention.count)


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
    counting = _counting(rankings, student)
    leader = _leader(counting)
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


def _counting(rankings: Sequence[Ranking], student: str | None) -> tuple[Ranking, ...]:
    """Those on screen: once a student was put in use, the others' are kept and not shown."""
    shown = ("retriever", "teacher", f"student:{student}")
    return tuple(one for one in rankings if student is None or one.ranker in shown)


def _leader(counting: Sequence[Ranking]) -> Ranking | None:
    return by_role(counting, "student") or by_role(counting, "teacher") or by_role(counting, "retriever")


def _pages(reader: ProjectReader, ids: Sequence[int]) -> Iterator[list[Mention]]:
    for start in range(0, len(ids), _PAGE):
        yield reader.mentions(ids[start : start + _PAGE])
