"""Which runs cannot be reached at the moment, and when each is asked after again."""

from __future__ import annotations

from rpdr_core.errors import HostError, RpdrError, WorkerLostError

LONGEST_MS = 300_000


class Outages:
    """Counts by run. The first time is no news: a lost connection mostly comes back at once."""

    def __init__(self) -> None:
        self._times: dict[str, int] = {}

    def again(self, run: str, first_ms: int) -> int:
        """Milliseconds to the next question: twice as many each time, at most `LONGEST_MS`."""
        times = self._times[run] = self._times.get(run, 0) + 1
        # Bounded before it is doubled: an outage may last for days.
        return min(first_ms << min(times - 1, 20), LONGEST_MS)

    def times(self, run: str) -> int:
        return self._times.get(run, 0)

    def over(self, run: str) -> None:
        self._times.pop(run, None)


def may_pass(error: RpdrError) -> bool:
    """A connection that broke. Another key than the one confirmed is no such thing: it is asked about, not retried."""
    return isinstance(error, WorkerLostError | HostError)
