"""Files that are broken, or meant to break something: an error with file and cure, never another exception."""

from __future__ import annotations

import json
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
from helpers.documents import FILES, golden, read

from rpdr_core.errors import Bug, FileFormatError, RpdrError
from rpdr_core.formats.documents.formats import recognise
from rpdr_core.formats.documents.mappings import mappings_of
from rpdr_core.formats.mappings import json_stream


def refused(path: Path, format_id: str, match: str, line: int = 0) -> None:
    with pytest.raises(FileFormatError, match=match) as caught:
        read(path, format_id)
    assert caught.value.hint
    assert path.name in caught.value.file
    assert caught.value.line == line or not line


PUBTATOR = "1|t|Title of it\n1|a|Abstract\n"


@pytest.mark.parametrize(
    ("lines", "match", "line"),
    [
        (PUBTATOR + "1\t0\t5\tTitel\tDisease\tD1\n", "not what stands at its offset", 3),
        (PUBTATOR + "1\t0\t99\tTitle\tDisease\tD1\n", "not what stands", 3),
        (PUBTATOR + "1\t5\t0\tTitle\tDisease\tD1\n", "not what stands", 3),
        (PUBTATOR + "2\t0\t5\tTitle\tDisease\tD1\n", "a line of another document", 3),
        (PUBTATOR + "1|t|Again\n", "a title or abstract where none belongs", 3),
        (PUBTATOR + "2|t|Next\n", "a title or abstract where none belongs", 3),
        ("1\t0\t5\tTitle\tDisease\tD1\n", "a line without a document", 1),
        (PUBTATOR + "1\n", "no annotation and no relation", 3),
        (PUBTATOR + f"1\t0\t{'9' * 5000}\tTitle\tDisease\tD1\n", "not what stands", 3),
        ("1|t|" + "x" * (1 << 21) + "\n", "a line of more than", 1),
        ("1|t|a\0b\n", "NUL", 1),
    ],
)
def test_pubtator(lines: str, match: str, line: int, tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text(lines, encoding="utf-8")
    refused(path, "pubtator", match, line)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(b"1|t|caf\xe9\n")
    refused(path, "pubtator", "not utf-8", 1)


@pytest.mark.parametrize(
    ("marks", "match", "line"),
    [
        ("T1\tX 0 4\tTexx\n", "not what stands", 1),
        ("T1\tX 0 400\tText\n", "not what stands", 1),
        ("T1\tX 4 0\tText\n", "not what stands", 1),
        ("T1\tX 0 4\tText\nT1\tX 0 4\tText\n", "two annotations have the id 'T1'", 2),
        ("T1\tX zero 4\tText\n", "no type and offsets", 1),
        ("T1\n", "no annotation", 1),
        ("\tX\n", "no annotation", 1),
        ("Z1\tX 0 4\tText\n", "no annotation", 1),
        ("T1\tX 0 4\tText\n#1\tRPDR T1\t{\n", "no sound JSON", 2),
        ("T1\tX 0 4\tText\n#1\tRPDR T1\t[]\n", "no JSON object", 2),
        ('T1\tX 0 4\tText\n#1\tRPDR T1\t{"status":"eaten"}\n', "'status' says what", 0),
        ('T1\tX 0 4\tText\n#1\tRPDR T1\t{"lines":1}\n', "'lines' says what", 2),
        (2 * '#1\tRPDR T1\t{"status":"accepted"}\n', "two notes", 2),
        ("T1\tX 0 4\t" + "x" * (1 << 21) + "\n", "a line of more than", 1),
    ],
)
def test_brat(marks: str, match: str, line: int, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("Text of it")
    (tmp_path / "x.ann").write_text(marks)
    with pytest.raises(FileFormatError, match=match) as caught:
        read(tmp_path, "brat")
    assert "x.ann" in caught.value.file
    assert caught.value.hint
    assert caught.value.line == line or not line


def test_brat_annotations_without_their_text(tmp_path: Path) -> None:
    (tmp_path / "x.ann").write_text("")
    with pytest.raises(FileFormatError, match="without their text"):
        read(tmp_path, "brat")


@pytest.mark.parametrize(
    ("name", "data", "match"),
    [
        ("../x.txt", b"Text", "leads out|name"),
        ("x.txt", b"PK\x03\x04 more", "archive inside"),
        ("/x.txt", b"T", "name"),
    ],
)
def test_brat_in_a_zip_that_means_harm(name: str, data: bytes, match: str, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, data)
    refused(path, "brat", match)


def bioc(**changes: Any) -> dict[str, Any]:
    mark = {"id": "a", "infons": {}, "text": "Text", "locations": [{"offset": 0, "length": 4}]}
    passage = {"offset": 0, "infons": {}, "text": "Text of it", "annotations": [mark], "relations": [], "sentences": []}
    return {"id": "d", "infons": {}, "passages": [passage]} | changes


def _marked(**changes: Any) -> dict[str, Any]:
    found = bioc()
    found["passages"][0]["annotations"][0] |= changes
    return found


@pytest.mark.parametrize(
    ("document", "match"),
    [
        (_marked(text="Texx"), "document 'd': annotation 'a' is not what stands"),
        (_marked(locations=[{"offset": 7, "length": 4}]), "not what stands"),
        (_marked(locations=[{"offset": -1, "length": 4}]), "no whole number 'offset'"),
        (_marked(locations=[{"offset": 1e30, "length": 4}]), "no whole number 'offset'"),
        (_marked(locations=[{"offset": True, "length": 4}]), "no whole number 'offset'"),
        (_marked(locations=[{"length": 4}]), "no whole number 'offset'"),
        (_marked(locations={}), "'locations' is no list"),
        (_marked(locations=[7]), "no JSON object"),
        (_marked(infons=[]), "'infons' is no JSON object"),
        (_marked(infons={"rpdr_status": 7}), "'status' says what"),
        (_marked(infons={"rpdr_code": "A", "rpdr_relation": "cousin"}), "'relation' says what"),
        (_marked(infons={"rpdr_seconds": "nan"}), "'seconds' says what"),
        (_marked(infons={"rpdr_also": "[1]"}), "'also' says what"),
        (_marked(text={}), "no text 'text'"),
        (bioc(id=None), "no text 'id'"),
        (bioc(passages=[{"infons": {}}]), "no whole number 'offset'"),
        (bioc(passages="many"), "'passages' is no list"),
    ],
)
def test_bioc_json(document: dict[str, Any], match: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"source": "", "date": "", "key": "", "documents": [document]}))
    refused(path, "bioc-json", match)


