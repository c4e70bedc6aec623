"""How fast requests follow each other: back-off after a failure, and a bucket for requests and tokens a minute."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_TICK = 0.1


@dataclass(frozen=True, slots=True)
class Pace:
    """How the send loop waits between sends, in seconds. `retry_after`: the longest wait that a server may ask for;
    `permit`: how long a request waits for leave to go. Tests make it quick.
    """

    first: float = 0.5
    longest: float = 8.0
    retry_after: float = 120.0
    permit: float = 120.0

    def back_off(self, attempt: int) -> float:
        """Full jitter: anything up to a bound that doubles with each attempt."""
        return random.uniform(0.0, min(self.first * 2.0 ** (attempt - 1), self.longest))  # noqa: S311 - no secret


class Bucket:
    """Spaces requests so that neither their number nor their tokens exceed a minute's. 0: no limit. Thread-safe."""

    def __init__(self, requests: float, tokens: float) -> None:
        self._requests, self._tokens = requests, tokens
        self._lock = threading.Lock()
        self._free_at = self._held_until = 0.0

    def take(self, tokens: int, check: Callable[[], None]) -> None:
        """Wait for this request's turn. `check` may raise in between."""
        cost = max(
            60.0 / self._requests if self._requests else 0.0, 60.0 * tokens / self._tokens if self._tokens else 0
        )
        with self._lock:
            start = max(time.monotonic(), self._free_at)
            self._free_at = start + cost
        while (left := start - time.monotonic()) > 0:
            rest(min(left, 1.0), check)
            with self._lock:
                start = max(start, self._held_until)

    def hold(self, seconds: float) -> None:
        """The server asked everybody to wait."""
        with self._lock:
            self._free_at = max(self._free_at, time.monotonic() + seconds)
            self._held_until = self._free_at


def rest(seconds: float, check: Callable[[], None]) -> None:
    """Sleep, calling `check` often."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        check()
        time.sleep(min(_TICK, left))


def seconds_until(retry_after: str | None) -> float | None:
    """A Retry-After header in seconds from now, given as a number or as an HTTP date. None if it is neither.

    https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    if not retry_after:
        return None
    try:
        seconds = float(retry_after)
        return max(0.0, seconds) if seconds < 1e9 else None
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (zoned - datetime.now(UTC)).total_seconds())
