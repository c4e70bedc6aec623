"""brat standoff: a folder or zip of texts (`x.txt`), each with its annotations beside it (`x.ann`).

After the format's page (https://brat.nlplab.org/standoff.html). Offsets count characters of the text file as it is. T
lines are annotations, gaps are written `0 5;10 12`; an N line normalises one (`N1 Reference T1 MESH:D001 TAB name`).
All other lines (R, E, A, M, * and #) are kept as they are. What this program says of a mapping is a note of the type
`RPDR` (`#5 TAB RPDR T1 TAB {...}`) beside an N line with the code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.archive import Archive, open_archive
from rpdr_core.formats.documents.json_file import Node, decoded
from rpdr_core.formats.documents.model import Annotation, Collection, Corpus, CorpusDocument
from rpdr_core.formats.documents.offsets import UNITS, Ruler, Spans, misplaced, stands
from rpdr_core.formats.documents.saying import mapping_from

ID = "brat"
NOTE = "RPDR"
TEXT_CAP = 64 << 20
"""Bytes of a text or of its annotations."""

_LINE_CAP = 1 << 20
_TEXT, _MARKS = ".txt", ".ann"
_BOUND = re.compile(r"(\S+) (\d{1,15} \d{1,15}(?:;\d{1,15} \d{1,15})*)")
_NORMAL = re.compile(r"(\S+) (\S+) ([^\s:]+):(\S+)")
_NOTED = re.compile(r"(\S+) (\S+)")
_KINDS = tuple("TREAMN#*")
_BREAK = re.compile(r"\r\n|\n|\r")


def open_brat(path: Path) -> Corpus:
    """A folder or zip of brat's files. One document is in memory at a time."""
    odd: list[str] = []

    def documents() -> Iterator[CorpusDocument]:
        odd.clear()
        with open_archive(path) as archive:
            names = archive.names()
            stems = _stems(archive, names)
            others = [name for name in names if not name.endswith((_TEXT, _MARKS))]
            if others:
                odd.append(f"{len(others):,} other files in the folder were left out, {others[0]!r} for one")
            for stem in stems:
                yield _document(archive, stem, stem + _MARKS in names)

    def files() -> tuple[Path, ...]:
        return (path,)

    return Corpus(path, ID, documents, lambda: Collection(ID), lambda: tuple(odd), files)


def _stems(archive: Archive, names: tuple[str, ...]) -> list[str]:
    texts = {name.removesuffix(_TEXT) for name in names if name.endswith(_TEXT)}
    for name in names:
        if name.endswith(_MARKS) and name.removesuffix(_MARKS) not in texts:
            hint = "put the .txt file of the same name beside it"
            raise FileFormatError("annotations without their text", hint=hint, file=archive.label(name))
    return sorted(texts)


def read_text(archive: Archive, name: str) -> str:
    """A member as text in UTF-8, line breaks as they are."""
    with archive.open(name) as stream:
        data = stream.read(TEXT_CAP + 1)
    label = archive.label(name)
    if len(data) > TEXT_CAP:
        hint = "split the document"
        raise FileFormatError(f"a document of more than {TEXT_CAP >> 20} MiB", hint=hint, file=label)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        message = f"byte 0x{data[error.start]:02X} is not UTF-8"
        raise FileFormatError(message, hint="save the file as UTF-8", file=label, line=line) from error


def _document(archive: Archive, stem: str, marked: bool) -> CorpusDocument:
    text = read_text(archive, stem + _TEXT)
    title = stem.rpartition("/")[2]
    if not marked:
        return CorpusDocument(stem, text, title)
    name = stem + _MARKS
    reading = _Reading(archive.label(name), stem)
    for number, line in enumerate(_BREAK.split(read_text(archive, name)), 1):
        reading.line(number, line)
    return reading.document(text, title)


