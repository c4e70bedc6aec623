"""The side of the body: the mention names one, the code another, only one of two, or none.

Codes of the other sides are found by name: two names that differ in one stretch of words that begins with a side, or
with "unspecified".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rpdr_core.records import Entity
from rpdr_core.workflow.lint.code_book import Case, CodeBook
from rpdr_core.workflow.lint.findings import Finding, RuleId
from rpdr_core.workflow.lint.sides import Side, meant, sides_of

_WORD = re.compile(r"[\w()]+")
_OPEN = "unspecified"
_LONGEST = 4
_FIRST: dict[str, Side] = {"right": "right", "left": "left", "bilateral": "both", "both": "both"}
_EYE = re.compile(r"\beyes?\b|眼", re.IGNORECASE)


def laterality(case: Case, book: CodeBook) -> Iterator[Finding]:
    """At most one finding, about the main code; the sides of all codes count together."""
    entities = [entity for code in case.codes if (entity := book.entity(code)) is not None]
    wanted = meant(sides_of(case.text, eye=_about_eyes(case, book)))
    if wanted is None or not entities:
        return
    first, coded = entities[0], {side for entity in entities for side in sides_of(entity.name)}
    if not coded:
        if is_open(first, book):
            yield _finding("unspecified_side", case, book, first, wanted, (wanted, first.code))
    elif wanted == "both":
        if len(coded) == 1 and "both" not in coded:
            yield _finding("one_side", case, book, first, wanted, (first.code, *coded))
    elif wanted not in coded:
        told = "both" if "both" in coded else next(iter(coded))
        yield _finding("wrong_side", case, book, first, wanted, (wanted, first.code, told))


def _finding(rule: RuleId, case: Case, book: CodeBook, entity: Entity, wanted: Side, words: tuple[str, ...]) -> Finding:
    found = with_side(entity, wanted, book, case.text)
    suggested, name = (found.code, found.name) if found else ("", "")
    return Finding(rule, entity.code, (case.mention_id,), words, case.basis, suggested, name)


def is_open(entity: Entity, book: CodeBook) -> bool:
    """Whether the code leaves a side open that its neighbours name."""
    return any(
        stretch[0][0] == _OPEN and stretch[1][0] in _FIRST
        for other in book.neighbours(entity.code)
        if (stretch := _stretch(entity.name, other.name)) is not None
    )


def with_side(entity: Entity, side: Side, book: CodeBook, text: str) -> Entity | None:
    """The neighbour that differs in the side alone; of several the one whose other words the mention has."""
    found = []
    for other in book.neighbours(entity.code):
        stretch = _stretch(entity.name, other.name)
        if stretch is not None and _FIRST.get(stretch[1][0]) == side and other.assignable and other.active:
            found.append((other, stretch[1][1:]))
    plain = text.lower()
    fitting = [other for other, rest in found if all(word.rstrip("s()") in plain for word in rest)]
    if len(found) == 1:
        return found[0][0]
    return fitting[0] if len(fitting) == 1 else None


def _stretch(own: str, other: str) -> tuple[list[str], list[str]] | None:
    """The words in which two names differ, where each side of it begins with a side or leaves it open."""
    one, two = _WORD.findall(own.lower()), _WORD.findall(other.lower())
    start = 0
    while start < min(len(one), len(two)) and one[start] == two[start]:
        start += 1
    end = 0
    while end < min(len(one), len(two)) - start and one[-1 - end] == two[-1 - end]:
        end += 1
    mine, theirs = one[start : len(one) - end], two[start : len(two) - end]
    both = bool(mine and theirs) and max(len(mine), len(theirs)) <= _LONGEST
    return (mine, theirs) if both and _begins(mine[0]) and _begins(theirs[0]) else None


def _begins(word: str) -> bool:
    return word in _FIRST or word == _OPEN


def _about_eyes(case: Case, book: CodeBook) -> bool:
    if _EYE.search(case.text):
        return True
    holders = (one for code in case.codes for one in (book.entity(code), *book.path(code)) if one is not None)
    return any(_EYE.search(one.name) for one in holders)
