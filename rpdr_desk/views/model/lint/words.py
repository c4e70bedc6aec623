"""What the Map lint page says of its look through the decisions, and of each finding in the table."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from rpdr_desk.item_models.finding_model import Column
from rpdr_desk.operations.lint_state import FindingLine
from rpdr_desk.views import lint_words, wording


@dataclass(frozen=True, slots=True)
class Look:
    """How far the look is: `ready` once the terminology is there; `done` of `total` decisions; what was found."""

    ready: bool
    running: bool
    done: int
    total: int
    found: int


def state_text(look: Look) -> str:
    say = QCoreApplication.translate
    if not look.ready:
        return say("LintPage", "The terminology is being opened ...")
    if look.running:
        told = say("LintPage", "%1 of %2 decisions looked at")
        return wording.fill(told, wording.number(look.done), wording.number(look.total))
    told = say("LintPage", "%1 findings in %2 decisions")
    return wording.fill(told, wording.number(look.found), wording.number(look.total))


def empty_text(look: Look) -> str:
    """What stands in the table's place while it has no rows."""
    say = QCoreApplication.translate
    if look.running or not look.ready:
        return ""
    if not look.total:
        return say("LintPage", "Nothing is mapped yet. What you decide in the review is looked at here.")
    return say("LintPage", "No rule has anything to say of these decisions.")


def heading(column: Column) -> str:
    say = QCoreApplication.translate
    match column:
        case Column.MENTION:
            return say("LintPage", "Mention")
        case Column.FINDING:
            return say("LintPage", "What is found")
        case Column.CURE:
            return say("LintPage", "Cure")


def say(line: FindingLine, column: Column) -> str:
    """A cell; the mention's own text is read from the project, so here it is told how many there are."""
    match column:
        case Column.MENTION:
            told = QCoreApplication.translate("LintPage", "%1 mentions")
            return wording.fill(told, wording.number(len(line.mention_ids)))
        case Column.FINDING:
            return lint_words.sentence(line)
        case Column.CURE:
            return lint_words.cure_text(line)
