"""Putting a student in use, and taking that back. One step each; the report it was decided on is kept with it."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from rpdr_core.errors import DamagedFileError, NotAllowedError
from rpdr_core.protocol.messages import AdapterInfo
from rpdr_core.records import Changes
from rpdr_core.store import Project, Promotion
from rpdr_core.workflow.adapters import lies_here, register_adapter
from rpdr_core.workflow.comparing import Comparison, Standing
from rpdr_core.workflow.impact import Impact, ImpactCounts, ImpactGroup


@dataclass(frozen=True, slots=True)
class PromotionReport:
    """What is kept with a promotion: the comparison, and the impact without the mentions it is about."""

    comparison: Comparison
    impact: ImpactCounts | None = None
    groups: tuple[ImpactGroup, ...] = ()

    @property
    def standing(self) -> Standing:
        return self.comparison.standing

    @property
    def doubtful(self) -> bool:
        """Whether a person should be asked before the student is put in use: it is worse, or nothing is known."""
        decisive = self.comparison.decisive
        return decisive is None or decisive.acc_at_1.n == 0 or decisive.acc_at_1.value < 0


def report_of(comparison: Comparison, impact: Impact | None = None) -> PromotionReport:
    return PromotionReport(comparison, impact.counts, impact.groups) if impact else PromotionReport(comparison)


def promote(project: Project, adapter: AdapterInfo, report: PromotionReport | None, *, reviewer: str = "") -> Changes:
    """Put a student in use; registers it if need be. No change where it is in use already.

    Raises `NotAllowedError` for one that is not on this machine: nothing could be ranked with it.
    """
    if not lies_here(adapter):
        hint = "copy its folder here, or fetch it from the machine that trained it"
        raise NotAllowedError(f"student {adapter.id} is not on this machine", hint=hint)
    register_adapter(project, adapter, actor=reviewer)
    text = msgspec.json.encode(report).decode() if report else ""
    return project.promote(adapter.id, report=text, reviewer=reviewer)


def roll_back(project: Project, *, reviewer: str = "") -> Changes:
    """The student from before the newest promotion in force is in use again, or none.

    Raises `NotAllowedError` where there is no promotion to take back.
    """
    return project.roll_back(reviewer=reviewer)


def report_in(promotion: Promotion) -> PromotionReport | None:
    """The report kept with a promotion; None where it was made without one."""
    if not promotion.report:
        return None
    try:
        return msgspec.json.decode(promotion.report, type=PromotionReport)
    except msgspec.MsgspecError as error:
        hint = "restore a backup of the project"
        raise DamagedFileError("the report of a promotion cannot be read", hint=hint) from error
