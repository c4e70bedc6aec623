from __future__ import annotations

from pathlib import Path

import pytest
from helpers.mention_files import read

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.opening import open_table, reopen
from rpdr_core.formats.preview import preview

LINES = (
    "267032009\tTired\tso tired\r\n"
    "3384011000036100\tArthrotec\tarthrotec\r\n"
    "22298006\tMyocardial infarction\tcoeur d\u00e9faut\r\n"
)


def test_a_file_without_headers_is_known_by_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "AskAPatient.fold-0.train.txt"
    path.write_bytes(LINES.encode())
    table = open_table(path)
    assert (table.format, table.headers) == ("tsv", ("code", "concept", "mention"))
    assert [(one.row.row, one.text, one.code) for one in read(path)] == [
        (1, "so tired", "267032009"),
        (2, "arthrotec", "3384011000036100"),
        (3, "coeur d\u00e9faut", "22298006"),
    ]
    again = reopen(path, "tsv", "utf-8", lambda found: found.headers == table.headers)
    assert list(again.rows()) == list(table.rows())


def test_latin_letters_ask_for_the_encoding(tmp_path: Path) -> None:
    path = tmp_path / "fold.txt"
    path.write_bytes(LINES.encode("latin-1"))
    assert preview(path).needs_encoding
    assert read(path, "latin-1")[2].text == "coeur d\u00e9faut"


@pytest.mark.parametrize("text", ["code\tname\tmention\n267032009\tTired\tso\n", "12\tx\ty\n1\tx\ty\n", "2670\tx\n"])
def test_other_tables_are_left_to_others(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(text)
    assert open_table(path).headers != ("code", "concept", "mention")


def test_a_line_that_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("267032009\tTired\tso\n" * 60 + "267032009\tTired\n")
    with pytest.raises(FileFormatError, match="2 cells") as caught:
        list(open_table(path).rows())
    assert caught.value.line == 61
