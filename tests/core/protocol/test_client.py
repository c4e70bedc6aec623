"""The blocking client over a transport in memory."""

from __future__ import annotations

import threading
import typing
from collections.abc import Callable

import pytest
from helpers.far_side import Answer, FarSide
from helpers.messages import INFO

from rpdr_core.errors import Cancelled, NotAllowedError, NotFoundError, WorkerLostError
from rpdr_core.protocol import client as client_module
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.events import Request
from rpdr_core.protocol.faults import ProtocolError
from rpdr_core.protocol.messages import (
    METHODS,
    BuildIndex,
    Done,
    Initialized,
    ProgressEvent,
    RetrievalState,
    Retrieve,
)
from rpdr_core.protocol.server_session import ServerSession
from rpdr_core.protocol.transport import MemoryTransport
from rpdr_core.records import Provenance, Ranking

STATE = RetrievalState("f", 1, 2, 0, 2, "absent", "e")


def ranking(number: int) -> Ranking:
    return Ranking(number, "retriever", (), Provenance("r", "m", "k"))


def three_parts(session: ServerSession, request: Request) -> bytes:
    parts = b"".join(session.partial(request.id, ranking(number)) for number in range(3))
    return session.progress(request.id, ProgressEvent(3, 3)) + parts + session.result(request.id, Done(3))


def silence(_session: ServerSession, _request: Request) -> bytes:
    return b""


def connected(answer: Answer) -> tuple[WorkerClient, FarSide, MemoryTransport]:
    far_side = FarSide(answer)
    transport = MemoryTransport(far_side)
    return WorkerClient.connect(transport), far_side, transport


def test_a_call_gives_parts_in_order_and_the_result() -> None:
    worker, far_side, _ = connected(three_parts)
    parts: list[Ranking] = []
    steps: list[ProgressEvent] = []
    with worker:
        assert worker.worker == INFO
        done = worker.call("retrieve", Retrieve("f", ()), on_partial=parts.append, on_progress=steps.append)
    assert done == Done(3)
    assert parts == [ranking(0), ranking(1), ranking(2)]
    assert steps == [ProgressEvent(3, 3)]
    assert [request.params for request in far_side.asked] == [Retrieve("f", ())]


def test_parts_that_nobody_wants_are_passed_over() -> None:
    worker, _, _ = connected(three_parts)
    with worker:
        assert worker.call("retrieve", Retrieve("f", ())) == Done(3)


def test_the_workers_error_is_raised_as_itself_and_the_next_call_works() -> None:
    def fail_once(session: ServerSession, request: Request) -> bytes:
        if request.method == "retrieve":
            return session.failure(request.id, NotFoundError("not open", hint="open it"))
        return session.result(request.id, STATE)

    worker, far_side, _ = connected(fail_once)
    with worker:
        with pytest.raises(NotFoundError, match="not open") as caught:
            worker.call("retrieve", Retrieve("f", ()))
        assert caught.value.hint == "open it"
        assert worker.call("retrieval.state", BuildIndex("f")) == STATE
    assert far_side.cancelled == []


def _interrupt(_part: object) -> None:
    raise KeyboardInterrupt


def _refuse(_part: object) -> None:
    raise NotFoundError("the project is gone")


def _break(_part: object) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("callback", "raised"), [(_interrupt, Cancelled), (_refuse, NotFoundError), (_break, ZeroDivisionError)]
)
def test_what_stops_the_caller_stops_the_request(
    callback: Callable[[object], None], raised: type[BaseException]
) -> None:
    def one_part(session: ServerSession, request: Request) -> bytes:
        return session.partial(request.id, ranking(1))

    worker, far_side, _ = connected(one_part)
    with worker:
        with pytest.raises(raised):
            worker.call("retrieve", Retrieve("f", ()), on_partial=callback)
        assert far_side.cancelled == [2]
        # The client is not spoilt by it.
        with pytest.raises(raised):
            worker.call("retrieve", Retrieve("f", ()), on_partial=callback)
    assert far_side.cancelled == [2, 3]


def test_a_cancel_that_the_worker_ignores_is_waited_for_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "CANCEL_SECONDS", 0.05)
    sent: list[bytes] = []
    session = ServerSession(INFO)

    def deaf(data: bytes, transport: MemoryTransport) -> None:
        sent.append(data)
        for event in session.receive(data):
            if isinstance(event, Request):
                transport.deliver(session.partial(event.id, ranking(1)))
            elif hasattr(event, "line"):
                transport.deliver(event.line)

    transport = MemoryTransport(deaf)
    worker = WorkerClient.connect(transport)
    with pytest.raises(Cancelled):
        worker.call("retrieve", Retrieve("f", ()), on_partial=_interrupt)
    assert b"$/cancel" in sent[-1]
    # Its late end reaches nobody, and harms nobody.
    transport.deliver(session.result(2, Done(0)))
    worker.close()


def test_a_worker_that_dies_ends_every_call() -> None:
    worker, _, transport = connected(silence)
    errors: list[Exception] = []

    def ask() -> None:
        try:
            worker.call("retrieve", Retrieve("f", ()))
        except WorkerLostError as error:
            errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    while len(worker._calls) < 3:
        pass
    transport.vanish(WorkerLostError("killed", hint="its last words: out of memory"))
    for thread in threads:
        thread.join(5)
    assert [str(error) for error in errors] == ["killed (its last words: out of memory)"] * 3
    with pytest.raises(WorkerLostError, match="killed"):
        worker.call("retrieve", Retrieve("f", ()))


def test_calls_from_several_threads_get_their_own_answers() -> None:
    def echo(session: ServerSession, request: Request) -> bytes:
        return session.result(request.id, Done(int(request.params.fingerprint)))

    worker, _, _ = connected(echo)
    found: dict[int, int] = {}

    def ask(number: int) -> None:
        found[number] = worker.call("retrieve", Retrieve(str(number), ())).items

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert found == {number: number for number in range(20)}


def test_a_closed_client_says_so() -> None:
    worker, _, transport = connected(silence)
    worker.close()
    worker.close()
    assert transport.closed
    with pytest.raises(WorkerLostError, match="closed"):
        worker.call("retrieve", Retrieve("f", ()))


def test_another_release_is_refused_and_the_worker_stopped() -> None:
    transport = MemoryTransport(FarSide(silence, Initialized(9, "9.0", (), (), ())))
    with pytest.raises(NotAllowedError, match="protocol 9"):
        WorkerClient.connect(transport)
    assert transport.closed


def test_another_program_is_told_from_a_worker() -> None:
    transport = MemoryTransport(lambda _data, near: near.deliver(b"usage: rpdr [OPTIONS]\n" * 5000))
    with pytest.raises(ProtocolError, match="other text"):
        WorkerClient.connect(transport)
    assert transport.closed


def test_a_silent_worker_is_not_waited_for_without_end() -> None:
    transport = MemoryTransport(lambda _data, _near: None)
    with pytest.raises(WorkerLostError, match=r"0\.05 seconds"):
        WorkerClient.connect(transport, timeout=0.05)
    assert transport.closed


def test_every_method_of_the_table_has_its_typed_call() -> None:
    typed = {}
    for overload in typing.get_overloads(WorkerClient.call):
        hints = typing.get_type_hints(overload)
        [method] = typing.get_args(hints["method"])
        takes = typing.get_args(hints["on_partial"])[0] if "on_partial" in hints else None
        typed[method] = (hints["params"], hints["return"], takes and typing.get_args(takes)[0][0])
    table = {name: (row.params, row.result, row.partial) for name, row in METHODS.items() if name != "initialize"}
    assert typed == table
