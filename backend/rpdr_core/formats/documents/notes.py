"""Plain notes kept as documents, for extraction later: .txt, .docx and .pdf, one document a file, without mentions."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO

from rpdr_core.errors import FileFormatError, NotFoundError
from rpdr_core.formats.archive import open_archive
from rpdr_core.formats.documents.docx import docx_text
from rpdr_core.formats.documents.model import Collection, Corpus, CorpusDocument
from rpdr_core.formats.documents.pdf import pdf_text
from rpdr_core.formats.encodings import chosen
from rpdr_core.formats.lines import opened, read_lines

ID = "notes"
SUFFIXES = (".txt", ".docx", ".pdf")
CAP = 64 << 20
"""Bytes of one file."""


def open_notes(path: Path, encoding: str = "") -> Corpus:
    """A note, or a folder of notes (folders inside it too). One is in memory at a time."""
    odd: list[str] = []

    def documents() -> Iterator[CorpusDocument]:
        odd.clear()
        names = note_names(path)
        for name in names:
            where = path / name if path.is_dir() else path
            text = _text(where, encoding)
            if not text.strip():
                odd.append(f"{name}: no text in it" + (" (a scan?)" if where.suffix.lower() == ".pdf" else ""))
            yield CorpusDocument(name, text, Path(name).stem, "note")

    return Corpus(path, ID, documents, lambda: Collection(ID, encoding or "utf-8"), lambda: tuple(odd))


def note_names(path: Path) -> list[str]:
    """The notes in a folder, or the note itself."""
    if not path.is_dir():
        return [path.name]
    with open_archive(path) as archive:
        names = [name for name in archive.names() if name.lower().endswith(SUFFIXES)]
    if not names:
        hint = f"choose a folder with {', '.join(SUFFIXES)} files"
        raise FileFormatError("no note in the folder", hint=hint, file=str(path))
    return names


def _text(path: Path, encoding: str) -> str:
    if not path.exists():
        raise NotFoundError("no such file", hint="check the path", file=str(path))
    if path.stat().st_size > CAP:
        raise FileFormatError(f"a note of more than {CAP >> 20} MiB", hint="split it", file=str(path))
    suffix = path.suffix.lower()
    if suffix == ".docx":
        return docx_text(path)
    if suffix == ".pdf":
        with opened(path) as stream:
            return pdf_text(_whole(stream), str(path))
    if path.stat().st_size == 0:
        return ""
    return "".join(read_lines(path, chosen(path, encoding))).removeprefix("\ufeff")


def _whole(stream: IO[bytes]) -> BytesIO:
    return BytesIO(stream.read(CAP + 1))
