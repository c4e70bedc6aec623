"""What operations see of a worker: send a request, hear of its parts, its progress and its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Protocol

from PySide6.QtCore import SignalInstance

from rpdr_core.errors import RpdrError
from rpdr_core.protocol.messages import ProgressEvent

WorkerState = Literal["stopped", "starting", "ready", "restarting", "failed"]


class WorkerLink(Protocol):
    """A running worker or its stand-in. All calls return at once; callbacks run in the window's thread."""

    @property
    def state_changed(self) -> SignalInstance: ...

    @property
    def state(self) -> WorkerState: ...

    def start(self) -> None: ...

    def request(
        self,
        method: str,
        params: Any,
        *,
        done: Callable[[Any], None],
        failed: Callable[[RpdrError], None],
        partial: Callable[[Any], None] | None = None,
        progress: Callable[[ProgressEvent], None] | None = None,
    ) -> int:
        """Send; exactly one of `done` and `failed` follows. Returns a number for `cancel`."""
        ...

    def cancel(self, request: int) -> None: ...

    def close(self) -> None: ...
