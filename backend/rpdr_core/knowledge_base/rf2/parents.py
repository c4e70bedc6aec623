"""The is-a relationships of a release: parents by concept."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from rpdr_core.knowledge_base.rf2.concepts import Concepts
from rpdr_core.knowledge_base.rf2.metadata import INFERRED, IS_A
from rpdr_core.knowledge_base.rf2.naming import ReleaseFile
from rpdr_core.knowledge_base.rf2.newest import outdated
from rpdr_core.knowledge_base.rf2.rows import RELATIONSHIP, Heard, Rows

EDGES_CAP = 16_000_000


class Parents:
    """Inferred parents by concept position, in the files' order. Whether they run in a circle is not looked at here:
    the library looks at every terminology's.
    """

    def __init__(self, files: Sequence[ReleaseFile], concepts: Concepts, heard: Heard) -> None:
        self.strangers = 0
        """Relationships to or from concepts that the release does not hold."""

        self.known = 0
        self._children, self._parents = array("i"), array("i")
        self._ids, self._times = array("q"), array("i")
        label = ""
        for file in files:
            label = self._read(file, concepts, heard)
        old = outdated(self._ids, self._times, "relationship", label)
        self._ids, self._times = array("q"), array("i")
        self._group(len(concepts), old)

    def of(self, concept: int) -> list[int]:
        return list(dict.fromkeys(self._grouped[self._starts[concept] : self._starts[concept + 1]]))

    def _read(self, file: ReleaseFile, concepts: Concepts, heard: Heard) -> str:
        rows = Rows(file, heard)
        at = concepts.at
        for number, time, active, _, child, parent, _, type_, characteristic, _ in rows.read(RELATIONSHIP):
            if type_ != IS_A or characteristic != INFERRED:
                continue
            below, above = at.get(child, -1), at.get(parent, -1)
            is_active = rows.active(active)
            if is_active and (below < 0 or above < 0):
                rows.sctid(child, "concept")
                rows.sctid(parent, "concept")
                self.strangers += 1
                is_active = False
            self.known += is_active
            self._ids.append(rows.sctid(number, "relationship"))
            self._times.append(rows.time(time))
            self._children.append(below if is_active else -1)
            self._parents.append(above)
            if len(self._ids) > EDGES_CAP:
                raise rows.place().error(f"more than {EDGES_CAP:,} is-a relationships", "no edition has so many")
        return rows.place().file

    def _group(self, concepts: int, old: frozenset[int]) -> None:
        for at in old:
            self._children[at] = -1
        counts = array("i", bytes(4 * (concepts + 1)))
        for child in self._children:
            if child >= 0:
                counts[child + 1] += 1
        for at in range(1, concepts + 1):
            counts[at] += counts[at - 1]
        self._starts = array("i", counts)
        self._grouped = array("i", bytes(4 * counts[-1]))
        for child, parent in zip(self._children, self._parents, strict=True):
            if child >= 0:
                self._grouped[counts[child]] = parent
                counts[child] += 1
        self._children, self._parents = array("i"), array("i")
