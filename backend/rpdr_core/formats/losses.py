"""What a written file does not hold of what was asked to be written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Loss:
    """`what` the file cannot hold or holds in another shape; `times` it happened, 0 where it lies in the format."""

    what: str
    times: int = 0


@dataclass(frozen=True, slots=True)
class LossReport:
    """All losses of one file, those in the nature of the format first."""

    losses: tuple[Loss, ...] = ()

    def __add__(self, other: LossReport) -> LossReport:
        return LossReport(self.losses + other.losses)


def counted(**times: int) -> LossReport:
    """A report of the losses that did happen; keywords are the words with `_` for spaces."""
    return LossReport(tuple(Loss(what.replace("_", " "), n) for what, n in times.items() if n))
