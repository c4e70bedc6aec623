"""Disputes are settled here, the figures of agreement reckoned, and who reviews by which plan is set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rpdr_core.errors import RpdrError
from rpdr_core.records import Changes, NewDecision, Reviewer, ReviewPlan
from rpdr_desk.operations.one_thread import Failed, OneThread
from rpdr_desk.operations.store_thread import StoreThread
from rpdr_desk.operations.terminology import Terminology

if TYPE_CHECKING:
    from rpdr_core.store import Project
    from rpdr_core.store.lineage import Lineage
    from rpdr_core.workflow.agreement_report import ReviewMaterial, ReviewReport
    from rpdr_desk.operations.adjudicate_state import Case, Frozen, Roster
    from rpdr_desk.operations.dispute_reading import Material

PATIENCE = 2.0


class Adjudicating(QObject):
    """`disputes_changed` carries `Disputes`, `roster_changed` a `Roster`; both are read in the store's thread."""

    disputes_changed = Signal(object)
    roster_changed = Signal(object)

    def __init__(
        self,
        store: StoreThread,
        terminology: Terminology,
        reviewer: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._terminology, self._reviewer = store, terminology, reviewer
        self._thread = OneThread("agreement", self)
        self._report: ReviewReport | None = None

    def read(self, failed: Failed) -> None:
        """The open disputes, the most material first; `disputes_changed` follows."""
        from rpdr_desk.operations.dispute_reading import disputes_of, read_disputes

        me = self._reviewer()

        def found(material: Material) -> None:
            def placed(lineage: Lineage) -> None:
                self.disputes_changed.emit(disputes_of(material, lineage))

            self._terminology.lineage(material.codes, placed, failed)

        self._store.query(lambda project: read_disputes(project, me), found, failed)

    def frozen(self, case: Case, done: Callable[[Frozen], None], failed: Failed) -> None:
        """What both had on screen."""
        from rpdr_desk.operations.dispute_reading import read_frozen

        self._store.query(lambda project: read_frozen(project, case), done, failed)

    def settle(self, case: Case, answer: NewDecision, done: Callable[[Changes], None], failed: Failed) -> None:
        """The decision that ends a dispute; refused to who may not settle it. `answer` says what is right; what was on
        screen is added here.
        """
        from rpdr_desk.operations.dispute_reading import with_what_was_shown

        me = self._reviewer()
        self._store.change(
            lambda project: project.adjudicate(with_what_was_shown(project, case, answer), reviewer=me), done, failed
        )

    def report(self, done: Callable[[ReviewReport], None], failed: Failed) -> None:
        """Agreement and automation bias. A thousand resamples take seconds: nobody waits for them but `done`."""
        from rpdr_core.workflow.agreement_report import material_of, review_report

        def reckoned(report: ReviewReport) -> None:
            self._report = report
            done(report)

        def read(material: ReviewMaterial) -> None:
            def placed(lineage: Lineage) -> None:
                self._thread.submit(lambda: review_report(material, lineage), reckoned, failed)

            self._terminology.lineage(material.codes, placed, failed)

        self._store.query(material_of, read, failed)

    def export(self, path: Path, done: Callable[[Path], None], failed: Failed) -> None:
        """The report that was reckoned last, as .json, .csv, .xlsx or .jsonl."""
        from rpdr_core.workflow.agreement_report import write_report

        report = self._report
        if report is not None:
            self._thread.submit(lambda: write_report(path, report), lambda _written: done(path), failed)

    # Who reviews, and by which plan

    def read_roster(self, failed: Failed) -> None:
        """`roster_changed` follows."""
        me = self._reviewer()
        self._store.query(lambda project: _roster(project, me), self.roster_changed.emit, failed)

    def set_reviewer(self, reviewer: Reviewer, failed: Failed) -> None:
        me = self._reviewer()
        self._store.change(lambda project: project.set_reviewer(reviewer, actor=me), self._set, failed)

    def set_plan(self, plan: ReviewPlan, failed: Failed) -> None:
        me = self._reviewer()
        self._store.change(lambda project: project.set_review_plan(plan, actor=me), self._set, failed)

    def close(self) -> None:
        """Figures that are being reckoned are of no use any more: they are waited for a moment at most."""
        self._thread.abandon(PATIENCE)

    def _set(self, _changes: Changes) -> None:
        self.read_roster(self._trouble)

    def _trouble(self, error: RpdrError) -> None:
        self._store.trouble.emit(error)


def _roster(project: Project, me: str) -> Roster:
    from rpdr_desk.operations.adjudicate_state import Roster

    return Roster(tuple(project.reviewers()), project.review_plan(), me)
