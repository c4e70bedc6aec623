"""Places of annotations: in which unit a file counts, and whether what it says stands where it says.

BioC's DTD wishes for bytes of UTF-8 (BioC.dtd, "Offsets should be in 8 bit code units"), most of its files count code
points, and programs in Java and JavaScript count UTF-16. A file does not say which: the text of its annotations does.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import accumulate

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.documents.model import Unit

UNITS: tuple[Unit, ...] = ("code points", "utf-8", "utf-16")

Spans = tuple[tuple[int, int], ...]


class Ruler:
    """Turns offsets of a text in one unit into code points and back."""

    def __init__(self, text: str, unit: Unit) -> None:
        self.text, self.unit = text, unit
        plain = unit == "code points" or text.isascii() or (unit == "utf-16" and max(text, default="") < "\U00010000")
        self._ends: list[int] | None = None
        self.length = len(text)
        if not plain:
            self._ends = [0, *accumulate(map(_width_of(unit), text))]
            self.length = self._ends[-1]

    def points(self, offset: int) -> int | None:
        """Code points before an offset; None where it lies outside the text or within a character."""
        if not 0 <= offset <= self.length:
            return None
        if self._ends is None:
            return offset
        place = bisect_left(self._ends, offset)
        return place if self._ends[place] == offset else None

    def units(self, place: int) -> int:
        """The offset of a place in code points, which must lie within the text."""
        return place if self._ends is None else self._ends[place]


def _width_of(unit: Unit) -> Callable[[str], int]:
    if unit == "utf-16":
        return lambda char: 2 if char > "\uffff" else 1
    return lambda char: len(char.encode("utf-8", "surrogatepass"))


def stands(text: str, spans: Sequence[tuple[int, int]], said: str) -> bool:
    """Whether the parts of a text are what an annotation says, white space, case and normal form aside.

    An annotation without text says nothing that could be wrong.
    """
    if not said:
        return True
    pieces = [text[start:end] for start, end in spans]
    return _key("".join(pieces)) == _key(said)


def _key(text: str) -> str:
    return unicodedata.normalize("NFKC", "".join(text.split())).casefold()


def hull(spans: Sequence[tuple[int, int]]) -> tuple[int, int] | tuple[None, None]:
    """From the beginning of the first part to the end of the last."""
    if not spans:
        return None, None
    return min(start for start, _ in spans), max(end for _, end in spans)


def misplaced(file: str, document: str, annotation: str, line: int = 0) -> FileFormatError:
    """The error about an annotation that does not stand where its file says. It quotes no text."""
    return FileFormatError(
        f"document {document!r}: annotation {annotation!r} is not what stands at its offset",
        hint="count offsets from the beginning of the document (characters, UTF-8 bytes or UTF-16, one of them in all"
        " of it), the end not included",
        file=file,
        line=line,
    )
