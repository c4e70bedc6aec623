"""Rows of one release file, streamed: strict UTF-8, tabs, quotes that mean nothing, the header as specified.

Release File Specification, "Common Features of All Release Files" (2.2): every line ends with CR LF, the last one too,
so a file without an end of line was cut short. A lone LF is accepted.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.archive import Archive, open_archive
from rpdr_core.formats.lines import LINE_CAP
from rpdr_core.knowledge_base.rf2.naming import ReleaseFile
from rpdr_core.knowledge_base.rf2.sctid import Component, component

_BLOCK = 1 << 20
_AGAIN = "get the release again: the file was changed or damaged"
_CUT = "get the release again: the file is cut short"

Heard = Callable[[int, int], object]
"""Hears of rows done and about how many there are, some ten times a second."""

CONCEPT = ("id", "effectiveTime", "active", "moduleId", "definitionStatusId")
DESCRIPTION = (
    *("id", "effectiveTime", "active", "moduleId", "conceptId", "languageCode", "typeId", "term"),
    "caseSignificanceId",
)
RELATIONSHIP = (
    *("id", "effectiveTime", "active", "moduleId", "sourceId", "destinationId", "relationshipGroup", "typeId"),
    *("characteristicTypeId", "modifierId"),
)
MEMBER = ("id", "effectiveTime", "active", "moduleId", "refsetId", "referencedComponentId")
LANGUAGE = (*MEMBER, "acceptabilityId")
ASSOCIATION = (*MEMBER, "targetComponentId")
SIMPLE_MAP = (*MEMBER, "mapTarget")
COMPLEX_MAP = (*MEMBER, "mapGroup", "mapPriority", "mapRule", "mapAdvice", "mapTarget", "correlationId")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a release something is: what an error names."""

    file: str
    line: int = 0

    def error(self, message: str, hint: str = _AGAIN) -> FileFormatError:
        return FileFormatError(message, hint=hint, file=self.file, line=self.line)


class Rows:
    """The rows of a file below its header, as lists of cells. `place()` is the row that came last."""

    def __init__(self, file: ReleaseFile, heard: Heard = lambda *_: None) -> None:
        self.file = file
        self._heard = heard
        self._label = ""
        self._before = self._at = self._bytes = 0

    def header(self) -> tuple[str, ...]:
        """The column names alone."""
        with self._opened() as (_, stream):
            return self._columns(next(self._blocks(stream), [""])[0])

    def read(self, columns: Sequence[str]) -> Iterator[list[str]]:
        """Every row, each with one cell for each of `columns`, which must be the file's."""
        with self._opened() as (archive, stream):
            size, width = archive.size(self.file.name), len(columns)
            first = True
            for lines in self._blocks(stream):
                for self._at, line in enumerate(lines):
                    cells = line.split("\t")
                    if first:
                        self._check_columns(cells, columns)
                        first = False
                    elif len(cells) == width:
                        yield cells
                    else:
                        raise self.place().error(f"{len(cells)} cells instead of {width}")
                self._before += len(lines)
                self._heard(self._before, self._before * size // max(self._bytes, 1))
            if first:
                raise Place(self._label, 1).error("an empty file", _CUT)

    def place(self) -> Place:
        return Place(self._label, self._before + self._at + 1)

    def sctid(self, text: str, kind: Component) -> int:
        """A valid identifier of that kind as a number."""
        if component(text) != kind:
            raise self.place().error(f"{text[:24]!r} is no identifier of a {kind} (check digit and partition)")
        return int(text)

    def time(self, text: str) -> int:
        """An effective time, `YYYYMMDD`, as a number."""
        if len(text) == 8 and text.isascii() and text.isdigit():
            return int(text)
        raise self.place().error(f"{text[:24]!r} is no date (YYYYMMDD)")

    def active(self, text: str) -> bool:
        if text in ("0", "1"):
            return text == "1"
        raise self.place().error(f"active is {text[:24]!r}, neither 1 nor 0")

    @contextmanager
    def _opened(self) -> Iterator[tuple[Archive, IO[bytes]]]:
        self._before = self._at = self._bytes = 0
        with open_archive(self.file.archive) as archive:
            self._label = archive.label(self.file.name)
            with archive.open(self.file.name) as stream:
                yield archive, stream

    def _blocks(self, stream: IO[bytes]) -> Iterator[list[str]]:
        """Whole lines without their ends, a megabyte at a time."""
        decoder = codecs.getincrementaldecoder("utf-8-sig")()
        rest = ""
        while block := stream.read(_BLOCK):
            self._bytes += len(block)
            try:
                text = decoder.decode(block)
            except UnicodeDecodeError as error:
                raise self._undecodable(rest, error) from error
            if "\0" in text:
                raise Place(self._label, self._line_of(rest + text, "\0")).error("a NUL character")
            lines = (rest + text).replace("\r\n", "\n").split("\n")
            rest = lines.pop()
            # A CR at a block's end may belong to the LF of the next one; joined, they are found again.
            longest = max(map(len, lines), default=0)
            if max(longest, len(rest)) > LINE_CAP:
                at = next((at for at, line in enumerate(lines) if len(line) > LINE_CAP), len(lines))
                raise Place(self._label, self._before + at + 1).error(f"a line of more than {LINE_CAP:,} characters")
            if lines:
                yield lines
        if rest or decoder.getstate()[0]:
            raise Place(self._label, self._before + 1).error("the last line has no end", _CUT)

    def _line_of(self, text: str, what: str) -> int:
        return self._before + text[: text.index(what)].count("\n") + 1

    def _undecodable(self, rest: str, error: UnicodeDecodeError) -> FileFormatError:
        sound = error.object[: error.start].decode("utf-8", errors="ignore")
        line = self._before + (rest + sound).count("\n") + 1
        return Place(self._label, line).error(f"byte 0x{error.object[error.start]:02X} is not UTF-8")

    def _columns(self, line: str) -> tuple[str, ...]:
        return tuple(line.split("\t"))

    def _check_columns(self, found: Sequence[str], wanted: Sequence[str]) -> None:
        if tuple(found) != tuple(wanted):
            missing = [name for name in wanted if name not in found]
            what = f"no column {', '.join(missing)}" if missing else "columns in another order"
            raise Place(self._label, 1).error(f"{what} in the header")
