"""Permits: the worker asks before each request to the teacher, and the client answers when its ledger row is on disk.

Without an answer nothing is sent: a client that went away, or that knows nothing of permits, gets no request out.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rpdr_core.errors import NotFoundError
from rpdr_core.protocol.messages import SendPermit

_TICK = 0.1
WAIT_SECONDS = 120.0


@dataclass(slots=True)
class Slot:
    """One request that waits. `close` ends the waiting: a permit that comes later finds nobody."""

    answered: threading.Event = field(default_factory=threading.Event)
    permit: SendPermit | None = None

    def wait(self, check: Callable[[], None], seconds: float) -> SendPermit | None:
        """The permit, or None when none came in time. `check` may raise in between."""
        end = time.monotonic() + seconds
        while not self.answered.wait(_TICK):
            check()
            if time.monotonic() > end:
                return None
        return self.permit


class Permits:
    """The requests of all runs that wait for a permit. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[tuple[str, int], Slot] = {}

    @contextmanager
    def slot(self, run: str, number: int) -> Iterator[Slot]:
        """A place to wait for the permit of request `number`; gone when the block ends."""
        slot = Slot()
        with self._lock:
            self._waiting[run, number] = slot
        try:
            yield slot
        finally:
            with self._lock:
                self._waiting.pop((run, number), None)

    def answer(self, permit: SendPermit) -> None:
        """Pass a permit on. Raises `NotFoundError` where nobody waits for it (any more)."""
        with self._lock:
            slot = self._waiting.pop((permit.run, permit.number), None)
        if slot is None:
            raise NotFoundError(
                f"request {permit.number} does not wait for a permit", hint="it was given up, nothing was sent"
            )
        slot.permit = permit
        slot.answered.set()
