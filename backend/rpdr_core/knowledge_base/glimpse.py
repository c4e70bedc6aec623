"""A glimpse of a file or folder: as much as it takes to tell its format, and never more than a page of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

from rpdr_core.errors import NotFoundError
from rpdr_core.formats.archive import open_archive
from rpdr_core.formats.lines import opened

HEAD = 1 << 16
NAMES = 10_000
_ZIP = b"PK\x03\x04"
# The first start tag after declaration, comments and a document type.
_ROOT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)[\s/>]")


@dataclass(frozen=True, slots=True)
class Glimpse:
    """`head`: the first bytes of a file, empty for a folder. `names`: what a folder or archive holds (posix paths)."""

    path: Path
    head: bytes = b""
    names: tuple[str, ...] = ()

    @property
    def suffix(self) -> str:
        return self.path.suffix.lower()

    @property
    def text(self) -> str:
        """The head as text, whatever cannot be read left out."""
        wide = self.head[:2] in (b"\xff\xfe", b"\xfe\xff")
        return self.head.decode("utf-16" if wide else "utf-8-sig", errors="ignore").lstrip()

    @property
    def root(self) -> str:
        """Name of an XML document's first element, without its prefix; empty where the head shows none."""
        text = self.text
        if not text.startswith("<"):
            return ""
        found = _ROOT.search(re.sub(r"<!--.*?-->|<\?.*?\?>", " ", text, flags=re.DOTALL))
        return found[1] if found else ""

    @property
    def is_archive(self) -> bool:
        return self.head.startswith(_ZIP)

    def file_names(self) -> frozenset[str]:
        """Names of the held files without their folders, in upper case."""
        return frozenset(PurePosixPath(name).name.upper() for name in self.names)


def glimpse(path: Path) -> Glimpse:
    """Look at a file or folder. `NotFoundError` where there is none; an unsound archive is refused by its reader."""
    if path.is_dir():
        return Glimpse(path, names=tuple(islice(_below(path), NAMES)))
    if not path.exists():
        raise NotFoundError("no such terminology file", hint="check the path", file=str(path))
    with opened(path) as stream:
        head = stream.read(HEAD)
    return Glimpse(path, head, _members(path) if head.startswith(_ZIP) else ())


def _below(folder: Path) -> Iterator[str]:
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            yield (Path(place) / name).relative_to(folder).as_posix()


def _members(path: Path) -> tuple[str, ...]:
    """Names in an archive's directory; nothing is unpacked. Raises where the archive is not safe to read."""
    with open_archive(path) as archive:
        return archive.names()
