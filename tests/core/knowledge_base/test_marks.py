"""Files of the XML, OBO and JSON formats are told by what is in them."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from rpdr_core.errors import FileFormatError
from rpdr_core.knowledge_base.recognising import recognise

GOLDEN = Path(__file__).parent / "golden"
FILES = {
    "claml/classification.xml": "claml",
    "icd10cm/icd10cm_tabular_2026.xml": "icd10cm",
    "icd10cm/icd10cm_index_2026.xml": "icd10cm",
    "icd10cm/icd10cm_order_2026.txt": "icd10cm",
    "icd10cm": "icd10cm",
    "obo/small.obo": "obo",
    "obo": "obo",
    "fhir/codesystem.json": "fhir",
}


@pytest.mark.parametrize(("name", "format"), FILES.items())
def test_golden_files(name: str, format: str) -> None:
    assert recognise(GOLDEN / name).format == format


@pytest.mark.parametrize(("name", "format"), [item for item in FILES.items() if "." in item[0]])
def test_by_content_and_not_by_name(tmp_path: Path, name: str, format: str) -> None:
    path = tmp_path / "release.dat"
    shutil.copy(GOLDEN / name, path)
    assert recognise(path).format == format


@pytest.mark.parametrize(
    ("name", "format"), [item for item in FILES.items() if "icd10cm_" in item[0] or "obo/" in item[0]]
)
def test_in_a_zip(tmp_path: Path, name: str, format: str) -> None:
    path = tmp_path / "release.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(GOLDEN / name, f"folder/{Path(name).name}")
        archive.writestr("folder/readme.txt", "about")
    assert recognise(path).format == format


@pytest.mark.parametrize(
    ("content", "format"),
    [
        (b"\xef\xbb\xbf<?xml version='1.0'?><!-- <other> --><ClaML version='2.0.0'>", "claml"),
        ("<?xml version='1.0' encoding='utf-16'?><ClaML version='2.0.0'/>".encode("utf-16"), "claml"),
        (b"! a comment\n\n[Term]\nid: A:1\n", "obo"),
        (b'{"concept": [], "resourceType": "ValueSet"}', "fhir"),
        (b"code,name\nA,format-version: 1\n", "table"),
        (b"code\tname\n00001\tA000 1 Cholera\n", "table"),
    ],
)
def test_beginnings(tmp_path: Path, content: bytes, format: str) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(content)
    assert recognise(path).format == format


@pytest.mark.parametrize("content", [b"<html><ClaML/></html>", b'{"a": 1}', b"[1]"])
def test_what_is_none_of_them(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match="no terminology in a format"):
        recognise(path)
