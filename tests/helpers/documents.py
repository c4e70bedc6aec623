"""Small files of documents for tests, in every format, and random documents."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from rpdr_core.formats.documents.bioc import document_of
from rpdr_core.formats.documents.formats import format_of, open_documents
from rpdr_core.formats.documents.json_file import Node
from rpdr_core.formats.documents.model import Collection, CorpusDocument
from rpdr_core.formats.documents.output import Output
from rpdr_core.formats.mappings.record import Mapping
from rpdr_core.records import Target

GOLDEN = Path(__file__).parents[1] / "core" / "formats" / "documents" / "golden"
FILES = {
    "bioc-xml": "bioc.xml",
    "bioc-json": "bioc.json",
    "pubtator": "pubtator.txt",
    "brat": "brat",
    "medcattrainer": "medcattrainer.json",
}


def golden(format_id: str) -> Path:
    return GOLDEN / FILES[format_id]


def read(path: Path, format_id: str = "") -> list[CorpusDocument]:
    return list(open_documents(path, format_id).documents())


def write(path: Path, format_id: str, outputs: list[Output], collection: Collection | None = None) -> Path:
    writer = format_of(format_id).write
    assert writer is not None
    writer(path, collection or Collection(format_id), outputs)
    return path


def docx(path: Path, body: str) -> Path:
    """A Word document with `body` inside its `w:body`."""
    main = f'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{body}</w:body>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f'<?xml version="1.0" encoding="UTF-8"?>{main}</w:document>')
    return path


def pdf(path: Path, text: str) -> Path:
    """A page of PDF 1.4 that says `text` (ASCII, no brackets)."""
    stream = f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(stream)}>>\nstream\n{stream}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    written, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(f"{len(written):010d} 00000 n \n")
        written += f"{number} 0 obj\n{body}\nendobj\n"
    table = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n" + "".join(places)
    trailer = f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(written)}\n%%EOF\n"
    path.write_text(written + table + trailer, encoding="ascii")
    return path


TEXT = st.text(st.sampled_from("ab é中𝔐<&\"' "), min_size=1, max_size=12)
WORD = st.text(st.sampled_from("abé中𝔐"), min_size=1, max_size=6)
INFONS = st.dictionaries(WORD, TEXT, max_size=2)


@st.composite
def annotations(draw: st.DrawFn, offset: int, text: str, id_: str) -> dict[str, Any]:
    places = st.integers(0, len(text))
    spans = [sorted((draw(places), draw(places))) for _ in range(draw(st.integers(1, 2)))]
    spans = sorted(spans) if draw(st.booleans()) else spans[:1]
    code = draw(st.sampled_from(["", "D1", "D1;D2"]))
    infons = {"type": draw(WORD), **draw(INFONS), **({"identifier": code} if code else {})}
    said = " ".join(text[start:end] for start, end in spans)
    locations = [{"offset": offset + start, "length": end - start} for start, end in spans]
    return {"id": id_, "infons": infons, "text": said, "locations": locations}


@st.composite
def bioc_documents(draw: st.DrawFn, key: str) -> CorpusDocument:
    """A document as BioC's readers make it: passages with sentences or without, annotations, relations."""
    offset, passages = 0, []
    for number in range(draw(st.integers(1, 3))):
        offset += draw(st.integers(0, 3))
        text, start = draw(TEXT), offset
        marks = [draw(annotations(start, text, f"p{number}.{i}")) for i in range(draw(st.integers(0, 2)))]
        raw: dict[str, Any] = {"offset": start, "infons": draw(INFONS), "sentences": [], "relations": []}
        if draw(st.booleans()):
            inner = {"offset": start, "infons": draw(INFONS), "text": text, "annotations": marks, "relations": []}
            raw |= {"sentences": [inner], "annotations": []}
        else:
            raw |= {"text": text, "annotations": marks}
        passages.append(raw)
        offset += len(text)
    nodes = [{"refid": "p0.0", "role": draw(TEXT)}]
    relations = [{"id": "r", "infons": draw(INFONS), "nodes": nodes}] if draw(st.booleans()) else []
    raw_document = {"id": key, "infons": draw(INFONS), "passages": passages, "annotations": [], "relations": relations}
    return document_of(Node(raw_document, "made up", key))


@st.composite
def mappings(draw: st.DrawFn) -> Mapping:
    """What somebody has decided."""
    # Two more signs are none of XML 1.0.
    signs = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
    text = st.text(signs, max_size=8)
    relation = st.sampled_from(("equivalent", "broader", "narrower", "inexact"))
    codes = draw(st.lists(st.sampled_from(["A1", "B 2", "C:3", "D\u00e9"]), unique=True, max_size=3))
    targets = tuple(Target(code, draw(text), draw(relation)) for code in codes)
    made = {"comment": draw(text), "remark": draw(text), "reviewer": draw(text), "made_at": "2026-11-21T12:00:00.000Z"}
    seconds = draw(st.none() | st.floats(0, 1e6))
    if not targets:
        reason = draw(st.sampled_from(("not_in_terminology", "not_a_mention")))
        return Mapping("", (), "no_match", reason=reason, seconds=seconds, mode="open", **made)
    flagged = draw(st.booleans())
    return Mapping(
        "", targets, draw(st.sampled_from(("accepted", "corrected"))), flagged=flagged, seconds=seconds,
        flag_reason="guideline" if flagged else "", mode="independent", knowledge_base="ab", **made,
    )  # fmt: skip
