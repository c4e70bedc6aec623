"""The rules that hold for a concept: its own notes and those it inherits, and how it differs from its like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rpdr_core.records import Entity

NOTE_ORDER: tuple[str, ...] = (
    "includes",
    "excludes1",
    "excludes2",
    "code_first",
    "use_additional",
    "code_also",
    "seventh_character",
    "note",
    "other_code",
)
_OWN = frozenset(("other_code",))
_REMOTE = frozenset(("chapter", "block"))
_SEVENTH = 7
_COMMON_WORDS = 2


@dataclass(frozen=True, slots=True)
class Rule:
    """Notes of one kind from one entity. `origin` is the ancestor's code, empty for the concept's own."""

    kind: str
    origin: str
    texts: tuple[str, ...]


def rules_of(entity: Entity, path: Sequence[Entity]) -> tuple[list[Rule], list[Rule]]:
    """The rules close by, and those of chapter and block; each by kind as a coder reads them, nearest first.

    `path` leads from the root to the parent.
    """
    holders = [(entity, ""), *((one, one.code) for one in reversed(path))]
    rules = [
        (holder.type in _REMOTE and bool(origin), Rule(kind, origin, texts))
        for kind in NOTE_ORDER
        for holder, origin in holders
        if not (origin and kind in _OWN) and (texts := tuple(note.text for note in holder.notes if note.kind == kind))
    ]
    return [rule for remote, rule in rules if not remote], [rule for remote, rule in rules if remote]


def in_force(entity: Entity, rule: Rule, text: str) -> bool:
    """Whether a line of the seventh characters ("A: initial encounter") is the one this code carries."""
    code = entity.code.replace(".", "")
    return rule.kind == "seventh_character" and len(code) == _SEVENTH and text.startswith(f"{code[-1]}:")


def difference(name: str, other: str) -> str:
    """What `other` says beyond the words it begins with like `name`; the whole of it if they hardly agree."""
    own, theirs = name.split(), other.split()
    same = 0
    while same < min(len(own), len(theirs)) and own[same].rstrip(",") == theirs[same].rstrip(","):
        same += 1
    return " ".join(theirs[same:]) if _COMMON_WORDS <= same < len(theirs) else other
