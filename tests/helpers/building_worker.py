"""A stand-in for the worker whose index is built when the test says so, and whose rankings tell their vectors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from helpers.desk_parts import FakeWorker, ranking

from rpdr_core.errors import Cancelled, RpdrError, WorkerLostError
from rpdr_core.protocol.messages import BuildIndex, Done, ProgressEvent, RetrievalState, Retrieve
from rpdr_core.records import Provenance

TOTAL = 30


@dataclass
class Build:
    """One `index.build` under way."""

    params: BuildIndex
    done: Callable[[Any], None]
    failed: Callable[[RpdrError], None]
    progress: Callable[[ProgressEvent], None]


class BuildingWorker(FakeWorker):
    """`vectors` of 30 strings are there. `retrieved` lists the mentions of every `retrieve`."""

    def __init__(self, vectors: int = 0) -> None:
        super().__init__()
        self.vectors = vectors
        self.builds: list[Build] = []
        self.retrieved: list[list[int]] = []
        self._numbers: dict[int, Build] = {}
        for method in ("retrieval.open", "memory.remember", "memory.forget"):
            self.answers[method] = lambda *_: self.state_now()
        self.answers["retrieve"] = self._retrieve

    def state_now(self) -> RetrievalState:
        dense = "absent" if not self.vectors else "ready" if self.vectors == TOTAL else "partial"
        return RetrievalState("numbers", 16, TOTAL, self.vectors, TOTAL, dense, "fake")  # type: ignore[arg-type]

    def request(self, method: str, params: Any, **answers: Any) -> int:
        if method != "index.build":
            return super().request(method, params, **answers)
        self.asked.append((method, params))
        build = Build(params, answers["done"], answers["failed"], answers["progress"])
        self.builds.append(build)
        self._numbers[len(self.asked)] = build
        return len(self.asked)

    def cancel(self, request: int) -> None:
        super().cancel(request)
        if request in self._numbers:
            self._numbers.pop(request).failed(Cancelled("stopped"))

    def finish(self, vectors: int) -> None:
        """The newest build is done."""
        self.vectors = vectors
        self.builds[-1].done(self.state_now())

    def crash(self) -> None:
        """The process dies in the newest build, and is back at once."""
        self.become("restarting")
        self.builds[-1].failed(WorkerLostError("the worker process went away"))
        self.become("ready")

    def _retrieve(self, params: Retrieve, partial: Callable[[Any], None], _progress: object) -> Done:
        self.retrieved.append([mention.id for mention in params.mentions])
        for mention in params.mentions:
            model = "fake" if self.vectors else "lexical"
            made_by = Provenance("retriever", model, "numbers", f"k=10 vectors={self.vectors}/{TOTAL}")
            partial(replace(ranking(mention.id), provenance=made_by))
        return Done(len(params.mentions))
