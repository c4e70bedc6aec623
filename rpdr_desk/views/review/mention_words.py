"""What is said beside a mention: what was decided, how it stands for this reviewer, what is ticked for the choice."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from rpdr_core.records import NewDecision, NewOpinion, Opinion
from rpdr_desk.operations.eyes import Sight
from rpdr_desk.views import wording
from rpdr_desk.views.review.draft import Draft


def chip_note(sight: Sight | None, draft: Draft) -> str:
    """Beside the state: further codes, the relation where it is not the usual one, why there is no match."""
    if sight is None:
        return ""
    decision = sight.decision
    parts = [wording.further_codes(len(draft.also))]
    if draft.relation != "equivalent":
        parts.append(wording.relation_text(draft.relation))
    if decision is not None:
        parts.append(wording.reason_text(decision.reason))
    return "  ·  ".join(part for part in parts if part)


def facts(sight: Sight | None, draft: Draft) -> tuple[str, ...]:
    """Further facts of the mention: how far its double review is, and ticks that no decision holds yet."""
    if sight is None:
        return ()
    decision, found = sight.decision, [wording.review_text(sight.mention.review)]
    if decision is not None and decision.kind in ("accept", "correct"):
        if decision.mode == "propagated":
            found.append(QCoreApplication.translate("MentionPane", "carried over from an identical mention"))
        if draft.codes != {one.code for one in decision.also}:
            found.append(QCoreApplication.translate("MentionPane", "ticks not saved yet: decide to save them"))
    return tuple(words for words in found if words)


def standing_words(sight: Sight | None) -> str:
    """What a mention asks of this reviewer before it shows everything; empty for the ordinary course."""
    say = QCoreApplication.translate
    if sight is None:
        return ""
    if sight.standing.owes:
        return say("MentionPane", "Your own answer first: the rankings come after it.")
    own = sight.standing.own
    if own is not None and sight.mention.status in ("unreviewed", "deferred"):
        return wording.fill(say("MentionPane", "You answered: %1. Space confirms it."), answered(own))
    if sight.standing.blind:
        return say("MentionPane", "Second review: answer as if nobody had.")
    return ""


def answered(said: Opinion | NewOpinion | NewDecision) -> str:
    """An answer in a few words."""
    if said.code:
        return " ".join(word for word in (said.code, said.name) if word)
    return wording.reason_text(said.reason) or wording.kind_text(said.kind)
