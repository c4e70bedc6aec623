"""The core's comparison and students as the Compare page shows them."""

from __future__ import annotations

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
    from rpdr_core.workflow.impact import Impact


def students_shown(reader: ProjectReader) -> tuple[list[RegisteredAdapter], Students]:
    """The registered students, and what the page shows of them: newest first."""
    from rpdr_core.store.students import in_use
    from rpdr_core.workflow.adapters import registered

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
    return known, Students(lines, stack[-2] if len(stack) > 1 else "", bool(stack))


def comparison_shown(compared: Compared, impact: Impact) -> Comparison:
    """Figures, duels and flips in the order that a person reads them."""
    counts, decisive = impact.counts, compared.decisive
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
            for one in impact.flips
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
