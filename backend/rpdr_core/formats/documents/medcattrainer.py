"""MedCATtrainer's JSON export, with and without text: projects, their documents, annotations with a concept each.

After what its download writes (CogStack/MedCATtrainer, `download_projects_with_text` and `..._without_text`): a project
has a name, an id and documents; a document an id, a name and its text; an annotation `cui`, `value`, `start`, `end` and
what the annotator said of it: `validated`, `correct`, `alternative` (another concept was chosen, the one in `cui`),
`deleted` (the concept is wrong), `killed` (the span is no concept), `irrelevant`. All other fields are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rpdr_core.formats.documents.json_file import Node
from rpdr_core.formats.documents.model import Annotation, Collection, Corpus, CorpusDocument, Unit
from rpdr_core.formats.documents.offsets import UNITS, Ruler, Spans, misplaced, stands
from rpdr_core.formats.documents.saying import mapping_from
from rpdr_core.formats.mappings.json_stream import JsonStream
from rpdr_core.formats.mappings.record import Mapping as Said
from rpdr_core.records import Status, Target

ID = "medcattrainer"
OURS = "rpdr"
BEFORE = "before"
"""In our own part of an annotation: the fields as they were before this program wrote into them."""

_FLAGS = ("validated", "correct", "deleted", "alternative", "killed", "irrelevant")


def open_medcattrainer(path: Path) -> Corpus:
    """An export. One document is in memory at a time."""
    found: list[Collection] = []

    def documents() -> Iterator[CorpusDocument]:
        found.clear()
        walk = Walk(path)
        for raw in walk.documents():
            yield _document(raw)
        found.append(Collection(ID, rest=walk.rest()))

    return Corpus(path, ID, documents, lambda: found[0] if found else Collection(ID))


@dataclass(frozen=True, slots=True)
class RawDocument:
    """A document as the file has it. `project` counts from 0, `number` from 1 within it; `head` is what the file has
    said of the project so far (its name and id stand before its documents).
    """

    node: Node
    project: int
    number: int
    head: Mapping[str, Any]


class Walk:
    """One pass over an export. `heads`: what the file says of each project beside its documents."""

    def __init__(self, path: Path) -> None:
        self._file = str(path)
        self._stream = JsonStream(path)
        self.heads: list[dict[str, Any]] = []
        self._beside: dict[str, Any] = {}
        self._wrapped = False

    def documents(self) -> Iterator[RawDocument]:
        """The documents of all projects, or of the one project that older exports are."""
        for name in self._stream.members():
            if name == "projects":
                self._wrapped = True
                for _ in self._stream.items():
                    yield from self._project()
            elif name == "documents":
                self.heads.append(self._beside)
                yield from self._documents(self._beside)
            else:
                self._beside[name] = self._stream.value()
        self._stream.end()
        if not self.heads and not self._wrapped:
            raise Node({}, self._file, "").refusal("no projects")

    def rest(self) -> dict[str, Any]:
        """What was beside the documents, once all are read."""
        return {"projects": self.heads, "wrapped": self._wrapped, "beside": self._beside if self._wrapped else None}

    def _project(self) -> Iterator[RawDocument]:
        head: dict[str, Any] = {}
        self.heads.append(head)
        for name in self._stream.members():
            if name == "documents":
                yield from self._documents(head)
            else:
                head[name] = self._stream.value()

    def _documents(self, head: dict[str, Any]) -> Iterator[RawDocument]:
        project = len(self.heads) - 1
        for number, _ in enumerate(self._stream.items(), 1):
            line = self._stream.begin()
            node = Node({}, self._file, "", line).inside(self._stream.value(), f"document {number}")
            yield RawDocument(node, project, number, head)


def _key(raw: RawDocument) -> str:
    """A document's key: its project's id (else its place) and its own, so that projects may share documents."""
    head = Node(raw.head, raw.node.file, "the project", raw.node.line)
    own = raw.node.optional("id") or raw.node.optional("name") or f"#{raw.number}"
    return f"{head.optional('id') or head.optional('name') or raw.project + 1}/{own}"


def _document(raw: RawDocument) -> CorpusDocument:
    key = _key(raw)
    here = Node(raw.node.value, raw.node.file, f"document {key!r}", raw.node.line)
    text = here.optional("text")
    marks = list(here.objects("annotations", "annotation"))
    unit, spans = _placed(here, key, text, marks)
    annotations = [_annotation(one, found, n) for n, (one, found) in enumerate(zip(marks, spans, strict=True))]
    return CorpusDocument(
        key, text or "", here.optional("name") or "", annotations=tuple(annotations), unit=unit,
        rest={"project": raw.project, "text": text is not None, "fields": here.rest("text", "annotations") or {}},
    )  # fmt: skip


def _placed(here: Node, key: str, text: str | None, marks: list[Node]) -> tuple[Unit, list[Spans]]:
    """Where annotations stand; nowhere in an export without text."""
    if text is None:
        return "code points", [()] * len(marks)
    first: Node | None = None
    for unit in UNITS:
        ruler = Ruler(text, unit)
        spans = [_span(ruler, one) for one in marks]
        wrong = [
            one for one, found in zip(marks, spans, strict=True)
            if found is None or not stands(text, found, (one.optional("value") or "") if found else "")
        ]  # fmt: skip
        if not wrong:
            return unit, [found or () for found in spans]
        first = first or wrong[0]
    assert first is not None
    raise misplaced(here.file, key, first.optional("id") or first.place, first.line)


def _span(ruler: Ruler, one: Node) -> Spans | None:
    """The place of an annotation; empty where the file gives none, None where it is outside the text."""
    if one.value.get("start") is None and one.value.get("end") is None:
        return ()
    start, end = ruler.points(one.whole("start")), ruler.points(one.whole("end"))
    return None if start is None or end is None or end < start else ((start, end),)


def _annotation(node: Node, spans: Spans, number: int) -> Annotation:
    fields = dict(node.value)
    ours = Node({}, node.file, node.place, node.line).inside(fields.pop(OURS, {}), "what this program wrote")
    fields |= ours.table(BEFORE)
    for gone in [key for key, value in ours.table(BEFORE).items() if value is None]:
        del fields[gone]
    before = Node(fields, node.file, node.place, node.line)
    words = {key: value for key, value in ours.value.items() if key != BEFORE}
    said = mapping_from(words, node.file, node.place) if words else _judged(before)
    code = before.optional("cui") or ""
    return Annotation(
        id=before.optional("id") or str(number + 1),
        spans=spans,
        text=before.optional("value") or "",
        codes=(code,) if code else (),
        rest=fields,
        said=said,
    )


def _judged(node: Node) -> Said | None:
    """What an annotator's marks say, where they say which concept is right, or that there is none."""
    flags = {flag: node.value.get(flag) is True for flag in _FLAGS}
    code = node.optional("cui") or ""
    if not flags["validated"] or flags["irrelevant"] or flags["deleted"]:
        return None
    if flags["killed"]:
        return _made(node, "no_match")
    if code and flags["alternative"]:
        return _made(node, "corrected", code)
    return _made(node, "accepted", code) if code and flags["correct"] else None


def _made(node: Node, status: Status, code: str = "") -> Said:
    return Said(
        "",
        (Target(code, ""),) if code else (),
        status,
        reason="not_a_mention" if status == "no_match" else "",
        comment=node.optional("comment") or "",
        reviewer=node.optional("user") or "",
        made_at=node.optional("last_modified") or "",
    )
