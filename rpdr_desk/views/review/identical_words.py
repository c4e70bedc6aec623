"""Words of the preview of identical mentions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from rpdr_core.records import Mention
from rpdr_desk.item_models.identical_model import Line
from rpdr_desk.operations.identical import UNDECIDED
from rpdr_desk.views import wording

if TYPE_CHECKING:
    from rpdr_desk.operations.identical import Group, Preview

AROUND = 400
"""Characters on each side of a mention that a line is cut from; more never fits."""
_SPACES = re.compile(r"\s+")


def cue_text(cue: str) -> str:
    """What the words before or after a mention make of it."""
    say = QCoreApplication.translate
    match cue:
        case "negated":
            return say("identical", "negated")
        case "uncertain":
            return say("identical", "in doubt")
        case "family":
            return say("identical", "of the family")
        case "past":
            return say("identical", "in the past")
        case _:
            return say("identical", "affirmed")


def heading(group: Group) -> str:
    """What the members of a group have in common."""
    say = QCoreApplication.translate
    parts = [cue_text(group.cue), group.department or say("identical", "no department")]
    if group.section:
        parts.append(wording.fill(say("identical", "under “%1”"), group.section))
    if group.status not in UNDECIDED:
        parts.append(" ".join(word for word in (wording.status_text(group.status), group.code) if word))
    elif group.status == "deferred":
        parts.append(wording.status_text(group.status))
    if group.various:
        parts.append(say("identical", "various words around it"))
    else:
        parts.append(wording.fill(say("identical", "words around it %1 alike"), wording.percentage(group.likeness)))
    return "   ·   ".join(parts)


def count_of(line: Line) -> str:
    """How many of a group are ticked."""
    total = len(line.group.members)
    words = QCoreApplication.translate("identical", "%1 of %2 ticked")
    return wording.fill(words, wording.number(line.ticked), wording.number(total))


def state_of(mention: Mention) -> str:
    """What was decided on a member, or how often it occurs."""
    return wording.outcome(mention) or (f"× {wording.number(mention.count)}" if mention.count > 1 else "")


def sentence(mention: Mention) -> tuple[str, str, str]:
    """A mention's context in three parts, the mention in the middle, in one line."""
    if mention.start is None or mention.end is None:
        return "", mention.text, f"   {_flat(mention.context[: 2 * AROUND])}".rstrip()
    before = mention.context[max(0, mention.start - AROUND) : mention.start]
    after = mention.context[mention.end : mention.end + AROUND]
    return _flat(before), _flat(mention.context[mention.start : mention.end]), _flat(after)


def described(line: Line) -> str:
    """A line for a screen reader."""
    say = QCoreApplication.translate
    if line.mention is None:
        return f"{heading(line.group)}, {count_of(line)}"
    ticked = say("identical", "ticked") if line.ticked else say("identical", "not ticked")
    context = "".join(sentence(line.mention)).strip()
    return ", ".join(word for word in (ticked, context, state_of(line.mention)) if word)


def lead(preview: Preview) -> str:
    """What would be carried over."""
    decision = preview.decision
    words = QCoreApplication.translate("identical", "“%1” is mapped to %2. Ticked mentions get the same decision.")
    if decision.kind == "no_match":
        words = QCoreApplication.translate("identical", "“%1” has no match: %2. Ticked mentions get the same decision.")
        return wording.fill(words, preview.origin.text, wording.reason_text(decision.reason))
    what = [f"{decision.code} {decision.name}"]
    if decision.relation != "equivalent":
        what.append(wording.relation_text(decision.relation))
    what.append(wording.further_codes(len(decision.also)))
    return wording.fill(words, preview.origin.text, ", ".join(word for word in what if word))


def left_out(preview: Preview) -> str:
    """Who reads the same and is not in the list, and why."""
    say = QCoreApplication.translate
    parts = []
    if preview.outside:
        words = say("identical", "%1 more read the same, but are not in the list on screen.")
        parts.append(wording.fill(words, wording.number(preview.outside)))
    if preview.withheld:
        words = say("identical", "%1 wait for an answer of their own.")
        parts.append(wording.fill(words, wording.number(preview.withheld)))
    return " ".join(parts)


def _flat(text: str) -> str:
    """In one line. A space at an end stays: it parts the mention from its neighbours."""
    return _SPACES.sub(" ", text)
