"""What a release says beside its entities, as sorted lines: looked up by code with a few reads, never loaded whole."""

from __future__ import annotations

import hashlib
import heapq
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Generic, TypeVar

import msgspec

from rpdr_core.errors import DamagedFileError
from rpdr_core.knowledge_base.release import Association, MapTarget

T = TypeVar("T", Association, MapTarget)
RUN = 100_000
"""Rows that are sorted in memory at once."""


@dataclass(frozen=True, slots=True)
class SideFile:
    """A file beside the entities: its name, SHA-256 and number of rows. In the manifest."""

    name: str
    sha256: str
    rows: int


def write_side_file(path: Path, rows: Iterable[T], heard: Callable[[int], object]) -> SideFile:
    """Write rows sorted by code, those of one code in the order given. `heard` hears how many were read."""
    encoder = msgspec.json.Encoder()
    digest = hashlib.sha256()
    number = 0
    with ExitStack() as stack, path.open("wb") as out:
        runs = [stack.enter_context(run) for run in _runs(iter(rows), encoder, path.parent, heard)]
        for _, line in heapq.merge(*map(_keyed, runs), key=lambda pair: pair[0]):
            out.write(line)
            digest.update(line)
            number += 1
        out.flush()
        os.fsync(out.fileno())
    return SideFile(path.name, digest.hexdigest(), number)


def _runs(
    rows: Iterator[T], encoder: msgspec.json.Encoder, folder: Path, heard: Callable[[int], object]
) -> Iterator[IO[bytes]]:
    """Sorted parts in nameless files, each open at its start."""
    read = 0
    while part := list(islice(rows, RUN)):
        read += len(part)
        heard(read)
        part.sort(key=lambda row: row.code)
        run = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - the caller closes it
        run.writelines(encoder.encode(row) + b"\n" for row in part)
        run.seek(0)
        yield run


class _Key(msgspec.Struct):
    code: str


def _keyed(run: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    decoder = msgspec.json.Decoder(_Key)
    for line in run:
        yield decoder.decode(line).code, line


class Lookup(Generic[T]):
    """A side file opened for reading: whole once it is checked, then asked by code."""

    def __init__(self, folder: Path, side: SideFile, type: type[T]) -> None:
        self._path = folder / side.name
        self._side = side
        self._decoder: msgspec.json.Decoder[T] = msgspec.json.Decoder(type)

    def verify(self) -> None:
        """Raise `DamagedFileError` unless the file is as it was written."""
        try:
            with self._path.open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise self._damaged("cannot be read") from error
        if found != self._side.sha256:
            raise self._damaged("does not match its hash")

    def rows(self) -> Iterator[T]:
        """All rows, by code."""
        try:
            with self._path.open("rb") as stream:
                for line in stream:
                    yield self._decode(line)
        except OSError as error:
            raise self._damaged("cannot be read") from error

    def of(self, codes: Iterable[str]) -> dict[str, tuple[T, ...]]:
        """The rows of each code that has any."""
        try:
            with self._path.open("rb") as stream:
                size = stream.seek(0, os.SEEK_END)
                found = {code: tuple(self._at(stream, size, code)) for code in dict.fromkeys(codes)}
        except OSError as error:
            raise self._damaged("cannot be read") from error
        return {code: rows for code, rows in found.items() if rows}

    def _at(self, stream: IO[bytes], size: int, code: str) -> Iterator[T]:
        """Halve the file until the first line of `code`, or of a later one, begins at `low`."""
        low, high = 0, size
        while low < high:
            middle = (low + high) // 2
            start, line = _line_after(stream, middle)
            if start >= high or not line or self._decode(line).code >= code:
                high = middle
            else:
                low = start + len(line)
        stream.seek(_line_after(stream, low)[0])
        for line in stream:
            row = self._decode(line)
            if row.code != code:
                return
            yield row

    def _decode(self, line: bytes) -> T:
        try:
            return self._decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise self._damaged("holds a damaged row") from error

    def _damaged(self, what: str) -> DamagedFileError:
        return DamagedFileError(f"{self._side.name} {what}", hint="import the terminology again", file=str(self._path))


def _line_after(stream: IO[bytes], at: int) -> tuple[int, bytes]:
    """The first line that begins at or after the offset: where, and its bytes (empty at the end)."""
    if at:
        stream.seek(at - 1)
        stream.readline()
    else:
        stream.seek(0)
    start = stream.tell()
    return start, stream.readline()
