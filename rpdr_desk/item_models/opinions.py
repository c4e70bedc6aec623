"""What each ranker puts first, and whether they agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rpdr_core.records import Ranking, Verdict
from rpdr_desk.item_models.candidate_rows import newest

Kind = Literal["retriever", "teacher", "student"]
_KINDS: tuple[Kind, ...] = ("retriever", "teacher", "student")


@dataclass(frozen=True, slots=True)
class Opinion:
    """A ranker's first candidate. `recorded`: the answer was given earlier and came with the project."""

    kind: Kind
    code: str
    verdict: Verdict = ""
    recorded: bool = False


def opinions_of(rankings: Sequence[Ranking]) -> tuple[Opinion, ...]:
    """One opinion of each kind of ranker, the newest student's for all students."""
    found = ((kind, newest(rankings, kind)) for kind in _KINDS)
    return tuple(
        Opinion(kind, one.candidates[0].code, one.verdict, one.provenance.recorded)
        for kind, one in found
        if one is not None and one.candidates
    )


def agreed(opinions: Sequence[Opinion]) -> bool:
    """All put the same code first, and none says that it does not fit."""
    return len({one.code for one in opinions}) == 1 and all(one.verdict != "none" for one in opinions)
