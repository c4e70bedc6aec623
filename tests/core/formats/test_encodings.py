from __future__ import annotations

from pathlib import Path

import pytest
from helpers.mention_files import letters, scratch
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.encodings import chosen, count_ends, detect

CHINESE = "诊断,上下文\n白内障术后,患者白内障术后三月复查\n青光眼,右眼青光眼\n"
FRENCH = "mention,context\nMénière's disease,vertiges – maladie de Ménière\ncécité,déjà vu\n"


def _file(folder: Path, text: str, encoding: str) -> Path:
    path = folder / "a.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("text", [CHINESE, FRENCH, "plain\n"])
@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-32", "utf-32")],
)
def test_marks_and_utf8_are_certain(tmp_path: Path, text: str, encoding: str, found: str) -> None:
    path = _file(tmp_path, text, encoding)
    detected = detect(path)
    assert detected.encoding == found
    assert detected.problem is None
    assert chosen(path) == found


def test_line_ends_are_counted(tmp_path: Path) -> None:
    path = _file(tmp_path, CHINESE, "utf-8")
    assert detect(path).ends == count_ends(path) == 3


@pytest.mark.parametrize("encoding", ["gb18030", "gbk"])
def test_chinese_suggests_gb18030_first(tmp_path: Path, encoding: str) -> None:
    detected = detect(_file(tmp_path, CHINESE, encoding))
    assert detected.encoding == ""
    assert detected.suggestions[0].encoding == "gb18030"
    assert "白内障术后,患者白内障术后三月复查" in detected.suggestions[0].lines


def test_western_suggests_windows_1252_first(tmp_path: Path) -> None:
    detected = detect(_file(tmp_path, FRENCH, "cp1252"))
    assert detected.suggestions[0].encoding == "windows-1252"
    assert "Ménière's disease,vertiges – maladie de Ménière" in detected.suggestions[0].lines


def test_samples_show_the_telling_lines(tmp_path: Path) -> None:
    text = "mention\n" + "plain\n" * 50 + "cécité\n"
    assert detect(_file(tmp_path, text, "cp1252")).suggestions[0].lines == ("cécité",)


def test_a_detector_may_add_a_suggestion(tmp_path: Path) -> None:
    text = "mention\n" + "катаракта обоих глаз, острота зрения снижена\n" * 30
    names = [suggestion.encoding for suggestion in detect(_file(tmp_path, text, "cp1251")).suggestions]
    assert "cp1251" in names


@pytest.mark.parametrize("text", [CHINESE, FRENCH, "plain,one\n"])
@pytest.mark.parametrize("order", ["le", "be"])
def test_utf16_without_a_mark_is_suggested(tmp_path: Path, text: str, order: str) -> None:
    path = _file(tmp_path, text, f"utf-16-{order}")
    detected = detect(path)
    assert detected.encoding == ""
    assert detected.suggestions[0].encoding == f"utf-16-{order}"
    assert detected.suggestions[0].lines[0] == text.splitlines()[0]
    with pytest.raises(FileFormatError, match="UTF-16 without a byte order mark"):
        chosen(path)


def test_a_file_of_nul_bytes_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"mention\n" + bytes(100) + b"\x01\x02\x03")
    detected = detect(path)
    assert detected.suggestions == ()
    with pytest.raises(FileFormatError, match="no text file"):
        chosen(path)


def test_nothing_is_guessed_without_the_user(tmp_path: Path) -> None:
    path = _file(tmp_path, FRENCH, "cp1252")
    with pytest.raises(FileFormatError) as caught:
        chosen(path)
    assert caught.value.line == 2
    assert "byte 0xE9 at offset 17" in caught.value.message
    assert "windows-1252" in caught.value.hint
    assert chosen(path, "windows-1252") == "cp1252"


def test_mixed_files_are_said_to_be_mixed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("mention\n白内障\n青光眼\n".encode() + "cécité\n".encode("cp1252"))
    assert detect(path).warnings == ("1 lines are not UTF-8 and 2 are: the file may mix encodings",)


def test_what_no_candidate_reads_is_an_error_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    # 0x81 is undefined in Windows-1252, and 0xFF never leads in GB18030.
    path.write_bytes(b"mention\nab\x81 \xff\n")
    detected = detect(path)
    assert detected.suggestions == ()
    with pytest.raises(FileFormatError, match="0x81 at offset 10") as caught:
        chosen(path)
    assert caught.value.line == 2
    assert "mend the line" in caught.value.hint


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="empty"):
        detect(_file(tmp_path, "", "utf-8"))


@settings(deadline=None, max_examples=60)
@given(st.text(letters, min_size=1), st.integers(0, 200_000))
def test_utf8_is_always_recognised(text: str, pad: int) -> None:
    with scratch("a.csv", ("x" * pad + text).encode()) as path:
        assert detect(path).encoding in ("utf-8", "utf-8-sig")


@settings(deadline=None, max_examples=60)
@given(st.binary(min_size=1, max_size=400))
def test_any_bytes_end_in_an_encoding_that_reads_them_or_an_error(data: bytes) -> None:
    with scratch("a.csv", data) as path:
        detected = detect(path)
        for suggestion in detected.suggestions:
            data.decode(chosen(path, suggestion.encoding))
        if detected.encoding.startswith("utf-8"):
            data.decode()
        elif not detected.encoding:
            assert detected.problem is not None
