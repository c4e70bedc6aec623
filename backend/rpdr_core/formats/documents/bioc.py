"""BioC, whatever it is written in: documents between the shape of its JSON and our model.

After Comeau et al., "BioC: a minimalist approach to interoperability for biomedical text processing" (2013,
doi:10.1093/database/bat064), BioC.dtd, and the field names of BioC JSON. An offset counts from the beginning of the
document; passages and sentences say where theirs is. Texts of passages need not touch, so that ours is put together
from them with one line break between two, and each keeps the offset that it had.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from rpdr_core.formats.documents.bioc_text import Leaves, assembled
from rpdr_core.formats.documents.json_file import Node
from rpdr_core.formats.documents.losing import Losing
from rpdr_core.formats.documents.model import Annotation, Collection, CorpusDocument, Infons, Part, Relation, Unit
from rpdr_core.formats.documents.offsets import UNITS, Spans, misplaced, stands
from rpdr_core.formats.documents.saying import mapping_from, words_of
from rpdr_core.formats.mappings.record import Mapping

CODE_KEYS = ("identifier", "Identifier", "cui", "CUI", "concept_id", "normalized_id", "NCBI Gene", "MESH", "code")
OURS = "rpdr_"
_ADDED = f"{OURS}added"
_BETWEEN = re.compile(r"[;,|]")
_NO_CODE = frozenset(("", "-", "-1", "None", "null"))

Located = tuple[Node, int, int]


def document_of(node: Node) -> CorpusDocument:
    """A document from its JSON shape. Raises `FileFormatError` where an annotation is not where it says."""
    passages = list(node.objects("passages", "passage"))
    text, parts = assembled(passages)
    located = list(_annotations(node, passages))
    key = node.text("id")
    unit, spans = _placed(node, key, text, parts, located)
    return CorpusDocument(
        key=key,
        text=text,
        title=_title(text, parts),
        infons=node.table("infons"),
        parts=parts,
        annotations=tuple(_annotation(*one, found) for one, found in zip(located, spans, strict=True)),
        relations=tuple(_relations(node, passages)),
        unit=unit,
        rest=node.rest("id", "infons", "passages", "annotations", "relations"),
    )


def _title(text: str, parts: tuple[Part, ...]) -> str:
    for part in parts:
        if str(part.infons.get("type", "")).lower() in ("title", "front"):
            return text[part.start : part.end].strip()
    return ""


def _annotations(node: Node, passages: list[Node]) -> Iterator[Located]:
    for number, passage in enumerate(passages):
        for place, sentence in enumerate(passage.objects("sentences", "sentence")):
            for one in sentence.objects("annotations", "annotation"):
                yield one, number, place
        for one in passage.objects("annotations", "annotation"):
            yield one, number, -1
    for one in node.objects("annotations", "annotation"):
        yield one, -1, -1


def _relations(node: Node, passages: list[Node]) -> Iterator[Relation]:
    for number, passage in enumerate(passages):
        for place, sentence in enumerate(passage.objects("sentences", "sentence")):
            yield from (_relation(one, number, place) for one in sentence.objects("relations", "relation"))
        yield from (_relation(one, number, -1) for one in passage.objects("relations", "relation"))
    yield from (_relation(one, -1, -1) for one in node.objects("relations", "relation"))


def _relation(node: Node, part: int, sentence: int) -> Relation:
    nodes = [(one.text("refid"), one.text("role", "")) for one in node.objects("nodes", "node")]
    rest = node.rest("id", "infons", "nodes")
    return Relation(node.text("id", ""), node.table("infons"), tuple(nodes), part, sentence, rest)


def _placed(
    node: Node, key: str, text: str, parts: tuple[Part, ...], located: list[Located]
) -> tuple[Unit, list[Spans]]:
    """The unit in which every annotation stands where it says, and where that is."""
    bad: Node | None = None
    for unit in UNITS:
        leaves = Leaves(text, parts, unit)
        found: list[Spans] = []
        for one, part, _ in located:
            spans = _spans(one, leaves, part)
            if spans is None or not stands(text, spans, (one.optional("text") or "") if spans else ""):
                bad = bad or one
                break
            found.append(spans)
        else:
            return unit, found
    assert bad is not None
    raise misplaced(node.file, key, bad.text("id", "") or bad.place, bad.line)


def _spans(one: Node, leaves: Leaves, part: int) -> Spans | None:
    spans = []
    for location in one.objects("locations", "location"):
        offset = location.whole("offset")
        found = leaves.points(offset, offset + location.whole("length"), part)
        if found is None:
            return None
        spans.append(found)
    return tuple(spans)


def _annotation(node: Node, part: int, sentence: int, spans: Spans) -> Annotation:
    infons = dict(node.table("infons"))
    ours = {key.removeprefix(OURS): infons.pop(key) for key in list(infons) if key.startswith(OURS)}
    added = ours.pop("added", "")
    if isinstance(added, str):
        infons.pop(added, None)
    return Annotation(
        id=node.text("id", ""),
        spans=spans,
        text=node.optional("text") or "",
        type=str(infons.get("type") or ""),
        codes=_codes(infons),
        infons=infons,
        rest=node.rest("id", "infons", "locations", "text"),
        part=part,
        sentence=sentence,
        said=mapping_from(ours, node.file, node.place),
    )


def _codes(infons: Infons) -> tuple[str, ...]:
    for key in CODE_KEYS:
        found = infons.get(key)
        values = found if isinstance(found, list) else [found]
        split = (code.strip() for value in values if isinstance(value, str) for code in _BETWEEN.split(value))
        codes = tuple(dict.fromkeys(code for code in split if code not in _NO_CODE))
        if codes:
            return codes
    return ()


def is_bioc(collection: Collection) -> bool:
    """Whether documents came from BioC, so that what is kept beside the model is BioC's."""
    return collection.format.startswith("bioc")


