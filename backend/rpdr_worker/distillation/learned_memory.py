"""The memory that an encoder student learns with: the wordings of the very decisions that it is trained on.

At work a student sees what people called each candidate before. So that it learns to use that, each training row is
read with the wordings of all the others: never its own (leave one out), which would have it learn to look up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rpdr_core.protocol.messages import TrainingRow
from rpdr_core.records import MemoryTerm
from rpdr_worker.ranking.student_lists import CandidateList
from rpdr_worker.ranking.student_memory import Remembered, without_own_wording

# Only what the project's memory would hold as well: a teacher's word is no correction.
_HUMAN = frozenset(("accepted", "corrected", "blind", "propagated"))


def memory_of_rows(rows: Iterable[TrainingRow]) -> Remembered:
    """The wordings that people gave to entities in these rows."""
    return Remembered.of(
        MemoryTerm(row.mention, row.candidates[row.order[0]].code, number)
        for number, row in enumerate(rows, 1)
        if row.origin in _HUMAN and row.verdict != "none"
    )


def list_of_row(row: TrainingRow, remembered: Remembered, *, width: int, gaps: Sequence[float]) -> CandidateList:
    """What the student reads of a row: all that is remembered but for the row's own wording."""
    candidates = without_own_wording(row.mention, row.candidates)
    return CandidateList.of(
        row.mention, row.context, candidates, width=width, gaps=gaps, remembered=remembered, besides=row.mention
    )
