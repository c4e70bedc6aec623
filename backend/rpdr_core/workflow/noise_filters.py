"""What a teacher's word weighs: filters against its errors, by name.

- `none`: every ranking weighs the same, whatever the teacher said of it.
- `verdict`: an exact match weighs 1, a close one half.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, get_args

from rpdr_core.errors import NotFoundError
from rpdr_core.protocol.messages import TrainingRow
from rpdr_core.workflow.origins import WEIGHTS

NoiseFilter = Literal["none", "verdict"]
NOISE_FILTERS: tuple[str, ...] = get_args(NoiseFilter)


def weighed(rows: Sequence[TrainingRow], name: NoiseFilter) -> tuple[list[TrainingRow], Mapping[str, int]]:
    """The rows with the weights that the filter gives, and how many were left out by which reason.

    People's rows are never touched.
    """
    if name not in NOISE_FILTERS:
        raise NotFoundError(f"no noise filter {name!r}", hint=f"one of {', '.join(NOISE_FILTERS)}")
    return [_weighed(row, name) for row in rows], Counter()


def _weighed(row: TrainingRow, name: NoiseFilter) -> TrainingRow:
    if row.origin == "teacher-close":
        return replace(row, weight=1.0 if name == "none" else WEIGHTS["teacher-close"])
    return row
