"""Where a training row comes from, and what its word weighs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Origin = Literal[
    "teacher-exact", "teacher-close", "teacher-none", "accepted", "corrected", "blind", "propagated", "no_match"
]
"""Who said so, and how it came about:

- `teacher-exact`, `teacher-close`, `teacher-none`: the teacher's verdict, where nobody decided.
- `accepted`: a person took the candidate that led the screen; it may have led the person, too.
- `corrected`: a person saw a ranking and chose another entity.
- `blind`: no ranking can have led the choice. Nothing was frozen with the decision (it was made before candidates
  came, or came from a file), or it says what the same person had answered before any ranking was there, or it settled
  a dispute of two people. A choice by search *beside* a shown list is `corrected`.
- `propagated`: carried over from an identical mention, or one of several that one step decided at once; most of them
  were not looked at. What a sure ranker was merely followed in (mode `agreed`) is no row at all: it would be taught
  back to its pupil.
- `no_match`: a person said that the terminology, or the list, has no entity for it.
"""

WEIGHTS: Mapping[Origin, float] = {
    "teacher-exact": 1.0,
    "teacher-close": 0.5,
    "teacher-none": 0.5,
    "accepted": 1.5,
    "corrected": 2.0,
    "blind": 2.0,
    "propagated": 0.75,
    "no_match": 1.0,
}
"""A correction says most: a person saw what the ranker got wrong. A close match is the teacher's own doubt."""
