"""A new student beside retriever, teacher and the student in use, on decisions that it never saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from rpdr_core.errors import Bug
from rpdr_core.evaluation import (
    TIES,
    Calibration,
    Difference,
    Evaluation,
    Judged,
    McNemar,
    calibration,
    detectable,
    difference,
    evaluate,
    judge,
    mcnemar,
    metric,
)
from rpdr_core.protocol.messages import AdapterInfo
from rpdr_core.records import Ranking
from rpdr_core.store import ProjectReader
from rpdr_core.workflow.adapters import Student, current_student
from rpdr_core.workflow.costs import TeacherCost as TeacherCost
from rpdr_core.workflow.costs import teacher_cost
from rpdr_core.workflow.held_out import HeldOut
from rpdr_core.workflow.judging import Case, Cases, held_out_cases
from rpdr_core.workflow.student_ranking import Rank, Ranked

Role = Literal["retriever", "teacher", "current", "new"]
Standing = Literal["better", "unclear", "worse", "unknown"]
"""`better` and `worse`: the 95 % interval of the difference in acc@1 leaves out 0. `unknown`: nothing to judge by."""

ENOUGH = 30
"""Fewer held-out decisions than this and the figures say next to nothing."""


@dataclass(frozen=True, slots=True)
class RankerScores:
    """One column of the report. The teacher is judged where it ranked: `scores.overall.n` says how often.

    `per_1000`: cost of 1,000 mentions in `currency`, 0 for what runs here. None: not measured, or unknown.
    """

    role: Role
    ranker: str
    scores: Evaluation
    calibration: Calibration
    seconds_per_1000: float | None = None
    per_1000: float | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class PairedResult:
    """The new student against another ranker on the same mentions.

    `detectable`: the smallest difference in acc@1 that this many mentions show with 80 % power.
    """

    against: Role
    acc_at_1: Difference
    acc_at_5: Difference
    mrr: Difference
    mcnemar: McNemar
    detectable: float

    @property
    def standing(self) -> Standing:
        gap = self.acc_at_1
        if gap.n == 0:
            return "unknown"
        return "better" if gap.low > 0 else "worse" if gap.high < 0 else "unclear"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a promotion is decided on. `current` is empty where no student is in use; `n` held-out decisions judged.

    `excluded`: held-out decisions that judge nobody, by the reason. `warnings` are sentences for the person who
    decides.
    """

    adapter: AdapterInfo
    current: str
    made_at: str
    held_out: HeldOut
    n: int
    rankers: tuple[RankerScores, ...]
    paired: tuple[PairedResult, ...]
    seen_by_current: int | None
    excluded: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    ties: str = TIES

    @property
    def standing(self) -> Standing:
        """Against the student in use, or the retriever where there is none."""
        return self.decisive.standing if self.decisive else "unknown"

    @property
    def decisive(self) -> PairedResult | None:
        """The comparison that a promotion hangs on."""
        by_role = {one.against: one for one in self.paired}
        return by_role.get("current") or by_role.get("retriever")


def compare(
    reader: ProjectReader,
    new: AdapterInfo,
    rank: Rank,
    *,
    cost: TeacherCost | None = None,
    check: Callable[[], None] = lambda: None,
) -> Comparison:
    """Rank the held-out decisions' lists with the new student and with the one in use, and compare.

    Raises `NotAllowedError` if the new student was trained on any of them. `cost`: by default the ledger's. In steps,
    for a caller that must not block: `held_out_cases`, two rankings of `Cases.items`, `comparison_of`.
    """
    current = current_student(reader)
    in_use = current if current.id != new.id else Student()
    cases = held_out_cases(reader, new, in_use, check)
    found = rank(new.folder, cases.items)
    before = rank(in_use.folder, cases.items) if in_use else None
    return comparison_of(cases, new, found, in_use.id, before, cost or teacher_cost(reader))


def comparison_of(
    cases: Cases,
    new: AdapterInfo,
    found: Ranked,
    current: str = "",
    before: Ranked | None = None,
    cost: TeacherCost | None = None,
) -> Comparison:
    """The comparison from rankings of `cases.items`, by the new student and by the one in use, if any."""
    columns = [_retriever(cases.cases), _teacher(cases.cases, cost)]
    if before is not None:
        columns.append(_student("current", f"student:{current}", cases.cases, before))
    columns.append(_student("new", f"student:{new.id}", cases.cases, found))
    judged = {column.role: _outcomes(cases.cases, column.rankings) for column in columns}
    against: list[Role] = ["retriever"] if before is None else ["current", "retriever"]
    paired = tuple(_paired(role, judged[role], judged["new"]) for role in against)
    return Comparison(
        new,
        current if before is not None else "",
        datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        cases.rule,
        len(cases.cases),
        tuple(column.scored(cases.cases) for column in columns),
        paired,
        cases.seen_by_current if before is not None else None,
        cases.excluded,
        _warnings(cases, paired, with_current=before is not None),
    )


