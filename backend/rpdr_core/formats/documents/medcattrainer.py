"""MedCATtrainer's JSON export, with and without text: projects, their documents, annotations with a concept each.

After what its download writes (CogStack/MedCATtrainer, `download_projects_with_text` and `..._without_text`): a project
has a name, an id and documents; a document an id, a name and its text; an annotation `cui`, `value`, `start`, `end` and
what the annotator said of it: `validated`, `correct`, `alternative` (another concept was chosen, the one in `cui`),
`deleted` (the concept is wrong), `killed` (the span is no concept), `irrelevant`. All other fields are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rpdr_core.formats.documents.json_file import Node, read_json
from rpdr_core.formats.documents.model import Annotation, Collection, Corpus, CorpusDocument, Unit
from rpdr_core.formats.documents.offsets import UNITS, Ruler, Spans, misplaced, stands
from rpdr_core.formats.documents.saying import mapping_from
from rpdr_core.formats.mappings.record import Mapping
from rpdr_core.records import Status, Target

ID = "medcattrainer"
OURS = "rpdr"
BEFORE = "before"
"""In our own part of an annotation: the fields as they were before this program wrote into them."""

_FLAGS = ("validated", "correct", "deleted", "alternative", "killed", "irrelevant")


def recognises(value: Any) -> bool:
    """Whether a JSON value is an export of one project or several."""
    if not isinstance(value, dict):
        return False
    projects = value.get("projects") if "projects" in value else [value]
    if not isinstance(projects, list) or not projects:
        return False
    first = projects[0]
    documents = first.get("documents") if isinstance(first, dict) else None
    if not isinstance(documents, list) or "passages" in (documents or [{}])[0]:
        return False
    return "projects" in value or "cuis" in value or (bool(documents) and "annotations" in documents[0])


def open_medcattrainer(path: Path) -> Corpus:
    """An export. It is in memory while it is read."""
    found: list[Collection] = []

    def documents() -> Iterator[CorpusDocument]:
        top = Node({}, str(path), "").inside(read_json(path), "the file")
        wrapped = "projects" in top.value
        projects = list(top.objects("projects", "project")) if wrapped else [top]
        heads = [project.rest("documents") or {} for project in projects]
        rest = {"projects": heads, "wrapped": wrapped, "beside": top.rest("projects") if wrapped else None}
        found[:] = [Collection(ID, rest=rest)]
        for number, project in enumerate(projects):
            for place, one in enumerate(project.objects("documents", "document")):
                yield _document(one, project, number, place)

    return Corpus(path, ID, documents, lambda: found[0] if found else Collection(ID))


def key_of(project: Node, document: Node, number: int, place: int) -> str:
    """A document's key: its project's id (else its place) and its own, so that projects may share documents."""
    own = document.optional("id") or document.optional("name") or f"#{place + 1}"
    return f"{project.optional('id') or project.optional('name') or number + 1}/{own}"


def _document(node: Node, project: Node, number: int, place: int) -> CorpusDocument:
    key = key_of(project, node, number, place)
    here = Node(node.value, node.file, f"document {key!r}")
    text = here.optional("text")
    marks = list(here.objects("annotations", "annotation"))
    unit, spans = _placed(here, key, text, marks)
    annotations = [_annotation(one, found, n) for n, (one, found) in enumerate(zip(marks, spans, strict=True))]
    return CorpusDocument(
        key, text or "", here.optional("name") or "", annotations=tuple(annotations), unit=unit,
        rest={"project": number, "text": text is not None, "fields": here.rest("text", "annotations") or {}},
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
    raise misplaced(here.file, key, first.optional("id") or first.place)


def _span(ruler: Ruler, one: Node) -> Spans | None:
    """The place of an annotation; empty where the file gives none, None where it is outside the text."""
    if one.value.get("start") is None and one.value.get("end") is None:
        return ()
    start, end = ruler.points(one.whole("start")), ruler.points(one.whole("end"))
    return None if start is None or end is None or end < start else ((start, end),)


def _annotation(node: Node, spans: Spans, number: int) -> Annotation:
    fields = dict(node.value)
    ours = Node({}, node.file, node.place).inside(fields.pop(OURS, {}), "what this program wrote")
    fields |= ours.table(BEFORE)
    for gone in [key for key, value in ours.table(BEFORE).items() if value is None]:
        del fields[gone]
    before = Node(fields, node.file, node.place)
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


def _judged(node: Node) -> Mapping | None:
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


def _made(node: Node, status: Status, code: str = "") -> Mapping:
    return Mapping(
        "",
        (Target(code, ""),) if code else (),
        status,
        reason="not_a_mention" if status == "no_match" else "",
        comment=node.optional("comment") or "",
        reviewer=node.optional("user") or "",
        made_at=node.optional("last_modified") or "",
    )
