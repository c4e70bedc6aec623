"""The teacher's answers on disk, so that no request is paid for twice.

A file is named by the hash of URL and body and holds the teacher's words and the usage, nothing of the request. Only
its owner may read it.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

import msgspec

from rpdr_core.paths import cache_dir
from rpdr_worker.ranking.reply import Reply


class AnswerCache:
    """Answers by the key of their request. Files may be deleted at any time."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or cache_dir() / "teacher"

    def find(self, key: str) -> Reply | None:
        """The stored answer; a file that cannot be read counts as absent."""
        try:
            return msgspec.json.decode(self._path(key).read_bytes(), type=Reply)
        except (OSError, msgspec.MsgspecError):
            return None

    def keep(self, key: str, reply: Reply) -> None:
        """On disk when the call returns."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(key)
        staging = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.tmp")
        staging.touch(mode=0o600)
        with staging.open("wb") as stream:
            stream.write(msgspec.json.encode(reply))
            stream.flush()
            os.fsync(stream.fileno())
        staging.replace(path)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.json"
