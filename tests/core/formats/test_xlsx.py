from __future__ import annotations

import io
import warnings
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import pytest
from helpers.mention_files import read, rezipped, with_shared_strings, workbook
from openpyxl import Workbook

from rpdr_core.errors import FileFormatError
from rpdr_core.formats import xlsx, xlsx_archive
from rpdr_core.formats.opening import open_table
from rpdr_core.formats.table import CELL_CAP
from rpdr_core.formats.xlsx import loses_digits, open_xlsx, sheet_names

SHEET = "xl__worksheets__sheet1_dot_xml"


def _cells(path: Path, sheet: str = "") -> list[tuple[str, ...]]:
    table = open_xlsx(path, sheet)
    return [table.headers, *(row.cells for row in table.rows())]


def _one(folder: Path, *values: object) -> tuple[str, ...]:
    """Values as they come back through a workbook."""
    headers = [f"h{number}" for number in range(len(values))]
    return _cells(workbook(folder / "a.xlsx", [values], headers))[1]


def test_text_comes_back_as_written(tmp_path: Path) -> None:
    texts = ("白内障术后", "🩺 OD", 'a "b", c', "two\nlines\tand tab", " padded ", "'=1")
    assert _one(tmp_path, *texts) == texts


def test_numbers_look_as_in_the_sheet(tmp_path: Path) -> None:
    assert _one(tmp_path, 12, 12.0, 1.5, -3, 1e20, True, False, None) == (
        "12", "12", "1.5", "-3", "100000000000000000000", "TRUE", "FALSE", "",
    )  # fmt: skip


def test_dates_are_iso(tmp_path: Path) -> None:
    values = (datetime(2024, 5, 1, 8, 30), datetime(2024, 5, 1), date(2024, 5, 2), time(9, 15))
    assert _one(tmp_path, *values) == ("2024-05-01T08:30:00", "2024-05-01", "2024-05-02", "09:15:00")


def test_leading_zeros_by_format_are_kept(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["mention", "code"])
    book.active.append(["a", 42])
    book.active["B2"].number_format = "00000"
    book.save(tmp_path / "a.xlsx")
    assert _cells(tmp_path / "a.xlsx")[1] == ("a", "00042")


def test_formulas_give_their_saved_value(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [("=1+1",)], ["mention"])
    assert _cells(path)[1] == ("",)
    content = (
        zipfile.ZipFile(path)
        .read("xl/worksheets/sheet1.xml")
        .replace(b"<v></v>", b"<v>2</v>")
        .replace(b"<v />", b"<v>2</v>")
    )
    assert b"<f>1+1</f>" in content
    assert _cells(rezipped(path, tmp_path / "b.xlsx", **{SHEET: content}))[1] == ("2",)


def test_shared_strings_are_read(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [], ["mention", "context"])
    path = with_shared_strings(path, tmp_path / "b.xlsx", "白内障 &amp; x_x000D_y", "two\nlines")
    assert _cells(path)[1] == ("白内障 & x\ry", "two\nlines")


def test_escaped_characters_are_read(tmp_path: Path) -> None:
    assert _one(tmp_path, "a_x000D_b", "_x005F_x000D_") == ("a\rb", "_x000D_")


def test_rows_know_their_place(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [("a",), (None,), ("b",)], ["mention"])
    assert [(m.text, m.row.row) for m in read(path)] == [("a", 1), ("b", 3)]
    assert [row.line for row in open_xlsx(path).rows()] == [2, 3, 4]


def test_the_first_sheet_or_the_named_one(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["mention"])
    other = book.create_sheet("Zweites 表")
    other.append(["Befund", "n"])
    other.append(["x", 2])
    book.save(tmp_path / "a.xlsx")
    path = tmp_path / "a.xlsx"
    assert sheet_names(path) == open_xlsx(path).sheets == ("Sheet", "Zweites 表")
    assert _cells(path, "Zweites 表") == [("Befund", "n"), ("x", "2")]
    assert [m.count for m in read(path, mention="befund", count="n", sheet="Zweites 表")] == [2]
    with pytest.raises(FileFormatError, match="no sheet 'x'") as caught:
        open_xlsx(path, "x")
    assert "'Sheet', 'Zweites 表'" in caught.value.hint


def test_a_sheet_without_a_header(tmp_path: Path) -> None:
    Workbook().save(tmp_path / "a.xlsx")
    with pytest.raises(FileFormatError, match="no header row"):
        open_xlsx(tmp_path / "a.xlsx")


def test_cells_beside_the_headers_are_left_out(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [("a", "remark")], ["mention", None])
    assert _cells(path) == [("mention",), ("a",)]


def test_a_wrong_statement_of_size_hides_no_rows(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [("a",), ("b",)], ["mention"])
    content = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")
    assert b'ref="A1:A3"' in content
    path = rezipped(path, tmp_path / "b.xlsx", **{SHEET: content.replace(b'ref="A1:A3"', b'ref="A1:A1"')})
    assert len(_cells(path)) == 3


