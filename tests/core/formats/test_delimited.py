from __future__ import annotations

from pathlib import Path

import pytest
from helpers.mention_files import scratch
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.delimited import MAX_COLUMNS, open_delimited, sniff
from rpdr_core.formats.lines import LINE_CAP
from rpdr_core.formats.table import CELL_CAP


def _table(path: Path, text: str, **options: str) -> list[tuple[str, ...]]:
    path.write_bytes(text.encode())
    table = open_delimited(path, "utf-8", **options)
    return [table.headers, *(row.cells for row in table.rows())]


def _error(path: Path, text: str, **options: str) -> FileFormatError:
    with pytest.raises(FileFormatError) as caught:
        _table(path, text, **options)
    assert caught.value.file == str(path)
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [
        ("mention,context", ","),
        ("mention\tcontext", "\t"),
        ("mention;context", ";"),
        ("诊断;上下文\n", ";"),
        ('"mention, as written"\tterm', "\t"),
        ('mention,"a;b;c;d;e"', ","),
        ("note one, two, three;mention", ";"),
        ("x;y", ";"),
        ("mention", ","),
    ],
)
def test_the_header_says_the_delimiter(header: str, delimiter: str) -> None:
    assert sniff(header) == delimiter


def test_a_silent_header_leaves_it_to_the_name() -> None:
    assert sniff("mention", prefer="\t") == "\t"


def test_the_users_column_says_the_delimiter() -> None:
    assert sniff("Befund, roh;text,b,c", wanted="Befund, roh") == ";"


def test_quotes_hold_commas_quotes_and_line_ends(tmp_path: Path) -> None:
    text = 'mention,context\r\n"a, ""b""","one\r\ntwo\nthree"\r\nc,\r\n'
    assert _table(tmp_path / "a.csv", text) == [
        ("mention", "context"),
        ('a, "b"', "one\r\ntwo\nthree"),
        ("c", ""),
    ]


def test_rows_are_numbered_and_know_their_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('mention,context\na,"x\ny\nz"\n\nb,c\n')
    rows = list(open_delimited(path, "utf-8").rows())
    assert [(row.number, row.line, row.cells) for row in rows] == [
        (1, 2, ("a", "x\ny\nz")),
        (2, 5, ()),
        (3, 6, ("b", "c")),
    ]


def test_rows_start_from_the_top_each_time(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("mention\na\nb\n")
    table = open_delimited(path, "utf-8")
    assert list(table.rows()) == list(table.rows())
    assert next(table.rows()).cells == ("a",)


def test_short_and_blank_rows_are_let_through(tmp_path: Path) -> None:
    assert _table(tmp_path / "a.csv", "mention,n\na\n,,,\nb,2\n")[1:] == [("a",), ("", ""), ("b", "2")]


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("mention\nblurry vision, right eye\n", "2 cells under 1 headers", 2),
        ("mention,context,code\nfine,x,y\nblurry vision, right eye,seen,\n", "4 cells under 3 headers", 3),
        ('mention,n\n"a,1\nb,2\n', "unexpected end", 2),
        ('mention,n\nok,1\n"a"b,2\n', "expected after", 3),
        ("\nmention\n", "no header line", 1),
        (",,\na\n", "no header line", 1),
        ("mention" + ",x" * MAX_COLUMNS + "\n", "1,001 columns", 1),
        (f"mention\n{'x' * (CELL_CAP + 1)}\n", "100,000 characters", 2),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, words: str, line: int) -> None:
    error = _error(tmp_path / "a.csv", text)
    assert words in error.message
    assert error.line == line


def test_an_open_quote_does_not_swallow_the_file(tmp_path: Path) -> None:
    row = "x" * 99 + "\n"
    path = tmp_path / "a.csv"
    path.write_text('mention\nfine\n"open\n' + row * (2 * LINE_CAP // 100))
    with pytest.raises(FileFormatError) as caught:
        list(open_delimited(path, "utf-8").rows())
    assert caught.value.line == 3
    assert "quote" in caught.value.hint


def test_in_tsv_quotes_are_text(tmp_path: Path) -> None:
    text = 'mention\tcontext\n5" needle\t"open\nsaid "no"\t"a" and "b"\n'
    assert _table(tmp_path / "a.tsv", text)[1:] == [('5" needle', '"open'), ('said "no"', '"a" and "b"')]


def test_in_tsv_a_properly_quoted_cell_loses_its_quotes(tmp_path: Path) -> None:
    text = 'mention\tcontext\n"a ""b"""\t""\n"x"y"\t"\n'
    assert _table(tmp_path / "a.tsv", text)[1:] == [('a "b"', ""), ('"x"y"', '"')]


def test_in_tsv_a_quoted_cell_may_hold_tabs_and_line_ends(tmp_path: Path) -> None:
    text = 'mention\tcontext\tn\n"a\tb"\tc\t1\nd\t"one\r\ntwo"\t2\n"e\nf"\tg\t3\nh\ti\t"j\nk"\nlast\t\t4\n'
    assert _table(tmp_path / "a.tsv", text)[1:] == [
        ("a\tb", "c", "1"),
        ("d", "one\r\ntwo", "2"),
        ("e\nf", "g", "3"),
        ("h", "i", "j\nk"),
        ("last", "", "4"),
    ]


def test_in_tsv_lines_looked_at_in_vain_are_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text('mention\tcontext\tn\n"a\nb\tc\t1\n"d\te\nf\tg\t2\n')
    rows = [(row.number, row.line, row.cells) for row in open_delimited(path, "utf-8").rows()]
    assert rows == [(1, 2, ('"a',)), (2, 3, ("b", "c", "1")), (3, 4, ('"d', "e")), (4, 5, ("f", "g", "2"))]


def test_in_tsv_a_row_with_an_open_last_quote_does_not_take_full_rows(tmp_path: Path) -> None:
    text = 'mention\tcontext\na\t"open\nb\tclosed"\n'
    assert _table(tmp_path / "a.tsv", text)[1:] == [("a", '"open'), ("b", 'closed"')]


def test_in_tsv_extra_tabs_are_refused(tmp_path: Path) -> None:
    error = _error(tmp_path / "a.tsv", "mention\tn\na\t1\tx\n")
    assert error.line == 2
    assert "tabs" in error.hint


@settings(deadline=None)
@given(st.text(st.sampled_from('"ab\t\n'), max_size=60))
def test_in_tsv_any_mix_of_quotes_keeps_every_letter(text: str) -> None:
    with scratch("a.tsv", "mention\tcontext\tn\n" + text) as path:
        try:
            rows = list(open_delimited(path, "utf-8").rows())
        except FileFormatError:
            return
        found = "".join(cell for row in rows for cell in row.cells)
        for letter in "ab":
            assert found.count(letter) == text.count(letter)
        assert [row.line for row in rows] == sorted({row.line for row in rows})
        assert [row.number for row in rows] == list(range(1, len(rows) + 1))


@settings(deadline=None)
@given(st.lists(st.lists(st.text(st.sampled_from('"a ;,'), max_size=6), min_size=2, max_size=2), max_size=8))
def test_tsv_written_without_quoting_is_read_as_it_stands(rows: list[list[str]]) -> None:
    def quoted(cell: str) -> bool:
        return len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in cell[1:-1].replace('""', "")

    rows = [row for row in rows if not any(map(quoted, row))]
    text = "".join("\t".join(row) + "\n" for row in rows)
    with scratch("a.tsv", "mention\tcontext\n" + text) as path:
        assert [list(row.cells) for row in open_delimited(path, "utf-8").rows()] == rows
