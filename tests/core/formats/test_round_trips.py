"""What other programs write, the readers give back: property tests over all formats."""

from __future__ import annotations

import codecs

import pytest
from helpers.mention_files import (
    HEADERS,
    cells_of,
    csv_text,
    jsonl_text,
    mentions,
    read,
    rows,
    scratch,
    words,
    workbook,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st

quick = settings(deadline=None, max_examples=60)
Rows = list[tuple[str, ...]]
encodings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"])


@quick
@given(rows(), st.sampled_from([",", ";"]), st.sampled_from(["\n", "\r\n"]), encodings)
def test_csv(rows: Rows, delimiter: str, end: str, encoding: str) -> None:
    text = csv_text(rows, delimiter=delimiter, lineterminator=end)
    with scratch("a.csv", text.encode(encoding)) as path:
        assert cells_of(read(path, encoding)) == rows


@quick
@given(rows())
def test_csv_with_every_cell_quoted(rows: Rows) -> None:
    import csv

    with scratch("a.csv", csv_text(rows, quoting=csv.QUOTE_ALL)) as path:
        assert cells_of(read(path)) == rows


@quick
@given(rows())
def test_tsv_as_a_spreadsheet_writes_it(rows: Rows) -> None:
    with scratch("a.tsv", csv_text(rows, delimiter="\t")) as path:
        assert cells_of(read(path)) == rows


@quick
@given(rows(cells=words), encodings)
def test_tsv_without_quoting(rows: Rows, encoding: str) -> None:
    def looks_quoted(cell: str) -> bool:
        return len(cell) > 1 and cell[0] == cell[-1] == '"'

    assume(not any(looks_quoted(cell) or "\t" in cell for row in rows for cell in row))
    text = "".join("\t".join(row) + "\n" for row in [HEADERS, *rows])
    with scratch("a.tsv", text.encode(encoding)) as path:
        assert cells_of(read(path, encoding)) == rows


@quick
@given(rows(), st.booleans())
def test_jsonl(rows: Rows, ascii: bool) -> None:
    with scratch("a.jsonl", jsonl_text(rows, ascii=ascii)) as path:
        assert cells_of(read(path)) == rows


@quick
@given(st.lists(mentions, min_size=1, max_size=8), encodings, st.sampled_from(["\n", "\r\n", "\r"]))
def test_plain_text(texts: list[str], encoding: str, end: str) -> None:
    # A first line that is a header makes a table; a byte order mark within is text.
    texts[0] = "1. " + texts[0]
    with scratch("a.txt", "".join(text + end for text in texts).encode(encoding)) as path:
        assert [mention.text for mention in read(path, encoding)] == texts


@settings(deadline=None, max_examples=30)
@given(rows())
def test_xlsx(rows: Rows) -> None:
    # What a spreadsheet takes for a formula or an escape is no text any more.
    assume(
        not any(
            cell.startswith("=") or "_x" in cell or "\ufffe" in cell or "\uffff" in cell for row in rows for cell in row
        )
    )
    with scratch("a.xlsx") as path:
        workbook(path, rows)
        assert cells_of(read(path)) == rows


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-16", "utf-16-le", "gb18030", "big5", "shift_jis", "cp1252", "utf-32"]
)
def test_each_encoding_is_read_across_chunks(encoding: str) -> None:
    sample = {"big5": "白內障術後", "shift_jis": "白内障術後", "cp1252": "cécité – déjà"}.get(encoding, "白内障术后")
    texts = [f"{sample} {number}" for number in range(20_000)]
    with scratch("a.csv", ("mention\n" + "\n".join(texts)).encode(encoding)) as path:
        assert [mention.text for mention in read(path, codecs.lookup(encoding).name)] == texts
