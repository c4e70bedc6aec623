"""What an upgrade would do, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from rpdr_core.records import KnowledgeBaseInfo
from rpdr_desk.views import wording

if TYPE_CHECKING:
    from rpdr_desk.operations.upgrades import TargetChange, UpgradeCounts

FIGURES = frozenset((3, 4))
PROPOSED = 3
"""So many proposals stand in a cell."""


def release_text(info: KnowledgeBaseInfo) -> str:
    return f"{info.title} {info.version}".strip()


def code_lines(counts: UpgradeCounts) -> list[tuple[str, str]]:
    """What became of the terminology's codes."""
    say, number = QCoreApplication.translate, wording.number
    without = counts.retired - counts.retired_with_replacement
    return [
        (say("upgrade", "Unchanged"), number(counts.unchanged)),
        (say("upgrade", "With another name"), number(counts.renamed)),
        (say("upgrade", "At another place in the hierarchy"), number(counts.moved)),
        (say("upgrade", "Retired, the release names one replacement"), number(counts.retired_with_replacement)),
        (say("upgrade", "Retired without one replacement"), number(without)),
        (say("upgrade", "New"), number(counts.added)),
    ]


def decision_lines(counts: UpgradeCounts) -> list[tuple[str, str]]:
    """What becomes of the project's decisions."""
    say = QCoreApplication.translate
    lines = [
        (say("upgrade", "Stay as they are"), _both(counts.kept, counts.kept_occurrences)),
        (say("upgrade", "Reopened: a code of theirs is retired"), _both(counts.reopened, counts.reopened_occurrences)),
        (say("upgrade", "Of these with one replacement, proposed first"), wording.number(counts.replaced)),
        (say("upgrade", "Same code under another name"),
         _both(counts.renamed_decisions, counts.renamed_occurrences)),
    ]  # fmt: skip
    if counts.lists:
        lines.append((say("upgrade", "Lists of undecided mentions made anew"), wording.number(counts.lists)))
    if counts.no_match:
        lines.append((say("upgrade", "“Not in the terminology”, which may be now"), wording.number(counts.no_match)))
    if counts.foreign:
        lines.append((say("upgrade", "With codes that the old release lacked too"), wording.number(counts.foreign)))
    return lines


def _both(decisions: int, occurrences: int) -> str:
    if not decisions:
        return wording.number(0)
    words = QCoreApplication.translate("upgrade", "%1 (%2)")
    return wording.fill(words, wording.number(decisions), wording.occurrences(occurrences))


def headings() -> tuple[str, ...]:
    say = QCoreApplication.translate
    return (
        say("upgrade", "Code"),
        say("upgrade", "Name"),
        say("upgrade", "What happened"),
        say("upgrade", "Decisions"),
        say("upgrade", "Occurrences"),
        say("upgrade", "In its place"),
    )


def row(target: TargetChange) -> tuple[str, ...]:
    return (
        target.code,
        target.name,
        _happened(target),
        wording.number(target.mentions),
        wording.number(target.occurrences),
        _proposed(target),
    )


def _happened(target: TargetChange) -> str:
    say = QCoreApplication.translate
    match target.loss:
        case "vanished":
            return say("upgrade", "is gone")
        case "inactive":
            return say("upgrade", "is retired")
        case "not_assignable":
            return say("upgrade", "is no longer to be assigned")
        case _:
            return say("upgrade", "has another name")


def _proposed(target: TargetChange) -> str:
    say = QCoreApplication.translate
    if target.outcome == "renamed":
        return target.new_name
    if not target.proposals:
        return say("upgrade", "nothing near: search")
    first = target.proposals[0]
    if first.sure:
        return f"{first.code}  {first.name}"
    shown = [f"{one.code}  {one.name}" for one in target.proposals[:PROPOSED]]
    more = len(target.proposals) - len(shown)
    choice = "; ".join(shown) + (f"; +{more}" if more > 0 else "")
    return wording.fill(say("upgrade", "to choose from: %1"), choice)
