"""The figures of the dashboard. Plain values: counts in mentions and occurrences, shares with their intervals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from rpdr_core.evaluation.calibration import Bin, Calibration
from rpdr_core.evaluation.pace import Finish
from rpdr_core.evaluation.rates import Rate
from rpdr_core.evaluation.risk import Promise
from rpdr_core.records import DecisionKind, Progress
from rpdr_core.workflow.costs import TeacherCost

Role = Literal["retriever", "teacher", "student"]
ROLES: tuple[Role, ...] = ("retriever", "teacher", "student")
ALPHAS = (0.01, 0.02, 0.05, 0.1)
CheckState = Literal["none", "open", "done", "stale"]
"""Of a random check: none was drawn, it is being answered, it is answered, or what it was drawn from has changed."""


@dataclass(frozen=True, slots=True)
class Worked:
    """What one reviewer finished on one day (local date, ISO 8601): mentions that are decided now, but for those that
    were accepted unseen.
    """

    day: str
    reviewer: str
    mentions: int
    occurrences: int


@dataclass(frozen=True, slots=True)
class Pace:
    """`worked` by day and reviewer, oldest first. `finish` is None while there is too little to tell by."""

    worked: tuple[Worked, ...] = ()
    finish: Finish | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of decisions: local dates of the first and the last, and how many there are."""

    start: str
    end: str
    decisions: int


@dataclass(frozen=True, slots=True)
class Course:
    """How often each ranker's first was right, stretch by stretch: `rates[role][i]` belongs to `spans[i]`."""

    spans: tuple[Span, ...] = ()
    rates: dict[Role, tuple[Rate, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """First candidates, as frozen with each decision, against the decision.

    `overall` counts decisions that were made with rankings on screen, which pulls them towards the machine; `blind`
    answers that were given before any ranking was there. `left_out`: decisions that judge nobody (carried over, not
    made by hand, nothing on screen, not a mention).
    """

    blocks: Course = field(default_factory=Course)
    weeks: Course = field(default_factory=Course)
    overall: dict[Role, Rate] = field(default_factory=dict)
    blind: dict[Role, Rate] = field(default_factory=dict)
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Reliability:
    """The confidence of the ranker that is in use against how often it was right."""

    role: Role = "retriever"
    bins: tuple[Bin, ...] = ()
    summary: Calibration = field(default_factory=lambda: Calibration(0, 0.0, 0.0))


@dataclass(frozen=True, slots=True)
class Offer:
    """A promise, and how much of what is undecided it covers: 0 where no threshold keeps it."""

    promise: Promise
    mentions: int = 0
    occurrences: int = 0


@dataclass(frozen=True, slots=True)
class Safety:
    """Risk-controlled acceptance. `promises` hold: they come from a finished random check; `guesses` do not: they come
    from all decisions made by hand, which nobody drew. Both in the order of `ALPHAS`. The check: `answered` of `size`.
    """

    check: CheckState = "none"
    answered: int = 0
    size: int = 0
    promises: tuple[Offer, ...] = ()
    guesses: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds at work per decision of a kind, where reviewers are timed."""

    kind: DecisionKind
    n: int
    median: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What the teacher has cost. `per_1000` mentions, None where that cannot be told; `unpriced`: requests without a
    known price.
    """

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    money: float = 0.0
    unpriced: int = 0
    per_1000: TeacherCost | None = None


@dataclass(frozen=True, slots=True)
class Leech:
    """A mention that keeps being decided differently. `answers`: the codes it had, oldest first, empty for no match.

    `split`: reviewers differ among themselves, and so do the rankers.
    """

    mention_id: int
    text: str
    count: int
    reversals: int
    answers: tuple[str, ...]
    split: bool


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything on the dashboard. `aside`: leeches that wait for a discussion already, `put_aside` their number."""

    progress: Progress
    decisions: int = 0
    pace: Pace = field(default_factory=Pace)
    accuracy: Accuracy = field(default_factory=Accuracy)
    reliability: Reliability = field(default_factory=Reliability)
    safety: Safety = field(default_factory=Safety)
    cost: Cost = field(default_factory=Cost)
    timings: tuple[Timing, ...] = ()
    leeches: tuple[Leech, ...] = ()
    put_aside: int = 0
    aside: tuple[Leech, ...] = ()
