from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers.mention_files import mentions, passages, read, scratch
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import FileFormatError
from rpdr_core.formats import json_array
from rpdr_core.formats.opening import open_table, reopen


def test_objects_of_one_document_are_rows(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text(
        '\ufeff[\n {"mention": "MI", "count": 2},\n\n {"mention": "AMD", "code": 1.10}\n]\n', encoding="utf-8"
    )
    table = open_table(path)
    assert (table.format, table.headers) == ("json", ("mention", "count", "code"))
    assert [(row.number, row.line, row.cells) for row in table.rows()] == [
        (1, 2, ("MI", "2", "")),
        (2, 4, ("AMD", "", "1.10")),
    ]
    again = reopen(path, "json", table.encoding, lambda found: found.headers == table.headers)
    assert list(again.rows()) == list(table.rows())


def test_one_long_line(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text(json.dumps([{"text": f"mention {n}" * 9} for n in range(20_000)]), encoding="utf-8")
    assert len(read(path)) == 20_000


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("[]", "empty", 1),
        ('[\n{"mention": "a"}\n', "too early", 3),
        ('[\n{"mention": "a"},\n', "too early", 3),
        ('[\n{"mention": "a"}\n{"mention": "b"}]', "comma", 3),
        ('[{"mention": "a"}]\nmore', "after the end", 2),
        ('[{"mention": "a"},\n7]', "neither an object", 2),
        ('[{"mention": "a"},\n{"mention": nope}]', "no JSON", 2),
        ('[{"mention": "a", "mention": "b"}]', "no JSON", 1),
        ('[{"mention": "\\ud800"}]', "half a character", 1),
        ("[" * 100_000, "no JSON", 1),
        ('[{"a": ' * 50_000, "no JSON", 1),
    ],
)
def test_what_is_unsound_is_told_with_its_line(tmp_path: Path, text: str, words: str, line: int) -> None:
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileFormatError, match=words) as caught:
        list(open_table(path).rows())
    assert caught.value.line == line
    assert caught.value.hint


def test_a_document_is_capped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_array, "SIZE_CAP", 20)
    path = tmp_path / "a.json"
    path.write_text('[{"mention": "a long one"}]', encoding="utf-8")
    with pytest.raises(FileFormatError, match="more than"):
        open_table(path)


def test_mixed_encodings_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes('[{"mention": "白内障"},\n{"mention": "'.encode() + "青光眼".encode("gb18030") + b'"}]')
    with pytest.raises(FileFormatError, match="not utf-8") as caught:
        open_table(path)
    assert caught.value.line == 2


@given(st.lists(st.tuples(mentions, passages), min_size=1, max_size=6), st.sampled_from([None, 1]))
def test_what_the_library_writes_is_read(rows: list[tuple[str, str]], indent: int | None) -> None:
    text = json.dumps([{"mention": mention, "context": context} for mention, context in rows], indent=indent)
    with scratch("a.json", text) as path:
        assert [(one.text, one.context) for one in read(path)] == rows
