"""What carries the bytes between the two sides."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from rpdr_core.errors import RpdrError, WorkerLostError

OnData = Callable[[bytes], None]
OnClosed = Callable[[RpdrError], None]


class Transport(Protocol):
    """A two-way stream of bytes. `on_data` and `on_closed` run in the transport's own thread, never at once."""

    def start(self, on_data: OnData, on_closed: OnClosed) -> None:
        """Begin to deliver. `on_closed` comes once, last, when the other side has gone."""
        ...

    def send(self, data: bytes) -> None:
        """Send whole lines. Raises `WorkerLostError` when the other side has gone."""
        ...

    def close(self) -> None:
        """Stop the other side and wait for its end. Safe to call twice."""
        ...


class MemoryTransport:
    """A transport to a far side in the same process: what is sent goes to `far_side`, which answers with `deliver`.

    For tests and for trying out a client without a worker. Everything runs in the caller's thread.
    """

    def __init__(self, far_side: Callable[[bytes, MemoryTransport], None]) -> None:
        self._far_side = far_side
        self._on_data: OnData | None = None
        self._on_closed: OnClosed | None = None
        self._lock = threading.RLock()
        self.closed = False

    def start(self, on_data: OnData, on_closed: OnClosed) -> None:
        self._on_data, self._on_closed = on_data, on_closed

    def send(self, data: bytes) -> None:
        if self.closed:
            raise WorkerLostError("the far side has gone")
        self._far_side(data, self)

    def deliver(self, data: bytes) -> None:
        """Bytes from the far side."""
        with self._lock:
            if self._on_data is not None and not self.closed:
                self._on_data(data)

    def vanish(self, error: RpdrError | None = None) -> None:
        """The far side goes away."""
        with self._lock:
            if not self.closed and self._on_closed is not None:
                self.closed = True
                self._on_closed(error or WorkerLostError("the far side has gone"))

    def close(self) -> None:
        self.closed = True
