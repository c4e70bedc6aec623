"""One writer per project: an operating-system lock on a file beside it, freed by the system if we die."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from rpdr_core.errors import NotAllowedError, WorldError

_LOCKED_BYTE = 1 << 20  # beyond the text, so that Windows lets others read whose lock it is


class WriterLock:
    """Held from construction to `release`. The file names the holder's process id."""

    def __init__(self, project: Path) -> None:
        self._file = project.with_name(project.name + ".lock")
        self._descriptor = self._take()
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, str(os.getpid()).encode())

    def _take(self) -> int:
        while True:
            try:
                descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o644)
            except OSError as error:
                raise WorldError(
                    "cannot write beside the project file",
                    hint="check the permissions of its folder",
                    file=self._file.name,
                ) from error
            if not try_lock(descriptor, _LOCKED_BYTE):
                os.close(descriptor)
                raise NotAllowedError(
                    f"the project is already open for writing in process {_holder(self._file)}",
                    hint="close it there first",
                    file=self._file.name.removesuffix(".lock"),
                )
            # The former holder may have removed the file between our open and our lock.
            if self._file.exists() and os.path.samestat(os.fstat(descriptor), self._file.stat()):
                return descriptor
            os.close(descriptor)

    def release(self) -> None:
        """Free the lock and remove its file. Safe to call twice."""
        if self._descriptor < 0:
            return
        if sys.platform != "win32":
            self._file.unlink(missing_ok=True)
        os.close(self._descriptor)
        self._descriptor = -1


def _holder(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace").strip() or "unknown"
    except OSError:
        return "unknown"


def try_lock(descriptor: int, at: int) -> bool:
    """Whether this descriptor has the lock of its file now, until it is closed. `at`: a byte beyond the file's content,
    for on Windows nobody else can read what is locked.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, at, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            os.lseek(descriptor, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
