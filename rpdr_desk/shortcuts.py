"""Which keys an action answers to, and whether two actions claim the same key where both can hear it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from PySide6.QtGui import QKeySequence


class Scope(Enum):
    """Where a key is heard.

    `LISTS`: only while the candidate table or the mention list has the focus, so that Return in a search line
    never decides. `REVIEW`: anywhere in the review page; a line edit still takes letters and digits as text.
    `REASONS`, `RELATIONS`, `FLAGS`: the same, but only while that question is asked (see `FACES`), when the keys of
    the review are off. `ADJUDICATE`: anywhere in the Adjudicate page; `ADJUDICATE_LISTS`: in the list of found codes
    alone; `ADJUDICATE_REASONS` and `ADJUDICATE_RELATIONS`: while that page asks (see `QUESTIONS`). `DASHBOARD`:
    anywhere in the Dashboard page. `LINT`: anywhere in the Map lint page; `LINT_LISTS`: in its list of findings alone.
    `WINDOW`: everywhere.
    """

    LISTS = "lists"
    REVIEW = "review"
    REASONS = "reasons"
    RELATIONS = "relations"
    FLAGS = "flags"
    ADJUDICATE = "adjudicate"
    ADJUDICATE_LISTS = "adjudicate_lists"
    ADJUDICATE_REASONS = "adjudicate_reasons"
    ADJUDICATE_RELATIONS = "adjudicate_relations"
    DASHBOARD = "dashboard"
    LINT = "lint"
    LINT_LISTS = "lint_lists"
    WINDOW = "window"


FACES = (Scope.REASONS, Scope.RELATIONS, Scope.FLAGS)
"""Questions that the line of keys asks, one at a time: why no match, which relation, why a flag."""

QUESTIONS = (Scope.ADJUDICATE_REASONS, Scope.ADJUDICATE_RELATIONS)
"""What the Adjudicate page asks, one at a time: why no match, which relation."""

ADJUDICATING = (Scope.ADJUDICATE, Scope.ADJUDICATE_LISTS, *QUESTIONS)
"""Heard in the Adjudicate page alone, and by none of the review's actions."""

LINTING = (Scope.LINT, Scope.LINT_LISTS)
"""Heard in the Map lint page alone."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An action's keys in portable text, and where they are heard."""

    action: str
    scope: Scope
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    key: str
    first: str
    second: str


def normal(key: str) -> str:
    """A key in Qt's portable spelling; empty if it is no key at all."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)


def overlap(one: Scope, other: Scope) -> bool:
    """Whether one key press could reach both scopes."""
    if Scope.WINDOW in (one, other) or one == other:
        return True
    pages = (ADJUDICATING, LINTING)
    if Scope.DASHBOARD in (one, other) or any((one in page) != (other in page) for page in pages):
        return False
    asked = (*FACES, *QUESTIONS)
    return one not in asked and other not in asked


def conflicts(claims: Iterable[Claim]) -> list[Conflict]:
    """All pairs of actions that claim one key in overlapping scopes."""
    seen: dict[str, list[Claim]] = {}
    found: list[Conflict] = []
    for claim in claims:
        for key in filter(None, map(normal, claim.keys)):
            rivals = [other for other in seen.get(key, []) if overlap(other.scope, claim.scope)]
            found += [Conflict(key, rival.action, claim.action) for rival in rivals if rival.action != claim.action]
            seen.setdefault(key, []).append(claim)
    return found


def chosen_keys(action: str, default: Sequence[str], overrides: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The user's keys for an action where they are valid, else the default ones."""
    if action not in overrides:
        return tuple(default)
    return tuple(filter(None, map(normal, overrides[action])))
