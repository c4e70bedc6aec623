"""The jobs of the worker beyond retrieval: index, teacher, student. All go through the wire's own messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rpdr_core.errors import NotAllowedError, RpdrError
from rpdr_core.paths import data_dir
from rpdr_core.protocol.messages import (
    AdapterInfo,
    BuildIndex,
    Distill,
    Endpoint,
    KnowledgeBaseRef,
    MentionText,
    PreviewPrompt,
    ProgressEvent,
    PromptPreview,
    RankByStudent,
    RankByTeacher,
    RankItem,
    RetrievalState,
    TeacherAnswer,
    TrainingEvent,
    TrainingRow,
)
from rpdr_core.records import Ranking
from rpdr_desk.operations.jobs import Jobs, Kind, Point
from rpdr_desk.operations.store_thread import StoreThread
from rpdr_desk.operations.training_rows import training_rows
from rpdr_desk.operations.worker_link import WorkerLink
from rpdr_desk.settings import Settings

if TYPE_CHECKING:
    from rpdr_core.store import ProjectReader

TEACHER_TEMPLATE = "rerank_en"
RECIPE = "encoder_lora"
MOST = 100_000
ADAPTER_SETTING = "newest_adapter"


@dataclass(frozen=True, slots=True)
class TeacherPreview:
    """How many mentions wait for the teacher; address and body (JSON) of the first request, empty if none waits."""

    waiting: int
    url: str = ""
    body: str = ""


class Modelling(QObject):
    """Each method starts a job, or fails at once with the cure. `dense_changed`: the index has grown."""

    dense_changed = Signal(str)

    def __init__(
        self,
        store: StoreThread,
        worker: WorkerLink,
        jobs: Jobs,
        settings: Settings,
        reference: Callable[[], KnowledgeBaseRef | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._worker, self._jobs = store, worker, jobs
        self._settings, self._reference = settings, reference

    def build_index(self) -> None:
        """Embed every term of the knowledge base, so that meaning is compared as well as letters."""
        reference = self._reference()
        if reference is None or self._jobs.is_running("index"):
            return
        self._send("index", "index.build", BuildIndex(reference.fingerprint), self._index_built)

    def preview_teacher(self, done: Callable[[TeacherPreview], None], failed: Callable[[RpdrError], None]) -> None:
        """How many mentions wait for the teacher, and the exact request the first of them would send."""
        try:
            endpoint = self._endpoint()
        except RpdrError as error:
            failed(error)
            return

        def ask(items: tuple[RankItem, ...]) -> None:
            if not items:
                done(TeacherPreview(0))
                return

            def rendered(preview: PromptPreview) -> None:
                done(TeacherPreview(len(items), preview.url, preview.body))

            params = PreviewPrompt(endpoint, TEACHER_TEMPLATE, items[0])
            self._worker.request("rank.teacher.preview", params, done=rendered, failed=failed)

        self._store.query(lambda project: _items(project, "teacher", MOST), ask, failed)

    def rank_with_teacher(self, key: str, limit: int, failed: Callable[[RpdrError], None]) -> None:
        """Send up to `limit` unranked mentions to the endpoint; answers are recorded as they arrive."""
        endpoint, reference = self._endpoint(), self._reference()
        fingerprint = reference.fingerprint if reference is not None else ""

        def send(items: tuple[RankItem, ...]) -> None:
            params = RankByTeacher(endpoint, key, TEACHER_TEMPLATE, fingerprint, items)
            self._send("teacher", "rank.teacher", params, lambda _done: "", self._record_answer, len(items))

        self._store.query(lambda project: _items(project, "teacher", limit), send, failed)

    def count_training_rows(self, done: Callable[[int, int], None]) -> None:
        """How many rows there are to train and to validate on."""
        self._store.query(training_rows, lambda rows: done(len(rows[0]), len(rows[1])))

    def train(self, failed: Callable[[RpdrError], None]) -> None:
        """Distil decisions and teacher rankings into a student."""
        reference = self._reference()

        def send(rows: tuple[tuple[TrainingRow, ...], tuple[TrainingRow, ...]]) -> None:
            train, validation = rows
            if not train:
                failed(NotAllowedError("nothing to learn from yet", hint="decide some mentions first"))
                return
            fingerprint = reference.fingerprint if reference is not None else ""
            output = str(data_dir() / "adapters")
            params = Distill(RECIPE, output, fingerprint, train, validation)
            self._send("train", "distill", params, self._trained, self._measure)

        self._store.query(training_rows, send, failed)

    def rank_with_student(self, failed: Callable[[RpdrError], None]) -> None:
        """Re-rank every mention that the newest student has not seen."""
        reference = self._reference()
        fingerprint = reference.fingerprint if reference is not None else ""

        def read(project: ProjectReader) -> tuple[str, tuple[RankItem, ...]]:
            adapter = project.setting(ADAPTER_SETTING)
            return adapter, _items(project, f"student:{adapter}", MOST) if adapter else ()

        def send(found: tuple[str, tuple[RankItem, ...]]) -> None:
            adapter, items = found
            if not adapter:
                failed(NotAllowedError("there is no student yet", hint="train one first"))
                return
            params = RankByStudent(adapter, fingerprint, items)
            self._send("student", "rank.student", params, lambda _done: "", self._record_ranking, len(items))

        self._store.query(read, send, failed)

    def newest_student(self, done: Callable[[str], None]) -> None:
        """The id of the student trained last; empty if there is none."""
        self._store.query(lambda project: project.setting(ADAPTER_SETTING), done)

    def _send(
        self,
        kind: Kind,
        method: str,
        params: object,
        done: Callable[..., str],
        partial: Callable[[int, object], None] | None = None,
        total: int = 0,
    ) -> None:
        """Start a request as a job; `done` turns the result into the words the job ends with."""
        requests: list[int] = []
        job = self._jobs.start(kind, total=total, cancel=lambda: self._worker.cancel(requests[0]))

        def progress(event: ProgressEvent) -> None:
            self._jobs.progress(job, event.done, event.total, event.seconds_left, event.note)

        requests.append(
            self._worker.request(
                method,
                params,
                done=lambda result: self._jobs.finish(job, done(result)),
                failed=lambda error: self._jobs.fail(job, error),
                partial=None if partial is None else lambda part: partial(job, part),
                progress=progress,
            )
        )

    def _endpoint(self) -> Endpoint:
        values = self._settings.values
        if not values.teacher_configured:
            raise NotAllowedError("no teacher is set up", hint="give its address and model in Settings, Teacher")
        return Endpoint(values.teacher_url, values.teacher_model, values.teacher_kind)

    def _index_built(self, state: RetrievalState) -> str:
        self.dense_changed.emit(state.dense)
        return f"{state.dense_done:,} / {state.dense_total:,}"

    def _trained(self, adapter: AdapterInfo) -> str:
        self._store.change(lambda project: project.set_setting(ADAPTER_SETTING, adapter.id))
        return f"{adapter.acc_at_1_before:.1%} → {adapter.acc_at_1:.1%}"

    def _measure(self, job: int, event: object) -> None:
        if isinstance(event, TrainingEvent):
            self._jobs.progress(job, event.step, event.steps, event.seconds_left)
            self._jobs.measure(job, Point(event.step, event.loss, event.acc_at_1))

    def _record_answer(self, job: int, answer: object) -> None:
        """An answer without a ranking is no label: it is counted, not stored."""
        if isinstance(answer, TeacherAnswer):
            if answer.ranking is not None:
                self._record_ranking(job, answer.ranking)
            else:
                self._advance(job)

    def _record_ranking(self, job: int, ranking: object) -> None:
        if isinstance(ranking, Ranking):
            self._advance(job)
            self._store.change(lambda project: project.record_rankings([ranking]))

    def _advance(self, job: int) -> None:
        now = self._jobs.get(job)
        self._jobs.progress(job, min(now.total, now.done + 1), now.total, now.seconds_left)


def _items(reader: ProjectReader, ranker: str, limit: int) -> tuple[RankItem, ...]:
    """What a re-ranker has still to rank: mentions with the retriever's candidates."""
    items: list[RankItem] = []
    for mention_id in reader.unranked(ranker, limit):
        ranking = next(
            (one for one in reader.rankings(mention_id) if one.ranker == "retriever" and one.candidates), None
        )
        if ranking is not None:
            mention = reader.mentions([mention_id])[0]
            items.append(RankItem(MentionText(mention_id, mention.text, mention.context), ranking.candidates))
    return tuple(items)
