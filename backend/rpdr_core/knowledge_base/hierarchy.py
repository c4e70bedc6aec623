"""Codes and parents of a terminology in little memory: whether all are there, each once, and none its own ancestor."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from rpdr_core.errors import FileFormatError

_NONE = 0xFFFFFFFF


class Hierarchy:
    """Fed with codes and parents in any order; 4 bytes an edge, beside one table of the codes."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._numbers: dict[str, int] = {}
        self._defined = bytearray()
        self._children = array("I")
        self._parents = array("I")

    def add(self, code: str, parents: tuple[str, ...]) -> None:
        """Take an entity; `FileFormatError` where its code has been there before."""
        number = self._number(code)
        if self._defined[number]:
            raise FileFormatError(f"code {code!r} occurs twice", hint="keep one row per code", file=self._source)
        self._defined[number] = 1
        for parent in parents:
            self._children.append(number)
            self._parents.append(self._number(parent))

    def check(self) -> None:
        """Raise `FileFormatError` for a parent that is missing, then for entities above and below each other."""
        self._refuse_orphans()
        self._refuse_circles()

    def _number(self, code: str) -> int:
        number = self._numbers.setdefault(code, len(self._numbers))
        if number == len(self._defined):
            self._defined.append(0)
        return number

    def _refuse_orphans(self) -> None:
        if all(self._defined):
            return
        missing = next(at for at, parent in enumerate(self._parents) if not self._defined[parent])
        child, parent = self._codes(self._children[missing], self._parents[missing])
        raise FileFormatError(
            f"{child!r} names the parent {parent!r}, which is not in the file",
            hint="add the parent's row or empty the cell",
            file=self._source,
        )

    def _refuse_circles(self) -> None:
        """Take away what has no parent left, again and again: what stays stands above itself."""
        above = self._counted(self._children)
        starts, below = self._grouped()
        free = array("I", (number for number, count in enumerate(above) if not count))
        done = 0
        while free:
            number = free.pop()
            done += 1
            for at in range(starts[number], starts[number + 1]):
                child = below[at]
                above[child] -= 1
                if not above[child]:
                    free.append(child)
        if done < len(above):
            circle = self._codes(*self._circle(above))
            shown = circle if len(circle) <= 12 else [*circle[:6], "..", *circle[-5:]]
            raise FileFormatError(
                f"the hierarchy runs in a circle: {' -> '.join(shown)}",
                hint="take one of these parents away",
                file=self._source,
            )

    def _counted(self, edges: array[int]) -> array[int]:
        counts = array("I", bytes(4 * len(self._numbers)))
        for number in edges:
            counts[number] += 1
        return counts

    def _grouped(self) -> tuple[array[int], array[int]]:
        """Children by parent: those of parent n stand at `starts[n]` to `starts[n + 1]`."""
        starts, total = array("I", [0]), 0
        for count in self._counted(self._parents):
            total += count
            starts.append(total)
        place = array("I", starts)
        below = array("I", bytes(4 * len(self._children)))
        for child, parent in zip(self._children, self._parents, strict=True):
            below[place[parent]] = child
            place[parent] += 1
        return starts, below

    def _circle(self, above: array[int]) -> list[int]:
        """One circle among the numbers that still have something above them: upwards until one comes again."""
        up = array("I", [_NONE]) * len(above)
        for child, parent in zip(self._children, self._parents, strict=True):
            if above[child] and above[parent]:
                up[child] = parent
        at = next(number for number, count in enumerate(above) if count)
        seen: dict[int, int] = {}
        while at not in seen:
            seen[at] = len(seen)
            at = up[at]
        return [*list(seen)[seen[at] :], at]

    def _codes(self, *numbers: int) -> list[str]:
        wanted = frozenset(numbers)
        found = {number: code for code, number in self._numbers.items() if number in wanted}
        return [found[number] for number in numbers]

    def __len__(self) -> int:
        return len(self._numbers)


class DistinctTerms:
    """Counts distinct strings by 64-bit hashes, in 8 bytes each: of a billion strings it may miss one."""

    def __init__(self) -> None:
        self._parts = [array("q") for _ in range(256)]

    def add(self, terms: Iterator[str]) -> None:
        for term in terms:
            value = hash(term)
            self._parts[value & 255].append(value)

    def count(self) -> int:
        return sum(len(set(part)) for part in self._parts)
