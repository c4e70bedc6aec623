from __future__ import annotations

from pathlib import Path

import pytest
from helpers.mention_files import HEADERS, csv_text, letters, read, scratch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.columns import Columns, resolve
from rpdr_core.formats.mentions import Tally, mentions_of, read_mentions
from rpdr_core.formats.opening import open_table
from rpdr_core.records import NewMention, SourceRow
from rpdr_core.workflow.decision_table import headers_of


def _read(folder: Path, text: str, name: str = "a.csv", **columns: str) -> list[NewMention]:
    path = folder / name
    path.write_bytes(text.encode())
    return read(path, **columns)


def test_a_full_row(tmp_path: Path) -> None:
    text = csv_text([("R7", " catarct ", " seen with catarct OD ", "12", "H26.9", "Eye")])
    assert _read(tmp_path, text) == [
        NewMention("catarct", "seen with catarct OD", 10, 17, 12, "H26.9", "Eye", SourceRow(1, "R7"))
    ]


def test_only_a_mention_is_needed(tmp_path: Path) -> None:
    assert _read(tmp_path, "mention\nMI\n") == [NewMention("MI", row=SourceRow(1))]


def test_chinese_headers(tmp_path: Path) -> None:
    text = "编号,诊断,上下文,频次,编码,科室\n7,白内障,右眼白内障术后,3,H26.9,眼科\n"
    assert _read(tmp_path, text) == [
        NewMention("白内障", "右眼白内障术后", 2, 5, 3, "H26.9", "眼科", SourceRow(1, "7"))
    ]


def test_empty_mentions_are_skipped_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("mention,context\na,x\n  ,y\n\n\u3000,\nb,\n", encoding="utf-8")
    table, tally = open_table(path), Tally()
    columns = resolve(table.headers, Columns(), "a.csv")
    assert [(m.text, m.row.row) for m in mentions_of(table, columns, tally)] == [("a", 1), ("b", 5)]
    assert (tally.rows, tally.skipped) == (2, 1)


def test_inner_white_space_and_invisible_signs_are_kept(tmp_path: Path) -> None:
    [found] = _read(tmp_path, "mention\n a  b\u200b\u202ec\u00a0d \n")
    assert found.text == "a  b\u200b\u202ec\u00a0d"


@pytest.mark.parametrize(
    ("context", "place"),
    [
        ("Cataract and cataract", (13, 21)),
        ("CATARACT of the eye", (0, 8)),
        ("no such thing", None),
        ("", None),
        ("🩺🩺 cataract", (3, 11)),
    ],
)
def test_the_mention_is_found_in_its_context(tmp_path: Path, context: str, place: tuple[int, int] | None) -> None:
    [found] = _read(tmp_path, csv_text([("cataract", context)], ("mention", "context")))
    assert (found.start, found.end) == (place or (None, None))


def test_a_mention_with_signs_of_patterns_is_found(tmp_path: Path) -> None:
    [found] = _read(tmp_path, csv_text([("a.(b)*", "x A.(B)* y")], ("mention", "context")))
    assert (found.start, found.end) == (2, 8)


def _placed(folder: Path, context: str, start: str, end: str) -> NewMention:
    return _read(folder, csv_text([("eye", context, start, end)], ("mention", "context", "start", "end")))[0]


def test_given_offsets_are_taken(tmp_path: Path) -> None:
    found = _placed(tmp_path, "eye and eye", "8", "11")
    assert (found.start, found.end) == (8, 11)


def test_given_offsets_follow_the_trimming(tmp_path: Path) -> None:
    found = _placed(tmp_path, "  eye and eye ", "9", "13")
    assert (found.start, found.end, found.context) == (8, 11, "eye and eye")


def test_without_offsets_in_a_row_they_are_found(tmp_path: Path) -> None:
    assert _placed(tmp_path, "an eye", "", "").start == 3


@pytest.mark.parametrize(
    ("start", "end"),
    [("7", "10"), ("8", ""), ("", "11"), ("-3", "11"), ("a", "b"), ("8.0", "11.0"), ("11", "8"), ("9" * 30, "1")],
)
def test_offsets_that_do_not_mark_the_mention_are_refused(tmp_path: Path, start: str, end: str) -> None:
    with pytest.raises(FileFormatError, match="do not mark the mention") as caught:
        _placed(tmp_path, "eye and eye", start, end)
    assert caught.value.line == 2
    assert "from 0" in caught.value.hint


@pytest.mark.parametrize(("cell", "count"), [("", 1), ("7", 7), (" 12 ", 12), ("０３", 3), (str(2**53 - 1), 2**53 - 1)])
def test_counts(tmp_path: Path, cell: str, count: int) -> None:
    assert _read(tmp_path, f"mention,n\na,{cell}\n")[0].count == count


@pytest.mark.parametrize("cell", ["0", "-1", "1.0", "1_0", '"1,000"', "many", "²", str(2**53), "9" * 5000])
def test_what_is_no_count_is_refused_with_its_line(tmp_path: Path, cell: str) -> None:
    with pytest.raises(FileFormatError, match="a count of") as caught:
        _read(tmp_path, f"mention,n\nfine,1\na,{cell}\n")
    assert caught.value.line == 3
    assert len(str(caught.value)) < 300


def test_usagi_knows_no_frequencies(tmp_path: Path) -> None:
    """Usagi writes -1 for each term of a list that had no column of frequencies; nobody else's -1 is a count."""
    text = "sourceCode,sourceName,sourceFrequency\n1,a,-1\n2,b,7\n"
    assert [one.count for one in _read(tmp_path, text)] == [1, 7]
    with pytest.raises(FileFormatError, match="a count of"):
        _read(tmp_path, text.replace("-1", "-2"))


def test_the_line_of_an_error_counts_lines_inside_cells(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError) as caught:
        _read(tmp_path, 'mention,context,n\na,"1\n2\n3",1\nb,,x\n')
    assert caught.value.line == 5


def test_apostrophes_of_other_files_are_text(tmp_path: Path) -> None:
    assert _read(tmp_path, "mention,code\n'-5 D,'=x\n")[0].text == "'-5 D"


@pytest.mark.parametrize("level", ["rows", "mentions"])
def test_apostrophes_of_our_own_exports_go(tmp_path: Path, level: str) -> None:
    headers = headers_of(level)  # type: ignore[arg-type]
    row = ["" if header != "mention" else "'-5 D" for header in headers]
    assert _read(tmp_path, csv_text([row], headers))[0].text == "-5 D"
    assert _read(tmp_path, csv_text([row], headers, delimiter="\t"), "a.tsv")[0].text == "-5 D"


def test_the_encoding_may_be_given(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("诊断\n白内障\n".encode("gb18030"))
    assert [m.text for m in read_mentions(path, encoding="GB2312")] == ["白内障"]


def test_reading_streams(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("mention,n\na,1\nb,x\n")
    stream = read_mentions(path)
    assert next(stream).text == "a"
    with pytest.raises(FileFormatError):
        next(stream)


@settings(deadline=None)
@given(
    st.text(letters, max_size=30),
    st.text(letters, min_size=1, max_size=10).map(str.strip),
    st.text(letters, max_size=30),
)
def test_offsets_always_cut_the_mention_out_of_the_context(before: str, mention: str, after: str) -> None:
    assume(mention)
    with scratch("a.csv", csv_text([("", mention, before + mention + after, "", "", "")], HEADERS)) as path:
        [found] = read(path)
    assert found.start is not None
    assert found.context[found.start : found.end] == found.text == mention
    assert found.context.index(mention) == found.start
