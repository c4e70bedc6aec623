"""What a file of documents does not hold is said in the window's language, whatever format tells it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.documents import FILES, golden, read

from rpdr_core.formats.documents.formats import DocumentFormat
from rpdr_core.formats.documents.model import Annotation, Collection, CorpusDocument, Relation
from rpdr_core.formats.documents.output import Output
from rpdr_core.formats.mappings.record import Mapping
from rpdr_core.records import Target
from rpdr_core.resources import resource_text
from rpdr_core.workflow.document_export import writable
from rpdr_desk.views.loss_words import loss_words

SAID = (
    Mapping("", (Target("A1", "n", "broader"), Target("B2", "m")), "corrected", comment="c", reviewer="r"),
    Mapping("", status="no_match", reason="unreadable", remark="x", flagged=True),
    Mapping("", remark="x"),
)


def odd(document: CorpusDocument) -> CorpusDocument:
    """With a gap, several codes, values of JSON, a relation, and signs that some formats cannot hold."""
    marks = (
        Annotation("o1", ((0, 1), (2, 3)), "", "X", ("C1", "C2"), {"score": 1}, {"user": "u", "comment": "who?"}),
        Annotation("o2", ((0, 1),), "a\x01\t", "X", ("C1",)),
        Annotation("o3", (), "gone", "X"),
        *document.annotations,
    )
    return replace(document, annotations=marks, relations=(*document.relations, Relation("r", {"n": 2})))


@pytest.mark.parametrize("form", writable(), ids=lambda form: form.id)
@pytest.mark.parametrize("source", FILES)
def test_each_loss_has_words(form: DocumentFormat, source: str, tmp_path: Path) -> None:
    documents = read(golden(source))
    outputs = [Output(document, dict(enumerate(SAID[: len(document.annotations)]))) for document in documents]
    told = {loss.what for loss in form.always.losses}
    for writer in filter(None, (form.write, form.text_free)):
        told |= {loss.what for loss in writer(tmp_path / "a", Collection(source), outputs).report.losses}
        plain = [replace(output, document=replace(odd(output.document), rest=None)) for output in outputs]
        told |= {loss.what for loss in writer(tmp_path / "b", Collection("notes"), plain).report.losses}
    assert [what for what in told if what not in loss_words()] == []
    chinese = json.loads(resource_text("translations", "zh_CN.json"))
    assert [what for what in told if what not in chinese] == []
