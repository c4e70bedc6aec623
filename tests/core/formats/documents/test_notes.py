"""Notes: texts of txt, docx and pdf, one document a file."""

from __future__ import annotations

import contextlib
import logging
import sys
import zipfile
from pathlib import Path

import pytest
from helpers.documents import docx, pdf, read

from rpdr_core.errors import FileFormatError, MissingExtraError
from rpdr_core.formats.documents.formats import open_documents, recognise


def test_a_folder_of_notes(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "b.txt").write_text("\ufeffSeen today.\r\nNo fever.\n", encoding="utf-8", newline="")
    docx(tmp_path / "in" / "c.docx", "<w:p><w:r><w:t>Patient</w:t></w:r></w:p>")
    pdf(tmp_path / "a.pdf", "Patient seen")
    (tmp_path / "other.csv").write_text("x")
    assert recognise(tmp_path) == "notes"
    assert [(one.key, one.title, one.text, one.kind) for one in read(tmp_path)] == [
        ("a.pdf", "a", "Patient seen", "note"),
        ("in/b.txt", "b", "Seen today.\r\nNo fever.\n", "note"),
        ("in/c.docx", "c", "Patient", "note"),
    ]


def test_what_a_word_document_says(tmp_path: Path) -> None:
    body = (
        "<w:p><w:pPr><w:pStyle/></w:pPr><w:r><w:t xml:space='preserve'>One </w:t></w:r>"
        "<w:ins><w:r><w:t>two</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:tab/><w:t>three</w:t><w:br/><w:t>four</w:t></w:r></w:p>"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>cell</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:p/>"
    )
    [document] = read(docx(tmp_path / "x.docx", body))
    assert document.text == "One two\tthree\nfour\ncell\n"


def test_a_word_document_may_not_fill_in_entities(tmp_path: Path) -> None:
    path = tmp_path / "x.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", '<!DOCTYPE d [<!ENTITY x "y">]><d>&x;</d>')
    with pytest.raises(FileFormatError, match=r"DOCTYPE|subset|entit"):
        read(path)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"%PDF-1.4\n", b"no note"])
@pytest.mark.parametrize("name", ["x.docx", "x.pdf"])
def test_what_is_none(name: str, data: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(FileFormatError) as caught:
        read(tmp_path / name)
    assert name in caught.value.file
    assert caught.value.hint


def test_what_pypdf_quotes_is_not_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = pdf(tmp_path / "x.pdf", "Patient seen")
    path.write_bytes(path.read_bytes()[9:].replace(b"%%EOF", b""))
    caplog.set_level(logging.DEBUG)
    open_documents(path)
    with contextlib.suppress(FileFormatError):
        read(path)
    assert not caplog.records


def test_without_pypdf_there_is_a_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdf", None)
    with pytest.raises(MissingExtraError, match="pypdf") as caught:
        read(pdf(tmp_path / "x.pdf", "Patient seen"))
    assert "documents" in caught.value.hint


def test_a_scan_is_told(tmp_path: Path) -> None:
    corpus = open_documents(pdf(tmp_path / "x.pdf", ""))
    assert [document.text for document in corpus.documents()] == [""]
    assert corpus.warnings() == ("x.pdf: no text in it (a scan?)",)


def test_no_notes_and_other_encodings(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="no note"):
        read(tmp_path, "notes")
    (tmp_path / "x.txt").write_bytes("白内障术后".encode("gb18030"))
    with pytest.raises(FileFormatError, match="not utf-8"):
        read(tmp_path, "notes")
    [document] = open_documents(tmp_path, "notes", "gb18030").documents()
    assert document.text == "白内障术后"


def test_lists_of_mentions_are_no_documents(tmp_path: Path) -> None:
    for name, text in (
        ("x.txt", "cataract\nfall\n"),
        ("x.json", '[{"text":"a"}]'),
        ("x.xml", "<ClaML/>"),
        ("x.csv", "a"),
    ):
        (tmp_path / name).write_text(text)
        assert recognise(tmp_path / name) == ""
