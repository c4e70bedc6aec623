"""All descriptions of a release in little memory: one run of bytes for the terms, some numbers for each."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rpdr_core.knowledge_base.rf2.concepts import Concepts
from rpdr_core.knowledge_base.rf2.metadata import DEFINITION, FULLY_SPECIFIED_NAME, SYNONYM
from rpdr_core.knowledge_base.rf2.naming import ReleaseFile
from rpdr_core.knowledge_base.rf2.newest import outdated
from rpdr_core.knowledge_base.rf2.rows import DESCRIPTION, Heard, Rows

TERMS_CAP = 12_000_000
BYTES_CAP = 1 << 29
"""Descriptions and bytes of terms that are held at once: seven times an edition of 1.6 million."""

_KINDS = {FULLY_SPECIFIED_NAME: 16, SYNONYM: 0, DEFINITION: 32}
_WORDS = 15
_FULL, _DEFINES, _ENGLISH, _ACTIVE = 16, 32, 64, 128


@dataclass(frozen=True, slots=True)
class Term:
    """An active description: its text, the bits of its dialects, what it is."""

    text: str
    words: int
    is_full_name: bool
    is_definition: bool
    is_english: bool


class Terms:
    """Descriptions by concept position, those of one concept in the files' order."""

    def __init__(
        self, files: Sequence[ReleaseFile], concepts: Concepts, words: Mapping[int, int], heard: Heard
    ) -> None:
        self.strangers = 0
        """Descriptions of concepts that the release does not hold."""

        self._bytes = bytearray()
        self._ends = array("q", [0])
        self._owners, self._flags = array("i"), bytearray()
        self._ids, self._times = array("q"), array("i")
        label = ""
        for file in files:
            label = self._read(file, concepts, words, heard)
        for at in outdated(self._ids, self._times, "description", label):
            self._flags[at] = 0
        self._ids, self._times = array("q"), array("i")
        self._chain(len(concepts))

    def of(self, concept: int) -> Iterator[Term]:
        at = self._first[concept]
        while at >= 0:
            flags = self._flags[at]
            text = self._bytes[self._ends[at] : self._ends[at + 1]].decode()
            yield Term(text, flags & _WORDS, bool(flags & _FULL), bool(flags & _DEFINES), bool(flags & _ENGLISH))
            at = self._next[at]

    def _read(self, file: ReleaseFile, concepts: Concepts, words: Mapping[int, int], heard: Heard) -> str:
        rows = Rows(file, heard)
        at, ends, content = concepts.at, self._ends, self._bytes
        for code, time, active, _, concept, language, kind, text, _ in rows.read(DESCRIPTION):
            number, flags = rows.sctid(code, "description"), 0
            owner = at.get(concept, -1)
            if rows.active(active):
                if owner < 0:
                    rows.sctid(concept, "concept")
                    self.strangers += 1
                elif not text.strip():
                    raise rows.place().error("a description without a term")
                else:
                    flags = _ACTIVE | words.get(number, 0) | _kind(kind, rows)
                    flags |= _ENGLISH if language.startswith("en") else 0
                    content += text.encode()
            self._ids.append(number)
            self._times.append(rows.time(time))
            self._owners.append(owner)
            self._flags.append(flags)
            ends.append(len(content))
            if len(self._flags) > TERMS_CAP or len(content) > BYTES_CAP:
                raise rows.place().error(f"more than {TERMS_CAP:,} descriptions", "no edition has so many")
        return rows.place().file

    def _chain(self, concepts: int) -> None:
        self._first = array("i", [-1]) * concepts
        self._next = array("i", [-1]) * len(self._flags)
        for at in range(len(self._flags) - 1, -1, -1):
            if self._flags[at]:
                owner = self._owners[at]
                self._next[at] = self._first[owner]
                self._first[owner] = at
        self._owners = array("i")


def _kind(kind: str, rows: Rows) -> int:
    found = _KINDS.get(kind)
    if found is None:
        raise rows.place().error(f"{kind[:24]!r} is no type of a description")
    return found
