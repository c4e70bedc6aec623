"""MedCATtrainer's JSON written, with or without text; and text put back by the documents' names.

Without text a document keeps its name and an annotation its place, so that who has the documents can put them together
again (upstream's export once had neither: CogStack/MedCATtrainer#51).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

import msgspec

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.documents.json_file import Node, read_json
from rpdr_core.formats.documents.losing import Losing
from rpdr_core.formats.documents.medcattrainer import BEFORE, ID, OURS
from rpdr_core.formats.documents.model import Annotation, Collection, CorpusDocument
from rpdr_core.formats.documents.offsets import Ruler, hull
from rpdr_core.formats.documents.output import Output, Written
from rpdr_core.formats.documents.saying import words_of
from rpdr_core.formats.mappings.record import Mapping

_encode = msgspec.json.encode


def write(path: Path, collection: Collection, outputs: Iterable[Output], *, text_free: bool = False) -> Written:
    """Write an export, document by document."""
    own = collection.format == ID
    kept: Any = collection.rest
    foreign = {"projects": [{"name": collection.target or "RPDR Desk", "id": 1}], "wrapped": True}
    rest: dict[str, Any] = kept if own and isinstance(kept, dict) else foreign
    writing = _Writing(own, text_free)
    with path.open("wb") as stream:
        if rest.get("wrapped"):
            beside = _encode(rest.get("beside") or {})[1:-1]
            stream.write(b"{" + (beside + b"," if beside else b"") + b'"projects":[')
        writing.projects(stream, rest["projects"], outputs)
        stream.write(b"]}\n" if rest.get("wrapped") else b"\n")
    return Written(writing.documents, writing.annotations, writing.losing.report())


def write_text_free(path: Path, collection: Collection, outputs: Iterable[Output]) -> Written:
    """Write an export without text, values and comments; `relink` puts the text back."""
    return write(path, collection, outputs, text_free=True)


class _Writing:
    def __init__(self, own: bool, text_free: bool) -> None:
        self._own, self._text_free = own, text_free
        self.losing = Losing()
        self.documents = self.annotations = 0

    def projects(self, stream: IO[bytes], heads: Sequence[dict[str, Any]], outputs: Iterable[Output]) -> None:
        """Projects in their order; the documents come in it, too."""
        coming = iter(outputs)
        waiting = next(coming, None)
        for number, head in enumerate(heads):
            inner = _encode(head)[1:-1]
            stream.write((b"," if number else b"") + b"{" + (inner + b"," if inner else b"") + b'"documents":[')
            first = True
            while waiting is not None and self._project(waiting.document) == number:
                stream.write((b"" if first else b",") + b"\n" + _encode(self._raw(waiting)))
                first, waiting = False, next(coming, None)
            stream.write(b"\n]}")

    def _project(self, document: CorpusDocument) -> int:
        rest = document.rest
        return int(rest["project"]) if self._own and isinstance(rest, dict) else 0

    def _raw(self, output: Output) -> dict[str, Any]:
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
        return fields

    def _mark(self, one: Annotation, said: Mapping | None, ruler: Ruler, number: int) -> dict[str, Any]:
        kept = self._own and isinstance(one.rest, dict)
        fields = dict(one.rest) if kept else self._foreign(one, ruler, number)
        if self._text_free:
            fields.pop("value", None)
            self.losing.lose("comments, which may quote the text", bool(fields.pop("comment", "")))
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


def _judgement(said: Mapping) -> dict[str, Any]:
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

    Raises `FileFormatError` where a document is in none of the originals, or is in two with different texts.
    """
    texts: dict[tuple[str, str], str] = {}
    for original in originals:
        for project, document in _documents(original):
            text = document.optional("text")
            key = (project, document.text("name", ""))
            if text is not None and texts.setdefault(key, text) != text:
                hint = "choose the export that the other was made from"
                raise FileFormatError(f"two texts of document {key[1]!r}", hint=hint, file=str(original))
    value = read_json(text_free)
    linked = 0
    for project, document in _nodes(value, str(text_free)):
        key = (project, document.text("name", ""))
        if key not in texts:
            hint = "add the export with text that has this project and document"
            raise FileFormatError(f"no text of document {key[1]!r}", hint=hint, file=str(text_free))
        _put_text(document, texts[key])
        linked += 1
    output.write_bytes(_encode(value) + b"\n")
    return linked


def _put_text(document: Node, text: str) -> None:
    fields: Any = document.value
    for one in document.objects("annotations", "annotation"):
        mark: Any = one.value
        if mark.get("value") is None and mark.get("start") is not None:
            start, end = one.whole("start"), one.whole("end")
            if not start <= end <= len(text):
                raise one.refusal("it lies outside the text of that name")
            mark["value"] = text[start:end]
    fields["text"] = text


def _documents(path: Path) -> Iterable[tuple[str, Node]]:
    return _nodes(read_json(path), str(path))


def _nodes(value: Any, file: str) -> Iterable[tuple[str, Node]]:
    top = Node({}, file, "").inside(value, "the file")
    for project in top.objects("projects", "project") if "projects" in top.value else [top]:
        for document in project.objects("documents", "document"):
            yield project.text("name", ""), document
