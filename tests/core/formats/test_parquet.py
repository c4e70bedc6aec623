"""Parquet in and out: what others wrote, what we wrote, what is damaged."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow
import pytest
from helpers.mention_files import mentions, passages, read, scratch
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.opening import open_table, reopen
from rpdr_core.formats.preview import preview
from rpdr_core.formats.table import CELL_CAP
from rpdr_core.formats.writing import writer_for


def _write(path: Path, **columns: object) -> Path:
    parquet.write_table(pyarrow.table(columns), path)
    return path


def test_cells_are_what_a_person_would_write(tmp_path: Path) -> None:
    path = _write(
        tmp_path / "a.parquet",
        mention=["MI", "白内障"],
        count=[2.0, None],
        code=pyarrow.array(["A", None]).dictionary_encode(),
        number=[7, 1 << 60],
        share=[0.25, float("nan")],
        sure=[True, False],
        day=[date(2026, 1, 2), None],
        at=[datetime(2026, 1, 2, 3, 4), None],
        price=[Decimal("1.10"), None],
        nothing=pyarrow.nulls(2),
    )
    table = open_table(path)
    assert (table.format, table.encoding, table.rows_estimate) == ("parquet", "", 2)
    first, second = [row.cells for row in table.rows()]
    assert first == ("MI", "2", "A", "7", "0.25", "true", "2026-01-02", "2026-01-02T03:04:00", "1.10", "")
    assert second == ("白内障", "", "", str(1 << 60), "", "false", "", "", "", "")


def test_mentions_of_a_file_that_pandas_would_write(tmp_path: Path) -> None:
    path = _write(tmp_path / "list.pq", mention=["MI", " ", "AMD"], count=[2, 1, 3], code=["I21.9", "", "H35.3"])
    assert [(one.text, one.count, one.code, one.row.row) for one in read(path)] == [
        ("MI", 2, "I21.9", 1),
        ("AMD", 3, "H35.3", 3),
    ]
    look = preview(path)
    assert (look.format, look.needs_encoding, look.columns.mention, look.rows_estimate) == (
        "parquet",
        False,
        "mention",
        3,
    )


def test_row_groups_are_read_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "many.parquet"
    parquet.write_table(pyarrow.table({"mention": [f"m{n}" for n in range(5_000)]}), path, row_group_size=700)
    rows = list(open_table(path).rows())
    assert [row.number for row in rows] == list(range(1, 5_001))
    assert rows[-1].cells == ("m4999",)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ([["a"], ["b"]], "nested"),
        ([{"a": 1}, {"a": 2}], "nested"),
        ([b"a", b"b"], "no text or number"),
    ],
)
def test_what_no_cell_can_say_is_refused(tmp_path: Path, column: list[object], words: str) -> None:
    path = _write(tmp_path / "a.parquet", mention=["x", "y"], odd=column)
    with pytest.raises(FileFormatError, match=words) as caught:
        open_table(path)
    assert "odd" in caught.value.message
    assert caught.value.hint


def test_a_huge_value_in_many_rows_is_not_copied(tmp_path: Path) -> None:
    huge = "x" * (CELL_CAP * 50)
    # What `dictionary_encode` makes of 900 such rows, without 900 copies of it here.
    column = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 900, pyarrow.int32()), pyarrow.array([huge]))
    path = _write(tmp_path / "a.parquet", mention=column)
    with pytest.raises(FileFormatError, match="more than"):
        list(open_table(path).rows())
    plain = tmp_path / "plain.parquet"
    parquet.write_table(pyarrow.table({"mention": ["y" * (CELL_CAP + 1)]}), plain, use_dictionary=False)
    with pytest.raises(FileFormatError, match="more than"):
        list(open_table(plain).rows())


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    whole = _write(tmp_path / "a.parquet", mention=["x"] * 100).read_bytes()
    for length in (4, 12, len(whole) // 2, len(whole) - 1):
        path = tmp_path / "cut.parquet"
        path.write_bytes(whole[:length])
        with pytest.raises(FileFormatError) as caught:
            list(open_table(path).rows())
        assert caught.value.file


def test_damage_is_told_or_harmless(tmp_path: Path) -> None:
    source = random.Random(5)
    whole = _write(
        tmp_path / "a.parquet", mention=[f"mention {n}" for n in range(300)], n=list(range(300))
    ).read_bytes()
    path = tmp_path / "b.parquet"
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(source.randint(1, 6)):
            data[source.randrange(len(data))] = source.randrange(256)
        path.write_bytes(bytes(data))
        with suppress(FileFormatError):
            list(open_table(path).rows())


@settings(max_examples=30)
@given(st.lists(st.tuples(mentions, passages, st.integers(1, 9)), min_size=1, max_size=5))
def test_what_is_written_is_read(rows: list[tuple[str, str, int]]) -> None:
    with scratch("t.parquet") as path:
        writer_for(path)(path, ("mention", "row id", "count"), rows)
        table = open_table(path)
        assert table.headers == ("mention", "row_id", "count")
        assert [row.cells for row in table.rows()] == [(text, other, str(count)) for text, other, count in rows]
        again = reopen(path, "parquet", "", lambda found: found.headers == table.headers)
        assert list(again.rows()) == list(table.rows())
