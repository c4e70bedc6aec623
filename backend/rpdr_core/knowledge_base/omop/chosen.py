"""The concepts of the chosen vocabularies in little memory: sorted numbers, and what hangs on each in chains."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator

NONE = -1


class Chosen:
    """A sorted list of concept ids; each has a position."""

    def __init__(self, ids: Iterable[int]) -> None:
        self._ids = array("q", sorted(ids))

    def position(self, concept: int) -> int:
        """Where a concept stands, `NONE` for one that is not chosen."""
        at = bisect_left(self._ids, concept)
        return at if at < len(self._ids) and self._ids[at] == concept else NONE

    def id(self, position: int) -> int:
        return self._ids[position]

    def __len__(self) -> int:
        return len(self._ids)

    def repeated(self) -> int:
        """An id that occurs twice, `NONE` if there is none."""
        return next((self._ids[at] for at in range(1, len(self._ids)) if self._ids[at] == self._ids[at - 1]), NONE)


class Chains:
    """Numbers hung on positions, 8 bytes each; asked for, they come in the order in which they were hung."""

    def __init__(self, positions: int) -> None:
        self._heads = array("i", [NONE]) * positions
        self._next = array("i")
        self._values = array("I")

    def hang(self, position: int, value: int) -> None:
        self._next.append(self._heads[position])
        self._heads[position] = len(self._values)
        self._values.append(value)

    def of(self, position: int) -> list[int]:
        found = []
        at = self._heads[position]
        while at != NONE:
            found.append(self._values[at])
            at = self._next[at]
        found.reverse()
        return found

    def has(self, position: int) -> bool:
        return self._heads[position] != NONE

    def __len__(self) -> int:
        return len(self._values)


class Texts:
    """Strings in one piece of memory, by number."""

    def __init__(self) -> None:
        self._ends = array("Q", [0])
        self._bytes = bytearray()

    def add(self, text: str) -> int:
        self._bytes += text.encode()
        self._ends.append(len(self._bytes))
        return len(self._ends) - 2

    def __getitem__(self, number: int) -> str:
        return self._bytes[self._ends[number] : self._ends[number + 1]].decode()


class Relations:
    """Rows of relationships between concepts, of several kinds."""

    def __init__(self) -> None:
        self._kinds = bytearray()
        self._from = array("I")
        self._to = array("q")

    def add(self, kind: int, position: int, target: int) -> None:
        self._kinds.append(kind)
        self._from.append(position)
        self._to.append(target)

    def __iter__(self) -> Iterator[tuple[int, int, int]]:
        """Kind, position of the source, target's concept id."""
        return zip(self._kinds, self._from, self._to, strict=True)
