"""The composition root: which room serves which method. Rooms are imported when they are first asked for."""

from __future__ import annotations

import importlib.util
import threading
from functools import wraps
from typing import TYPE_CHECKING, Any

from rpdr_core import __version__
from rpdr_core.errors import Bug, MissingExtraError, RpdrError, WorldError
from rpdr_core.protocol.messages import (
    METHODS,
    PROTOCOL_VERSION,
    AdapterInfo,
    BuildIndex,
    Distill,
    Done,
    Forget,
    Initialized,
    LinkMentions,
    OpenRetrieval,
    PreviewPrompt,
    PromptPreview,
    RankByStudent,
    RankByTeacher,
    Remember,
    RetrievalState,
    Retrieve,
)
from rpdr_worker.devices import list_devices
from rpdr_worker.job import Job
from rpdr_worker.serve.dispatch import Handler

if TYPE_CHECKING:
    from rpdr_worker.retrieval.service import RetrievalService

_EXTRAS = {"openai": "teacher", "hnswlib": "index"}
_LIBRARIES = {"teacher": ("openai",), "student": ("torch", "transformers", "peft")}


def describe_worker() -> Initialized:
    """The worker's half of the handshake."""
    able = [ranker for ranker, libraries in _LIBRARIES.items() if all(map(importlib.util.find_spec, libraries))]
    return Initialized(PROTOCOL_VERSION, __version__, tuple(METHODS), list_devices(), ("retriever", *able))


def build_handlers() -> dict[str, Handler]:
    """A handler for each method but the session's own two."""
    retrieval = Retrieval()
    handlers: dict[str, Handler] = {
        "retrieval.open": retrieval.open,
        "retrieval.state": retrieval.state,
        "index.build": retrieval.build,
        "retrieve": retrieval.retrieve,
        "link": retrieval.link,
        "memory.remember": retrieval.remember,
        "memory.forget": retrieval.forget,
        "rank.teacher": rank_by_teacher,
        "rank.teacher.preview": preview_prompt,
        "rank.student": rank_by_student,
        "distill": train_student,
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

    def build(self, params: BuildIndex, job: Job) -> RetrievalState:
        return self._get().build(params, job)

    def retrieve(self, params: Retrieve, job: Job) -> Done:
        return self._get().retrieve(params, job)

    def link(self, params: LinkMentions, job: Job) -> Done:
        from rpdr_worker.linking.linker import link

        return link(params, job, self._get(), rank_by_student)

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


def rank_by_teacher(params: RankByTeacher, job: Job) -> Done:
    from rpdr_worker.ranking.teacher import rank

    return rank(params, job)


def preview_prompt(params: PreviewPrompt, job: Job) -> PromptPreview:
    from rpdr_worker.ranking.teacher import preview

    return preview(params, job)


def rank_by_student(params: RankByStudent, job: Job) -> Done:
    from rpdr_worker.ranking.student import rank

    return rank(params, job)


def train_student(params: Distill, job: Job) -> AdapterInfo:
    from rpdr_worker.distillation.trainer import distill

    return distill(params, job)


def explained(handler: Handler) -> Handler:
    """`handler` with the world's faults told as such: a missing library, no memory, a disk that refuses."""

    @wraps(handler)
    def handle(params: Any, job: Job) -> object:
        try:
            return handler(params, job)
        except RpdrError:
            # A refused connection is an OSError, too.
            raise
        except ModuleNotFoundError as error:
            raise _missing(error) from error
        except MemoryError as error:
            raise WorldError("out of memory", hint="close other programs, or send smaller batches") from error
        except OSError as error:
            raise WorldError(error.strerror or type(error).__name__, file=str(error.filename or "")) from error

    return handle


def _missing(error: ModuleNotFoundError) -> Exception:
    library = (error.name or "").partition(".")[0]
    if library in ("", "rpdr_worker", "rpdr_core", "rpdr_resources"):
        return Bug(f"the module {error.name} is missing from the installation")
    extra = _EXTRAS.get(library, "worker")
    return MissingExtraError(f"{library} is not installed", hint=f'pip install "rpdr-desk[{extra}]"')
