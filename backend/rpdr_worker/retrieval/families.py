"""From the entity that a string names to the entity that a clinician can assign.

ICD-10-CM keeps seventh characters (encounter, glaucoma stage) as extensions of a code, and categories above
billable codes. Retrieval finds the parent; here the child that the mention's own words ask for is chosen, or the
terminology's default.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rpdr_worker.retrieval.terms import Terminology

_UNSPECIFIED, _ADDS, _WITHOUT = "unspecified", "with unspecified complications", "without complications"
_EMPTY = frozenset(("eye", "of", "the", "and"))
# Words of a context that may choose among the children of an entity.
DETAILS = frozenset(("right", "left", "bilateral", "mild", "moderate", "severe", "intermediate", "advanced", "stage"))
_SIDES = frozenset(("right", "left", "bilateral", "eye", "ear", "side", "stage"))


def assignable_extension(
    terminology: Terminology, entity: int, words: frozenset[str], allowed: npt.NDArray[np.bool_] | None = None
) -> int:
    """The extension of `entity` whose added words are most in `words`; the first where none is; else itself.

    Only `allowed` extensions are taken, where it is given.
    """
    children = terminology.extensions.get(entity, ())
    if allowed is not None:
        children = tuple(child for child in children if allowed[child])
    if not children:
        return entity
    stem = set(_words(terminology.entities[entity].name))
    return max(
        children,
        key=lambda child: (len((set(_words(terminology.entities[child].name)) - stem) & words), -child),
    )


def specific_child(terminology: Terminology, entity: int, words: frozenset[str]) -> int | None:
    """The descendant that adds to `entity`'s name just what `words` say (side, stage); None where words say nothing.

    "Age-related nuclear cataract" with the word "right" gives "Age-related nuclear cataract, right eye".
    """
    at = entity
    for _ in range(4):
        children = (*terminology.children.get(at, ()), *terminology.extensions.get(at, ()))
        stem = set(_words(terminology.entities[at].name))
        best, found = 0, at
        for child in children:
            whole = terminology.entities[child].name
            if not _may_have(whole, words):
                continue
            name = set(_words(whole))
            added = name - stem - _EMPTY
            if stem <= name and len(added & words) > best and added <= words | _SIDES:
                best, found = len(added & words), child
        if found == at:
            break
        at = found
    return None if at == entity else at


def default_leaf(terminology: Terminology, entity: int) -> int | None:
    """The assignable 'unspecified' entity below a category, if the terminology has one.

    "With unspecified complications" says more than the category does; the default is then the one without.
    """
    at = entity
    for _ in range(6):
        if terminology.entities[at].assignable:
            return at if at != entity else None
        if at in terminology.extensions:
            return terminology.extensions[at][0]
        default = _default_child(terminology, at)
        if default is None:
            return None
        at = default
    return None


def _default_child(terminology: Terminology, entity: int) -> int | None:
    children = terminology.children.get(entity, ())
    names = {child: terminology.entities[child].name.lower() for child in children}
    unspecified = [child for child in children if _UNSPECIFIED in names[child] and _ADDS not in names[child]]
    without = [child for child in children if names[child].endswith(_WITHOUT)]
    return next(reversed(unspecified or without), None)


def _may_have(name: str, words: frozenset[str]) -> bool:
    """Whether a name can have one of the words: much cheaper than to take it apart, and most have none."""
    lower = name.lower()
    return any(word in lower for word in words)


def _words(name: str) -> list[str]:
    return [word.strip(",;()") for word in name.lower().split()]
