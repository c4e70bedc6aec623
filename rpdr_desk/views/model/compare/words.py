"""Figures and verdicts of a comparison in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from rpdr_desk.operations.compare_state import Duel, Effect, Figure, RankerName, StudentLine
from rpdr_desk.views import wording

NONE = "–"
CHANCE = 0.05


def ranker_text(name: RankerName) -> str:
    say = QCoreApplication.translate
    match name:
        case "retriever":
            return say("compare", "Retriever")
        case "teacher":
            return say("compare", "Teacher")
        case "current":
            return say("compare", "Student in use")
        case "new":
            return say("compare", "This student")


def figure_text(figure: Figure | None) -> str:
    return NONE if figure is None else f"{figure.value:.3f}"


def interval_text(figure: Figure | None) -> str:
    return "" if figure is None else f"{figure.low:.2f}–{figure.high:.2f}"


def duel_text(duel: Duel) -> str:
    """What was found, then what may be concluded from it."""
    say = QCoreApplication.translate
    counts = wording.fill(
        say("compare", "Against the %1: right in %2 where it is wrong, wrong in %3 where it is right."),
        _other(duel.against),
        wording.number(duel.better),
        wording.number(duel.worse),
    )
    points = f"{100 * duel.difference.value:+.1f}"
    low, high = f"{100 * duel.difference.low:+.1f}", f"{100 * duel.difference.high:+.1f}"
    found = wording.fill(
        say("compare", "acc@1 differs by %1 points (95%: %2 to %3; McNemar p = %4)."), points, low, high, _p(duel.p)
    )
    return wording.sentences(counts, found, _conclusion(duel))


def _other(name: RankerName) -> str:
    """A ranker in the middle of a sentence."""
    say = QCoreApplication.translate
    return say("compare", "student in use") if name == "current" else say("compare", "retriever")


def _conclusion(duel: Duel) -> str:
    say = QCoreApplication.translate
    if duel.p >= CHANCE:
        return say("compare", "This may be chance.")
    if duel.difference.value > 0:
        return say("compare", "This is better than chance explains.")
    return say("compare", "This is worse than chance explains.")


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def effect_text(effect: Effect) -> str:
    """What a changed first means for the decision that was made; empty where none was."""
    say = QCoreApplication.translate
    match effect:
        case "gained":
            return say("compare", "as decided")
        case "lost":
            return say("compare", "against the decision")
        case "moved":
            return say("compare", "neither as decided")
        case "open":
            return ""


def student_text(student: StudentLine) -> str:
    """A student in one line of the list."""
    mark = "  ·  " + QCoreApplication.translate("compare", "in use") if student.in_use else ""
    return f"{student.name}{mark}"