@pytest.mark.parametrize("data", [b"", b"{", b"[" * 100_000, b'{"a": "\xff"}', b"\xff\xfe{\0}\0", b'"\\ud800'])
@pytest.mark.parametrize("format_id", ["bioc-json", "medcattrainer"])
def test_no_json(data: bytes, format_id: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(data)
    refused(path, format_id, "JSON|belongs|UTF-8|cut off")
    assert recognise(path) == ""


def test_a_document_beyond_the_cap_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "VALUE_CAP", 1 << 16)
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"documents": [bioc(more="x" * (1 << 19))]}))
    refused(path, "bioc-json", "a value of more than", 1)


XML = (
    "<collection><source/><date/><key/><document><id>d</id><passage><offset>0</offset><text>Text</text>{}</passage>"
    "</document></collection>"
)


@pytest.mark.parametrize(
    ("inner", "match"),
    [
        ('<annotation id="a"><location offset="1" length="4"/><text>Text</text></annotation>', "not what stands"),
        ('<annotation id="a"><location offset="x" length="4"/><text>T</text></annotation>', "no whole number 'offset'"),
        ('<annotation id="a"><location length="4"/><text>T</text></annotation>', "no whole number 'offset'"),
        ("<offset>1</offset>", "two <offset>"),
        ('<infon key="a">1</infon><infon key="a">2</infon>', "two infons 'a'"),
        ("<annotation", "breaks off|line|sound"),
    ],
)
def test_bioc_xml(inner: str, match: str, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_text(XML.format(inner))
    with pytest.raises(FileFormatError, match=match) as caught:
        read(path, "bioc-xml")
    assert (caught.value.file, caught.value.line) == (str(path), 1)
    assert caught.value.hint


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE collection [<!ENTITY a "aaaa">]>',
        '<!DOCTYPE collection SYSTEM "file:///etc/passwd" [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_entities_are_refused(head: str, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_text(head + XML.format(""))
    with pytest.raises(FileFormatError):
        read(path, "bioc-xml")


def test_documents_outside_a_collection(tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_text("<root><document><id>d</id></document></root>")
    refused(path, "bioc-xml", "no collection", 1)


def _export(**mark: Any) -> dict[str, Any]:
    fields = {"id": 1, "cui": "C", "value": "Text", "start": 0, "end": 4} | mark
    return {"projects": [{"name": "p", "documents": [{"name": "n", "text": "Text of it", "annotations": [fields]}]}]}


@pytest.mark.parametrize(
    ("value", "match"),
    [
        (_export(value="Texx"), "document 'p/n': annotation '1' is not what stands"),
        (_export(start=7, end=99), "not what stands"),
        (_export(start="a"), "no whole number 'start'"),
        (_export(end=None), "no whole number 'end'"),
        (_export(rpdr=[]), "no JSON object"),
        (_export(rpdr={"status": "eaten"}), "'status' says what"),
        (_export(rpdr={"before": 3}), "'before' is no JSON object"),
        (_export(cui=[]), "no text 'cui'"),
        ({"projects": 3}, "no '\\['"),
        ({"projects": [None]}, "no '{'"),
        ({"projects": [{"documents": [None]}]}, "document 1: no JSON object"),
        ({"name": "p"}, "no projects"),
        ([], "no '{'"),
    ],
)
def test_medcattrainer(value: Any, match: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(value))
    refused(path, "medcattrainer", match)


def test_annotations_may_overlap_and_signs_may_turn(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("1|t|a \u202etfel eye\n1\t0\t6\ta \u202etfe\tX\n1\t2\t7\t\u202etfel\tX\t\n", encoding="utf-8")
    [document] = read(path)
    assert [one.spans for one in document.annotations] == [((0, 6),), ((2, 7),)]
    assert "\u202e" in document.text


def _mutant(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(changed) + 1)
        kind = rng.randrange(4)
        if kind == 0:
            changed[at : at + 1] = bytes([rng.randrange(256)])
        elif kind == 1:
            del changed[at : at + rng.randint(1, 30)]
        elif kind == 2:
            changed[at:at] = rng.choice(
                [b"null", b"[]", b"{}", b"-1", b"1e400", b"9" * 30, b"\0", b"\t", b"\n", b"\x80"]
            )
        else:
            del changed[at:]
    return bytes(changed)


@pytest.mark.parametrize("format_id", FILES)
def test_mutants_are_read_or_refused(format_id: str, tmp_path: Path) -> None:
    rng = random.Random(format_id)
    source = golden(format_id)
    originals = sorted(source.iterdir()) if source.is_dir() else [source]
    folder = tmp_path / "folder"
    folder.mkdir()
    refusals: list[RpdrError] = []
    for _ in range(60):
        for original in originals:
            (folder / original.name).write_bytes(original.read_bytes())
        original = rng.choice(originals)
        (folder / original.name).write_bytes(_mutant(original.read_bytes(), rng))
        path = folder if source.is_dir() else folder / source.name
        try:
            recognise(path)
            read(path, format_id)
            list(mappings_of(path, format_id)[1])
        except RpdrError as error:
            refusals.append(error)
    assert refusals
    assert not [error for error in refusals if isinstance(error, Bug) or not error.hint]


@pytest.mark.parametrize("spoilt", ["seen by Dr. Gray |t| again", "Mr. Gray came", "Gray\t0\t5\tTitle\tDisease\tD1"])
def test_prose_in_the_place_of_an_id_is_not_repeated(spoilt: str, tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text(PUBTATOR + spoilt + "\n", encoding="utf-8")
    with pytest.raises(FileFormatError) as caught:
        read(path, "pubtator")
    assert caught.value.line == 3
    assert "Gray" not in str(caught.value)
