"""A student proves itself: measured on held-out decisions, its impact shown, promoted, rolled back. One at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rpdr_core.errors import Cancelled, NotAllowedError, RpdrError
from rpdr_core.protocol.messages import AdapterInfo, RankItem
from rpdr_core.records import Changes
from rpdr_desk.operations.compare_state import Comparison, Students
from rpdr_desk.operations.comparison_shown import comparison_shown, students_shown
from rpdr_desk.operations.one_thread import Failed, OneThread
from rpdr_desk.operations.ranking_lists import RankingLists
from rpdr_desk.operations.store_thread import StoreThread
from rpdr_desk.operations.worker_link import WorkerLink

if TYPE_CHECKING:
    from rpdr_core.store import Project
    from rpdr_core.workflow.adapters import RegisteredAdapter, Student
    from rpdr_core.workflow.comparing import Comparison as Compared
    from rpdr_core.workflow.costs import TeacherCost
    from rpdr_core.workflow.impact import Impact, ImpactCase
    from rpdr_core.workflow.judging import Cases
    from rpdr_core.workflow.student_ranking import Ranked

Done = Callable[[Comparison], None]
PATIENCE = 2.0


class Comparing(QObject):
    """`students_changed` carries `Students`; `progressed`: lists ranked, of how many; `promoted`: the one in use."""

    students_changed = Signal(object)
    progressed = Signal(int, int)
    promoted = Signal()

    def __init__(
        self,
        store: StoreThread,
        worker: WorkerLink,
        fingerprint: Callable[[], str],
        reviewer: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._worker = store, worker
        self._thread = OneThread("compare", self)
        self._fingerprint, self._reviewer = fingerprint, reviewer
        self._known: dict[str, RegisteredAdapter] = {}
        self._pass: _Pass | None = None
        self._result: tuple[Compared, Impact] | None = None

    def read(self, failed: Failed | None = None) -> None:
        """The students of the project; `students_changed` follows."""

        def listed(found: tuple[list[RegisteredAdapter], Students]) -> None:
            self._known = {one.info.id: one for one in found[0]}
            self.students_changed.emit(found[1])

        self._store.query(students_shown, listed, failed)

    def compare(self, id: str, done: Done, failed: Failed) -> None:
        """Rank the held-out decisions and all past lists with the student, and say what it is worth."""
        known = self._known.get(id)
        if known is None or not known.here:
            hint = "copy its folder here, or fetch it from the machine that trained it"
            failed(NotAllowedError("this student is not on this machine", hint=hint))
            return
        if self._pass is not None:
            failed(NotAllowedError("a comparison is going on already", hint="wait for it, or stop it"))
            return

        def measured(compared: Compared, impact: Impact) -> None:
            self._pass, self._result = None, (compared, impact)
            done(comparison_shown(compared, impact.counts, impact.flips))

        def broke(error: RpdrError) -> None:
            self._pass = None
            failed(error)

        self._pass = _Pass(
            self._store,
            self._thread,
            self._worker,
            self._fingerprint(),
            known.info,
            measured,
            broke,
            self.progressed.emit,
        )
        self._pass.begin()

    def stop(self) -> None:
        if self._pass is not None:
            self._pass.stop()

    def close(self) -> None:
        """Figures that are being reckoned are of no use any more: they are waited for a moment at most."""
        self._thread.abandon(PATIENCE)

    def promote(self, id: str, failed: Failed) -> None:
        """Put the student that was just compared in use; the report is kept with the step."""
        from rpdr_core.workflow.promotion import promote, report_of

        known, result = self._known.get(id), self._result
        if known is None or result is None or result[0].adapter.id != id:
            failed(NotAllowedError("this student was not compared yet", hint="compare it first"))
            return
        report, reviewer = report_of(*result), self._reviewer()
        self._store.change(
            lambda project: promote(project, known.info, report, reviewer=reviewer), self._stepped, failed
        )

    def roll_back(self, failed: Failed) -> None:
        """The student from before is in use again, or none."""
        from rpdr_core.workflow.promotion import roll_back

        reviewer = self._reviewer()
        self._store.change(lambda project: roll_back(project, reviewer=reviewer), self._stepped, failed)

    def export(self, path: Path, failed: Failed) -> None:
        """All that would change, as a table (.csv, .xlsx or .jsonl by the name)."""
        from rpdr_core.workflow.impact import write_flips

        if self._result is not None:
            impact = self._result[1]
            self._store.query(lambda _project: write_flips(path, impact), lambda _written: None, failed)

    def _stepped(self, _changes: Changes) -> None:
        self.read()
        self.promoted.emit()


class _Pass:
    """One comparison: cases, two rankings of them, then the impact page by page."""

    def __init__(
        self,
        store: StoreThread,
        thread: OneThread,
        worker: WorkerLink,
        fingerprint: str,
        info: AdapterInfo,
        done: Callable[[Compared, Impact], None],
        failed: Failed,
        progress: Callable[[int, int], None],
    ) -> None:
        from rpdr_core.workflow.impact import ImpactTally

        self._store, self._thread, self._worker = store, thread, worker
        self._fingerprint, self._info = fingerprint, info
        self._done, self._failed, self._progress = done, failed, progress
        self._tally = ImpactTally()
        self._ids: list[int] = []
        self._at = 0
        self._ranked = 0
        self._total = 0
        self._stopped = False
        self._ranking: RankingLists | None = None

    def begin(self) -> None:
        from rpdr_core.workflow.adapters import Student, current_student
        from rpdr_core.workflow.impact import impact_ids
        from rpdr_core.workflow.judging import held_out_cases

        def read(project: Project) -> tuple[Cases, Student, list[int], TeacherCost | None]:
            from rpdr_core.workflow.costs import teacher_cost

            current = current_student(project)
            in_use = current if current.id != self._info.id else Student()
            cases = held_out_cases(project, self._info, in_use)
            return cases, in_use, list(impact_ids(project)), teacher_cost(project)

        self._store.query(read, lambda found: self._judge(*found), self._failed)

    def stop(self) -> None:
        self._stopped = True
        if self._ranking is not None:
            self._ranking.stop()

    def _judge(self, cases: Cases, current: Student, ids: list[int], cost: TeacherCost | None) -> None:
        from rpdr_core.workflow.comparing import comparison_of

        self._ids = ids
        self._total = len(cases.items) * (2 if current else 1) + len(ids)

        def both(found: Ranked, before: Ranked | None) -> None:
            # A thousand resamples of each figure take seconds: neither the window nor the store waits for them.
            self._thread.submit(
                lambda: comparison_of(cases, self._info, found, current.id, before, cost),
                lambda compared: self._weigh(compared, current),
                self._failed,
            )

        def first(found: Ranked) -> None:
            if current:
                self._rank(current.folder, cases.items, lambda before: both(found, before))
            else:
                both(found, None)

        self._rank(self._info.folder, cases.items, first)

    def _weigh(self, compared: Compared, current: Student) -> None:
        """The next page of past rankings, until there is none."""
        from rpdr_core.workflow.impact import PAGE, impact_cases

        page = self._ids[self._at : self._at + PAGE]
        if self._stopped:
            self._failed(Cancelled("stopped"))
        elif not page:
            self._done(compared, self._tally.result())
        else:
            self._at += len(page)
            self._store.query(
                lambda project: impact_cases(project, page, current),
                lambda cases: self._add(compared, current, cases, len(page)),
                self._failed,
            )

    def _add(self, compared: Compared, current: Student, cases: list[ImpactCase], size: int) -> None:
        def ranked(found: Ranked) -> None:
            self._tally.add(cases, found.rankings, undecidable=size - len(cases))
            self._weigh(compared, current)

        self._rank(self._info.folder, [case.item for case in cases], ranked)

    def _rank(self, folder: str, items: Sequence[RankItem], done: Callable[[Ranked], None]) -> None:
        if self._stopped:
            self._failed(Cancelled("stopped"))
            return
        before = self._ranked

        def ended(found: Ranked) -> None:
            self._ranked = before + len(items)
            done(found)

        def step(count: int) -> None:
            self._progress(min(before + count, self._total), self._total)

        self._ranking = RankingLists(self._worker, self._fingerprint, folder, items, ended, self._failed, step)
        self._ranking.go_on()
