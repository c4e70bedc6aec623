"""Members of reference sets: of each the newest state, where a file or several hold more than one.

A member's id is a UUID. In a Snapshot each occurs once, so its rows pass by as they are read; the rows of a Full, or of
two packages, are read twice: first for the newest time of each member.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

from rpdr_core.knowledge_base.rf2.naming import ReleaseFile
from rpdr_core.knowledge_base.rf2.rows import Heard, Rows

ROWS_CAP = 40_000_000
"""Rows that are read twice, at 12 bytes each: the language reference sets of a Full have some 6 million."""

_PARTS = 64
_BITS = (1 << 63) - 1


def members(
    files: Sequence[ReleaseFile], columns: Sequence[str], refsets: frozenset[str] | None, heard: Heard
) -> Iterator[tuple[Rows, list[str]]]:
    """Active members of these reference sets (None: all), each with the file that it stands in."""
    newest: dict[int, int] = {}
    if len(files) > 1 or any(file.release == "Full" for file in files):
        newest = _newest(files, columns, refsets, heard)
    for file in files:
        rows = Rows(file, heard)
        for cells in rows.read(columns):
            if refsets is not None and cells[4] not in refsets:
                continue
            if newest and newest.get(_number(cells[0], rows), 0) > rows.time(cells[1]):
                continue
            if rows.active(cells[2]):
                yield rows, cells


def _newest(
    files: Sequence[ReleaseFile], columns: Sequence[str], refsets: frozenset[str] | None, heard: Heard
) -> dict[int, int]:
    """The newest time of each member that occurs more than once."""
    parts = [(array("q"), array("i")) for _ in range(_PARTS)]
    count = 0
    for file in files:
        rows = Rows(file, heard)
        for cells in rows.read(columns):
            if refsets is None or cells[4] in refsets:
                number = _number(cells[0], rows)
                numbers, times = parts[number % _PARTS]
                numbers.append(number)
                times.append(rows.time(cells[1]))
                count += 1
                if count > ROWS_CAP:
                    raise rows.place().error(f"more than {ROWS_CAP:,} members", "choose the release's Snapshot")
    newest: dict[int, int] = {}
    for numbers, times in parts:
        newest |= _repeated(numbers, times)
    return newest


def _repeated(numbers: Sequence[int], times: Sequence[int]) -> dict[int, int]:
    latest: dict[int, int] = {}
    found: dict[int, int] = {}
    for number, time in zip(numbers, times, strict=True):
        before = latest.get(number)
        if before is None:
            latest[number] = time
        else:
            latest[number] = found[number] = max(before, time)
    return found


def _number(id: str, rows: Rows) -> int:
    """63 bits of a UUID: two of ten million members have the same once in a hundred thousand releases."""
    try:
        if len(id) > 40:
            raise ValueError(id)
        return int(id.replace("-", ""), 16) & _BITS
    except ValueError as error:
        raise rows.place().error(f"{id[:40]!r} is no member's id (UUID)") from error
