"""A zip or a folder read in streams: what is refused, and that nothing but our errors comes out of a damaged one."""

from __future__ import annotations

import os
import struct
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rpdr_core.errors import FileFormatError, NotFoundError, RpdrError
from rpdr_core.formats import archive as module
from rpdr_core.formats.archive import Archive, open_archive

_SAFE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def zipped(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def folder_of(path: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def contents(archive: Archive) -> dict[str, bytes]:
    found = {}
    for name in archive.names():
        with archive.open(name) as stream:
            found[name] = stream.read()
    return found


FILES = {"a/one.txt": b"one\n" * 50_000, "two.txt": b"", "b/c/three.txt": "drei ä\n".encode()}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_is_read_in_streams(tmp_path: Path, method: int) -> None:
    with open_archive(zipped(tmp_path / "r.zip", FILES, method)) as archive:
        assert archive.names() == tuple(sorted(FILES))
        assert contents(archive) == FILES
        assert archive.size("a/one.txt") == 200_000
        with archive.open("a/one.txt") as stream:
            assert next(iter(stream)) == b"one\n"


def test_a_folder_is_read_the_same(tmp_path: Path) -> None:
    with open_archive(folder_of(tmp_path / "release", FILES)) as archive:
        assert archive.names() == tuple(sorted(FILES))
        assert contents(archive) == FILES
        assert archive.size("a/one.txt") == 200_000


def test_two_members_may_be_read_at_once(tmp_path: Path) -> None:
    files = {"a": bytes(range(256)) * 1_000, "b": bytes(range(255, -1, -1)) * 1_000}
    with open_archive(zipped(tmp_path / "r.zip", files)) as archive, archive.open("a") as a, archive.open("b") as b:
        pairs = [(a.read(1_000), b.read(1_000)) for _ in range(256)]
    assert b"".join(one for one, _ in pairs) == files["a"]
    assert b"".join(other for _, other in pairs) == files["b"]


@pytest.mark.parametrize(
    "name",
    [
        "../out.txt",
        "a/../../out.txt",
        "/etc/passwd",
        "C:/windows.txt",
        "c:x.txt",
        "a\\..\\..\\out.txt",
        "..\\out.txt",
        "a//b.txt",
        "./a.txt",
        "a/./b.txt",
        "a\nb.txt",
        "a" * 2_000,
    ],
)
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "r.zip", {"good.txt": b"", name: b"x"})
    with pytest.raises(FileFormatError, match="a file named") as caught:
        open_archive(path)
    assert caught.value.hint
    assert caught.value.file == str(path)


def test_a_nul_hides_the_end_of_a_name_from_nobody(tmp_path: Path) -> None:
    path = zipped(tmp_path / "r.zip", {"good_txt_exe": b"x"})
    path.write_bytes(path.read_bytes().replace(b"good_txt_exe", b"good.txt\0exe"))
    with pytest.raises(FileFormatError, match="a file named"):
        open_archive(path)


def test_what_file_managers_leave_behind_is_no_file(tmp_path: Path) -> None:
    litter = {"__MACOSX/._one.txt": b"x", ".DS_Store": b"x", "a/Thumbs.db": b"x", "one.txt": b"1"}
    for path in (zipped(tmp_path / "r.zip", litter), folder_of(tmp_path / "r", litter)):
        with open_archive(path) as archive:
            assert archive.names() == ("one.txt",)


def test_one_name_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", b"1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.txt", b"2")
    with pytest.raises(FileFormatError, match="two files named"):
        open_archive(path)


def test_a_password_is_named_with_its_cure(tmp_path: Path) -> None:
    path = zipped(tmp_path / "r.zip", {"a.txt": b"secret"})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(FileFormatError, match="a file with a password") as caught:
        open_archive(path)
    assert "folder" in caught.value.hint
    assert caught.value.file == f"{path}!a.txt"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_without_bounds_are_refused(tmp_path: Path, method: int) -> None:
    with pytest.raises(FileFormatError, match="packed in a way that is not read here"):
        open_archive(zipped(tmp_path / "r.zip", {"a.txt": b"x" * 100}, method))


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.zip"
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(FileFormatError, match="a link in the archive"):
        open_archive(path)


def test_a_bomb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "r.zip", {"bomb.txt": bytes(20 << 20)})
    with pytest.raises(FileFormatError, match="more than 200 times"):
        open_archive(path)


def test_a_bomb_that_hides_behind_its_headers_is_refused(tmp_path: Path) -> None:
    """It claims to be packed worse than it is; what the file weighs is no claim."""
    path = zipped(tmp_path / "r.zip", {"bomb.txt": bytes(20 << 20)})
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 20, 20 << 20)
    path.write_bytes(data)
    with pytest.raises(FileFormatError, match="more than 200 times"):
        open_archive(path)


