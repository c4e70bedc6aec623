"""brat standoff written: a zip with a text and its annotations for each document. See `brat`."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import msgspec

from rpdr_core.formats.documents.brat import ID, NOTE
from rpdr_core.formats.documents.losing import Losing
from rpdr_core.formats.documents.model import Annotation, Collection, CorpusDocument
from rpdr_core.formats.documents.offsets import Ruler
from rpdr_core.formats.documents.output import Output, Written
from rpdr_core.formats.documents.saying import words_of
from rpdr_core.formats.mappings.record import Mapping
from rpdr_core.records import Target

_UNFIT_NAME = re.compile(r"[^\w.\-]+")
_UNFIT_WORD = re.compile(r"[\s:]+")
_BLANKS = re.compile(r"\s+")
_BREAKS = re.compile(r"[\t\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_LONGEST = 80
_MOMENT = (1980, 1, 1, 0, 0, 0)


def write(path: Path, collection: Collection, outputs: Iterable[Output]) -> Written:
    """Write a zip. Documents that came from brat get their names, ids and lines back."""
    own = collection.format == ID
    losing = Losing()
    names = _Names()
    documents = annotations = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for output in outputs:
            document = output.document
            stem = document.key if own else names.free(document.id or document.key)
            writing = _Writing(document, losing, own, _word(collection.target or "code"))
            lines = "".join(f"{line}\n" for line in writing.lines(output.said))
            files = [(f"{stem}.txt", document.text), (f"{stem}.ann", lines)]
            # A text that came without a file of annotations stays without one.
            for name, text in files if lines or not own or document.rest is not None else files[:1]:
                # Without the time of writing, so that equal content gives equal bytes.
                info = zipfile.ZipInfo(name, _MOMENT)
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, text.encode())
            documents += 1
            annotations += len(document.annotations)
    return Written(documents, annotations, losing.report())


@dataclass(slots=True)
class _Names:
    """File names for ids that may be anything."""

    used: set[str] = field(default_factory=set)

    def free(self, id_: str) -> str:
        stem = _UNFIT_NAME.sub("_", id_).strip("._")[:_LONGEST] or "document"
        names = (stem if number == 1 else f"{stem}_{number}" for number in count(1))
        found = next(name for name in names if name.lower() not in self.used)
        self.used.add(found.lower())
        return found


@dataclass(slots=True)
class _Writing:
    """The lines of one document."""

    document: CorpusDocument
    losing: Losing
    own: bool
    target: str

    def lines(self, said: dict[int, Mapping]) -> Iterator[str]:
        document, own = self.document, self.own
        ruler = Ruler(document.text, document.unit if own else "code points")
        others = document.rest.get("lines", []) if own and isinstance(document.rest, dict) else []
        if not own:
            self.losing.lose("relations between annotations", len(document.relations))
            self.losing.lose("passages and sentences", len(document.parts))
        names: list[str] = []
        for number, one in enumerate(document.annotations):
            name = one.id if own else f"T{number + 1}"
            names.append(name)
            yield from self._bound(name, one, ruler)
        yield from others
        ids = _Ids(others)
        for number, one in enumerate(document.annotations):
            if one.spans:
                yield from self._normals(names[number], one, ids)
                yield from self._said(names[number], said.get(number), ids)

    def _bound(self, name: str, one: Annotation, ruler: Ruler) -> Iterator[str]:
        if not one.spans:
            self.losing.lose("annotations without a place", 1)
            return
        if not self.own:
            self.losing.lose("what the file says of annotations beside type and code", bool(one.infons or one.rest))
        places = ";".join(f"{ruler.units(start)} {ruler.units(end)}" for start, end in one.spans)
        yield f"{name}\t{_word(one.type) or 'Entity'} {places}\t{_BREAKS.sub(' ', one.text)}"

    def _normals(self, name: str, one: Annotation, ids: _Ids) -> Iterator[str]:
        """Codes that the file gave, in documents of other formats; brat's own lines hold theirs."""
        for code in () if self.own else one.codes:
            yield f"{ids.free('N')}\tReference {name} given:{_code(code)}\t"

    def _said(self, name: str, said: Mapping | None, ids: _Ids) -> Iterator[str]:
        words = words_of(said) if said is not None else {}
        if said is None or not words:
            return
        lines = []
        for target in said.targets:
            lines.append(ids.free("N"))
            yield f"{lines[-1]}\tReference {name} {self.target}:{_code(target.code)}\t{_name(target)}"
        note = msgspec.json.encode({**words, **({"lines": lines} if lines else {})}).decode()
        yield f"{ids.free('#')}\t{NOTE} {name}\t{note}"


def _name(target: Target) -> str:
    return _BREAKS.sub(" ", target.name)


def _code(code: str) -> str:
    """A code behind its terminology's colon: it may have colons of its own, as `HP:0001250` has."""
    return _BLANKS.sub("_", code)


def _word(text: str) -> str:
    return _UNFIT_WORD.sub("_", text)


class _Ids:
    """Ids that no line has yet."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._used = {line.partition("\t")[0] for line in lines}
        self._next = {letter: count(1) for letter in "N#"}

    def free(self, letter: str) -> str:
        return next(id_ for number in self._next[letter] if (id_ := f"{letter}{number}") not in self._used)
