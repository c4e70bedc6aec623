"""What the Compare page shows: students, what they are worth on held-out decisions, and what would change. Values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RankerName = Literal["retriever", "teacher", "current", "new"]
Effect = Literal["gained", "lost", "moved", "open"]
"""For a mapped mention: the new first is what a person chose, the old one was, or neither. `open`: nobody decided."""


@dataclass(frozen=True, slots=True)
class StudentLine:
    """A registered student. `registered_at`: ISO 8601. `rows`: how many it was trained on."""

    id: str
    name: str
    kind: str
    recipe: str
    rows: int
    registered_at: str
    in_use: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A share of 1 with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class RankerFigures:
    """One ranker on the held-out decisions it has ranked (`n`). None: not known, or nothing to measure it on.

    `seconds` and `cost` are per 1,000 mentions; `ece`: expected calibration error of its confidence.
    """

    name: RankerName
    n: int
    acc_at_1: Figure | None = None
    acc_at_5: Figure | None = None
    mrr: Figure | None = None
    seen: Figure | None = None
    unseen: Figure | None = None
    ece: float | None = None
    seconds: float | None = None
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Duel:
    """The new student against another ranker on the same `n` decisions: `better` right where the other is wrong.

    `difference` of acc@1 with its 95 % interval (paired bootstrap); `p`: McNemar's test.
    """

    against: RankerName
    n: int
    difference: Figure
    better: int
    worse: int
    p: float


@dataclass(frozen=True, slots=True)
class Flip:
    """A mention whose first candidate would change."""

    mention_id: int
    text: str
    before: str
    before_name: str
    after: str
    after_name: str
    confidence: float | None
    effect: Effect


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that is known before a promotion. `smallest`: the difference that `n` decisions could just show.

    `ranked` past rankings were looked at, `decided` of them of mapped mentions; `flipped` get another first, `flips`
    lists them, lost decisions first. `notes`: what speaks against trusting the figures, in words of the core. `worse`:
    than what is in use, or nothing is known. `kept`: when it was made (ISO 8601), for one that was kept with a
    promotion: that one has no list of flips.
    """

    student: str
    n: int
    rankers: tuple[RankerFigures, ...] = ()
    duels: tuple[Duel, ...] = ()
    smallest: float | None = None
    ranked: int = 0
    decided: int = 0
    gained: int = 0
    lost: int = 0
    flipped: int = 0
    flips: tuple[Flip, ...] = ()
    notes: tuple[str, ...] = ()
    worse: bool = False
    kept: str = ""


@dataclass(frozen=True, slots=True)
class Students:
    """All students, newest first. `before`: the one that a rollback brings back; `can_roll_back` if there is a step
    to take back, even to none. `reports`: what the promoted ones were put in use on.
    """

    known: tuple[StudentLine, ...] = ()
    before: str = ""
    can_roll_back: bool = False
    reports: tuple[Comparison, ...] = ()

    @property
    def in_use(self) -> StudentLine | None:
        return next((one for one in self.known if one.in_use), None)