@pytest.mark.parametrize("claimed", [0, 10, 99, 101, 1_000])
def test_a_member_of_another_length_than_claimed_is_an_error(tmp_path: Path, claimed: int) -> None:
    path = zipped(tmp_path / "r.zip", {"a.txt": bytes(range(100))})
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, claimed)
    path.write_bytes(data)
    with open_archive(path) as archive, pytest.raises(FileFormatError) as caught, archive.open("a.txt") as stream:
        stream.read()
    assert caught.value.file == f"{path}!a.txt"


def test_too_much_in_all_is_refused(tmp_path: Path) -> None:
    files = {"a.txt": os.urandom(600), "b.txt": os.urandom(600)}
    with open_archive(zipped(tmp_path / "r.zip", files), unpacked_cap=1_200) as archive:
        assert len(archive.names()) == 2
    with pytest.raises(FileFormatError, match="1,200 bytes when unpacked, too many"):
        open_archive(tmp_path / "r.zip", unpacked_cap=1_199)
    with pytest.raises(FileFormatError, match="1,200 bytes when unpacked, too many"):
        open_archive(folder_of(tmp_path / "r", files), unpacked_cap=1_199)


def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"{number}.txt": b"" for number in range(4)}
    monkeypatch.setattr(module, "MEMBERS_CAP", 3)
    with pytest.raises(FileFormatError, match="4 files or more"):
        open_archive(zipped(tmp_path / "r.zip", files))
    with pytest.raises(FileFormatError, match="4 files or more"):
        open_archive(folder_of(tmp_path / "r", files))


def test_a_directory_that_claims_to_be_endless_is_not_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "r.zip", {"a.txt": b"1"})
    data = bytearray(bytes(20 << 20) + path.read_bytes())
    end = data.rindex(b"PK\x05\x06")
    struct.pack_into("<I", data, end + 12, 19 << 20)
    path.write_bytes(data)
    with pytest.raises(FileFormatError, match="not a sound zip archive"):
        open_archive(path)


@pytest.mark.parametrize("head", [b"PK\x03\x04rest", b"\x1f\x8b\x08rest", b"7z\xbc\xaf\x27\x1crest"])
def test_an_archive_inside_is_refused_when_it_is_opened(tmp_path: Path, head: bytes) -> None:
    files = {"inner.zip": head, "a.txt": b"1"}
    for path in (zipped(tmp_path / "r.zip", files), folder_of(tmp_path / "r", files)):
        with open_archive(path) as archive:
            archive.open("a.txt").close()
            with pytest.raises(FileFormatError, match="an archive inside the archive"):
                archive.open("inner.zip")


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_links_in_a_folder(tmp_path: Path) -> None:
    root = folder_of(tmp_path / "r", {"a.txt": b"1", "sub/b.txt": b"2"})
    (root / "again.txt").symlink_to(root / "a.txt")
    (root / "circle").symlink_to(root)
    with open_archive(root) as archive:
        assert archive.names() == ("a.txt", "again.txt", "sub/b.txt")
    (tmp_path / "secret.txt").write_bytes(b"s")
    (root / "out.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(FileFormatError, match="a link that leads out of the folder"):
        open_archive(root)


@pytest.mark.skipif(os.name == "nt", reason="no named pipes there")
def test_a_pipe_in_a_folder_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(FileFormatError, match="not a plain file"):
        open_archive(tmp_path)


def test_what_is_not_there_and_what_is_no_archive(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        open_archive(tmp_path / "nothing.zip")
    (tmp_path / "text.zip").write_text("code,name\n")
    with pytest.raises(FileFormatError, match="not a sound zip archive"):
        open_archive(tmp_path / "text.zip")
    with open_archive(zipped(tmp_path / "r.zip", FILES)) as archive, pytest.raises(NotFoundError):
        archive.open("missing.txt")


@_SAFE
@given(
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=6),
    st.one_of(st.none(), st.integers(0, 10_000)),
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
)
def test_a_damaged_zip_gives_the_content_or_an_error_of_ours(
    tmp_path: Path, changes: list[tuple[int, int]], cut: int | None, method: int
) -> None:
    files = {"a/one.txt": b"some text\n" * 30, "two.txt": bytes(range(256))}
    path = zipped(tmp_path / "fuzz.zip", files, method)
    data = bytearray(path.read_bytes())
    for at, value in changes:
        data[at % len(data)] = value
    path.write_bytes(data if cut is None else data[: cut % len(data)])
    found: dict[str, bytes] = {}
    with suppress(RpdrError), open_archive(path) as archive:
        found = contents(archive)
    # A name may have changed; content that came through has its checksum.
    assert set(found.values()) <= set(files.values())
