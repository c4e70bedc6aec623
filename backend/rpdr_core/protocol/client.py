"""A blocking client: start a worker, call methods, read results."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Literal, Self, overload

from rpdr_core import __version__
from rpdr_core.errors import Cancelled, RpdrError, WorkerLostError
from rpdr_core.protocol.adapter_messages import AdapterCheck, FuseAdapter, FusedModel, VerifyAdapter
from rpdr_core.protocol.client_session import ClientSession
from rpdr_core.protocol.events import ClientEvent, Closed, Failure, Noise, Partial, Progress, Ready, Result
from rpdr_core.protocol.messages import (
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
    ProgressEvent,
    PromptPreview,
    RankByStudent,
    RankByTeacher,
    Remember,
    RetrievalState,
    Retrieve,
    SendPermit,
    TeacherEvent,
    VectorFiles,
)
from rpdr_core.protocol.process import WorkerProcess
from rpdr_core.protocol.run_messages import (
    ControlRun,
    FilePart,
    FollowRun,
    HeldPart,
    HostInfo,
    ReadPart,
    RunEvent,
    RunList,
    RunPart,
    RunRef,
    RunResult,
    RunState,
    StartRun,
)
from rpdr_core.protocol.transport import Transport
from rpdr_core.records import Ranking

START_SECONDS = 30.0
CANCEL_SECONDS = 5.0
# On Windows a wait without end cannot be interrupted from the keyboard.
_TICK = 0.5

OnProgress = Callable[[ProgressEvent], object]


class WorkerClient:
    """A worker behind a transport. `call` blocks and may be used from several threads at once."""

    def __init__(self, transport: Transport, *, name: str = f"rpdr {__version__}") -> None:
        self._transport = transport
        self._session = ClientSession(name, parent_pid=os.getpid())
        self._lock = threading.Lock()
        self._calls: dict[int, queue.SimpleQueue[ClientEvent]] = {}
        self._handshake: queue.SimpleQueue[Ready | Closed] = queue.SimpleQueue()
        self._lost: RpdrError | None = None
        self.worker: Initialized

    @classmethod
    def start(cls, command: Sequence[str] = (), *, timeout: float = START_SECONDS) -> WorkerClient:
        """Start `command` (empty: this installation's worker) and shake hands. Raises `WorkerLostError`,
        `NotAllowedError` when the two sides are of different releases, `ProtocolError` for another program.
        """
        return cls.connect(WorkerProcess(command), timeout=timeout)

    @classmethod
    def connect(cls, transport: Transport, *, timeout: float = START_SECONDS) -> WorkerClient:
        """Shake hands over `transport`."""
        client = cls(transport)
        try:
            transport.start(client._receive, client._end)
            client._shake_hands(timeout)
        except BaseException:
            transport.close()
            raise
        return client

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Stop the worker and what it is doing. Safe to call twice."""
        self._end(WorkerLostError("the worker was closed"))
        self._transport.close()

    @overload
    def call(self, method: Literal["shutdown"], params: Empty) -> Empty: ...
    @overload
    def call(self, method: Literal["retrieval.open"], params: OpenRetrieval) -> RetrievalState: ...
    @overload
    def call(self, method: Literal["retrieval.state"], params: BuildIndex) -> RetrievalState: ...
    @overload
    def call(self, method: Literal["index.files"], params: BuildIndex) -> VectorFiles: ...
    @overload
    def call(
        self, method: Literal["index.build"], params: BuildIndex, *, on_progress: OnProgress | None = None
    ) -> RetrievalState: ...
    @overload
    def call(
        self,
        method: Literal["retrieve"],
        params: Retrieve,
        *,
        on_partial: Callable[[Ranking], object] | None = None,
        on_progress: OnProgress | None = None,
    ) -> Done: ...
    @overload
    def call(
        self,
        method: Literal["link"],
        params: LinkMentions,
        *,
        on_partial: Callable[[Ranking], object] | None = None,
        on_progress: OnProgress | None = None,
    ) -> Done: ...
    @overload
    def call(self, method: Literal["memory.remember"], params: Remember) -> RetrievalState: ...
    @overload
    def call(self, method: Literal["memory.forget"], params: Forget) -> RetrievalState: ...
    @overload
    def call(
        self,
        method: Literal["rank.teacher"],
        params: RankByTeacher,
        *,
        on_partial: Callable[[TeacherEvent], object] | None = None,
        on_progress: OnProgress | None = None,
    ) -> Done: ...
    @overload
    def call(
        self,
        method: Literal["rank.teacher.batch"],
        params: BatchByTeacher,
        *,
        on_partial: Callable[[TeacherEvent], object] | None = None,
        on_progress: OnProgress | None = None,
    ) -> BatchState: ...
    @overload
    def call(self, method: Literal["rank.teacher.permit"], params: SendPermit) -> Empty: ...
    @overload
    def call(self, method: Literal["rank.teacher.preview"], params: PreviewPrompt) -> PromptPreview: ...
    @overload
    def call(
        self,
        method: Literal["rank.student"],
        params: RankByStudent,
        *,
        on_partial: Callable[[Ranking], object] | None = None,
        on_progress: OnProgress | None = None,
    ) -> Done: ...
    @overload
    def call(self, method: Literal["texts.nearest"], params: NearestTexts) -> Neighbours: ...
    @overload
    def call(self, method: Literal["adapter.verify"], params: VerifyAdapter) -> AdapterCheck: ...
    @overload
    def call(
        self, method: Literal["adapter.fuse"], params: FuseAdapter, *, on_progress: OnProgress | None = None
    ) -> FusedModel: ...
    @overload
    def call(self, method: Literal["run.upload"], params: RunPart) -> HeldPart: ...
    @overload
    def call(self, method: Literal["run.start"], params: StartRun) -> RunState: ...
    @overload
    def call(self, method: Literal["run.list"], params: Empty) -> RunList: ...
    @overload
    def call(self, method: Literal["run.state"], params: RunRef) -> RunState: ...
    @overload
    def call(
        self,
        method: Literal["run.follow"],
        params: FollowRun,
        *,
        on_partial: Callable[[RunEvent], object] | None = None,
    ) -> RunState: ...
    @overload
    def call(self, method: Literal["run.control"], params: ControlRun) -> RunState: ...
    @overload
    def call(self, method: Literal["run.result"], params: RunRef) -> RunResult: ...
    @overload
    def call(self, method: Literal["run.fetch"], params: ReadPart) -> FilePart: ...
    @overload
    def call(self, method: Literal["run.remove"], params: RunRef) -> Empty: ...
    @overload
    def call(self, method: Literal["host.describe"], params: Empty) -> HostInfo: ...
    def call(
        self,
        method: str,
        params: object,
        *,
        on_partial: Callable[[Any], object] | None = None,
        on_progress: OnProgress | None = None,
    ) -> Any:
        """Ask and wait for the end; the two callbacks run in the calling thread.

        Raises the worker's error as it was raised there, `WorkerLostError` when the worker dies. Ctrl+C cancels
        the request and raises `Cancelled`; an exception of a callback cancels it and goes on up.
        """
        request, events = self._send(method, params)
        try:
            end = self._follow(events, on_partial, on_progress)
        except KeyboardInterrupt:
            self._give_up(request, events)
            raise Cancelled("stopped from the keyboard") from None
        except BaseException:
            self._give_up(request, events)
            raise
        finally:
            with self._lock:
                self._calls.pop(request, None)
        if isinstance(end, Failure):
            raise end.error
        return end.value

    def _send(self, method: str, params: object) -> tuple[int, queue.SimpleQueue[ClientEvent]]:
        events: queue.SimpleQueue[ClientEvent] = queue.SimpleQueue()
        with self._lock:
            if self._lost is not None:
                raise self._lost
            request, line = self._session.request(method, params)
            self._calls[request] = events
        self._transport.send(line)
        return request, events

    def _follow(
        self,
        events: queue.SimpleQueue[ClientEvent],
        on_partial: Callable[[Any], object] | None,
        on_progress: OnProgress | None,
    ) -> Result | Failure:
        while True:
            match _next(events):
                case Result() | Failure() as end:
                    return end
                case Partial(value=value) if on_partial is not None:
                    on_partial(value)
                case Progress(event=event) if on_progress is not None:
                    on_progress(event)
                case _:
                    pass

    def _give_up(self, id: int, events: queue.SimpleQueue[ClientEvent]) -> None:
        with self._lock:
            line = self._session.cancel(id)
        try:
            self._transport.send(line)
            while not isinstance(events.get(timeout=CANCEL_SECONDS), Result | Failure):
                pass
        except (queue.Empty, WorkerLostError):
            # A worker that does not listen is stopped when it is closed.
            return

    def _shake_hands(self, timeout: float) -> None:
        self._transport.send(self._session.initialize())
        try:
            answer = self._handshake.get(timeout=timeout)
        except queue.Empty:
            raise WorkerLostError(f"the worker has not answered for {timeout:g} seconds") from None
        if isinstance(answer, Closed):
            raise answer.error
        self.worker = answer.worker

    def _receive(self, data: bytes) -> None:
        with self._lock:
            self._pass_on(self._session.receive(data))

    def _end(self, error: RpdrError) -> None:
        with self._lock:
            self._pass_on(self._session.close(error))

    def _pass_on(self, events: list[ClientEvent]) -> None:
        for event in events:
            match event:
                case Ready():
                    self._handshake.put(event)
                case Closed(error=error):
                    self._lost = error
                    self._handshake.put(event)
                case Noise():
                    pass
                case Progress(id=id) | Partial(id=id) | Result(id=id) | Failure(id=id):
                    # A call that gave up waiting for its own end has left.
                    if id in self._calls:
                        self._calls[id].put(event)


def _next(events: queue.SimpleQueue[ClientEvent]) -> ClientEvent:
    while True:
        try:
            return events.get(timeout=_TICK)
        except queue.Empty:
            continue
