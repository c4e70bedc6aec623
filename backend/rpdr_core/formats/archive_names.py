"""Names inside archives: which are plain, and which try to lead elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

from rpdr_core.errors import FileFormatError

_NAME_CAP = 1_000
_ODD = re.compile(r"[\\\x00-\x1f\x7f\ud800-\udfff]")
_DRIVE = re.compile(r"[A-Za-z]:")
_LITTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
_HINT = "pack the files again, with plain names"


def checked_name(archive: Path, raw: str) -> str:
    """The name with `/` between its parts, without one at the end (a folder's); `FileFormatError` unless plain.

    A backslash separates parts on some systems and on others does not, so it is never plain.
    """
    name = raw.removesuffix("/")
    parts = name.split("/")
    plain = 0 < len(name) <= _NAME_CAP and not _DRIVE.match(name) and not any(part in ("", ".", "..") for part in parts)
    if not plain or _ODD.search(name):
        raise FileFormatError(f"a file named {raw[:80]!r} in the archive", hint=_HINT, file=str(archive))
    return name


def is_litter(name: str) -> bool:
    """Whether it is what a file manager leaves behind rather than somebody's file."""
    parts = name.split("/")
    return parts[-1].startswith("._") or not set(_LITTER).isdisjoint(parts)
