"""The teacher: what waits for it, what would be sent, and its answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rpdr_core.errors import NotAllowedError
from rpdr_core.protocol.messages import (
    Endpoint,
    KnowledgeBaseRef,
    PreviewPrompt,
    PromptPreview,
    RankByTeacher,
    RankItem,
    TeacherAnswer,
)
from rpdr_core.records import Ranking
from rpdr_desk.operations.jobs import Jobs
from rpdr_desk.operations.one_thread import Failed
from rpdr_desk.operations.rank_items import items_of
from rpdr_desk.operations.store_thread import StoreThread
from rpdr_desk.operations.worker_jobs import WorkerJobs
from rpdr_desk.operations.worker_link import WorkerLink
from rpdr_desk.settings import Settings

if TYPE_CHECKING:
    from rpdr_core.store import ProjectReader

TEMPLATE = "rerank_en"
MOST = 100_000


@dataclass(frozen=True, slots=True)
class TeacherPreview:
    """How many mentions wait for the teacher; address and body (JSON) of the first request, empty if none waits."""

    waiting: int
    url: str = ""
    body: str = ""


class Teaching:
    """Text leaves this machine in `rank` alone, and only when the user asked for it."""

    def __init__(
        self,
        store: StoreThread,
        worker: WorkerLink,
        jobs: Jobs,
        worker_jobs: WorkerJobs,
        settings: Settings,
        reference: Callable[[], KnowledgeBaseRef | None],
    ) -> None:
        self._store, self._worker, self._jobs, self._worker_jobs = store, worker, jobs, worker_jobs
        self._settings, self._reference = settings, reference

    def preview(self, done: Callable[[TeacherPreview], None], failed: Failed) -> None:
        """How many mentions wait for the teacher, and the exact request the first of them would send."""
        endpoint = self._endpoint(failed)
        if endpoint is None:
            return

        def ask(items: tuple[RankItem, ...]) -> None:
            if not items:
                done(TeacherPreview(0))
                return

            def rendered(preview: PromptPreview) -> None:
                done(TeacherPreview(len(items), preview.url, preview.body))

            params = PreviewPrompt(endpoint, TEMPLATE, items[0])
            self._worker.request("rank.teacher.preview", params, done=rendered, failed=failed)

        self._store.query(lambda project: _waiting(project, MOST), ask, failed)

    def rank(self, key: str, limit: int, failed: Failed) -> None:
        """Send up to `limit` unranked mentions to the endpoint; answers are recorded as they arrive."""
        endpoint, reference = self._endpoint(failed), self._reference()
        if endpoint is None:
            return
        fingerprint = reference.fingerprint if reference is not None else ""

        def send(items: tuple[RankItem, ...]) -> None:
            params = RankByTeacher(endpoint, key, TEMPLATE, fingerprint, items)
            self._worker_jobs.send(
                "teacher", "rank.teacher", params, lambda _done: "", partial=self._record, total=len(items)
            )

        self._store.query(lambda project: _waiting(project, limit), send, failed)

    def _endpoint(self, failed: Failed) -> Endpoint | None:
        values = self._settings.values
        if values.teacher_configured:
            return Endpoint(values.teacher_url, values.teacher_model, values.teacher_kind)
        failed(NotAllowedError("no teacher is set up", hint="give its address and model in Settings, Teacher"))
        return None

    def _record(self, job: int, answer: object) -> None:
        """An answer without a ranking is no label: it is counted, not stored."""
        if not isinstance(answer, TeacherAnswer):
            return
        now = self._jobs.get(job)
        self._jobs.progress(job, min(now.total, now.done + 1), now.total, now.seconds_left)
        ranking: Ranking | None = answer.ranking
        if ranking is not None:
            self._store.change(lambda project: project.record_rankings([ranking]))


def _waiting(reader: ProjectReader, limit: int) -> tuple[RankItem, ...]:
    return items_of(reader, reader.unranked("teacher", limit))
