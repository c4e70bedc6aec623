"""What the Adjudicate page shows: the disputes, the figures of agreement, who reviews and by which plan. Values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rpdr_core.evaluation import Agreement, Disagreement, Rate
from rpdr_core.records import Decision, Mention, Opinion, Ranking, Reviewer, ReviewPlan
from rpdr_core.workflow.agreement import AgreementReport, ChapterFigures, Figures, PairFigures
from rpdr_core.workflow.agreement_report import ReviewReport
from rpdr_core.workflow.automation_bias import Bias

__all__ = [
    "Agreement",
    "AgreementReport",
    "Bias",
    "Case",
    "ChapterFigures",
    "Disagreement",
    "Disputes",
    "Figures",
    "Frozen",
    "PairFigures",
    "Rate",
    "ReviewReport",
    "Roster",
]


@dataclass(frozen=True, slots=True)
class Roster:
    """Who reviews (empty: anybody), by which plan. `me`: the name that decisions are stored under now."""

    reviewers: tuple[Reviewer, ...] = ()
    plan: ReviewPlan = field(default_factory=ReviewPlan)
    me: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A disputed mention with both answers. `distance`: 0 (the same codes) to 1 (nothing in common)."""

    mention: Mention
    first: Decision
    second: Opinion
    kind: Disagreement
    distance: float


@dataclass(frozen=True, slots=True)
class Disputes:
    """The cases, the most material first; how many mentions wait for their second reviewer. `paths`: names from the
    root to the parent of each code that was answered, empty while the terminology is not open (`weighed` is False).
    """

    cases: tuple[Case, ...] = ()
    waiting: int = 0
    roster: Roster = field(default_factory=Roster)
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    weighed: bool = False


@dataclass(frozen=True, slots=True)
class Frozen:
    """The rankings that each of the two had on screen when answering; none for who answered without."""

    mention_id: int
    first: tuple[Ranking, ...] = ()
    second: tuple[Ranking, ...] = ()
