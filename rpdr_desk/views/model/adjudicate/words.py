"""Disagreements, roles, coefficients and rates in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from rpdr_core.records import Relation, Reviewer, ReviewerRole
from rpdr_desk.operations.adjudicate_state import Agreement, Bias, Case, Disagreement, Rate, Roster
from rpdr_desk.views import wording

NONE = "–"
FEW = 10
"""With fewer mentions than this a coefficient says next to nothing, and is not shown. A report that is saved has it."""


def kind_text(kind: Disagreement) -> str:
    """A kind of disagreement in two or three words."""
    say = QCoreApplication.translate
    match kind:
        case "material":
            return say("adjudicate", "Different meaning")
        case "ancestor":
            return say("adjudicate", "One above the other")
        case "category":
            return say("adjudicate", "Same category")
        case "relation":
            return say("adjudicate", "Relation only")
        case "reason":
            return say("adjudicate", "Reason only")
        case "exact":
            return say("adjudicate", "Same answer")


def kind_explained(case: Case) -> str:
    """What is in dispute, in a sentence."""
    say = QCoreApplication.translate
    match case.kind:
        case "material" if not case.first.code or not case.second.code:
            return say("adjudicate", "One found a code, the other found none.")
        case "material":
            return say("adjudicate", "The codes mean different things.")
        case "ancestor":
            return say("adjudicate", "One code lies a step or two above the other: only the detail is in dispute.")
        case "category":
            return say("adjudicate", "Both codes are of one category: only the detail is in dispute.")
        case "relation":
            return say("adjudicate", "Both chose the same code and relate it to the mention differently.")
        case "reason":
            return say("adjudicate", "Both found no match, for different reasons.")
        case "exact":
            return say("adjudicate", "Both answers are the same now.")


def relation_text(relation: Relation) -> str:
    """The code as seen from the mention."""
    say = QCoreApplication.translate
    match relation:
        case "equivalent":
            return say("adjudicate", "means the same as the mention")
        case "broader":
            return say("adjudicate", "is broader than the mention")
        case "narrower":
            return say("adjudicate", "is narrower than the mention")
        case "inexact":
            return say("adjudicate", "only overlaps the mention")


def role_text(role: ReviewerRole) -> str:
    say = QCoreApplication.translate
    match role:
        case "reviewer":
            return say("adjudicate", "Reviewer")
        case "adjudicator":
            return say("adjudicate", "Adjudicator")
        case "lead":
            return say("adjudicate", "Lead")


def may_settle_text(roster: Roster, case: Case | None) -> str:
    """Why the person at the keyboard may not settle this one; empty where nothing stands against it."""
    say = QCoreApplication.translate
    own = case is not None and roster.me in (case.first.reviewer, case.second.reviewer)
    if not roster.me:
        return say("adjudicate", "Disputes are settled under a name: enter yours under Reviewers and double review.")
    known = next((one for one in roster.reviewers if one.name == roster.me), None)
    if roster.reviewers and not _may(known):
        return wording.fill(say("adjudicate", "%1 may not settle disputes: an adjudicator or a lead does."), roster.me)
    if own and not roster.plan.own_adjudication:
        return wording.fill(
            say("adjudicate", "%1 gave one of the two answers, so somebody else settles this one."), roster.me
        )
    return ""


def _may(reviewer: Reviewer | None) -> bool:
    return reviewer is not None and reviewer.active and reviewer.role != "reviewer"


def coefficient_text(found: Agreement) -> str:
    """The value; a dash where there is none, or where it is of few mentions."""
    return NONE if found.value is None or found.n < FEW else _signed(found.value)


def raw_text(found: Agreement) -> str:
    """The share of equal answers in per cent."""
    return NONE if found.value is None else f"{100 * found.value:.0f}%"


def _signed(value: float) -> str:
    """Two places, with a minus that stands apart from dashes."""
    return f"{value:.2f}".replace("-", "−")


def missing_explained(found: Agreement) -> str:
    """Why there is no value, in a sentence; empty where there is one."""
    say = QCoreApplication.translate
    if found.value is not None:
        few = wording.fill(say("adjudicate", "Fewer than %1 mentions: too few to tell it from chance."), FEW)
        return few if found.n < FEW else ""
    match found.missing:
        case "one_category":
            return say("adjudicate", "Every answer is the same, so chance alone would agree as well.")
        case "raters":
            return say("adjudicate", "Cohen's kappa is of exactly two reviewers; see it per pair.")
        case "empty":
            return say("adjudicate", "Nothing was answered twice.")
        case _:
            return ""


def interval_text(found: Agreement | Rate) -> str:
    """The 95 % interval; empty where there is none."""
    if found.low is None or found.high is None:
        return ""
    if isinstance(found, Rate):
        return f"{100 * found.low:.0f}–{100 * found.high:.0f}%"
    if found.n < FEW:
        return ""
    between = " – " if found.low < 0 else "–"
    return f"{_signed(found.low)}{between}{_signed(found.high)}"


def raw_interval_text(found: Agreement) -> str:
    """The interval of a share in per cent."""
    return "" if found.low is None or found.high is None else f"{100 * found.low:.0f}–{100 * found.high:.0f}%"


def rate_text(rate: Rate) -> str:
    """`2 of 24`, or a dash where there was no case."""
    say = QCoreApplication.translate
    if rate.n == 0:
        return NONE
    return wording.fill(say("adjudicate", "%1 of %2"), wording.number(rate.count), wording.number(rate.n))


def bias_text(bias: Bias) -> str:
    """Everybody's figures as a person would tell them."""
    say, number = QCoreApplication.translate, wording.number
    changed, n = bias.to_machine.count, number(bias.n)
    if changed == 0:
        return wording.fill(say("adjudicate", "Of %1 own answers none was changed to what the model said."), n)
    if changed == 1:
        words = wording.fill(say("adjudicate", "Of %1 own answers one was changed to what the model said."), n)
        return wording.sentences(words, _single(bias))
    words = say("adjudicate", "Of %1 own answers %2 were changed to what the model said.")
    words = wording.fill(words, n, number(changed))
    if not bias.known:
        return wording.sentences(words, say("adjudicate", "Which of them were right is not known yet."))
    right = say("adjudicate", "%1 of those had been right before, %2 are right only now.")
    right = wording.fill(right, number(bias.spoilt_by_machine.count), number(bias.mended_by_machine.count))
    return wording.sentences(words, right)


def _single(bias: Bias) -> str:
    """What the one change was worth; empty where nobody knows, or it went from wrong to wrong."""
    say = QCoreApplication.translate
    if bias.spoilt_by_machine.count:
        return say("adjudicate", "It had been right before.")
    return say("adjudicate", "It had been wrong before, and is right now.") if bias.mended_by_machine.count else ""
