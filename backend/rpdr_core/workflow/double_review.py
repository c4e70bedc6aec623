"""Two reviewers' blind answers about the same mentions, paired as they were given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rpdr_core.evaluation import Answer, Disagreement, Hierarchy, disagreement, distance_of
from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.records import Decision, Mention, NewDecision, Opinion
from rpdr_core.store import ProjectReader
from rpdr_core.store.lineage import Lineage
from rpdr_core.store.reader import QueueQuery

ANSWERS = frozenset(("accept", "correct", "no_match"))
"""Kinds that say something of a mention; the others put it off."""

_PAGE = 500
_WEIGHT: dict[Disagreement, int] = {
    "material": 0, "ancestor": 1, "category": 2, "relation": 3, "reason": 4, "exact": 5,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DoubleReview:
    """A decision, and the second opinion that was given while it was in force, blind to it."""

    mention_id: int
    first: Decision
    second: Opinion


@dataclass(frozen=True, slots=True)
class Dispute:
    """A mention about which two reviewers differ. `distance`: 0 (same codes) to 1 (nothing in common)."""

    mention: Mention
    review: DoubleReview
    kind: Disagreement
    distance: float


def answer_of(given: Decision | Opinion | NewDecision) -> Answer:
    """What was answered, without names and comments."""
    also = given.also
    codes = (given.code, *(target.code for target in also)) if given.code else ()
    return Answer(codes, (given.relation, *(target.relation for target in also)) if codes else (), given.reason)


def double_reviews(reader: ProjectReader) -> list[DoubleReview]:
    """The pair of answers in force of every mention, in order of the second ones.

    A mention that was opened again and answered by two once more counts once, with what was said last. What was
    accepted unseen is nobody's answer, so a second one to it says nothing of two people.
    """
    latest: dict[int, DoubleReview] = {}
    for opinion in reader.all_opinions("second"):
        found = _paired(reader, opinion)
        if found is not None and found.first.mode != "agreed":
            latest.pop(found.mention_id, None)
            latest[found.mention_id] = found
    return list(latest.values())


def _paired(reader: ProjectReader, opinion: Opinion) -> DoubleReview | None:
    """With the decision that was in force then: a later one, above all the adjudication, was made knowing both."""
    about = [one for one in reader.decision_history(opinion.mention_id) if one.id == opinion.decision_id]
    if not about or about[0].undone or about[0].kind not in ANSWERS or opinion.kind not in ANSWERS:
        return None
    return DoubleReview(opinion.mention_id, about[0], opinion)


def open_disputes(reader: ProjectReader) -> list[tuple[Mention, DoubleReview]]:
    """The disputed mentions, each with the two answers that are in dispute, in order of import."""
    ids = reader.queue(QueueQuery(review=frozenset(("disputed",))))
    found: list[tuple[Mention, DoubleReview]] = []
    for start in range(0, len(ids), _PAGE):
        for mention in reader.mentions(ids[start : start + _PAGE]):
            second = [one for one in reader.opinions(mention.id) if one.stage == "second" and not one.undone]
            review = _paired(reader, second[-1]) if second else None
            if review is not None:
                found.append((mention, review))
    return found


def weighed(found: Iterable[tuple[Mention, DoubleReview]], hierarchy: Hierarchy) -> list[Dispute]:
    """As disputes, the most material first: by kind, then by distance, then by occurrences."""
    disputes = [_weighed(mention, review, hierarchy) for mention, review in found]
    return sorted(
        disputes, key=lambda one: (_WEIGHT[one.kind], -round(one.distance, 4), -one.mention.count, one.mention.id)
    )


def _weighed(mention: Mention, review: DoubleReview, hierarchy: Hierarchy) -> Dispute:
    one, other = answer_of(review.first), answer_of(review.second)
    distance = distance_of(hierarchy, one.label, other.label)
    return Dispute(mention, review, disagreement(hierarchy, one, other), distance)


def codes_in(reviews: Iterable[DoubleReview]) -> frozenset[str]:
    """All codes that were answered: what a lineage is asked for."""
    return frozenset(
        code for review in reviews for given in (review.first, review.second) for code in answer_of(given).codes
    )


def lineage_in(catalogue: Catalogue) -> Lineage:
    """The lineage of a whole knowledge base."""
    entities = list(catalogue.entities())
    parents = {entity.code: entity.parents for entity in entities}
    roots = sum(not any(parent in parents for parent in above) for above in parents.values())
    return Lineage(parents, {entity.code: entity.name for entity in entities}, roots == 1)


def chapter_of(hierarchy: Hierarchy, codes: Sequence[str], *, one_root: bool) -> str:
    """The chapter of the first code, which is the root above it, or the level below where there is one root only.
    Empty where no code is known.
    """
    path = hierarchy.path(codes[0]) if codes else ()
    if not path:
        return ""
    return path[1] if one_root and len(path) > 1 else path[0]