def raw_of(document: CorpusDocument, said: dict[int, Mapping], *, own: bool, losing: Losing) -> dict[str, Any]:
    """A document in the JSON shape, with what is said of its annotations, by their number in it.

    `own`: it came from BioC; of others, what only their format understands is lost.
    """
    if not own:
        document = _translated(document, losing)
    parts = document.parts or (Part(0, len(document.text), 0),)
    lone = not document.parts
    leaves = Leaves(document.text, parts, document.unit)
    places: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for number, one in enumerate(document.annotations):
        place = (0 if lone else one.part, one.sentence)
        places.setdefault(place, []).append(_raw_annotation(one, said.get(number), leaves))
    linked: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for relation in document.relations:
        place = (0 if lone else relation.part, relation.sentence)
        linked.setdefault(place, []).append(_raw_relation(relation))
    passages = [_raw_part(document.text, part, (number, -1), places, linked) for number, part in enumerate(parts)]
    return {
        "id": document.id or document.key,
        "infons": document.infons,
        **(document.rest if isinstance(document.rest, dict) else {}),
        "passages": passages,
        "annotations": places.get((-1, -1), []),
        "relations": linked.get((-1, -1), []),
    }


def _translated(document: CorpusDocument, losing: Losing) -> CorpusDocument:
    """A document of another format in BioC's words."""
    annotations = []
    for one in document.annotations:
        losing.lose("what the file says of annotations beside type and code", one.rest not in (None, [], {}))
        codes = {"identifier": ";".join(one.codes)} if one.codes else {}
        infons = {**({"type": one.type} if one.type else {}), **codes, **one.infons}
        annotations.append(replace(one, infons=infons, rest=None))
    lines = document.rest.get("lines") if isinstance(document.rest, dict) else None
    losing.lose("lines that only the format they came in knows", len(lines) if isinstance(lines, list) else 0)
    return replace(document, annotations=tuple(annotations), rest=None, unit="code points")


Lists = dict[tuple[int, int], list[dict[str, Any]]]


def _raw_part(text: str, part: Part, at: tuple[int, int], places: Lists, linked: Lists) -> dict[str, Any]:
    rest = part.rest if isinstance(part.rest, dict) else {}
    raw: dict[str, Any] = {"offset": part.offset, "infons": part.infons, **rest}
    if not part.silent:
        raw["text"] = text[part.start : part.end] if part.text is None else part.text
    if at[1] < 0:
        inner = enumerate(part.sentences)
        raw["sentences"] = [_raw_part(text, one, (at[0], number), places, linked) for number, one in inner]
    return {**raw, "annotations": places.get(at, []), "relations": linked.get(at, [])}


def _raw_annotation(one: Annotation, said: Mapping | None, leaves: Leaves) -> dict[str, Any]:
    locations = [
        {"offset": start, "length": end - start}
        for start, end in (leaves.units(*span, one.part) for span in one.spans)
    ]  # fmt: skip
    infons = dict(one.infons)
    words = words_of(said) if said is not None else {}
    infons |= {OURS + key: value for key, value in words.items()}
    if said is not None and said.targets and not one.codes and "identifier" not in infons:
        infons |= {"identifier": ";".join(target.code for target in said.targets), _ADDED: "identifier"}
    rest = one.rest if isinstance(one.rest, dict) else {}
    return {"id": one.id, "infons": infons, **rest, "text": one.text, "locations": locations}


def _raw_relation(relation: Relation) -> dict[str, Any]:
    nodes = [{"refid": refid, "role": role} for refid, role in relation.nodes]
    rest = relation.rest if isinstance(relation.rest, dict) else {}
    return {"id": relation.id, "infons": relation.infons, **rest, "nodes": nodes}
