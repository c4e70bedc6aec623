"""How many slips of the keyboard lie between two words."""

from __future__ import annotations


def edits(one: str, other: str, most: int) -> int:
    """Letters put in, left out, changed or swapped with a neighbour (optimal string alignment); `most + 1` for more."""
    one, other = _unlike(one, other)
    if abs(len(one) - len(other)) > most:
        return most + 1
    if not one or not other:
        return len(one) + len(other)
    beyond = most + 1
    before: list[int] = []
    last = [min(column, beyond) for column in range(len(other) + 1)]
    for row, letter in enumerate(one, 1):
        now = [beyond] * (len(other) + 1)
        now[0] = min(row, beyond)
        # Further from the diagonal than `most`, everything is beyond it.
        for column in range(max(1, row - most), min(len(other), row + most) + 1):
            theirs = other[column - 1]
            best = min(last[column] + 1, now[column - 1] + 1, last[column - 1] + (letter != theirs))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == theirs:
                best = min(best, before[column - 2] + 1)
            now[column] = best
        if min(now) > most:
            return beyond
        before, last = last, now
    return min(last[-1], beyond)


def _unlike(one: str, other: str) -> tuple[str, str]:
    """Both without the beginning and the end that they share: no slip lies there that could not lie between."""
    start, stop = 0, min(len(one), len(other))
    while start < stop and one[start] == other[start]:
        start += 1
    one, other = one[start:], other[start:]
    end, stop = 0, min(len(one), len(other))
    while end < stop and one[-1 - end] == other[-1 - end]:
        end += 1
    return (one[:-end], other[:-end]) if end else (one, other)
