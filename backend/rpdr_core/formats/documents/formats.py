"""All formats of documents, and which of them a file is."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from rpdr_core.errors import NotFoundError, RpdrError
from rpdr_core.formats.archive import open_archive
from rpdr_core.formats.documents import (
    bioc_json,
    bioc_xml,
    brat,
    brat_writing,
    medcattrainer,
    medcattrainer_writing,
    notes,
    pubtator,
)
from rpdr_core.formats.documents.model import Corpus
from rpdr_core.formats.documents.output import Write
from rpdr_core.formats.encodings import chosen
from rpdr_core.formats.lines import opened, read_lines
from rpdr_core.formats.losses import Loss, LossReport
from rpdr_core.formats.mappings.json_stream import JsonStream
from rpdr_core.formats.safe_xml import root

_HEAD_LINES = 20
_BESIDE = (
    Loss("decisions that were undone or replaced, and the audit"),
    Loss("answers given before rankings were there, and by second reviewers"),
    Loss("candidates and their ranks"),
)
_ALWAYS = LossReport(_BESIDE)
_PUBTATOR = Loss("names, relations, statuses, reviewers, times and comments: there is a column for codes only")


@dataclass(frozen=True, slots=True)
class DocumentFormat:
    """A format of documents. `suffix` of what `write` makes; `write` is None where nothing is written so.

    `open_` takes the path and an encoding, which formats with one of their own pass over. `always`: what lies in the
    format, told before anything is written. `text_free`: how it is written without text, where that makes sense.
    """

    id: str
    title: str
    suffix: str
    open_: Callable[[Path, str], Corpus]
    write: Write | None = None
    always: LossReport = _ALWAYS
    text_free: Write | None = None


FORMATS = (
    DocumentFormat(bioc_xml.ID, "BioC XML", ".xml", lambda path, _: bioc_xml.open_xml(path), bioc_xml.write),
    DocumentFormat(bioc_json.ID, "BioC JSON", ".json", lambda path, _: bioc_json.open_json(path), bioc_json.write),
    DocumentFormat(
        pubtator.ID, "PubTator", ".txt", pubtator.open_pubtator, pubtator.write, LossReport((*_BESIDE, _PUBTATOR))
    ),
    DocumentFormat(brat.ID, "brat standoff", ".zip", lambda path, _: brat.open_brat(path), brat_writing.write),
    DocumentFormat(
        medcattrainer.ID,
        "MedCATtrainer",
        ".json",
        lambda path, _: medcattrainer.open_medcattrainer(path),
        medcattrainer_writing.write,
        text_free=medcattrainer_writing.write_text_free,
    ),
    DocumentFormat(notes.ID, "Notes (txt, docx, pdf)", ".txt", notes.open_notes),
)


def format_of(format_id: str) -> DocumentFormat:
    """The format that is called so; `NotFoundError` where there is none."""
    for found in FORMATS:
        if found.id == format_id:
            return found
    hint = f"one of {', '.join(found.id for found in FORMATS)}"
    raise NotFoundError(f"no format of documents is called {format_id!r}", hint=hint)


def recognise(path: Path) -> str:
    """The id of the format of a file or folder; empty where it holds no documents, as far as its beginning tells.

    A plain .txt is a list of mentions, not a note: who means a note says so. Raises for what cannot be read at all.
    """
    suffix = path.suffix.lower()
    if path.is_dir():
        return _folder(path)
    if suffix in (".docx", ".pdf"):
        return notes.ID
    if suffix == ".zip":
        return brat.ID if _has(path, ".ann") else ""
    if suffix == ".xml":
        return bioc_xml.ID if _root(path) == "collection" else ""
    if suffix == ".json":
        return _json(path)
    return pubtator.ID if suffix in (".txt", ".pubtator", "") and _is_pubtator(path) else ""


def is_document_file(path: Path) -> bool:
    """Whether a file or folder holds documents."""
    return bool(recognise(path))


def open_documents(path: Path, format_id: str = "", encoding: str = "") -> Corpus:
    """Open a file or folder of documents. Raises `NotFoundError` where its format is not known and not given."""
    found = format_id or recognise(path)
    if not found:
        _check_is_there(path)
        hint = f"name the format: {', '.join(known.id for known in FORMATS)}"
        raise NotFoundError("no format of documents fits this file", hint=hint, file=str(path))
    return format_of(found).open_(path, encoding)


def _check_is_there(path: Path) -> None:
    """Raise what keeps a file from being read at all: recognising takes it for no document."""
    if not path.is_dir():
        with opened(path):
            pass


def _folder(path: Path) -> str:
    if _has(path, ".ann"):
        return brat.ID
    return notes.ID if _has(path, *notes.SUFFIXES) else ""


def _has(path: Path, *endings: str) -> bool:
    try:
        with open_archive(path) as archive:
            return any(name.lower().endswith(endings) for name in archive.names())
    except RpdrError:
        if path.is_dir():
            raise
        return False


def _root(path: Path) -> str:
    try:
        with opened(path) as stream:
            return str(root(stream, str(path), doctype=True).tag)
    except RpdrError:
        return ""


def _json(path: Path) -> str:
    try:
        return _kind(JsonStream(path))
    except RpdrError:
        return ""


def _kind(stream: JsonStream) -> str:
    """What a JSON object is, by the first document or project in it."""
    seen: set[str] = set()
    for name in stream.members():
        if name == "projects":
            return medcattrainer.ID if _has_documents(stream) else ""
        if name in bioc_json.LISTS:
            return _by_document(stream, seen)
        seen.add(name)
        stream.value()
    return ""


def _has_documents(stream: JsonStream) -> bool:
    for _ in stream.items():
        for name in stream.members():
            if name == "documents":
                return True
            stream.value()
    return False


def _by_document(stream: JsonStream, seen: Container[str]) -> str:
    for _ in stream.items():
        first = stream.value()
        if isinstance(first, dict) and "passages" in first:
            return bioc_json.ID
        return medcattrainer.ID if isinstance(first, dict) and "annotations" in first else ""
    if "cuis" in seen:
        return medcattrainer.ID
    return bioc_json.ID if "source" in seen or "infons" in seen else ""


def _is_pubtator(path: Path) -> bool:
    try:
        for line in islice(read_lines(path, chosen(path)), _HEAD_LINES):
            if line.strip():
                return pubtator.HEAD.fullmatch(line.rstrip("\r\n")) is not None
    except RpdrError:
        return False
    return False
