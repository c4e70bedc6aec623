from __future__ import annotations

from pathlib import Path

import pytest
from helpers.mention_files import csv_text, workbook

from rpdr_core.errors import FileFormatError, NotFoundError
from rpdr_core.formats.columns import Columns
from rpdr_core.formats.preview import EXAMINED, preview

ROW = ("R1", "cataract", "seen with cataract", "3", "H26.9", "Eye")


def _file(folder: Path, text: str, name: str = "a.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def test_a_sound_file(tmp_path: Path) -> None:
    look = preview(_file(tmp_path, csv_text([ROW] * 30)))
    assert (look.format, look.encoding, look.delimiter, look.rows_estimate) == ("csv", "utf-8", ",", 30)
    assert look.headers == ("id", "mention", "context", "count", "code", "department")
    assert look.columns == Columns("mention", "context", "count", "code", "id", "department")
    assert look.rows == (ROW,) * 20
    assert look.warnings == look.alternatives == ()
    assert not look.needs_encoding


@pytest.mark.parametrize(
    ("name", "text"), [("a.txt", "a\n" * 5000), ("a.csv", "mention\n" + "a\n" * 5000), ("a.jsonl", '"a"\n' * 5000)]
)
def test_many_rows_are_estimated(tmp_path: Path, name: str, text: str) -> None:
    assert preview(_file(tmp_path, text, name)).rows_estimate == 5000
    assert preview(_file(tmp_path, text, name), encoding="utf-8").rows_estimate == 5000


def test_rows_of_a_workbook(tmp_path: Path) -> None:
    look = preview(workbook(tmp_path / "a.xlsx", [ROW] * (EXAMINED + 5), sheet="Liste"))
    assert (look.format, look.encoding, look.sheets, look.columns.sheet) == ("xlsx", "", ("Liste",), "Liste")
    assert look.rows_estimate == EXAMINED + 5
    assert not look.needs_encoding


def test_another_encoding_gives_choices_and_nothing_else(tmp_path: Path) -> None:
    path = _file(tmp_path, "诊断\n白内障术后复查\n", encoding="gb18030")
    look = preview(path)
    assert look.needs_encoding
    assert look.alternatives[0].encoding == "gb18030"
    assert look.alternatives[0].lines == ("诊断", "白内障术后复查")
    assert look.headers == look.rows == ()
    assert "not utf-8" in look.warnings[0]
    chosen = preview(path, encoding=look.alternatives[0].encoding)
    assert (chosen.encoding, chosen.columns.mention, chosen.rows) == ("gb18030", "诊断", (("白内障术后复查",),))


def test_what_no_encoding_reads_raises(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"mention\n\x81 \xff\n")
    with pytest.raises(FileFormatError, match="0x81"):
        preview(path)


def test_a_wrong_choice_of_encoding_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError) as caught:
        preview(_file(tmp_path, "mention\ncécité\n", encoding="cp1252"), encoding="utf-8")
    assert caught.value.line == 2


def test_without_a_mention_column_the_user_can_choose(tmp_path: Path) -> None:
    path = _file(tmp_path, "Befund,n\nGlaukom,2\n")
    look = preview(path)
    assert look.columns.mention == ""
    assert look.headers == ("Befund", "n")
    assert look.rows == (("Glaukom", "2"),)
    assert look.warnings == ("no header names the column of mentions: choose it",)
    assert preview(path, Columns(mention="Befund")).warnings == ()


def test_a_column_that_is_not_there_raises(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="no column 'x'"):
        preview(_file(tmp_path, "mention\na\n"), Columns(mention="x"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mention,context\n,x\na,a\n", "1 rows without a mention will be skipped (in 2 rows)"),
        ("mention,context\na,b\na,a\n", "1 contexts do not contain their mention (in 2 rows)"),
        ("mention,context\na\u200b,\u202ea\u200b\n", "3 invisible characters"),
        ("mention,context\na\n", "1 rows have fewer cells"),
        ("mention,n\na,x\n", "a count of 'x'"),
        ('mention,n\n"a,1\n', "unexpected end"),
    ],
)
def test_warnings(tmp_path: Path, text: str, words: str) -> None:
    warnings = preview(_file(tmp_path, text)).warnings
    assert any(words in warning for warning in warnings), warnings


def test_rows_before_a_fault_are_shown(tmp_path: Path) -> None:
    look = preview(_file(tmp_path, "mention\na\nb,c\n"))
    assert look.rows == (("a",),)
    assert any("2 cells under 1 headers" in warning for warning in look.warnings)


def test_only_the_first_rows_are_examined(tmp_path: Path) -> None:
    text = "mention,n\n" + "a,1\n" * EXAMINED + "b,x\n"
    assert preview(_file(tmp_path, text)).warnings == ()


def test_codes_that_excel_rounded_are_pointed_at(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [("a", 3384011000036100)], ["mention", "code"])
    assert any("15 digits" in warning for warning in preview(path).warnings)
    path = workbook(tmp_path / "b.xlsx", [("a", 38341003)], ["mention", "code"])
    assert preview(path).warnings == ()


def test_mixed_encodings_are_pointed_at(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("mention\n白内障\n".encode() + b"c\xe9cit\xe9\n")
    assert any("may mix encodings" in warning for warning in preview(path).warnings)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        preview(tmp_path / "none.csv")
