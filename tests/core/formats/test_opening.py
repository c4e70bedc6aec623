from __future__ import annotations

from pathlib import Path

import pytest
from helpers.mention_files import workbook

from rpdr_core.errors import FileFormatError, NotFoundError
from rpdr_core.formats.opening import open_table, reopen


@pytest.mark.parametrize(
    ("name", "text", "format", "delimiter"),
    [
        ("a.csv", "mention,n\na,1\n", "csv", ","),
        ("a.csv", "mention;n\na;1\n", "csv", ";"),
        ("a.csv", "mention\tn\na\t1\n", "tsv", "\t"),
        ("a.tsv", "mention\na\n", "tsv", "\t"),
        ("a.tab", "mention\na\n", "tsv", "\t"),
        ("a.jsonl", '{"mention": "a"}\n', "jsonl", ""),
        ("a.ndjson", '\n"a"\n', "jsonl", ""),
        ("a.dat", '{"mention": "a"}\n', "jsonl", ""),
        ("a.txt", "a\nb\n", "text", ""),
        ("noname", "mention,n\na,1\n", "csv", ","),
    ],
)
def test_content_and_name_say_the_format(tmp_path: Path, name: str, text: str, format: str, delimiter: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    table = open_table(path)
    assert (table.format, table.delimiter, table.encoding) == (format, delimiter, "utf-8")
    right = reopen(path, table.format, table.encoding, lambda again: again.headers == table.headers)
    assert list(right.rows()) == list(table.rows())


def test_a_workbook_is_one_by_content(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.csv", [("1", "a", "", 1, "", "")])
    assert open_table(path).format == "xlsx"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), r"\.xls"),
        ("a.csv", b"%PDF-1.7", "PDF"),
        ("a.csv.gz", b"\x1f\x8b\x08", "compressed"),
        ("a.rpdr", b"SQLite format 3\0" + bytes(100), "database"),
        ("a.csv", b"{\\rtf1 mention}", "RTF"),
        ("a.zip", b"PK\x05\x06" + bytes(18), "nothing in it"),
        ("a.xlsx", b"mention,n\n", "name says workbook"),
        ("a.json", b'{\n"mention": "a"}', "one JSON document"),
        ("a.txt", b"\n \n", "empty"),
        ("a.csv", b"", "empty"),
    ],
)
def test_foreign_files_are_named_for_what_they_are(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=words) as caught:
        open_table(path)
    assert caught.value.hint


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        open_table(tmp_path / "none.csv")


def test_a_changed_file_is_not_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("mention,n\n")
    with pytest.raises(FileFormatError, match="headers are not those"):
        reopen(path, "csv", "utf-8", lambda table: "other" in table.headers)


def test_a_sheet_is_found_again_past_an_empty_one(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.create_sheet("second").append(["mention"])
    book.save(tmp_path / "a.xlsx")
    table = reopen(tmp_path / "a.xlsx", "xlsx", "", lambda table: table.sheet == "second")
    assert table.headers == ("mention",)


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.dat"])
def test_a_first_line_beyond_all_measure_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("x" * 2_000_000 + "\na\n")
    with pytest.raises(FileFormatError) as caught:
        list(open_table(path).rows())
    assert caught.value.file == str(path)
    assert caught.value.line == 1
    assert caught.value.hint
