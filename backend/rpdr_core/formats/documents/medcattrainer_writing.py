"""MedCATtrainer's JSON written, with or without text; and text put back by the documents' names.

Without text a document keeps its name and an annotation its place, so that who has the documents can put them together
again (upstream's export once had neither: CogStack/MedCATtrainer#51).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import msgspec

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.documents.json_file import Node
from rpdr_core.formats.documents.losing import Losing
from rpdr_core.formats.documents.medcattrainer import BEFORE, ID, OURS, RawDocument, Walk
from rpdr_core.formats.documents.model import Annotation, Collection
from rpdr_core.formats.documents.offsets import Ruler, hull
from rpdr_core.formats.documents.output import Output, Written
from rpdr_core.formats.documents.saying import words_of
from rpdr_core.formats.mappings.record import Mapping as Said

_encode = msgspec.json.encode
_WITHOUT_TEXT = {
    "project": frozenset(("id", "name", "cuis", "tuis")),
    "document": frozenset(("id", "name", "last_modified", "annotations")),
    "annotation": frozenset((
        "id", "user", "cui", "type", "start", "end", "validated", "correct", "deleted", "alternative", "killed",
        "irrelevant", "manually_created", "acc", "create_time", "last_modified", "meta_anns", OURS,
    )),
    "meta": frozenset(("id", "name", "value", "acc", "validated")),
}  # fmt: skip
"""Fields that hold no text of a document. Only these are in a file without text: others may hold anything."""
_UNKNOWN = "fields that are not known to be free of text"


def write(path: Path, collection: Collection, outputs: Iterable[Output], *, text_free: bool = False) -> Written:
    """Write an export, document by document."""
    own = collection.format == ID
    kept: Any = collection.rest
    foreign = {"projects": [{"name": collection.target or "RPDR Desk", "id": 1}], "wrapped": True}
    rest: dict[str, Any] = kept if own and isinstance(kept, dict) else foreign
    writing = _Writing(own, text_free)
    with path.open("wb") as stream:
        _write_raw(stream, writing.bare_head(rest) if text_free else rest, map(writing.raw, outputs))
    return Written(writing.documents, writing.annotations, writing.losing.report())


def _write_raw(stream: IO[bytes], rest: dict[str, Any], documents: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
    """Write projects in their order; documents come in it too, each with the number of its project."""
    if rest.get("wrapped"):
        beside = _encode(rest.get("beside") or {})[1:-1]
        stream.write(b"{" + (beside + b"," if beside else b"") + b'"projects":[')
    coming = iter(documents)
    waiting = next(coming, None)
    for number, head in enumerate(rest["projects"]):
        inner = _encode(head)[1:-1]
        stream.write((b"," if number else b"") + b"{" + (inner + b"," if inner else b"") + b'"documents":[')
        first = True
        while waiting is not None and waiting[0] == number:
            stream.write((b"" if first else b",") + b"\n" + _encode(waiting[1]))
            first, waiting = False, next(coming, None)
        stream.write(b"\n]}")
    stream.write(b"]}\n" if rest.get("wrapped") else b"\n")


def write_text_free(path: Path, collection: Collection, outputs: Iterable[Output]) -> Written:
    """Write an export without text, values and comments; `relink` puts the text back."""
    return write(path, collection, outputs, text_free=True)


class _Writing:
    def __init__(self, own: bool, text_free: bool) -> None:
        self._own, self._text_free = own, text_free
        self.losing = Losing()
        self.documents = self.annotations = 0

    def raw(self, output: Output) -> tuple[int, dict[str, Any]]:
        """The number of a document's project, and the document as the file has it."""
        document = output.document
        self.documents += 1
        self.annotations += len(document.annotations)
        if self._own:
            fields = dict(document.rest["fields"])
        else:
            name = document.title or document.key
            fields = {"id": self.documents, "name": document.key if self._text_free else name}
            self.losing.lose("passages and sentences", len(document.parts))
            self.losing.lose("relations between annotations", len(document.relations))
        if not self._text_free and (not self._own or document.rest.get("text")):
            fields["text"] = document.text
        ruler = Ruler(document.text, document.unit if self._own else "code points")
        marks = enumerate(document.annotations)
        fields["annotations"] = [self._mark(one, output.said.get(number), ruler, number) for number, one in marks]
        if self._text_free:
            fields = self._known("document", fields)
        return (int(document.rest["project"]) if self._own else 0), fields

    def bare_head(self, rest: dict[str, Any]) -> dict[str, Any]:
        """What the file says of itself and of its projects, as far as it is known to be no text."""
        self.losing.lose(_UNKNOWN, len(rest.get("beside") or {}))
        return {**rest, "beside": {}, "projects": [self._known("project", head) for head in rest["projects"]]}

    def _known(self, kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        kept = {key: value for key, value in fields.items() if key in _WITHOUT_TEXT[kind]}
        self.losing.lose(_UNKNOWN, len(fields) - len(kept))
        if isinstance(metas := kept.get("meta_anns"), dict):
            metas = {name: meta for name, meta in metas.items() if isinstance(meta, dict)}
            kept["meta_anns"] = {name: self._known("meta", meta) for name, meta in metas.items()}
        return kept

    def _mark(self, one: Annotation, said: Said | None, ruler: Ruler, number: int) -> dict[str, Any]:
        kept = self._own and isinstance(one.rest, dict)
        fields = dict(one.rest) if kept else self._foreign(one, ruler, number)
        if self._text_free:
            fields.pop("value", None)
            self.losing.lose("comments, which may quote the text", bool(fields.pop("comment", "")))
            fields = self._known("annotation", fields)
        words = words_of(said) if said is not None else {}
        if said is None or not words:
            return fields
        new = _judgement(said)
        if self._text_free:
            new.pop("comment", None)
        ours = {**words, BEFORE: {key: fields.get(key) for key in new}}
        if self._text_free:
            ours = {key: value for key, value in ours.items() if key not in ("comment", "remark")}
            self.losing.lose("comments, which may quote the text", bool(said.comment or said.remark))
        return {**fields, **new, OURS: ours}

    def _foreign(self, one: Annotation, ruler: Ruler, number: int) -> dict[str, Any]:
        self.losing.lose("gaps in annotations", len(one.spans) > 1)
        self.losing.lose("codes beside the first", max(0, len(one.codes) - 1))
        self.losing.lose("what the file says of annotations beside type and code", bool(one.infons or one.rest))
        fields: dict[str, Any] = {"id": number + 1, "cui": one.codes[0] if one.codes else "", "value": one.text}
        start, end = hull(one.spans)
        if start is not None and end is not None:
            fields |= {"value": ruler.text[start:end], "start": ruler.units(start), "end": ruler.units(end)}
        if one.type:
            fields["type"] = one.type
        flags = dict.fromkeys(("validated", "correct", "deleted", "alternative", "killed"), False)
        return {**fields, **flags, "meta_anns": []}


def _judgement(said: Said) -> dict[str, Any]:
    """MedCATtrainer's own fields for a decision."""
    if said.status in ("unreviewed", "deferred"):
        return {}
    away = said.reason == "not_a_mention"
    return {
        **({"cui": said.targets[0].code} if said.targets else {}),
        "validated": True,
        "correct": said.status == "accepted",
        "alternative": said.status == "corrected",
        "killed": said.status == "no_match" and away,
        "deleted": said.status == "no_match" and not away,
        **({"user": said.reviewer} if said.reviewer else {}),
        **({"last_modified": said.made_at} if said.made_at else {}),
        **({"comment": said.comment} if said.comment else {}),
    }


def relink(text_free: Path, originals: Sequence[Path], output: Path) -> int:
    """Write an export again with the texts of others, joined by project and document names; how many documents.

    Raises `FileFormatError` where a document is in none of the originals, or is in two with different texts. The texts
    are in memory.
    """
    texts: dict[tuple[str, str], str] = {}
    for original in originals:
        for raw in Walk(original).documents():
            text = raw.node.optional("text")
            key = _names(raw)
            if text is not None and texts.setdefault(key, text) != text:
                hint = "choose the export that the other was made from"
                raise FileFormatError(f"two texts of document {key[1]!r}", hint=hint, file=str(original))
    heads = Walk(text_free)
    linked = sum(1 for _ in heads.documents())
    with output.open("wb") as stream:
        _write_raw(stream, heads.rest(), (_linked(raw, texts) for raw in Walk(text_free).documents()))
    return linked


def _names(raw: RawDocument) -> tuple[str, str]:
    return Node(raw.head, raw.node.file, "the project").text("name", ""), raw.node.text("name", "")


def _linked(raw: RawDocument, texts: Mapping[tuple[str, str], str]) -> tuple[int, Mapping[str, Any]]:
    """A document with its text, and its annotations with what stands there."""
    node, key = raw.node, _names(raw)
    if key not in texts:
        hint = "add the export with text that has this project and document"
        raise FileFormatError(f"no text of document {key[1]!r}", hint=hint, file=node.file, line=node.line)
    text = texts[key]
    marks = [_valued(one, text) for one in node.objects("annotations", "annotation")]
    return raw.project, {**node.value, "text": text, "annotations": marks}


def _valued(one: Node, text: str) -> Mapping[str, Any]:
    if one.value.get("value") is not None or one.value.get("start") is None:
        return one.value
    start, end = one.whole("start"), one.whole("end")
    if not start <= end <= len(text):
        raise one.refusal("it lies outside the text of that name")
    return {**one.value, "value": text[start:end]}
