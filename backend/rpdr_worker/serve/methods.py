"""The composition root: which room serves which method. Rooms are imported when they are first asked for."""

from __future__ import annotations

import importlib.util
import threading
from functools import wraps
from typing import TYPE_CHECKING, Any

from rpdr_core import __version__
from rpdr_core.protocol.adapter_messages import AdapterCheck, FuseAdapter, FusedModel, VerifyAdapter
from rpdr_core.protocol.messages import (
    METHODS,
    PROTOCOL_VERSION,
    BatchByTeacher,
    BatchState,
    BuildIndex,
    Done,
    Empty,
    Forget,
    Initialized,
    LinkMentions,
    NearestTexts,
    Neighbours,
    OpenRetrieval,
    PreviewPrompt,
    PromptPreview,
    RankByStudent,
    RankByTeacher,
    Remember,
    RetrievalState,
    Retrieve,
    SendPermit,
    VectorFiles,
)
from rpdr_core.protocol.run_messages import HostInfo
from rpdr_worker.devices import list_devices
from rpdr_worker.faults import told
from rpdr_worker.job import Job
from rpdr_worker.serve.dispatch import Handler

if TYPE_CHECKING:
    from rpdr_worker.ranking.permits import Permits
    from rpdr_worker.retrieval.service import RetrievalService

_RUN_METHODS = {
    "upload": "upload",
    "start": "start",
    "list": "list_runs",
    "state": "state",
    "follow": "follow",
    "control": "control",
    "result": "result",
    "fetch": "fetch",
    "remove": "remove",
}
_LIBRARIES = {"teacher": ("openai",), "student": ("torch", "transformers", "peft")}


def describe_worker() -> Initialized:
    """The worker's half of the handshake."""
    able = [ranker for ranker, libraries in _LIBRARIES.items() if all(map(importlib.util.find_spec, libraries))]
    return Initialized(PROTOCOL_VERSION, __version__, tuple(METHODS), list_devices(), ("retriever", *able))


def build_handlers() -> dict[str, Handler]:
    """A handler for each method but the session's own two."""
    retrieval, teacher = Retrieval(), Teacher()
    handlers: dict[str, Handler] = {
        "retrieval.open": retrieval.open,
        "retrieval.state": retrieval.state,
        "index.files": retrieval.files,
        "index.build": retrieval.build,
        "retrieve": retrieval.retrieve,
        "texts.nearest": retrieval.nearest,
        "link": retrieval.link,
        "memory.remember": retrieval.remember,
        "memory.forget": retrieval.forget,
        "rank.teacher": teacher.rank,
        "rank.teacher.batch": teacher.batch,
        "rank.teacher.permit": teacher.permit,
        "rank.teacher.preview": preview_prompt,
        "rank.student": retrieval.rank_by_student,
        "adapter.verify": verify_adapter,
        "adapter.fuse": fuse_adapter,
        "host.describe": describe_host,
        **{f"run.{name}": _run_method(function) for name, function in _RUN_METHODS.items()},
    }
    return {method: explained(handler) for method, handler in handlers.items()}


class Retrieval:
    """The retrieval service, made when it is first used, and the linker on top of it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._service: RetrievalService | None = None

    def open(self, params: OpenRetrieval, job: Job) -> RetrievalState:
        return self._get().open(params, job)

    def state(self, params: BuildIndex, job: Job) -> RetrievalState:
        return self._get().state(params, job)

    def files(self, params: BuildIndex, job: Job) -> VectorFiles:
        return self._get().files(params, job)

    def build(self, params: BuildIndex, job: Job) -> RetrievalState:
        return self._get().build(params, job)

    def retrieve(self, params: Retrieve, job: Job) -> Done:
        return self._get().retrieve(params, job)

    def nearest(self, params: NearestTexts, job: Job) -> Neighbours:
        return self._get().nearest(params, job)

    def link(self, params: LinkMentions, job: Job) -> Done:
        from rpdr_worker.linking.linker import link

        return link(params, job, self._get(), self.rank_by_student)

    def rank_by_student(self, params: RankByStudent, job: Job) -> Done:
        """With the memory in force, where the knowledge base is open here: a correction counts for students, too."""
        from rpdr_worker.ranking.student import rank

        with self._lock:
            service = self._service
        return rank(params, job, service.remembered(params.knowledge_base) if service is not None else ())

    def remember(self, params: Remember, job: Job) -> RetrievalState:
        return self._get().remember(params, job)

    def forget(self, params: Forget, job: Job) -> RetrievalState:
        return self._get().forget(params, job)

    def _get(self) -> RetrievalService:
        with self._lock:
            if self._service is None:
                from rpdr_worker.retrieval.service import RetrievalService

                self._service = RetrievalService()
            return self._service


class Teacher:
    """The teacher's runs and the permits that their requests wait for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._permits: Permits | None = None

    def rank(self, params: RankByTeacher, job: Job) -> Done:
        from rpdr_worker.ranking.teacher import rank

        return rank(params, job, self._get())

    def batch(self, params: BatchByTeacher, job: Job) -> BatchState:
        from rpdr_worker.ranking.teacher_batch import batch

        return batch(params, job, self._get())

    def permit(self, params: SendPermit, job: Job) -> Empty:
        job.check()
        self._get().answer(params)
        return Empty()

    def _get(self) -> Permits:
        with self._lock:
            if self._permits is None:
                from rpdr_worker.ranking.permits import Permits

                self._permits = Permits()
            return self._permits


def preview_prompt(params: PreviewPrompt, job: Job) -> PromptPreview:
    from rpdr_worker.ranking.teacher import preview

    return preview(params, job)


def verify_adapter(params: VerifyAdapter, job: Job) -> AdapterCheck:
    from rpdr_worker.ranking.verifying import verify

    return verify(params, job)


def fuse_adapter(params: FuseAdapter, job: Job) -> FusedModel:
    from rpdr_worker.ranking.fusing import fuse

    return fuse(params, job)


def _run_method(name: str) -> Handler:
    """A method of the room of runs by its function's name."""

    def handle(params: Any, job: Job) -> object:
        from rpdr_worker.runs import service

        return getattr(service, name)(params, job)

    return handle


def describe_host(params: Empty, job: Job) -> HostInfo:
    from rpdr_worker.runs.host import describe

    return describe(params, job)


def explained(handler: Handler) -> Handler:
    """`handler` with the world's faults told as such: a missing library, no memory, a disk that refuses."""

    @wraps(handler)
    def handle(params: Any, job: Job) -> object:
        try:
            return handler(params, job)
        except Exception as error:
            known = told(error)
            if known is None or known is error:
                raise
            raise known from error

    return handle
