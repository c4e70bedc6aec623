"""The core's comparison and students as the Compare page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rpdr_desk.operations.compare_state import (
    Comparison,
    Duel,
    Figure,
    Flip,
    RankerFigures,
    StudentLine,
    Students,
)

if TYPE_CHECKING:
    from rpdr_core.evaluation import Scores
    from rpdr_core.store import ProjectReader
    from rpdr_core.workflow.adapters import RegisteredAdapter
    from rpdr_core.workflow.comparing import Comparison as Compared
    from rpdr_core.workflow.comparing import PairedResult, RankerScores
    from rpdr_core.workflow.impact import Flip as Changed
    from rpdr_core.workflow.impact import ImpactCounts


def students_shown(reader: ProjectReader) -> tuple[list[RegisteredAdapter], Students]:
    """The registered students, and what the page shows of them: newest first."""
    from rpdr_core.store.students import in_use
    from rpdr_core.workflow.adapters import registered
    from rpdr_core.workflow.promotion import report_in

    known = registered(reader)
    stack = in_use(reader.promotions())
    lines = tuple(
        StudentLine(
            one.info.id,
            Path(one.info.folder).name or one.info.id[:8],
            one.info.kind,
            one.info.recipe,
            one.info.train_rows,
            one.registered_at,
            one.in_use,
        )
        for one in reversed(known)
    )
    reports = {one.adapter_id: report for one in reader.promotions() if (report := report_in(one)) is not None}
    kept = tuple(
        replace(comparison_shown(one.comparison, one.impact), kept=one.comparison.made_at) for one in reports.values()
    )
    return known, Students(lines, stack[-2] if len(stack) > 1 else "", bool(stack), kept)


def comparison_shown(compared: Compared, counts: ImpactCounts | None, flips: Sequence[Changed] = ()) -> Comparison:
    """Figures, duels and flips in the order that a person reads them."""
    from rpdr_core.workflow.impact import ImpactCounts

    decisive = compared.decisive
    counts = counts or ImpactCounts()
    return Comparison(
        compared.adapter.id,
        compared.n,
        tuple(_ranker(one) for one in compared.rankers),
        tuple(_duel(one) for one in compared.paired) if compared.n else (),
        decisive.detectable if decisive is not None and compared.n else None,
        counts.mentions,
        counts.decided,
        counts.gained,
        counts.lost,
        counts.flips,
        tuple(
            Flip(
                one.mention_id,
                one.text,
                one.old_code,
                one.old_name,
                one.new_code,
                one.new_name,
                one.confidence,
                one.effect,
            )
            for one in flips
        ),
        compared.warnings,
        decisive is None or decisive.acc_at_1.n == 0 or decisive.acc_at_1.value < 0,
    )


def _ranker(one: RankerScores) -> RankerFigures:
    scores, sure = one.scores, one.calibration
    return RankerFigures(
        one.role,
        scores.overall.n,
        _figure(scores.overall, "acc@1"),
        _figure(scores.overall, "acc@5"),
        _figure(scores.overall, "mrr"),
        _figure(scores.seen, "acc@1"),
        _figure(scores.unseen, "acc@1"),
        sure.error if sure.n else None,
        one.seconds_per_1000,
        one.per_1000,
    )


def _figure(scores: Scores, name: str) -> Figure | None:
    if not scores.n:
        return None
    interval = scores.metrics[name]
    return Figure(interval.value, interval.low, interval.high)


def _duel(one: PairedResult) -> Duel:
    gap = one.acc_at_1
    return Duel(
        one.against,
        gap.n,
        Figure(gap.value, gap.low, gap.high),
        one.mcnemar.gained,
        one.mcnemar.lost,
        one.mcnemar.mid_p,
    )
