"""Requests -> handlers, in two lanes: short work in order on one thread, long work on a thread of its own."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from rpdr_core.errors import Cancelled, RpdrError
from rpdr_core.protocol.events import CancelRequest, Reply, Request
from rpdr_core.protocol.messages import Empty, Initialized, ProgressEvent
from rpdr_core.protocol.server_session import ServerSession
from rpdr_worker.job import Job

_LOG = logging.getLogger("rpdr.worker")

Handler = Callable[[Any, Job], object]

LONG = frozenset(
    {
        "index.build",
        "texts.nearest",
        "link",
        "rank.teacher",
        "rank.teacher.batch",
        "rank.teacher.permit",
        "rank.student",
        "adapter.verify",
        "adapter.fuse",
        "run.start",
        "run.follow",
        "run.control",
        "run.result",
        "host.describe",
    }
)
"""Methods that run beside the others, so that `retrieve` answers while they work. A permit is short, but a request
waits for it: it does not queue behind a retrieval."""


class Outbox:
    """The session's answers, whole and in order, from any thread. When nobody reads any more, it is silent."""

    def __init__(self, session: ServerSession, write: Callable[[bytes], None]) -> None:
        self._session = session
        self._write = write
        self._lock = threading.Lock()
        self._broken = False

    def receive(self, data: bytes) -> list[Request | CancelRequest]:
        """What `data` asks for; what the session answers itself is sent."""
        asked: list[Request | CancelRequest] = []
        with self._lock:
            for event in self._session.receive(data):
                if isinstance(event, Reply):
                    self._put(event.line)
                else:
                    asked.append(event)
        return asked

    def progress(self, request: int, event: ProgressEvent) -> None:
        with self._lock:
            self._put(self._session.progress(request, event))

    def partial(self, request: int, value: object) -> None:
        with self._lock:
            self._put(self._session.partial(request, value))

    def result(self, request: int, value: object) -> None:
        with self._lock:
            self._put(self._session.result(request, value))

    def failure(self, request: int, error: BaseException) -> None:
        with self._lock:
            self._put(self._session.failure(request, error))

    def _put(self, line: bytes) -> None:
        if line and not self._broken:
            try:
                self._write(line)
            except OSError:
                # Its reader is gone; the end of stdin follows and stops the work.
                self._broken = True


class RequestJob:
    """`Job` of one request."""

    def __init__(self, request: int, outbox: Outbox) -> None:
        self._request = request
        self._outbox = outbox
        self._stop = threading.Event()

    @property
    def cancelled(self) -> bool:
        return self._stop.is_set()

    def cancel(self) -> None:
        self._stop.set()

    def check(self) -> None:
        if self.cancelled:
            raise Cancelled("stopped on request")

    def progress(self, done: int, total: int, seconds_left: float | None = None, note: str = "") -> None:
        self._outbox.progress(self._request, ProgressEvent(done, total, seconds_left, note))

    def partial(self, value: object) -> None:
        self._outbox.partial(self._request, value)


class Dispatcher:
    """Runs `handlers` for what the session receives. `receive` and `close` belong to one thread."""

    def __init__(
        self, handlers: Mapping[str, Handler], info: Initialized, write: Callable[[bytes], None], *, session: Any = None
    ) -> None:
        self._handlers = handlers
        self._outbox = Outbox(session or ServerSession(info), write)
        self._jobs: dict[int, RequestJob] = {}
        self._jobs_lock = threading.Lock()
        self._short: queue.SimpleQueue[tuple[Request, RequestJob] | None] = queue.SimpleQueue()
        self._threads = [self._start("rpdr-interactive", self._run_short_ones)]
        self.stopped = False

    def receive(self, data: bytes) -> None:
        """Start or cancel what `data` asks for. After a `shutdown`, `stopped` is true."""
        for event in self._outbox.receive(data):
            if isinstance(event, CancelRequest):
                self._cancel(event.id)
            elif event.method == "shutdown":
                self._cancel_all()
                self._outbox.result(event.id, Empty())
                self.stopped = True
            else:
                self._begin(event)

    def close(self, grace: float) -> bool:
        """Cancel all and wait up to `grace` seconds. False if something still runs."""
        self._cancel_all()
        self._short.put(None)
        end = time.monotonic() + grace
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _begin(self, request: Request) -> None:
        job = RequestJob(request.id, self._outbox)
        with self._jobs_lock:
            self._jobs[request.id] = job
        if request.method in LONG:
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            self._threads.append(self._start(f"rpdr-{request.method}", lambda: self._run(request, job)))
        else:
            self._short.put((request, job))

    def _cancel(self, request: int) -> None:
        with self._jobs_lock:
            job = self._jobs.get(request)
        if job is not None:
            job.cancel()

    def _cancel_all(self) -> None:
        with self._jobs_lock:
            jobs = list(self._jobs.values())
        for job in jobs:
            job.cancel()

    def _start(self, name: str, target: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=target, name=name, daemon=True)
        thread.start()
        return thread

    def _run_short_ones(self) -> None:
        while (work := self._short.get()) is not None:
            self._run(*work)

    def _run(self, request: Request, job: RequestJob) -> None:
        try:
            job.check()
            self._outbox.result(request.id, self._handlers[request.method](request.params, job))
        except RpdrError as error:
            self._outbox.failure(request.id, error)
        except BaseException as error:  # noqa: BLE001 - whatever a handler raises is the end of its request alone
            _LOG.error("%s failed", request.method, exc_info=error)
            self._outbox.failure(request.id, error)
        finally:
            with self._jobs_lock:
                self._jobs.pop(request.id, None)
