"""Requests to the worker that show as jobs: progress, time left, cancel, and how they ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rpdr_core.errors import RpdrError
from rpdr_core.protocol.messages import ProgressEvent
from rpdr_desk.operations.jobs import Jobs, Kind
from rpdr_desk.operations.worker_link import WorkerLink


class WorkerJobs:
    """Each request is one job."""

    def __init__(self, worker: WorkerLink, jobs: Jobs) -> None:
        self._worker, self._jobs = worker, jobs

    def send(
        self,
        kind: Kind,
        method: str,
        params: object,
        done: Callable[[Any], str],
        *,
        partial: Callable[[int, object], None] | None = None,
        failed: Callable[[RpdrError], None] | None = None,
        total: int = 0,
    ) -> int:
        """Start a request as a job; returns the job's id. `done` turns the result into the words it ends with."""
        requests: list[int] = []
        job = self._jobs.start(kind, total=total, cancel=lambda: self._worker.cancel(requests[0]))

        def progress(event: ProgressEvent) -> None:
            self._jobs.progress(job, event.done, event.total, event.seconds_left, event.note)

        def fail(error: RpdrError) -> None:
            self._jobs.fail(job, error)
            if failed is not None:
                failed(error)

        requests.append(
            self._worker.request(
                method,
                params,
                done=lambda result: self._jobs.finish(job, done(result)),
                failed=fail,
                partial=None if partial is None else lambda part: partial(job, part),
                progress=progress,
            )
        )
        return job
