"""Which linked rows may stand without review: the largest set whose error a reviewed sample keeps at a given rate.

Reviewed mentions are linked by the very run that links the rest (`linking_learned`), so their confidences mean the
same. The threshold is that of `evaluation.risk` (exact, fixed sequence, 95 % certainty) over the rows of the file.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rpdr_core.errors import NotAllowedError, remark
from rpdr_core.evaluation.risk import CERTAINTY, MANY, STEPS, Promise, controlled, enough, p_value, percent, spread
from rpdr_core.knowledge_base.release import Watch, unwatched
from rpdr_core.records import NewMention
from rpdr_core.workflow.linking_distinct import Survey
from rpdr_core.workflow.linking_drift import DRIFT_LEVEL, FINE, Drift, Tally, drift, trait_of
from rpdr_core.workflow.linking_journal import Journal
from rpdr_core.workflow.linking_learned import Judged, judged_of
from rpdr_core.workflow.linking_own_rows import OwnRows

__all__ = ["DRIFT_LEVEL", "Acceptance", "Drift", "acceptance", "check_judged", "check_sample", "judged_of"]

_EVERY = 20_000


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What was promised of the rows at or above `promise.threshold`, and how like the reviewed ones the file is.
    `learned`: so many of the reviewed mentions are remembered.
    """

    promise: Promise
    drift: Drift
    learned: int = 0


def check_sample(reviewed: int, rate: float) -> None:
    """Before the work: too few reviewed mentions to keep `rate` even if none of them were wrong."""
    least = enough(rate, 0)
    if reviewed < least:
        message = f"{reviewed:,} reviewed mentions promise nothing at an error of {rate:.3g}"
        raise NotAllowedError(message, hint=f"review at least {least:,} mentions drawn by lot, or allow more errors")


def check_judged(judged: Judged, rate: float) -> None:
    """Before the work: among the surest the ranker has erred too often for any file of more than a few rows."""
    cases = spread(judged.cases)
    if any(p_value(n, wrong, MANY, rate) <= 1 - CERTAINTY for n, wrong in zip(cases.n, cases.wrong, strict=True)):
        return
    reached = [0] * STEPS
    for sure, _ in judged.cases:
        reached[percent(sure)] += MANY // len(judged.cases)
    raise _refused(len(judged.cases), controlled(cases, reached, rate), rate, remark("nothing has been linked yet"))


def acceptance(
    judged: Judged,
    journal: Journal,
    found: Survey,
    rate: float,
    mentions: Callable[[], Iterator[NewMention]],
    on_stage: Watch = unwatched,
) -> Acceptance:
    """The promise for the rows of a file, which `mentions` reads again. Raises `NotAllowedError` where there is none;
    the work done stays. `on_stage` hears how far the reading is, and may end it.
    """
    own = OwnRows(judged)
    file = tally(journal, found, _watched(mentions(), found.rows, on_stage), own)
    rest = [0] * STEPS
    for at, count in enumerate(file.confidences):
        rest[percent(at / FINE)] += count
    promise = controlled(spread(judged.cases), rest, rate)
    if promise.threshold is None:
        kept = remark("what is linked is kept, the same command goes on from there")
        if judged.learned:
            kept = remark("reviewed mentions are remembered, so with more of them the file is linked anew")
        raise _refused(len(judged.cases), promise, rate, kept)
    own.leave_out_of(file)
    return Acceptance(promise, drift(Tally.of(judged.traits), file), len(judged.learned))


def _watched(mentions: Iterator[NewMention], rows: int, on_stage: Watch) -> Iterator[NewMention]:
    for row, mention in enumerate(mentions):
        if row % _EVERY == 0:
            on_stage("counting what may stand", row, rows)
        yield mention


def tally(journal: Journal, found: Survey, mentions: Iterator[NewMention], own: OwnRows) -> Tally:
    """Traits of all rows: each distinct mention is looked at once."""
    rows = array("Q", bytes(8 * found.distinct))
    for number in found.of_row:
        rows[number] += 1
    file = Tally.of()
    for number, mention in enumerate(found.firsts(mentions, 0)):
        entry = journal.entry(number)
        trait = trait_of(mention, entry.matched if entry.code else "", entry.confidence)
        file.add(trait, rows[number])
        own.see(mention, trait, rows[number])
    return file


def _refused(reviewed: int, promise: Promise, rate: float, kept: str) -> NotAllowedError:
    hint = remark("allow more errors, or improve the ranker: it errs too often even where it is surest")
    if promise.more is not None:
        hint = remark(f"review {promise.more:,} more mentions drawn by lot, or allow more errors")
    message = remark(f"{reviewed:,} reviewed mentions promise nothing at an error of {rate:.3g}")
    return NotAllowedError(message, hint=f"{hint}; {kept}")
