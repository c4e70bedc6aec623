"""A zip or a folder as named streams: nothing is ever unpacked to disk, and no header is believed.

A zip that a stranger made may lie about its sizes, expand without end, or name places outside of itself. So its names
are checked before anything is read, what it claims is held against what the file weighs, and bytes are counted as they
come. Memory is bounded by the blocks that are read.
"""

from __future__ import annotations

import errno
import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Protocol, Self

from rpdr_core.errors import FileFormatError, NotFoundError, WorldError
from rpdr_core.formats.archive_names import checked_name, is_litter

UNPACKED_CAP = 16 << 30
"""Bytes of all members together. A SNOMED CT national edition with its Full files has about 8 GiB."""

MEMBERS_CAP = 10_000
RATIO_CAP = 200
# A tiny file of blanks compresses well and harms nobody.
_RATIO_FROM = 1 << 20
_BLOCK = 1 << 20
_BUFFER = 1 << 18
# The directory of an archive with the most members, each with a long name, is read in one piece.
_DIRECTORY_CAP = 8 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_PACKED = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b\x08", b"7z\xbc\xaf\x27\x1c", b"\xfd7zXZ\0", b"Rar!\x1a\x07")
_UNPACK = "unpack it and choose the folder"
_BROKEN = "get the archive again: it may be cut short or damaged"
_UNSOUND = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, struct.error)


class Archive(Protocol):
    """Named files, read-only. Use it as a context manager, from one thread at a time."""

    path: Path

    def names(self) -> tuple[str, ...]:
        """Names of all files, sorted; parts are separated by `/`, none is empty, `.` or `..`."""

    def size(self, name: str) -> int:
        """Bytes of a file when unpacked, as the archive claims (reading stops with an error beyond that)."""

    def open(self, name: str) -> IO[bytes]:
        """A buffered stream. Whatever is wrong with the archive is a `FileFormatError` as one reads."""

    def label(self, name: str) -> str:
        """How errors name a file: `release.zip!folder/file.txt`, or its path."""

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


def open_archive(path: Path, *, unpacked_cap: int = UNPACKED_CAP) -> Archive:
    """Open a zip or a folder after checking all names and claims in it.

    Refused with `FileFormatError`: names that lead out, encrypted members, methods other than stored and deflated,
    links, more than `MEMBERS_CAP` members, more than `unpacked_cap` bytes, more than 200 times the packed size.
    """
    if path.is_dir():
        return _Folder(path, unpacked_cap)
    return _Zip(path, unpacked_cap)


class _Zip:
    def __init__(self, path: Path, unpacked_cap: int) -> None:
        self.path = path
        try:
            self._stream: BinaryIO = path.open("rb")
        except FileNotFoundError as error:
            raise NotFoundError("no such file or folder", hint="check the path", file=str(path)) from error
        except OSError as error:
            raise _unreadable(str(path)) from error
        try:
            with _sound(str(path)):
                self._zip = zipfile.ZipFile(_Sparing(self._stream))
                self._infos = _checked(path, self._zip, unpacked_cap)
        except BaseException:
            self._stream.close()
            raise

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._infos))

    def size(self, name: str) -> int:
        return self._info(name).file_size

    def open(self, name: str) -> IO[bytes]:
        info, label = self._info(name), self.label(name)
        with _sound(label):
            member = self._zip.open(info)
        return _checked_stream(_Counted(member, label, info.file_size))

    def label(self, name: str) -> str:
        return f"{self.path}!{name}"

    def close(self) -> None:
        self._zip.close()
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _info(self, name: str) -> zipfile.ZipInfo:
        if name not in self._infos:
            raise NotFoundError(f"no file {name!r} in the archive", file=str(self.path))
        return self._infos[name]


class _Folder:
    def __init__(self, path: Path, unpacked_cap: int) -> None:
        self.path = path
        self._sizes = _listed(path, unpacked_cap)

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._sizes))

    def size(self, name: str) -> int:
        if name not in self._sizes:
            raise NotFoundError(f"no file {name!r} in the folder", file=str(self.path))
        return self._sizes[name]

    def open(self, name: str) -> IO[bytes]:
        self.size(name)
        try:
            stream = (self.path / name).open("rb", buffering=0)
        except OSError as error:
            raise _unreadable(self.label(name)) from error
        return _checked_stream(_Counted(stream, self.label(name), None))

    def label(self, name: str) -> str:
        return str(self.path / name)

    def close(self) -> None:
        """Nothing is held open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Sparing:
    """A file that is never read in one piece of more than the cap: zipfile reads a directory as long as it claims."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.seek, self.tell = stream.seek, stream.tell

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(min(size, _DIRECTORY_CAP + 1) if size >= 0 else _DIRECTORY_CAP + 1)
        if len(data) > _DIRECTORY_CAP:
            raise zipfile.BadZipFile("its directory is too long")
        return data

    def close(self) -> None:
        """The stream belongs to the archive, which closes it."""


class _Counted(io.RawIOBase):
    """A member as it comes: errors of the archive become ours, and the end must come where it was announced."""

    def __init__(self, member: IO[bytes] | io.FileIO, label: str, size: int | None) -> None:
        self._member, self._label, self._left = member, label, size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        with _sound(self._label):
            data = self._member.read(min(len(buffer), _BLOCK)) or b""
        buffer[: len(data)] = data
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0 or (not data and self._left):
                raise FileFormatError("another length than the archive claims", hint=_BROKEN, file=self._label)
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._member.close()
        super().close()


