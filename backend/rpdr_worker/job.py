"""What a long piece of work sees of the request that it serves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from rpdr_core.errors import Cancelled
from rpdr_core.protocol.messages import ProgressEvent


class Job(Protocol):
    """All methods may be called from any thread. `check` often: a cancelled job has seconds, not minutes."""

    def check(self) -> None:
        """Raises `Cancelled` when somebody asked to stop."""
        ...

    def progress(self, done: int, total: int, seconds_left: float | None = None, note: str = "") -> None:
        """Say how far the work is, in the method's unit."""
        ...

    def partial(self, value: object) -> None:
        """Send a part of the result, of the type that `METHODS` names for the method."""
        ...


@dataclass(slots=True)
class RecordingJob:
    """A `Job` that keeps what it is told, for tests. Set `cancelled`, or let `on_partial` set it on the way."""

    cancelled: bool = False
    partials: list[object] = field(default_factory=list)
    events: list[ProgressEvent] = field(default_factory=list)
    on_partial: Callable[[object], None] | None = None

    def check(self) -> None:
        if self.cancelled:
            raise Cancelled("stopped on request")

    def progress(self, done: int, total: int, seconds_left: float | None = None, note: str = "") -> None:
        self.events.append(ProgressEvent(done, total, seconds_left, note))

    def partial(self, value: object) -> None:
        self.partials.append(value)
        if self.on_partial is not None:
            self.on_partial(value)
