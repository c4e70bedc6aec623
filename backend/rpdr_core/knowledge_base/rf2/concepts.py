"""The concepts of a release in little memory: position by code, whether active, of which module."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable

from rpdr_core.errors import FileFormatError
from rpdr_core.knowledge_base.rf2.naming import ReleaseFile
from rpdr_core.knowledge_base.rf2.newest import outdated
from rpdr_core.knowledge_base.rf2.rows import CONCEPT, Heard, Rows

CONCEPTS_CAP = 4_000_000
"""Eleven times the International Edition."""


class Concepts:
    """All concepts, active or not, in the files' order. `at` is the position of a code among `codes`."""

    def __init__(self, files: Iterable[ReleaseFile], heard: Heard) -> None:
        self.codes: list[str] = []
        self.active = bytearray()
        self.at: dict[str, int] = {}
        self.modules: list[str] = []
        self._module = array("H")
        self._ids, self._times = array("q"), array("i")
        self._numbers: dict[str, int] = {}
        label = ""
        for file in files:
            label = self._read(file, heard)
        self._settle(label)

    def module(self, at: int) -> str:
        return self.modules[self._module[at]]

    def counts(self) -> Counter[str]:
        """Active concepts by module."""
        return Counter(self.modules[self._module[at]] for at, active in enumerate(self.active) if active)

    def __len__(self) -> int:
        return len(self.codes)

    def _read(self, file: ReleaseFile, heard: Heard) -> str:
        rows = Rows(file, heard)
        for code, time, active, module, _ in rows.read(CONCEPT):
            self._ids.append(rows.sctid(code, "concept"))
            self._times.append(rows.time(time))
            self.active.append(rows.active(active))
            self._module.append(self._number(module, rows))
            self.codes.append(code)
            if len(self.codes) > CONCEPTS_CAP:
                raise rows.place().error(f"more than {CONCEPTS_CAP:,} concepts", "no edition has so many")
        return rows.place().file

    def _number(self, module: str, rows: Rows) -> int:
        number = self._numbers.get(module)
        if number is None:
            rows.sctid(module, "concept")
            number = self._numbers[module] = len(self.modules)
            self.modules.append(module)
            if number > 0xFFFF:
                raise rows.place().error("too many modules")
        return number

    def _settle(self, label: str) -> None:
        """Keep the newest row of each concept."""
        old = outdated(self._ids, self._times, "concept", label)
        if old:
            kept = [at for at in range(len(self.codes)) if at not in old]
            self.codes = [self.codes[at] for at in kept]
            self.active = bytearray(self.active[at] for at in kept)
            self._module = array("H", (self._module[at] for at in kept))
        self._ids, self._times = array("q"), array("i")
        self.at = {code: at for at, code in enumerate(self.codes)}
        if not self.codes:
            raise FileFormatError("the release has no concepts", hint="get the release again", file=label)
