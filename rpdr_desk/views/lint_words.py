"""Map lint in words: what each rule looks for, what a finding says, how grave it is."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from rpdr_desk.operations.lint_state import FindingLine, Grade, RuleName
from rpdr_desk.views import wording


def rule_text(rule: RuleName) -> str:
    """The rule's name."""
    say = QCoreApplication.translate
    match rule:
        case "wrong_side":
            return say("lint", "Wrong side")
        case "excludes1":
            return say("lint", "Never coded together")
        case "retired_code":
            return say("lint", "Retired code")
        case "unknown_code":
            return say("lint", "Unknown code")
        case "seventh_character":
            return say("lint", "No seventh character")
        case "not_billable":
            return say("lint", "Not billable")
        case "one_side":
            return say("lint", "Only one of two sides")
        case "unspecified_side":
            return say("lint", "Side left open")
        case "exact_name":
            return say("lint", "Another bears the name")
        case "excludes1_record":
            return say("lint", "Clash in one record")
        case "many_unlike":
            return say("lint", "Many unlike texts")


def sentence(line: FindingLine) -> str:
    """What a finding says."""
    return wording.fill(_sentence(line.rule), *(_side(word) for word in line.words))


def _sentence(rule: RuleName) -> str:
    say = QCoreApplication.translate
    match rule:
        case "wrong_side":
            return say("lint", "The mention says %1, %2 says %3.")
        case "excludes1":
            return say("lint", "%1 and %2 are never coded together (Excludes 1 at %3: %4).")
        case "retired_code":
            return say("lint", "%1 is retired: not for new mappings.")
        case "unknown_code":
            return say("lint", "%1 is not in this terminology.")
        case "seventh_character":
            return say("lint", "%1 lacks its seventh character.")
        case "not_billable":
            return say("lint", "%1 is not billable: it has narrower codes.")
        case "one_side":
            return say("lint", "The mention names both sides, %1 only the %2.")
        case "unspecified_side":
            return say("lint", "The mention says %1, %2 leaves the side open.")
        case "exact_name":
            return say("lint", "“%1” is a name of %2, %3 was chosen.")
        case "excludes1_record":
            return say(
                "lint", "%1 and %2 were given to one record, and are never coded together (Excludes 1 at %3: %4)."
            )
        case "many_unlike":
            return say("lint", "%1 of the %2 texts mapped to %3 are like no other of them and like none of its names.")


def _side(word: str) -> str:
    say = QCoreApplication.translate
    match word:
        case "right":
            return say("lint", "right")
        case "left":
            return say("lint", "left")
        case "both":
            return say("lint", "both sides")
        case _:
            return word


def grade_text(grade: Grade) -> str:
    say = QCoreApplication.translate
    match grade:
        case "error":
            return say("lint", "Error")
        case "warning":
            return say("lint", "Warning")
        case "hint":
            return say("lint", "Hint")


def grade_icon(grade: Grade) -> str:
    """The icon that stands with the words."""
    return f"lint_{grade}"


def cure_text(line: FindingLine) -> str:
    """The code that would cure it, with its name; empty where none is known."""
    return f"{line.suggested}  {line.suggested_name}".strip()
