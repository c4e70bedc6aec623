"""Long work: what runs, how far it is, how it ended."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from PySide6.QtCore import QObject, Signal

from rpdr_core.errors import Cancelled, RpdrError

JobState = Literal["running", "done", "failed", "cancelled"]
Kind = Literal["retrieve", "index", "import", "export", "teacher", "train", "encoder", "student", "link", "backup"]


@dataclass(frozen=True, slots=True)
class Point:
    """One measurement of a training run."""

    step: int
    loss: float
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class Job:
    """`total` 0 means that the end is not known. `message` says how it ended."""

    id: int
    kind: Kind
    done: int = 0
    total: int = 0
    seconds_left: float | None = None
    note: str = ""
    state: JobState = "running"
    message: str = ""
    hint: str = ""
    curve: tuple[Point, ...] = ()


class Jobs(QObject):
    """The list of jobs of this window, newest last. `changed` carries the job that changed."""

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._numbers = itertools.count(1)
        self._jobs: dict[int, Job] = {}
        self._cancel: dict[int, Callable[[], None]] = {}

    def all(self) -> list[Job]:
        return list(self._jobs.values())

    def get(self, id: int) -> Job:
        return self._jobs[id]

    def running(self) -> list[Job]:
        return [job for job in self._jobs.values() if job.state == "running"]

    def is_running(self, kind: Kind) -> bool:
        return any(job.kind == kind for job in self.running())

    def start(self, kind: Kind, *, total: int = 0, note: str = "", cancel: Callable[[], None] | None = None) -> int:
        """Put a job on the list; returns its id."""
        number = next(self._numbers)
        if cancel is not None:
            self._cancel[number] = cancel
        self._put(Job(number, kind, total=total, note=note))
        return number

    def progress(self, id: int, done: int, total: int, seconds_left: float | None = None, note: str = "") -> None:
        job = self._jobs[id]
        if job.state == "running":
            self._put(replace(job, done=done, total=total, seconds_left=seconds_left, note=note or job.note))

    def measure(self, id: int, point: Point) -> None:
        job = self._jobs[id]
        self._put(replace(job, curve=(*job.curve, point)))

    def finish(self, id: int, message: str = "") -> None:
        self._end(id, "done", message, "")

    def fail(self, id: int, error: RpdrError) -> None:
        state: JobState = "cancelled" if isinstance(error, Cancelled) else "failed"
        self._end(id, state, error.message, error.hint)

    def cancel(self, id: int) -> None:
        """Ask the job to stop; it ends when whoever does it says so."""
        stop = self._cancel.get(id)
        if stop is not None and self._jobs[id].state == "running":
            stop()

    def can_cancel(self, id: int) -> bool:
        return id in self._cancel and self._jobs[id].state == "running"

    def _end(self, id: int, state: JobState, message: str, hint: str) -> None:
        job = self._jobs[id]
        done = job.total if state == "done" else job.done
        self._put(replace(job, state=state, done=done, message=message, hint=hint, seconds_left=None))

    def _put(self, job: Job) -> None:
        self._jobs[job.id] = job
        self.changed.emit(job)
