from __future__ import annotations

from pathlib import Path

import pytest
from helpers.mention_files import read

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.opening import open_table
from rpdr_core.formats.table import CELL_CAP


def _file(folder: Path, text: str, name: str = "a.txt") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def test_each_line_is_a_mention_as_it_stands(tmp_path: Path) -> None:
    path = _file(tmp_path, '  blurry vision, "R" eye \r\n\n白内障术后\na\tb')
    assert [(m.row.row, m.text) for m in read(path)] == [(1, 'blurry vision, "R" eye'), (3, "白内障术后"), (4, "a\tb")]
    assert open_table(path).format == "text"


def test_a_text_file_with_a_header_is_a_table(tmp_path: Path) -> None:
    assert [(m.text, m.code) for m in read(_file(tmp_path, "mention\tcode\na\tX\n"))] == [("a", "X")]
    assert [m.text for m in read(_file(tmp_path, "Diagnosis\na\n"))] == ["a"]


def test_a_first_line_that_only_holds_commas_is_no_header(tmp_path: Path) -> None:
    assert [m.text for m in read(_file(tmp_path, "cataract, text illegible\nb\n"))] == ["cataract, text illegible", "b"]


def test_a_chosen_column_makes_it_a_table(tmp_path: Path) -> None:
    assert [m.text for m in read(_file(tmp_path, "x;Befund\n1;a\n"), mention="Befund")] == ["a"]


def test_a_line_has_a_cap(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="100,000") as caught:
        read(_file(tmp_path, f"a\n{'x' * (CELL_CAP + 1)}\n"))
    assert caught.value.line == 2