@dataclass(frozen=True, slots=True)
class _Column:
    """A ranker's rankings, one a case; None where it has not ranked."""

    role: Role
    ranker: str
    rankings: Sequence[Ranking | None]
    seconds_per_1000: float | None = None
    per_1000: float | None = None
    currency: str = ""

    def scored(self, cases: Sequence[Case]) -> RankerScores:
        ranked = [(case, ranking) for case, ranking in zip(cases, self.rankings, strict=True) if ranking is not None]
        outcomes = [_outcome(case, ranking) for case, ranking in ranked]
        answers = [
            (ranking.confidence, outcome.rank == 0)
            for (_, ranking), outcome in zip(ranked, outcomes, strict=True)
            if ranking.confidence is not None
        ]
        figures = (self.seconds_per_1000, self.per_1000, self.currency)
        return RankerScores(self.role, self.ranker, evaluate(outcomes), calibration(answers), *figures)


def _retriever(cases: Sequence[Case]) -> _Column:
    return _Column("retriever", "retriever", [case.retrieved for case in cases], per_1000=0.0)


def _teacher(cases: Sequence[Case], cost: TeacherCost | None) -> _Column:
    rankings = [case.taught for case in cases]
    model = next((ranking.provenance.model for ranking in reversed(rankings) if ranking is not None), "")
    name = f"teacher:{model}" if model else "teacher"
    if cost is None or not cost.mentions:
        return _Column("teacher", name, rankings)
    seconds = None if cost.seconds is None else round(cost.seconds / cost.mentions * 1000, 2)
    return _Column("teacher", name, rankings, seconds, round(cost.money / cost.mentions * 1000, 6), cost.currency)


def _student(role: Role, name: str, cases: Sequence[Case], ranked: Ranked) -> _Column:
    expected = [case.item.mention.id for case in cases]
    if [ranking.mention_id for ranking in ranked.rankings] != expected:
        raise Bug("a student's rankings are not those of the cases")
    return _Column(role, name, ranked.rankings, ranked.seconds_per_1000, 0.0)


def _outcomes(cases: Sequence[Case], rankings: Sequence[Ranking | None]) -> list[Judged]:
    return [
        Judged(None, case.seen) if ranking is None else _outcome(case, ranking)
        for case, ranking in zip(cases, rankings, strict=True)
    ]


def _outcome(case: Case, ranking: Ranking) -> Judged:
    return judge([candidate.code for candidate in ranking.candidates], [case.gold, *case.also], seen=case.seen)


def _paired(against: Role, first: Sequence[Judged], second: Sequence[Judged]) -> PairedResult:
    def gap(name: str) -> Difference:
        return difference(metric(name, first), metric(name, second))

    test = mcnemar([one.rank == 0 for one in first], [one.rank == 0 for one in second])
    least = detectable(len(first), test.gained + test.lost)
    return PairedResult(against, gap("acc@1"), gap("acc@5"), gap("mrr"), test, least)


def _warnings(cases: Cases, paired: Sequence[PairedResult], *, with_current: bool) -> tuple[str, ...]:
    n = len(cases.cases)
    found: list[str] = []
    if n == 0:
        found.append("no held-out mention is decided yet, so nothing is known of this student: decide more mentions")
    elif n < ENOUGH:
        least = paired[0].detectable
        found.append(f"only {n} held-out decisions: a difference below {least:.0%} would not show")
    if not cases.new_is_known:
        found.append("the adapter does not say what it was trained on: it may have seen the held-out mentions")
    if with_current and cases.seen_by_current is None:
        found.append("the student in use does not say what it was trained on: it may have seen the held-out mentions")
    if cases.seen_by_current and with_current:
        found.append(f"the student in use was trained on {cases.seen_by_current} of the {n}: they favour it")
    found += [
        f"it is worse than the {_NAMES[one.against]} ({one.acc_at_1.value:+.1%} acc@1)"
        for one in paired
        if one.acc_at_1.value < 0
    ]
    return tuple(found)


_NAMES: Mapping[Role, str] = {"retriever": "retriever", "current": "student in use"}
