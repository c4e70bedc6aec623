"""The teacher's answers on disk, so that no request is paid for twice.

A file is named by the hash of URL and body and holds the teacher's words and the usage, nothing of the request. Only
its owner may read it.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from rpdr_core.paths import cache_dir
from rpdr_worker.ranking.endpoint import Reply
from rpdr_worker.ranking.teacher_request import TeacherRequest


class AnswerCache:
    """Answers by request. Files may be deleted at any time."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or cache_dir() / "teacher"

    def find(self, request: TeacherRequest) -> Reply | None:
        """The stored answer; a file that cannot be read counts as absent."""
        try:
            return msgspec.json.decode(self._path(request).read_bytes(), type=Reply)
        except (OSError, msgspec.MsgspecError):
            return None

    def keep(self, request: TeacherRequest, reply: Reply) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(request)
        staging = path.with_suffix(f".{os.getpid()}.tmp")
        staging.touch(mode=0o600)
        staging.write_bytes(msgspec.json.encode(reply))
        staging.replace(path)

    def _path(self, request: TeacherRequest) -> Path:
        return self._folder / f"{request.key}.json"
