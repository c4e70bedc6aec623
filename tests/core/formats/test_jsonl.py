from __future__ import annotations

from pathlib import Path

import pytest

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.jsonl import open_jsonl
from rpdr_core.formats.table import CELL_CAP


def _table(folder: Path, text: str) -> list[tuple[str, ...]]:
    path = folder / "a.jsonl"
    path.write_bytes(text.encode())
    table = open_jsonl(path, "utf-8")
    return [table.headers, *(row.cells for row in table.rows())]


def test_headers_are_the_keys_of_all_lines(tmp_path: Path) -> None:
    assert _table(tmp_path, '{"mention": "a"}\n{"code": "X", "mention": "b"}\n') == [
        ("mention", "code"),
        ("a", ""),
        ("b", "X"),
    ]


def test_plain_strings_are_mentions(tmp_path: Path) -> None:
    assert _table(tmp_path, '"a \\"b\\""\n\n"白内障"') == [("mention",), ('a "b"',), ("",), ("白内障",)]


def test_numbers_stay_as_they_are_written(tmp_path: Path) -> None:
    rows = _table(
        tmp_path, '{"mention": "a", "code": 1.10, "n": 3384011000036100999, "x": 1e3, "y": null, "z": true}\n'
    )
    assert rows[1] == ("a", "1.10", "3384011000036100999", "1e3", "", "true")


def test_a_list_of_codes_becomes_one_cell(tmp_path: Path) -> None:
    assert _table(tmp_path, '{"mention": "a", "code": ["H25.1", "H26"]}\n')[1] == ("a", "H25.1|H26")


def test_keys_that_hold_objects_are_no_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"mention": "a", "meta": {"x": 1}}\n{"mention": "b", "meta": "y", "more": [[1]]}\n')
    table = open_jsonl(path, "utf-8")
    assert table.headers == ("mention",)
    assert table.warnings == ("2 names hold objects and cannot be columns: meta, more",)
    assert table.rows_estimate == 2


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{mention: 1}", "not JSON"),
        ('{"mention": "a"', "not JSON"),
        ('{"mention": "a"} x', "not JSON"),
        ("12", "neither"),
        ("[1]", "neither"),
        ("null", "neither"),
        ('{"mention": NaN}', "NaN"),
        ('{"mention": "a", "mention": "b"}', "twice"),
        ('{"mention": "\\ud800"}', "half a character"),
        ('{"mention": "a", "x": ["\\udfff"]}', "half a character"),
        ('{"\\ud800": "a"}', "half a character"),
        ('{"mention": "a\\u0000b"}', "half a character"),
        ('{"a":' * 50_000, "not JSON"),
        ("{" + ",".join(f'"k{n}": 1' for n in range(1_001)) + "}", "1,000 different names"),
    ],
)
def test_an_unsound_line_is_named(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(FileFormatError, match=words) as caught:
        _table(tmp_path, f'{{"mention": "fine"}}\n{line}\n')
    assert caught.value.line == 2
    assert caught.value.hint


def test_a_value_has_a_cap(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="100,000") as caught:
        _table(tmp_path, f'"ok"\n"{"x" * (CELL_CAP + 1)}"\n')
    assert caught.value.line == 2


def test_surrogate_pairs_are_whole(tmp_path: Path) -> None:
    assert _table(tmp_path, '"\\ud83e\\ude7a"\n')[1] == ("🩺",)
