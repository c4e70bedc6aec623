"""Where a release's files lie: one plain file, a folder, or a zip that is read without unpacking it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from rpdr_core.errors import FileFormatError
from rpdr_core.formats.archive import open_archive
from rpdr_core.formats.lines import opened
from rpdr_core.formats.safe_xml import Element, root

_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Source:
    """A file: `path` itself where `name` is empty, else that member of the folder or zip at `path`."""

    path: Path
    name: str = ""
    size: int = 0

    @property
    def label(self) -> str:
        """How errors name it."""
        return str(self.path) if not self.name else f"{self.path}!{self.name}"

    @property
    def file_name(self) -> str:
        """Its name without folders, in lower case."""
        return (self.name.rpartition("/")[2] or self.path.name).lower()

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """A stream of its bytes; whatever is wrong with the disk or the archive is an error of ours."""
        if self.name:
            with open_archive(self.path) as archive, archive.open(self.name) as stream:
                yield stream
        else:
            with opened(self.path) as stream:
                yield stream


def sources(path: Path) -> tuple[Source, ...]:
    """All files at a path, sorted by name."""
    if not path.is_dir():
        with opened(path) as stream:
            if stream.read(len(_ZIP)) != _ZIP:
                return (Source(path, size=path.stat().st_size),)
    with open_archive(path) as archive:
        return tuple(Source(path, name, archive.size(name)) for name in archive.names())


def xml_root(source: Source, *, doctype: bool = False) -> Element:
    """The start tag of an XML file's first element."""
    with source.open() as stream:
        return root(stream, source.label, doctype=doctype)


def the_one(path: Path, found: list[Source], what: str) -> Source:
    """The only file of its kind; an error where there is none, or a choice."""
    if len(found) == 1:
        return found[0]
    if not found:
        raise FileFormatError(f"no {what} here", hint=f"give the file or folder with the {what}", file=str(path))
    names = ", ".join(source.file_name for source in found[:5])
    raise FileFormatError(f"more than one {what}: {names}", hint="give the one file that you mean", file=str(path))
