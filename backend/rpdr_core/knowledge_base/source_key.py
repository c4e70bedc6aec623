"""What a catalogue was made from, in a line: the same file read in the same way is not read again."""

from __future__ import annotations

import hashlib
from itertools import islice
from pathlib import Path

import msgspec

from rpdr_core.errors import FileFormatError, NotFoundError
from rpdr_core.formats.archive import MEMBERS_CAP
from rpdr_core.formats.lines import opened
from rpdr_core.knowledge_base.release import ReleaseOptions, Watch, unwatched

READERS = 3
"""Raised when a reader gives other entities for the same file, so that the file is read again."""
_BLOCK = 1 << 22


def source_key(path: Path, options: ReleaseOptions, watch: Watch = unwatched) -> str:
    """A file by its content, a folder by its files' names, sizes and times; and what the user said about it."""
    said = "" if options == ReleaseOptions() else f" options {_digest(msgspec.json.encode(options))[:16]}"
    if path.is_dir():
        files = sorted(islice((file for file in path.rglob("*") if file.is_file()), MEMBERS_CAP + 1))
        if len(files) > MEMBERS_CAP:
            raise FileFormatError(
                f"a folder of more than {MEMBERS_CAP:,} files",
                hint="choose the folder of the release alone",
                file=str(path),
            )
        stats = [(file.relative_to(path).as_posix(), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
        return f"{path.name} folder:{_digest(msgspec.json.encode(stats))} reader {READERS}{said}"
    if not path.exists():
        raise NotFoundError("no such terminology file", hint="check the path", file=str(path))
    return f"{path.name} sha256:{_sha256(path, watch)} reader {READERS}{said}"


def _sha256(path: Path, watch: Watch) -> str:
    digest, done, size = hashlib.sha256(), 0, path.stat().st_size
    with opened(path) as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
            done += len(block)
            watch("opening", done, size)
    return digest.hexdigest()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