class _Reading:
    """The lines of one file of annotations."""

    def __init__(self, file: str, stem: str) -> None:
        self._file, self._stem = file, stem
        self._bound: dict[str, tuple[int, str, list[tuple[int, int]], str]] = {}
        self._normals: list[tuple[str, str, str]] = []
        self._notes: dict[str, Node] = {}
        self._lines: list[tuple[str, str]] = []

    def line(self, number: int, line: str) -> None:
        if not line.strip():
            return
        if len(line) > _LINE_CAP:
            self._refuse(number, f"a line of more than {_LINE_CAP:,} characters")
        id_, tab, rest = line.partition("\t")
        if not tab or not id_.startswith(_KINDS):
            self._refuse(number, "no annotation")
        if id_[0] == "T":
            self._text_bound(number, id_, rest)
            return
        kind, _, more = rest.partition("\t")
        noted = _NOTED.fullmatch(kind)
        if id_[0] == "#" and noted is not None and noted[1] == NOTE:
            self._note(number, noted[2], more)
            return
        normal = _NORMAL.fullmatch(kind) if id_[0] == "N" else None
        if normal is not None:
            self._normals.append((id_, normal[2], normal[4]))
        self._lines.append((id_, line))

    def _text_bound(self, number: int, id_: str, rest: str) -> None:
        head, _, text = rest.partition("\t")
        found = _BOUND.fullmatch(head)
        if found is None:
            self._refuse(number, f"annotation {id_!r} has no type and offsets")
        if id_ in self._bound:
            self._refuse(number, f"two annotations have the id {id_!r}")
        places = [(int(begin), int(end)) for begin, end in (part.split(" ") for part in found[2].split(";"))]
        self._bound[id_] = (number, found[1], places, text)

    def _note(self, number: int, target: str, more: str) -> None:
        value = decoded(more.encode("utf-8", "surrogatepass"), self._file, number)
        node = Node({}, self._file, f"the note on {target!r}", number).inside(value, "what this program wrote")
        if target in self._notes:
            self._refuse(number, f"two notes of this program on {target!r}")
        self._notes[target] = node

    def document(self, text: str, title: str) -> CorpusDocument:
        first = ""
        for unit in UNITS:
            ruler = Ruler(text, unit)
            found = {id_: _spans(ruler, bound[2]) for id_, bound in self._bound.items()}
            wrong = [id_ for id_, bound in self._bound.items() if not _holds(text, found[id_], bound[3])]
            if not wrong:
                break
            first = first or wrong[0]
        else:
            raise misplaced(self._file, self._stem, first, self._bound[first][0])
        ours = {name for node in self._notes.values() for name in _names(node)}
        codes: dict[str, dict[str, None]] = {}
        for line_id, target, code in self._normals:
            if line_id not in ours:
                codes.setdefault(target, {})[code] = None
        annotations = tuple(self._annotation(id_, spans or (), codes.get(id_, {})) for id_, spans in found.items())
        lines = [line for id_, line in self._lines if id_ not in ours]
        return CorpusDocument(self._stem, text, title, annotations=annotations, unit=unit, rest={"lines": lines})

    def _annotation(self, id_: str, spans: Spans, codes: Iterable[str]) -> Annotation:
        _, type_, _, text = self._bound[id_]
        node = self._notes.get(id_)
        words = {} if node is None else {key: value for key, value in node.value.items() if key != "lines"}
        said = mapping_from(words, self._file, f"the note on {id_!r}")
        return Annotation(id_, spans, text, type_, tuple(codes), said=said)

    def _refuse(self, number: int, message: str) -> NoReturn:
        hint = "see brat's standoff format: an id, a tab, then what it says"
        raise FileFormatError(f"document {self._stem!r}: {message}", hint=hint, file=self._file, line=number)


def _names(node: Node) -> list[str]:
    """Ids of the N lines that this program had added."""
    found = node.value.get("lines", [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise node.refusal("'lines' says what this program never says")
    return found


def _spans(ruler: Ruler, places: list[tuple[int, int]]) -> Spans | None:
    spans = [(ruler.points(begin), ruler.points(end)) for begin, end in places]
    known = tuple((begin, end) for begin, end in spans if begin is not None and end is not None and begin <= end)
    return known if len(known) == len(spans) else None


def _holds(text: str, spans: Spans | None, said: str) -> bool:
    return spans is not None and stands(text, spans, said)
