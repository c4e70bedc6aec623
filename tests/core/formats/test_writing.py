from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from helpers.mention_files import scratch
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from rpdr_core.errors import UserInputError
from rpdr_core.formats import writing
from rpdr_core.formats.losses import Loss, LossReport, counted
from rpdr_core.formats.writing import CELL_LIMIT, write_csv, write_jsonl, write_xlsx, writer_for
from rpdr_core.formats.xlsx import open_xlsx

HEADERS = ("row id", "mention", "n")
any_text = st.text(
    st.one_of(st.sampled_from("=+-@'\t\r\n\x00\x0b\x1f\uffff_x5F 白🩺"), st.characters(exclude_categories=("Cs",)))
)


def test_csv_is_utf8_with_guarded_cells(tmp_path: Path) -> None:
    written = write_csv(tmp_path / "a.csv", HEADERS, [("1", "=cmd|' /C calc'!A0", 1), ("2", "白内障", None)])
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows == [list(HEADERS), ["1", "'=cmd|' /C calc'!A0", "1"], ["2", "白内障", ""]]
    assert written.rows == 2
    assert written.report.losses == (Loss("cells that look like formulas have a leading apostrophe", 1),)


@pytest.mark.parametrize("mark", [False, True])
def test_the_mark_is_an_option(tmp_path: Path, mark: bool) -> None:
    writer_for(Path("x.CSV"), mark=mark)(tmp_path / "a", HEADERS, [])
    assert (tmp_path / "a").read_bytes().startswith(b"\xef\xbb\xbf") == mark


def test_jsonl_has_typed_values(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "a", HEADERS, [("1", "=白", 3), ("", "b", None)])
    lines = (tmp_path / "a").read_text(encoding="utf-8").splitlines()
    assert list(map(json.loads, lines)) == [
        {"row_id": "1", "mention": "=白", "n": 3},
        {"row_id": "", "mention": "b", "n": None},
    ]
    assert "白" in lines[0]


def test_xlsx_cells_are_typed_and_the_header_frozen(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.xlsx", HEADERS, [("007", "=1+1", 3), ("#N/A", "@x", None)])
    sheet = load_workbook(tmp_path / "a.xlsx").active
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] == [
        ["007", "=1+1", 3],
        ["#N/A", "@x", None],
    ]
    assert {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row[:2]} == {"s"}
    assert sheet["C2"].data_type == "n"
    assert sheet.column_dimensions["B"].width > sheet.column_dimensions["C"].width


@settings(deadline=None, max_examples=60)
@given(st.lists(any_text.filter(lambda text: "\0" not in text), min_size=1, max_size=5))
def test_any_text_survives_a_worksheet(texts: list[str]) -> None:
    with scratch("a.xlsx") as path:
        written = write_xlsx(path, HEADERS, [("x", text, 1) for text in texts])
        assert [row.cells[1] for row in open_xlsx(path).rows()] == texts
    assert written.report == LossReport()


@pytest.mark.parametrize(("char", "kept"), [("x", CELL_LIMIT), ("🩺", CELL_LIMIT // 2), ("\r", CELL_LIMIT // 7)])
def test_a_cell_is_cut_to_what_a_worksheet_holds_and_said_to_be(tmp_path: Path, char: str, kept: int) -> None:
    written = write_xlsx(tmp_path / "a.xlsx", HEADERS, [("1", char * 40_000, 1), ("2", "fine", 1)])
    assert written.report.losses == (Loss("cells were cut to what a worksheet holds", 1),)
    [text, fine] = [row.cells[1] for row in open_xlsx(tmp_path / "a.xlsx").rows()]
    assert fine == "fine"
    assert set(text) == {char}
    assert kept - 8 < len(text) <= kept


def test_a_cell_that_just_fits_is_not_cut(tmp_path: Path) -> None:
    written = write_xlsx(tmp_path / "a.xlsx", HEADERS, [("1", "x" * CELL_LIMIT, 1)])
    assert written.report.losses == ()


def test_a_worksheet_has_so_many_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MAX_ROWS", 3)
    write_xlsx(tmp_path / "a.xlsx", HEADERS, [("1", "a", 1)] * 2)
    with pytest.raises(UserInputError, match="2 rows do not fit") as caught:
        write_xlsx(tmp_path / "a.xlsx", HEADERS, [("1", "a", 1)] * 3)
    assert ".csv" in caught.value.hint


@pytest.mark.parametrize("name", ["a", "a.doc", "a.xls", "a.csv.bak"])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(UserInputError) as caught:
        writer_for(Path(name))
    assert ".xlsx" in caught.value.hint


def test_reports_add_up() -> None:
    report = LossReport((Loss("nature"),)) + counted(cut_cells=2, nothing=0)
    assert report.losses == (Loss("nature"), Loss("cut cells", 2))