def _checked_stream(raw: _Counted) -> IO[bytes]:
    """Refuses an archive inside the archive: nobody here reads one, and a bomb may hide in it."""
    stream = io.BufferedReader(raw, _BUFFER)
    try:
        if stream.peek(8).startswith(_PACKED):
            raise FileFormatError("an archive inside the archive", hint=_UNPACK, file=raw._label)
    except BaseException:
        stream.close()
        raise
    return stream


def _checked(path: Path, archive: zipfile.ZipFile, unpacked_cap: int) -> dict[str, zipfile.ZipInfo]:
    members = archive.infolist()
    if len(members) > MEMBERS_CAP:
        raise _too_many(path, len(members))
    infos: dict[str, zipfile.ZipInfo] = {}
    for info in members:
        name = checked_name(path, info.orig_filename)
        if info.is_dir() or is_litter(name):
            continue
        if name in infos:
            raise FileFormatError(f"two files named {name!r} in the archive", hint=_UNPACK, file=str(path))
        _check_member(path, name, info)
        infos[name] = info
    _check_sizes(path, infos, unpacked_cap)
    return infos


def _check_member(path: Path, name: str, info: zipfile.ZipInfo) -> None:
    label = f"{path}!{name}"
    if info.flag_bits & _ENCRYPTED:
        hint = "unpack it with its password and choose the folder"
        raise FileFormatError("a file with a password", hint=hint, file=label)
    if info.compress_type not in _METHODS:
        raise FileFormatError("packed in a way that is not read here", hint=_UNPACK, file=label)
    if stat.S_ISLNK(info.external_attr >> 16):
        raise FileFormatError("a link in the archive", hint="pack the files themselves", file=label)
    if info.file_size > _RATIO_FROM and info.file_size > RATIO_CAP * max(info.compress_size, 1):
        raise _bomb(label)


def _check_sizes(path: Path, infos: Mapping[str, zipfile.ZipInfo], unpacked_cap: int) -> None:
    unpacked = sum(info.file_size for info in infos.values())
    if unpacked > unpacked_cap:
        raise _too_big(path, unpacked)
    # Packed sizes are claims too; the file on disk is none.
    if unpacked > _RATIO_FROM and unpacked > RATIO_CAP * max(path.stat().st_size, 1):
        raise _bomb(str(path))


def _listed(root: Path, unpacked_cap: int) -> dict[str, int]:
    """Sizes of all files below a folder by name. Links to folders are not followed; none may lead out."""
    inside = root.resolve()
    sizes: dict[str, int] = {}
    for entry in _entries(root):
        name = checked_name(root, entry.relative_to(root).as_posix())
        if is_litter(name):
            continue
        if entry.is_symlink() and not entry.resolve().is_relative_to(inside):
            raise FileFormatError("a link that leads out of the folder", hint="put the file itself", file=str(entry))
        try:
            found = entry.stat()
        except OSError as error:
            raise _unreadable(str(entry)) from error
        if stat.S_ISDIR(found.st_mode):
            continue
        if not stat.S_ISREG(found.st_mode):
            raise FileFormatError("not a plain file", hint="take it out of the folder", file=str(entry))
        sizes[name] = found.st_size
        if len(sizes) > MEMBERS_CAP:
            raise _too_many(root, len(sizes))
    if sum(sizes.values()) > unpacked_cap:
        raise _too_big(root, sum(sizes.values()))
    return sizes


def _entries(root: Path) -> Iterator[Path]:
    def refused(error: OSError) -> None:
        raise _unreadable(str(error.filename or root)) from error

    for folder, folders, files in os.walk(root, onerror=refused, followlinks=False):
        links = [name for name in folders if Path(folder, name).is_symlink()]
        yield from (Path(folder, name) for name in (*links, *files))


@contextmanager
def _sound(label: str) -> Iterator[None]:
    """What zipfile and zlib raise on a damaged archive, as an error of ours."""
    try:
        yield
    except _UNSOUND as error:
        raise FileFormatError(f"not a sound zip archive ({type(error).__name__})", hint=_BROKEN, file=label) from error
    except OSError as error:
        if error.errno in (None, errno.EINVAL):  # a place before the file's beginning
            raise FileFormatError("not a sound zip archive", hint=_BROKEN, file=label) from error
        raise _unreadable(label) from error


def _unreadable(label: str) -> WorldError:
    return WorldError("the file cannot be read", hint="check its permissions and the drive", file=label)


def _too_many(path: Path, count: int) -> FileFormatError:
    hint = f"at most {MEMBERS_CAP:,}: choose the folder or archive that holds nothing else"
    return FileFormatError(f"{count:,} files or more", hint=hint, file=str(path))


def _too_big(path: Path, size: int) -> FileFormatError:
    hint = "choose the folder or archive that holds nothing else"
    return FileFormatError(f"{size:,} bytes when unpacked, too many", hint=hint, file=str(path))


def _bomb(label: str) -> FileFormatError:
    hint = "no terminology packs like that; get the archive from its source"
    return FileFormatError(f"unpacks to more than {RATIO_CAP} times its size", hint=hint, file=label)
