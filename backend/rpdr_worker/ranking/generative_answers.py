"""A student's written answer -> an order of all places and a verdict.

A ranking of a student is always a whole order, so an answer is repaired (repeats and unknown labels dropped, missing
places appended in the order shown), and what names no place at all is told apart: its order is the one shown.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rpdr_core.records import Verdict
from rpdr_worker.ranking.generative_prompt import LABELS, NONE, as_data
from rpdr_worker.ranking.generative_template import StudentTemplate

AnswerState = Literal["ok", "repaired", "unparsable"]
_LABEL = re.compile(r"(?<![^\W_])([A-Z])(?![^\W_])")
_NUMBERED = re.compile(r"\A\s*(?:[A-Z]|\d{1,2})[.)]\s*")
# How alike a written name and a candidate's must be (difflib) to be taken for the same.
_ALIKE = 0.85


@dataclass(frozen=True, slots=True)
class WrittenAnswer:
    """`order`: a permutation of all places shown, best first. `verdict` is empty where the answer gives none."""

    order: tuple[int, ...]
    verdict: Verdict
    state: AnswerState


def parse_labels(text: str, size: int, template: StudentTemplate) -> WrittenAnswer:
    """`C > A > B; exact` over `size` candidates."""
    body, _, judged = text.partition(";")
    letters = _LABEL.findall(body)
    known = LABELS[:size]
    places = [known.index(letter) for letter in letters if letter in known]
    none = bool(letters) and letters[0] == NONE
    clean = sorted(places) == list(range(size)) and len(letters) == size + none
    if not places:
        return WrittenAnswer(tuple(range(size)), "none" if none else "", "repaired" if none else "unparsable")
    verdict: Verdict = "none" if none else _judged(judged, template)
    return WrittenAnswer(completed(places, size), verdict, "ok" if clean else "repaired")


def parse_names(text: str, names: Sequence[str], template: StudentTemplate) -> WrittenAnswer:
    """Names, one a line, best first. A line is taken for the unused candidate of that name, or the one most alike."""
    folded = [_folded(as_data(name)) for name in names]
    lines = [_folded(line) for line in text.splitlines() if line.strip()]
    none = bool(lines) and lines[0] == _folded(template.none)
    places: list[int] = []
    exact = True
    for line in lines[none:]:
        place, same = _place(line, folded, places)
        exact = exact and same
        if place >= 0:
            places.append(place)
    clean = exact and len(places) == len(names)
    if not places:
        state: AnswerState = "repaired" if none else "unparsable"
        return WrittenAnswer(tuple(range(len(names))), "none" if none else "", state)
    return WrittenAnswer(completed(places, len(names)), "none" if none else "", "ok" if clean else "repaired")


def completed(places: Sequence[int], size: int) -> tuple[int, ...]:
    """Each place once: the first mention of those named, then the others in the order shown."""
    kept = list(dict.fromkeys(place for place in places if 0 <= place < size))
    named = set(kept)
    return (*kept, *(place for place in range(size) if place not in named))


def _place(line: str, folded: Sequence[str], used: Sequence[int]) -> tuple[int, bool]:
    """The place that a line names (-1 for none), and whether it names it to the letter."""
    free = [place for place in range(len(folded)) if place not in used]
    for place in free:
        if line == folded[place]:
            return place, True
    bare = _NUMBERED.sub("", line.upper()).casefold() if _NUMBERED.match(line.upper()) else line
    shares = [(difflib.SequenceMatcher(None, bare, folded[place]).ratio(), -place) for place in free]
    best, place = max(shares, default=(0.0, 1))
    return (-place, False) if best >= _ALIKE else (-1, False)


def _judged(text: str, template: StudentTemplate) -> Verdict:
    word = text.strip().casefold()
    if word.startswith(template.exact.casefold()):
        return "exact"
    return "close" if word.startswith(template.close.casefold()) else ""


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
