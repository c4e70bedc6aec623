"""Whether two entities lie on one line of a hierarchy, or have nothing in common."""

from __future__ import annotations

from rpdr_worker.retrieval.terms import Terminology


def same_branch(terminology: Terminology, one: int, other: int) -> bool:
    """Whether one of two entities is the other or an ancestor of it."""
    return one in _line(terminology, other) or other in _line(terminology, one)


def same_chapter(terminology: Terminology, one: int, other: int) -> bool:
    """Whether they share an ancestor, or are one line. Under a single root, as SNOMED CT's, all do."""
    return not _line(terminology, one).isdisjoint(_line(terminology, other))


def _line(terminology: Terminology, entity: int) -> set[int]:
    """The entity and its ancestors."""
    found: set[int] = set()
    waiting = [entity]
    while waiting:
        at = waiting.pop()
        if at not in found:
            found.add(at)
            waiting.extend(terminology.position[parent] for parent in terminology.entities[at].parents)
    return found
