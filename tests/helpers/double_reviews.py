"""Projects in which two reviewers have answered the same mentions."""

from __future__ import annotations

from helpers.projects import ranking

from rpdr_core.records import Mention, NewDecision, NewOpinion, NoMatchReason, Relation, Reviewer, ReviewPlan
from rpdr_core.store import Project
from rpdr_core.store.lineage import Lineage

# As in ICD-10-CM: chapter, block, category, codes.
PARENTS: dict[str, tuple[str, ...]] = {
    "VII": (),
    "H53-H54": ("VII",),
    "H53": ("H53-H54",),
    "H53.8": ("H53",),
    "H53.9": ("H53",),
    "H54": ("H53-H54",),
    "H54.6": ("H54",),
    "IX": (),
    "I20-I25": ("IX",),
    "I21": ("I20-I25",),
    "I21.9": ("I21",),
}
LINEAGE = Lineage(PARENTS, {code: f"Name of {code}" for code in PARENTS}, one_root=False)
NO_CODE = ""


def with_double_review(project: Project, *, share: float = 1.0) -> Project:
    """Ann and Bo review, Cy settles, and every mention goes to two."""
    for reviewer in (Reviewer("Ann"), Reviewer("Bo"), Reviewer("Cy", "adjudicator"), Reviewer("Dee", "lead")):
        project.set_reviewer(reviewer)
    project.set_review_plan(ReviewPlan(double_share=share))
    return project


def decide(
    project: Project,
    mention_id: int,
    reviewer: str,
    code: str,
    *,
    relation: Relation = "equivalent",
    comment: str = "",
    first: str = "H53.8",
) -> None:
    """Map to a code, or with an empty one say that it is unreadable; `first` leads the list on screen."""
    shown = (ranking(mention_id, "retriever", first, "H54.6"),)
    if code:
        kind = "accept" if code == first else "correct"
        new = NewDecision(mention_id, kind, code, f"Name of {code}", comment=comment, shown=shown, relation=relation)  # type: ignore[arg-type]
    else:
        new = NewDecision(mention_id, "no_match", reason="unreadable", comment=comment, shown=shown)
    project.decide(new, reviewer=reviewer)


def answer(
    project: Project,
    mention_id: int,
    reviewer: str,
    code: str,
    *,
    stage: str = "second",
    relation: Relation = "equivalent",
    reason: NoMatchReason = "unreadable",
    comment: str = "",
) -> None:
    """A second opinion, or one before any ranking."""
    if code:
        new = NewOpinion(mention_id, stage, "correct", code, f"Name of {code}", relation, comment=comment)  # type: ignore[arg-type]
    else:
        new = NewOpinion(mention_id, stage, "no_match", reason=reason, comment=comment)  # type: ignore[arg-type]
    project.give_opinion(new, reviewer=reviewer)


def mention(project: Project, mention_id: int) -> Mention:
    return project.mentions([mention_id])[0]
