from __future__ import annotations

import os
from pathlib import Path

import pytest
from helpers.mention_files import letters, scratch
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.errors import FileFormatError, NotFoundError, UserInputError, WorldError
from rpdr_core.formats import lines
from rpdr_core.formats.lines import LINE_CAP, known_encoding, opened, read_lines


def _lines(path: Path, encoding: str = "utf-8") -> list[str]:
    return list(read_lines(path, encoding))


def test_lines_keep_their_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"a\nb\r\nc\rd\n\ne")
    assert _lines(path) == ["a\n", "b\r\n", "c\r", "d\n", "\n", "e"]


def test_other_separators_are_text(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("a\u2028b\x0bc\x0cd\x85e\x1cf\n", encoding="utf-8")
    assert _lines(path) == ["a\u2028b\x0bc\x0cd\x85e\x1cf\n"]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.text(letters, max_size=30), max_size=20),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-16-le", "utf-16-be", "utf-16", "utf-32", "gb18030"]),
    st.integers(1, 9),
)
def test_any_chunking_gives_the_same_lines(texts: list[str], end: str, encoding: str, chunk: int) -> None:
    whole = [text + end for text in texts]
    with scratch("a.txt", "".join(whole).encode(encoding)) as path, pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "CHUNK", chunk)
        assert _lines(path, encoding) == whole


def test_a_mark_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("a\n", encoding="utf-8-sig")
    assert _lines(path, "utf-8-sig") == ["a\n"]


@pytest.mark.parametrize("before", [0, 1, 5, 65_520, 65_536, 200_000])
def test_undecodable_bytes_are_named_with_line_and_offset(tmp_path: Path, before: int) -> None:
    path = tmp_path / "a.txt"
    head = "白\n".encode() * (before // 4) + b"xyz"
    path.write_bytes(head + b"\xff more\n")
    with pytest.raises(FileFormatError) as caught:
        _lines(path)
    assert caught.value.line == before // 4 + 1
    assert f"byte 0xFF at offset {len(head):,} is not utf-8" in caught.value.message
    assert caught.value.file == str(path)
    assert caught.value.hint


def test_a_character_cut_at_the_end_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("ab\n白".encode()[:-1])
    with pytest.raises(FileFormatError) as caught:
        _lines(path)
    assert (caught.value.line, caught.value.message) == (2, "byte 0xE7 at offset 3 is not utf-8")


def test_an_odd_byte_ends_utf16(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("ab\n".encode("utf-16-le") + b"x")
    with pytest.raises(FileFormatError, match="offset 6"):
        _lines(path, "utf-16-le")


def test_a_nul_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"a\nb\0c\n")
    with pytest.raises(FileFormatError, match="NUL") as caught:
        _lines(path)
    assert caught.value.line == 2


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_line_has_a_cap(tmp_path: Path, end: bytes) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"ok\n" + b"x" * (LINE_CAP + 1) + end)
    with pytest.raises(FileFormatError, match="1,048,576") as caught:
        _lines(path)
    assert caught.value.line == 2


def test_a_line_at_the_cap_passes(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * (LINE_CAP - 1) + b"\n")
    assert [len(line) for line in _lines(path)] == [LINE_CAP]


def test_an_endless_line_is_refused_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * (LINE_CAP * 8))
    read = 0
    real = lines._check

    def counted(*arguments: object) -> None:
        nonlocal read
        read += 1
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(lines, "_check", counted)
    with pytest.raises(FileFormatError):
        _lines(path)
    assert read < LINE_CAP / lines.CHUNK + 3


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        _lines(tmp_path / "none.txt")
    with pytest.raises(UserInputError, match="folder"):
        _lines(tmp_path)


def test_a_failing_drive_is_the_worlds_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(5, "input/output error")

    monkeypatch.setattr(Path, "open", refuse)
    (tmp_path / "a.txt").touch()
    with pytest.raises(WorldError):
        _lines(tmp_path / "a.txt")


@pytest.mark.parametrize(
    ("name", "python"),
    [
        ("UTF-8", "utf-8"),
        ("gbk", "gb18030"),
        ("GB2312", "gb18030"),
        ("windows-1252", "cp1252"),
        ("latin-1", "iso8859-1"),
    ],
)
def test_encodings_by_their_usual_names(name: str, python: str) -> None:
    assert known_encoding(name) == python


@pytest.mark.parametrize("name", ["", "klingon", "rot13", "zip", "base64", "utf-7", "idna", "unicode_escape", "a\0b"])
def test_what_is_no_encoding_of_text_files_is_refused(name: str) -> None:
    with pytest.raises(UserInputError, match="no encoding"):
        known_encoding(name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    os.mkfifo(path)
    with pytest.raises(UserInputError, match="a pipe or a device"), opened(path):
        pass
