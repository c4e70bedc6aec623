"""Components that occur more than once: in a Full file, or in the files of two packages. The newest state counts.

Release File Specification, "Release Types" (2.8): of the rows with one id, the one with the latest effectiveTime is the
component's state.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from rpdr_core.errors import FileFormatError

_HINT = "get the release again, or choose one release only"


def outdated(ids: Sequence[int], times: Sequence[int], what: str, file: str) -> frozenset[int]:
    """Positions of rows that a later row with the same id takes the place of. `FileFormatError` for two of one day."""
    if _ascending(ids):
        return frozenset()
    double = _double(ids)
    if not double:
        return frozenset()
    best: dict[int, int] = {}
    old: set[int] = set()
    for at, number in enumerate(ids):
        if number not in double:
            continue
        other = best.setdefault(number, at)
        if other == at:
            continue
        if times[at] == times[other]:
            raise FileFormatError(f"{what} {number} has two rows of {times[at]}", hint=_HINT, file=file)
        older, newer = (other, at) if times[other] < times[at] else (at, other)
        best[number] = newer
        old.add(older)
    return frozenset(old)


def _ascending(ids: Sequence[int]) -> bool:
    last = -1
    for number in ids:
        if number <= last:
            return False
        last = number
    return True


def _double(ids: Sequence[int]) -> frozenset[int]:
    """Ids that occur more than once, found in parts: a set of a million numbers takes more than the numbers do."""
    found: set[int] = set()
    parts = [array("q") for _ in range(64)]
    for number in ids:
        parts[(number >> 4) & 63].append(number)
    for part in parts:
        seen: set[int] = set()
        for number in part:
            if number in seen:
                found.add(number)
            seen.add(number)
    return frozenset(found)
