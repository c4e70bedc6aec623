"""A lock that lives exactly as long as its process: the system frees it, whatever ends the process."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from rpdr_core.errors import NotAllowedError
from rpdr_worker.runs.folder import LOCK

_PATIENCE = 3.0


class RunLock:
    """Held from construction to `release`: two processes never train in one folder."""

    def __init__(self, folder: Path, patience: float = _PATIENCE) -> None:
        self._descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        end = time.monotonic() + patience
        # Somebody who only looks holds it for a moment.
        while not _take(self._descriptor, shared=False):
            if time.monotonic() > end:
                os.close(self._descriptor)
                raise NotAllowedError("the run has a process already", hint="follow it, or cancel it first")
            time.sleep(0.02)

    def release(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def is_held(folder: Path) -> bool:
    """Whether a process of the run lives."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not _take(descriptor, shared=True)
    finally:
        os.close(descriptor)


def _take(descriptor: int, *, shared: bool) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, 0, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
