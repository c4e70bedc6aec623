"""Disputes as the store has them, then as the page shows them, with their place in the terminology."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from rpdr_core.evaluation import Hierarchy
from rpdr_core.records import DecisionKind, Mention, NewDecision
from rpdr_core.store import ProjectReader
from rpdr_core.store.lineage import Lineage
from rpdr_core.store.reader import QueueQuery
from rpdr_core.workflow.double_review import DoubleReview, codes_in, open_disputes, weighed
from rpdr_core.workflow.leading import leading
from rpdr_desk.operations.adjudicate_state import Case, Disputes, Frozen, Roster


@dataclass(frozen=True, slots=True)
class Material:
    """What the store gives; weighing it needs the terminology."""

    found: tuple[tuple[Mention, DoubleReview], ...]
    waiting: int
    roster: Roster

    @property
    def codes(self) -> frozenset[str]:
        return codes_in(review for _, review in self.found)


def read_disputes(reader: ProjectReader, me: str) -> Material:
    """In the store's thread."""
    waiting = len(reader.queue(QueueQuery(review=frozenset(("waiting",)))))
    roster = Roster(tuple(reader.reviewers()), reader.review_plan(), me)
    return Material(tuple(open_disputes(reader)), waiting, roster)


def disputes_of(material: Material, lineage: Lineage) -> Disputes:
    """Weighed by the lineage of their codes."""
    hierarchy = Hierarchy(lineage.parents)
    cases = (
        Case(one.mention, one.review.first, one.review.second, one.kind, one.distance)
        for one in weighed(material.found, hierarchy)
    )
    paths = {code: tuple(_names(lineage, hierarchy.path(code)[:-1])) for code in material.codes}
    return Disputes(tuple(cases), material.waiting, material.roster, paths, weighed=bool(lineage.parents))


def _names(lineage: Lineage, codes: Iterable[str]) -> list[str]:
    return [lineage.names.get(code, code) for code in codes]


def read_frozen(reader: ProjectReader, case: Case) -> Frozen:
    """In the store's thread: what both had on screen."""
    return Frozen(case.mention.id, reader.shown(case.first.id), reader.opinion_shown(case.second.id))


def with_what_was_shown(reader: ProjectReader, case: Case, answer: NewDecision) -> NewDecision:
    """The decision with the rankings on the answers' cards, the mention's comment, and whether it took what led."""
    frozen = read_frozen(reader, case)
    shown = frozen.first or frozen.second
    first = leading(shown)
    leads = first is not None and bool(first.candidates) and first.candidates[0].code == answer.code
    kind: DecisionKind = answer.kind if answer.kind == "no_match" else "accept" if leads else "correct"
    comments = [mention.comment for mention in reader.mentions([case.mention.id])]
    return replace(
        answer,
        kind=kind,
        comment=next(iter(comments), ""),
        shown=shown,
        mode="adjudicated",
        knowledge_base=reader.knowledge_base().fingerprint,
    )
