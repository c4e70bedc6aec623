"""Annotated documents as the records of a project, and back: nothing that a file said is lost in between."""

from __future__ import annotations

from collections.abc import Collection as Container
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import msgspec

from rpdr_core.errors import DamagedFileError
from rpdr_core.formats.documents.model import (
    Annotation,
    Collection,
    CorpusDocument,
    Infons,
    Part,
    Relation,
    Unit,
)
from rpdr_core.formats.documents.offsets import hull
from rpdr_core.formats.documents.surroundings import surroundings
from rpdr_core.records import AnnotatedDocument, Document, NewDocument, NewMention, SourceRow

_BLANKS = str.maketrans(dict.fromkeys("\t\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029", " "))


@dataclass(frozen=True, slots=True)
class _Mark:
    """An annotation as it is stored: its number in the document, and what the file says."""

    at: int
    annotation: Annotation


@dataclass(frozen=True, slots=True)
class _Shape:
    """A document but for its text and the annotations that became mentions."""

    id: str
    infons: Infons
    parts: tuple[Part, ...]
    others: tuple[_Mark, ...]
    relations: tuple[Relation, ...]
    unit: Unit
    rest: object = None


_marks = msgspec.json.Decoder(_Mark)
_shapes = msgspec.json.Decoder(_Shape)
_collections = msgspec.json.Decoder(Collection)


def stored_collection(collection: Collection) -> str:
    return msgspec.json.encode(collection).decode()


def restored_collection(text: str, file: str) -> Collection:
    try:
        return _collections.decode(text)
    except msgspec.MsgspecError as error:
        raise _damaged(file) from error


def annotated(document: CorpusDocument, first_row: int, types: Container[str] = ()) -> AnnotatedDocument:
    """A document as the store takes it. Its mentions are the annotations with text, of `types` where any are given;
    their rows are numbered from `first_row`.
    """
    mentions: list[NewMention] = []
    others: list[_Mark] = []
    for at, (one, new) in enumerate(with_mentions(document, types)):
        mark = _Mark(at, replace(one, said=None))
        if new is None:
            others.append(mark)
        else:
            start, end = hull(one.spans)
            said = msgspec.json.encode(mark).decode()
            row = SourceRow(first_row + len(mentions), one.id, document.key, start, end, said)
            mentions.append(replace(new, row=row))
    shape = _Shape(
        document.id, document.infons, document.parts, tuple(others), document.relations, document.unit, document.rest
    )
    structure = msgspec.json.encode(shape).decode()
    new_document = NewDocument(document.key, document.text, document.title, document.kind, structure)
    return AnnotatedDocument(new_document, tuple(mentions))


def with_mentions(
    document: CorpusDocument, types: Container[str] = ()
) -> Iterator[tuple[Annotation, NewMention | None]]:
    """Each annotation with the mention that it becomes, None where it has no text or is not of `types`."""
    for one in document.annotations:
        yield one, _mention(document, one) if not types or one.type in types else None


def _mention(document: CorpusDocument, one: Annotation) -> NewMention | None:
    code = one.codes[0] if one.codes else ""
    if len(one.spans) == 1:
        start, end = _trimmed(document.text, *one.spans[0])
        if start == end:
            return None
        around, at = surroundings(document.text, start, end)
        context, text = around.translate(_BLANKS), document.text[start:end].translate(_BLANKS)
        return NewMention(text, context, at, at + len(text), code=code)
    text = " ".join((one.text or " ".join(document.text[start:end] for start, end in one.spans)).split())
    if not text:
        return None
    begin, finish = hull(one.spans)
    if begin is None or finish is None:
        return NewMention(text, code=code)
    return NewMention(text, surroundings(document.text, begin, finish)[0].translate(_BLANKS), code=code)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


@dataclass(frozen=True, slots=True)
class Restored:
    """A document as its file had it, and for each row (as they were given) the number of its annotation."""

    document: CorpusDocument
    numbers: tuple[int, ...]


def restored(document: Document, marks: Iterable[str], file: str) -> Restored:
    """A document from its records and the `annotation` of each of its rows. `file` is named where they are damaged."""
    try:
        shape = _shapes.decode(document.structure) if document.structure else _Shape("", {}, (), (), (), "code points")
        own = [_marks.decode(mark) for mark in marks]
    except msgspec.MsgspecError as error:
        raise _damaged(file) from error
    placed = sorted([*shape.others, *own], key=lambda mark: mark.at)
    number = {mark.at: place for place, mark in enumerate(placed)}
    found = CorpusDocument(
        document.key, document.text, document.title, document.kind, shape.id, shape.infons, shape.parts,
        tuple(mark.annotation for mark in placed), shape.relations, shape.unit, shape.rest,
    )  # fmt: skip
    return Restored(found, tuple(number[mark.at] for mark in own))


def _damaged(file: str) -> DamagedFileError:
    return DamagedFileError("a document's structure cannot be read", hint="restore a backup", file=file)
