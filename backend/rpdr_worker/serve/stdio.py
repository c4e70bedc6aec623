"""The wire's two descriptors, kept from everybody else in the process."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from dataclasses import dataclass

_PORTION = 1 << 16


@dataclass(slots=True)
class Wire:
    """Private copies of stdin and stdout as they were at the start."""

    reading: int
    writing: int

    def read(self) -> bytes:
        """The next bytes; empty at the end of stdin."""
        with contextlib.suppress(OSError):
            return os.read(self.reading, _PORTION)
        return b""

    def write(self, data: bytes) -> None:
        """All of `data`. Raises `OSError` when nobody reads any more."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self.writing, rest) :]


def take_stdio() -> Wire:
    """Take stdin and stdout for the wire. Whoever prints from now on prints to stderr; whoever reads gets nothing.

    Descriptors are changed, not only `sys.stdout`: libraries in C and child processes print, too.
    """
    wire = Wire(os.dup(0), os.dup(1))
    if sys.platform == "win32":
        import msvcrt

        for descriptor in (wire.reading, wire.writing):
            msvcrt.setmode(descriptor, os.O_BINARY)
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return wire


def end_process_after(seconds: float, code: int = 0) -> None:
    """End this process by force after `seconds`, whatever its threads do until then."""

    def end() -> None:
        os._exit(code)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
