"""The text of a .docx: paragraphs of its main document in their order (ECMA-376, part 1, 17.3). Nothing else of it.

Read with our own XML and archive readers: a note needs no styles, and a stranger's file gets no other parser.
"""

from __future__ import annotations

from pathlib import Path

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.archive import open_archive
from rpdr_core.formats.safe_xml import Element, elements

MAIN = "word/document.xml"
CAP = 256 << 20
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}
# Text that was taken away, and what a change or a field says of itself.
_NOT_TEXT = frozenset(("del", "moveFrom", "pPr", "rPr", "instrText", "delText"))


def docx_text(path: Path) -> str:
    """One line for each paragraph, cells of tables too."""
    with open_archive(path, unpacked_cap=CAP) as archive:
        if MAIN not in archive.names():
            hint = "save it as .docx again, or as .txt"
            raise FileFormatError("no Word document", hint=hint, file=str(path))
        with archive.open(MAIN) as stream:
            return "\n".join(_paragraph(found) for found, _ in elements(stream, archive.label(MAIN), tags=("p",)))


def _paragraph(element: Element) -> str:
    pieces: list[str] = []
    waiting = [iter(element)]
    while waiting:
        child = next(waiting[-1], None)
        if child is None:
            waiting.pop()
        elif child.tag == "t":
            pieces.append(child.text or "")
        elif child.tag in _BREAKS:
            pieces.append(_BREAKS[child.tag])
        elif child.tag not in _NOT_TEXT:
            waiting.append(iter(child))
    return "".join(pieces)
