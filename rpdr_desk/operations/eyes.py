"""What one reviewer may see of a project: blind for a second answer, and without rankings until their own is given.

Everything the desk shows of a mention passes through here. While another reviewer's decision waits for a second
answer, the mention looks as if nobody had touched it. While a reviewer owes an answer of their own, no rank, no
confidence and no verdict is handed out, not even to be hidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from rpdr_core.records import Candidate, Decision, DecisionKind, Mention, Opinion, Ranking, ReviewPlan

if TYPE_CHECKING:
    from rpdr_core.store import ProjectReader

ANSWERS: frozenset[DecisionKind] = frozenset(("accept", "correct", "no_match"))
_OPEN = frozenset(("unreviewed", "deferred"))


@dataclass(frozen=True, slots=True)
class Standing:
    """How a mention stands for a reviewer. `blind`: it waits for a second answer, which may be theirs; `owes`: they
    answer before rankings are shown; `own`: the answer that they gave so.
    """

    blind: bool = False
    owes: bool = False
    own: Opinion | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """A mention as its reviewer may see it now. `loose`: while they owe an answer, every candidate by its code, and
    nothing of who found it or where it stood.
    """

    mention: Mention
    standing: Standing = Standing()
    rankings: tuple[Ranking, ...] = ()
    loose: tuple[Candidate, ...] = ()
    decision: Decision | None = None


class Eyes:
    """A reader and the reviewer who looks through it. Made anew for each question: names and plans change."""

    def __init__(self, reader: ProjectReader, reviewer: str) -> None:
        self._reader, self._reviewer = reader, reviewer

    @cached_property
    def _plan(self) -> ReviewPlan:
        return self._reader.review_plan()

    def mentions(self, ids: Sequence[int]) -> list[Mention]:
        """Mentions by id, in the order asked, as they may be seen."""
        return [self.seen(mention) for mention in self._reader.mentions(ids)]

    def seen(self, mention: Mention) -> Mention:
        """A mention as it may be seen."""
        standing = self.standing(mention)
        shown = blinded(mention) if standing.blind else mention
        return without_ranks(shown) if standing.owes else shown

    def sight(self, mention_id: int) -> Sight | None:
        """All that may be seen of a mention; None where there is no such mention."""
        found = next(iter(self._reader.mentions([mention_id])), None)
        if found is None:
            return None
        standing = self.standing(found)
        shown = blinded(found) if standing.blind else found
        decision = None if standing.blind else self._reader.decision(mention_id)
        rankings = self._rankings(mention_id, standing)
        if standing.owes:
            return Sight(without_ranks(shown), standing, (), loosened(rankings), decision)
        return Sight(shown, standing, rankings, (), decision)

    def standing(self, mention: Mention) -> Standing:
        """How a mention (as stored) stands for this reviewer."""
        blind = self.is_blind(mention)
        if not self._plan.independent_share or not self._reader.drawn(mention.id).independent:
            return Standing(blind)
        own = self._own(mention.id)
        owes = own is None and (blind or mention.status in _OPEN) and not self._has_decided(mention.id)
        return Standing(blind, owes, own)

    def is_blind(self, mention: Mention) -> bool:
        return mention.review == "waiting" and mention.reviewer != self._reviewer

    def rankings(self, mention_id: int) -> tuple[Ranking, ...]:
        """The rankings that may be seen: none while an answer is owed."""
        sight = self.sight(mention_id)
        return sight.rankings if sight is not None else ()

    def has_candidates(self, mention_id: int, ranker: str) -> bool:
        """Whether a ranker has ranked the mention, whoever may see it."""
        return any(one.ranker == ranker for one in self._reader.rankings(mention_id))

    def _rankings(self, mention_id: int, standing: Standing) -> tuple[Ranking, ...]:
        """The newest ranking of each ranker. Once a student was put in use, the others' are kept and not shown."""
        found, promoted = self._reader.rankings(mention_id), self._reader.promoted()
        if promoted is not None:
            found = [one for one in found if one.ranker in ("retriever", "teacher", f"student:{promoted}")]
        return tuple(map(unremembered, found)) if standing.blind else tuple(found)

    def _own(self, mention_id: int) -> Opinion | None:
        """The reviewer's newest independent answer that was not taken back."""
        mine = [
            one
            for one in self._reader.opinions(mention_id)
            if one.stage == "independent" and one.reviewer == self._reviewer and not one.undone
        ]
        return mine[-1] if mine else None

    def _has_decided(self, mention_id: int) -> bool:
        made = self._reader.decision_history(mention_id)
        return any(one.reviewer == self._reviewer and not one.undone and one.kind in ANSWERS for one in made)


def blinded(mention: Mention) -> Mention:
    """The mention as if nobody had decided it, nor said anything about it."""
    return replace(
        mention, status="unreviewed", code="", name="", comment="", more=0, reviewer="", reason="", relation="",
        review="", changed_at="",
    )  # fmt: skip


def without_ranks(mention: Mention) -> Mention:
    """The mention without anything that a ranker said about it."""
    return replace(mention, confidence=None, disagreement=0, guess="", margin=None, verdict="", quarrel=0)


def loosened(rankings: Iterable[Ranking]) -> tuple[Candidate, ...]:
    """Every candidate of all rankings once, by code; neither scores nor what brought them."""
    names = {candidate.code: candidate.name for ranking in rankings for candidate in ranking.candidates}
    return tuple(Candidate(code, name) for code, name in sorted(names.items()))


def unremembered(ranking: Ranking) -> Ranking:
    """The ranking without the word "memory": a decision about these very words may have brought the candidate."""
    candidates = (
        replace(one, matched="", source="name") if one.source == "memory" else one for one in ranking.candidates
    )
    return replace(ranking, candidates=tuple(candidates))
