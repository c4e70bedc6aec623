"""Students: what they learn from, their training, and their ranks in the queue."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rpdr_core.errors import Cancelled, NotAllowedError, RpdrError
from rpdr_core.protocol.messages import AdapterInfo, KnowledgeBaseRef, RankByStudent, RankItem, TrainingSpec
from rpdr_core.records import Changes, Ranking
from rpdr_desk.operations.jobs import Jobs
from rpdr_desk.operations.one_thread import Failed
from rpdr_desk.operations.rank_items import items_of
from rpdr_desk.operations.store_thread import StoreThread
from rpdr_desk.operations.training_run import Training
from rpdr_desk.operations.worker_jobs import WorkerJobs
from rpdr_desk.operations.worker_link import WorkerLink

if TYPE_CHECKING:
    from rpdr_core.store import Project, ProjectReader
    from rpdr_core.workflow.distilling import TrainingRows

RECIPE = "encoder-student"
ID_SETTING, FOLDER_SETTING = "newest_adapter", "newest_adapter_folder"
MOST = 1_000_000
BATCH = 256


@dataclass(frozen=True, slots=True)
class NewestStudent:
    """The student trained last: its id and its adapter's folder; both empty if there is none."""

    id: str = ""
    folder: str = ""


class Students:
    """Training is a job, and so is ranking the queue, which follows it by itself."""

    def __init__(
        self,
        store: StoreThread,
        worker: WorkerLink,
        jobs: Jobs,
        worker_jobs: WorkerJobs,
        reference: Callable[[], KnowledgeBaseRef | None],
    ) -> None:
        self._store, self._worker, self._jobs, self._worker_jobs = store, worker, jobs, worker_jobs
        self._reference = reference

    def count_training_rows(self, done: Callable[[int, int], None]) -> None:
        """How many rows there are to train and to validate on."""
        self._store.query(_rows, lambda rows: done(len(rows.train), len(rows.validation)))

    def train(self, failed: Failed) -> None:
        """Distil decisions and teacher rankings into a student, then let it rank the queue."""

        def send(rows: TrainingRows) -> None:
            if not rows.train:
                failed(NotAllowedError("nothing to learn from yet", hint="decide some mentions first"))
                return
            training = Training(self._store, self._worker, self._jobs, self._trained)
            training.start(TrainingSpec(RECIPE, self._fingerprint()), rows)

        self._store.query(_rows, send, failed)

    def newest(self, done: Callable[[NewestStudent], None], failed: Failed | None = None) -> None:
        self._store.query(_newest, done, failed)

    def rank(self, failed: Failed) -> None:
        """Re-rank every undecided mention that the newest student has not ranked."""

        def read(project: ProjectReader) -> tuple[NewestStudent, array[int]]:
            student = _newest(project)
            return student, project.unranked(f"student:{student.id}", MOST)

        def begin(found: tuple[NewestStudent, array[int]]) -> None:
            student, ids = found
            if not student.folder:
                failed(NotAllowedError("there is no student yet", hint="train one first"))
            elif not self._jobs.is_running("student"):
                _Pass(self._store, self._worker, self._jobs, student.folder, self._fingerprint(), ids).go_on()

        self._store.query(read, begin, failed)

    def _trained(self, adapter: AdapterInfo) -> str:
        def note(project: Project) -> Changes:
            project.set_setting(FOLDER_SETTING, adapter.folder)
            return project.set_setting(ID_SETTING, adapter.id)

        self._store.change(note, lambda _changes: self.rank(self._store.trouble.emit))
        return f"{adapter.acc_at_1_before:.1%} → {adapter.acc_at_1:.1%}"

    def _fingerprint(self) -> str:
        reference = self._reference()
        return reference.fingerprint if reference is not None else ""


class _Pass:
    """One way through the queue, batch after batch, as one job. Each batch is recorded before the next is sent."""

    def __init__(
        self, store: StoreThread, worker: WorkerLink, jobs: Jobs, folder: str, fingerprint: str, ids: array[int]
    ) -> None:
        self._store, self._worker, self._jobs = store, worker, jobs
        self._folder, self._fingerprint, self._ids = folder, fingerprint, ids
        self._at = 0
        self._request = 0
        self._stopped = False
        self._job = jobs.start("student", total=len(ids), cancel=self._stop)

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
        params = RankByStudent(self._folder, self._fingerprint, items)
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

    def _stop(self) -> None:
        self._stopped = True
        if self._request:
            self._worker.cancel(self._request)


def _rows(reader: ProjectReader) -> TrainingRows:
    from rpdr_core.workflow.distilling import select_rows

    return select_rows(reader)


def _newest(reader: ProjectReader) -> NewestStudent:
    return NewestStudent(reader.setting(ID_SETTING), reader.setting(FOLDER_SETTING))
