"""Bytes in any portions -> whole lines, with a limit on what is held."""

from __future__ import annotations

MAX_LINE = 64 * 1024 * 1024
"""Longest line in bytes, its newline excluded."""


class LineBuffer:
    """Splits a stream at `\\n`. A line beyond `limit` bytes is thrown away while it arrives, and reported once."""

    def __init__(self, limit: int = MAX_LINE) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._held = 0
        self._skipping = False

    @property
    def held(self) -> int:
        """Bytes of the line that is still arriving."""
        return self._held

    def feed(self, data: bytes) -> list[bytes | None]:
        """The lines that `data` completes, in order; None stands for a line that was too long."""
        *ends, rest = data.split(b"\n")
        lines: list[bytes | None] = []
        for end in ends:
            self._hold(end)
            lines.append(None if self._skipping else b"".join(self._parts).removesuffix(b"\r"))
            self._parts.clear()
            self._held = 0
            self._skipping = False
        self._hold(rest)
        return lines

    def _hold(self, part: bytes) -> None:
        if self._skipping or not part:
            return
        self._held += len(part)
        if self._held > self._limit:
            self._parts.clear()
            self._held = 0
            self._skipping = True
        else:
            self._parts.append(part)
