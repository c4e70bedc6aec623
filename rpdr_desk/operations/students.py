"""The student in use, and its ranks in the queue."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rpdr_core.errors import Cancelled, NotAllowedError, RpdrError
from rpdr_core.protocol.messages import RankByStudent, RankItem
from rpdr_core.records import Ranking
from rpdr_desk.operations.jobs import Jobs
from rpdr_desk.operations.one_thread import Failed
from rpdr_desk.operations.rank_items import items_of
from rpdr_desk.operations.store_thread import StoreThread
from rpdr_desk.operations.worker_link import WorkerLink

if TYPE_CHECKING:
    from rpdr_core.store import ProjectReader

MOST = 1_000_000
BATCH = 256


@dataclass(frozen=True, slots=True)
class StudentInUse:
    """The student that was put in use: its id and its adapter's folder; both empty if there is none."""

    id: str = ""
    folder: str = ""


class Students:
    """Ranking the queue is a job; it follows by itself when a student is put in use."""

    def __init__(self, store: StoreThread, worker: WorkerLink, jobs: Jobs, fingerprint: Callable[[], str]) -> None:
        self._store, self._worker, self._jobs, self._fingerprint = store, worker, jobs, fingerprint
        self._pass: _Pass | None = None

    def in_use(self, done: Callable[[StudentInUse], None], failed: Failed | None = None) -> None:
        self._store.query(student_in_use, done, failed)

    def rank(self, failed: Failed) -> None:
        """Re-rank every undecided mention that the student in use has not ranked. One that was in use before stops."""

        def read(project: ProjectReader) -> tuple[StudentInUse, array[int]]:
            student = student_in_use(project)
            return student, project.unranked(f"student:{student.id}", MOST)

        def begin(found: tuple[StudentInUse, array[int]]) -> None:
            student, ids = found
            running = self._pass is not None and self._pass.runs
            if self._pass is not None and running and self._pass.folder != student.folder:
                self._pass.stop()
                running = False
            if not student.folder:
                failed(NotAllowedError("no student is in use", hint="train one, compare it, and put it in use"))
            elif not running:
                self._pass = _Pass(self._store, self._worker, self._jobs, student.folder, self._fingerprint(), ids)
                self._pass.go_on()

        self._store.query(read, begin, failed)


class _Pass:
    """One way through the queue, batch after batch, as one job. Each batch is recorded before the next is sent."""

    def __init__(
        self, store: StoreThread, worker: WorkerLink, jobs: Jobs, folder: str, fingerprint: str, ids: array[int]
    ) -> None:
        self._store, self._worker, self._jobs = store, worker, jobs
        self.folder, self._fingerprint, self._ids = folder, fingerprint, ids
        self._at = 0
        self._request = 0
        self._stopped = False
        self._job = jobs.start("student", total=len(ids), cancel=self.stop)

    @property
    def runs(self) -> bool:
        return self._jobs.get(self._job).state == "running"

    def go_on(self) -> None:
        page = self._ids[self._at : self._at + BATCH]
        if not page or self._stopped:
            self._end()
            return
        self._at += len(page)
        self._store.query(lambda project: items_of(project, page), self._send, self._fail)

    def _send(self, items: tuple[RankItem, ...]) -> None:
        if self._stopped or not items:
            self.go_on()
            return
        found: list[Ranking] = []
        params = RankByStudent(self.folder, self._fingerprint, items)
        self._request = self._worker.request(
            "rank.student", params, done=lambda _done: self._record(found), failed=self._fail, partial=found.append
        )

    def _record(self, rankings: list[Ranking]) -> None:
        self._jobs.progress(self._job, self._at, len(self._ids))
        self._store.change(lambda project: project.record_rankings(rankings), lambda _changes: self.go_on(), self._fail)

    def _end(self) -> None:
        if self._stopped:
            self._fail(Cancelled("cancelled"))
        else:
            self._jobs.finish(self._job)

    def _fail(self, error: RpdrError) -> None:
        self._jobs.fail(self._job, error)

    def stop(self) -> None:
        self._stopped = True
        if self._request:
            self._worker.cancel(self._request)


def student_in_use(reader: ProjectReader) -> StudentInUse:
    """The student that was put in use; an empty one where none was."""
    from rpdr_core.workflow.adapters import current_student

    student = current_student(reader)
    return StudentInUse(student.id, student.folder)
