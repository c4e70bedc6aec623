"""Counting what a writer could not put into its file."""

from __future__ import annotations

from dataclasses import dataclass, field

from rpdr_core.formats.losses import Loss, LossReport


@dataclass(slots=True)
class Losing:
    """Losses so far, in words, with how often each happened."""

    times: dict[str, int] = field(default_factory=dict)

    def lose(self, what: str, times: int | bool) -> None:
        if times:
            self.times[what] = self.times.get(what, 0) + int(times)

    def report(self) -> LossReport:
        return LossReport(tuple(Loss(what, times) for what, times in self.times.items()))