def test_a_row_number_beyond_all_sheets_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MAX_ROWS", 1_000)
    path = workbook(tmp_path / "a.xlsx", [("a",)], ["mention"])
    content = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")
    path = rezipped(path, tmp_path / "b.xlsx", **{SHEET: content.replace(b'r="2"', b'r="999999999"')})
    with pytest.raises(FileFormatError, match="more rows"):
        _cells(path)


def test_a_cell_has_a_cap(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [], ["mention"])
    path = with_shared_strings(path, tmp_path / "b.xlsx", "x" * (CELL_CAP + 1))
    with pytest.raises(FileFormatError, match="100,000") as caught:
        _cells(path)
    assert caught.value.line == 2


@pytest.mark.parametrize("text", ["_x0000_", "_xD800_"])
def test_half_characters_and_nul_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(FileFormatError, match="half a character"):
        _one(tmp_path, text)


def test_harmless_remarks_of_the_library_stay_quiet(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [("a",)], ["mention"])
    content = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")
    extension = b'<extLst><ext uri="{78C0D931-6437-407d-A8EE-F0AAD7539E65}"/></extLst></worksheet>'
    path = rezipped(path, tmp_path / "b.xlsx", **{SHEET: content.replace(b"</worksheet>", extension)})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [m.text for m in read(path)] == ["a"]


@pytest.mark.parametrize(
    ("text", "loses"),
    [("3384011000036100", True), ("999999999999999", False), ("0123456789012345678", False), ("x", False)],
)
def test_numbers_that_excel_rounds(text: str, loses: bool) -> None:
    assert loses_digits(text) == loses


# Hostile archives


def _bomb(folder: Path, size: int) -> Path:
    path = workbook(folder / "a.xlsx", [("a",)], ["mention"])
    return rezipped(path, folder / "b.xlsx", xl__media__x_dot_bin=bytes(size))


def test_a_zip_bomb_by_ratio_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="200 times its size"):
        open_table(_bomb(tmp_path, 20 << 20))


def test_a_zip_bomb_by_size_is_refused_by_its_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_archive, "UNPACKED_CAP", 1 << 20)
    with pytest.raises(FileFormatError, match="bytes when unpacked"):
        open_table(_bomb(tmp_path, 2 << 20))


def test_many_parts_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_archive, "MEMBERS_CAP", 3)
    with pytest.raises(FileFormatError, match="parts in the workbook"):
        open_table(_bomb(tmp_path, 10))


def test_an_archive_within_is_refused(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("x", "y")
    path = workbook(tmp_path / "a.xlsx", [("a",)], ["mention"])
    path = rezipped(path, tmp_path / "b.xlsx", xl__embeddings__a_dot_bin=inner.getvalue())
    with pytest.raises(FileFormatError, match="an archive inside"):
        open_table(path)


LAUGHS = b'<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><a>&y;</a>'


@pytest.mark.parametrize(
    "content", [LAUGHS, b'<?xml version="1.0"?><!-- x -->' + b" " * 70_000 + LAUGHS, LAUGHS.decode().encode("utf-16")]
)
@pytest.mark.parametrize(
    "part", ["xl__sharedStrings_dot_xml", "xl__worksheets__sheet9_dot_bin", "docProps__app_dot_xml"]
)
def test_a_doctype_is_refused_in_any_part(tmp_path: Path, content: bytes, part: str) -> None:
    if part.endswith("bin") and content.startswith(b"<?xml") is False and b"<" not in content[:4]:
        content = LAUGHS
    path = workbook(tmp_path / "a.xlsx", [("a",)], ["mention"])
    with pytest.raises(FileFormatError, match="DOCTYPE"):
        open_table(rezipped(path, tmp_path / "b.xlsx", **{part: content}))


def test_pictures_are_let_be(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [("a",)], ["mention"])
    path = rezipped(path, tmp_path / "b.xlsx", xl__media__a_dot_png=b"\x89PNG < > <!DOCTYPE")
    assert [m.text for m in read(path)] == ["a"]


@pytest.mark.parametrize("content", [b"", b" " * (2 << 20), b"no xml"])
def test_a_part_without_content_is_refused(tmp_path: Path, content: bytes) -> None:
    path = workbook(tmp_path / "a.xlsx", [("a",)], ["mention"])
    with pytest.raises(FileFormatError):
        list(open_table(rezipped(path, tmp_path / "b.xlsx", **{SHEET: content})).rows())


def test_a_password_is_mentioned(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [("a",)], ["mention"])
    data = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + flags] |= 1
            at = data.find(signature, at + 4)
    path.write_bytes(data)
    with pytest.raises(FileFormatError) as caught:
        open_table(path)
    assert "password" in caught.value.hint


def test_an_archive_that_is_no_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("x.txt", "y")
    with pytest.raises(FileFormatError, match="a zip, and no workbook"):
        open_table(tmp_path / "a.xlsx")
