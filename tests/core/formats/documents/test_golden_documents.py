"""A file of each format, made by hand from its specification, is read for what it says and written as it was.

Specifications: BioC, Comeau et al. 2013 (doi:10.1093/database/bat064) and BioC.dtd; PubTator, the description of
NCBI's PubTator 3 and the BioCreative V CDR corpus; brat, https://brat.nlplab.org/standoff.html; MedCATtrainer, what
its download writes (CogStack/MedCATtrainer, `webapp/api/api/admin.py`).
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import bioc
import pytest
from bioc import biocjson, biocxml
from bioc import pubtator as oracle_pubtator
from helpers.documents import FILES, GOLDEN, golden, read, write

from rpdr_core.formats.documents.formats import open_documents, recognise
from rpdr_core.formats.documents.model import Annotation, CorpusDocument, Relation
from rpdr_core.formats.documents.output import Output
from rpdr_core.records import Target


@pytest.mark.parametrize("format_id", FILES)
def test_it_is_recognised(format_id: str) -> None:
    assert recognise(golden(format_id)) == format_id


@pytest.mark.parametrize("format_id", ["bioc-xml", "bioc-json"])
def test_bioc(format_id: str) -> None:
    corpus = open_documents(golden(format_id))
    first, second = corpus.documents()
    assert corpus.collection().infons == {
        "source": "Made up", "date": "20261121", "key": "made-up.key", "infons": {"purpose": "golden file"},
    }  # fmt: skip
    assert (first.key, first.title, first.infons) == ("101", "Ménière's disease & 𝔐igraine", {"journal": "None"})
    assert first.text == "Ménière's disease & 𝔐igraine\nLeft and right cataract were seen. 白内障术后。"
    assert [part.offset for part in first.parts] == [0, 29]
    assert [sentence.offset for sentence in first.parts[1].sentences] == [29, 64]
    assert [(one.id, one.type, one.codes, one.part, one.sentence) for one in first.annotations] == [
        ("a1", "Disease", ("MESH:D008575",), 0, -1),
        ("a2", "Disease", (), 0, -1),
        ("a3", "Disease", ("MESH:D002386", "MESH:D005128"), 1, 0),
        ("a4", "Procedure", (), 1, 1),
    ]
    assert [[first.text[start:end] for start, end in one.spans] for one in first.annotations] == [
        ["Ménière's disease"], ["𝔐igraine"], ["Left", "cataract"], ["白内障术后"],
    ]  # fmt: skip
    assert first.relations == (
        Relation("r1", {"type": "beside"}, (("a3", "first"), ("a1", "second")), 1, 0),
        Relation("r2", {"type": "same patient"}, (("a1", "x"),)),
    )
    assert (second.key, second.text, second.annotations) == ("102", "No findings.", ())


def test_pubtator() -> None:
    first, second = read(golden("pubtator"))
    assert first.text == ("Ménière's disease and tinnitus\nA man of 50 lost hearing. Loss of smell and of taste.")
    assert [(one.text, one.type, one.codes) for one in first.annotations] == [
        ("Ménière's disease", "Disease", ("D008575",)),
        ("tinnitus", "Disease", ("D014012",)),
        ("lost hearing", "Disease", ()),
        ("Loss of smell and of taste", "Disease", ("D000086582", "D000370")),
    ]
    assert second.annotations[0].codes == ("p|SUB|R|117|H",), "a variant's name is one code"
    assert first.rest["lines"] == ["CID\tD008575\tD014012"]


def test_brat() -> None:
    first, second = read(golden("brat"))
    assert (first.key, first.text[9:18]) == ("note-1", "Schwindel")
    assert first.annotations == (
        Annotation("T1", ((9, 18),), "Schwindel", "Finding", ("R42",)),
        Annotation("T2", ((24, 32),), "Übelkeit", "Finding"),
        Annotation("T3", ((34, 39), (51, 61)), "links Hörverlust", "Finding"),
    )
    assert [line.split("\t")[0] for line in first.rest["lines"]] == ["N1", "A1", "R1", "E1", "*", "#1"]
    assert (second.key, second.text, second.annotations) == ("note-2", "Nothing here.\n", ())


def test_medcattrainer() -> None:
    first, second = read(golden("medcattrainer"))
    assert (first.key, first.title) == ("7/70", "Subject 1")
    assert [(one.text, one.codes) for one in first.annotations] == [
        ("𝔐igraine", ("37796009",)), ("left knee pain", ("30989003",)), ("knee", ("72696002",)),
        ("fever", ("386661006",)), ("pain", ("22253000",)),
    ]  # fmt: skip
    said = [one.said and (one.said.status, one.said.targets, one.said.reason) for one in first.annotations]
    assert said == [
        ("accepted", (Target("37796009", ""),), ""),
        ("corrected", (Target("30989003", ""),), ""),
        ("no_match", (), "not_a_mention"),
        None,
        None,
    ]
    assert (second.key, second.text) == ("7/71", "Well.")


def content(path: Path, format_id: str) -> Any:
    """What a file says, without white space and order that mean nothing."""
    if format_id == "brat":
        if path.is_dir():
            return {found.name: found.read_bytes() for found in path.iterdir()}
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    if format_id.endswith("xml"):
        return re.sub(r">\s+<", "><", path.read_text(encoding="utf-8"))
    text = path.read_text(encoding="utf-8")
    return text.strip() if format_id == "pubtator" else _full(json.loads(text))


def _full(value: Any) -> Any:
    """JSON without empty lists, which BioC JSON may leave out."""
    if isinstance(value, dict):
        return {key: _full(inner) for key, inner in value.items() if inner != []}
    return [_full(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("format_id", FILES)
def test_written_without_decisions_it_says_the_same(format_id: str, tmp_path: Path) -> None:
    corpus = open_documents(golden(format_id))
    outputs = [Output(document) for document in corpus.documents()]
    written = write(tmp_path / f"out{'.zip' if format_id == 'brat' else ''}", format_id, outputs, corpus.collection())
    assert content(written, format_id) == content(golden(format_id), format_id)
    assert read(written, format_id) == [output.document for output in outputs]


def test_the_bioc_library_reads_what_we_write_as_it_reads_the_original(tmp_path: Path) -> None:
    corpus = open_documents(golden("bioc-xml"))
    outputs = [Output(document) for document in corpus.documents()]
    xml = write(tmp_path / "out.xml", "bioc-xml", outputs, corpus.collection())
    as_json = write(tmp_path / "out.json", "bioc-json", outputs, corpus.collection())

    def told(collection: bioc.BioCCollection) -> Any:
        stream = io.StringIO()
        biocjson.dump(collection, stream)
        told = json.loads(stream.getvalue())
        del told["version"]
        return told

    with golden("bioc-xml").open("rb") as original, xml.open("rb") as ours, as_json.open() as ours_as_json:
        expected = told(biocxml.load(original))
        assert told(biocxml.load(ours)) == expected
        assert told(biocjson.load(ours_as_json)) == expected
    assert [document["id"] for document in expected["documents"]] == ["101", "102"]


def test_we_read_what_the_bioc_library_writes(tmp_path: Path) -> None:
    with golden("bioc-xml").open("rb") as original:
        collection = biocxml.load(original)
    xml, as_json = tmp_path / "theirs.xml", tmp_path / "theirs.json"
    with xml.open("wb") as stream:
        stream.write(biocxml.dumps(collection).encode())
    with as_json.open("w") as text:
        biocjson.dump(collection, text)
    expected = read(golden("bioc-xml"))
    assert read(xml) == expected
    assert [_plain(document) for document in read(as_json)] == [_plain(document) for document in expected]


def _plain(document: CorpusDocument) -> Any:
    """Places, texts and words; not what only the JSON has (`bioctype`)."""
    marks = [replace(one, rest=None) for one in document.annotations]
    relations = [replace(one, rest=None) for one in document.relations]
    places = [(one.start, one.end, one.offset, one.infons, len(one.sentences)) for one in document.parts]
    return document.key, document.text, document.infons, document.unit, marks, relations, places


def test_the_bioc_library_reads_our_pubtator(tmp_path: Path) -> None:
    corpus = open_documents(golden("pubtator"))
    outputs = [Output(document) for document in corpus.documents()]
    written = write(tmp_path / "out.txt", "pubtator", outputs, corpus.collection())
    with (GOLDEN / "pubtator.txt").open() as original, written.open() as ours:
        theirs = [[str(one) for one in (found.pmid, found.title, *found.annotations, *found.relations)]
                  for stream in (original, ours) for found in oracle_pubtator.load(stream)]  # fmt: skip
    assert theirs[:2] == theirs[2:]
    assert len(theirs) == 4
