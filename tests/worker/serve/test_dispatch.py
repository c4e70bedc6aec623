"""Two lanes, cancelling, and whatever a handler may do to the wire."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from helpers.messages import HELLO, INFO

from rpdr_core.errors import Cancelled, NotFoundError
from rpdr_core.protocol import codec
from rpdr_core.protocol.messages import BuildIndex, Done, Empty, RetrievalState, Retrieve
from rpdr_core.records import Provenance, Ranking
from rpdr_worker.job import Job
from rpdr_worker.serve import dispatch
from rpdr_worker.serve.dispatch import Dispatcher, Handler

STATE = RetrievalState("f", 1, 2, 2, 2, "ready", "e")
RANKING = Ranking(1, "retriever", (), Provenance("r", "m", "k"))
SECONDS = 10


class Served:
    """A dispatcher with the lines that it writes."""

    def __init__(self, handlers: dict[str, Handler]) -> None:
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.dispatcher = Dispatcher(handlers, INFO, self._lines.put)
        self._number = 1
        self.dispatcher.receive(codec.request_line(1, "initialize", HELLO))
        assert self.next()["result"]["protocol"] == HELLO.protocol

    def ask(self, method: str, params: object) -> int:
        self._number += 1
        self.dispatcher.receive(codec.request_line(self._number, method, params))
        return self._number

    def cancel(self, number: int) -> None:
        self.dispatcher.receive(codec.cancel_line(number))

    def next(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(self._lines.get(timeout=SECONDS))
        return frame

    def nothing_more(self) -> bool:
        return self._lines.empty()


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    """Set at the end, so that no handler of a failed test waits on."""
    event = threading.Event()
    yield event
    event.set()


def waiting(stop: threading.Event, started: threading.Event | None = None) -> Handler:
    """A handler that works until it is cancelled."""

    def handle(_params: object, job: Job) -> object:
        if started is not None:
            started.set()
        while not stop.wait(0.005):
            job.check()
        return STATE

    return handle


def retrieve(params: Retrieve, job: Job) -> Done:
    for _ in params.mentions:
        job.partial(RANKING)
    job.progress(1, 1, 0.0, "done")
    return Done(len(params.mentions))


def test_parts_progress_and_result_come_in_order() -> None:
    served = Served({"retrieve": lambda _params, job: retrieve(Retrieve("f", (1, 2)), job)})  # type: ignore[arg-type]
    number = served.ask("retrieve", Retrieve("f", ()))
    frames = [served.next() for _ in range(4)]
    assert [frame.get("method") for frame in frames] == ["$/partial", "$/partial", "$/progress", None]
    assert {frame["params"]["id"] for frame in frames[:3]} == {number}
    assert (frames[3]["id"], frames[3]["result"]["items"]) == (number, 2)


def test_short_requests_run_in_order_on_one_thread() -> None:
    threads: list[str] = []

    def handle(_params: object, _job: Job) -> Done:
        threads.append(threading.current_thread().name)
        time.sleep(0.002)
        return Done(len(threads))

    served = Served({"retrieve": handle})
    numbers = [served.ask("retrieve", Retrieve("f", ())) for _ in range(20)]
    frames = [served.next() for _ in numbers]
    assert [frame["id"] for frame in frames] == numbers
    assert [frame["result"]["items"] for frame in frames] == list(range(1, 21))
    assert set(threads) == {"rpdr-interactive"}


@pytest.mark.parametrize("method", sorted(dispatch.LONG & {"index.build"}))
def test_retrieve_answers_while_the_index_is_built(method: str, stop: threading.Event) -> None:
    started = threading.Event()
    served = Served({method: waiting(stop, started), "retrieve": retrieve})
    building = served.ask(method, BuildIndex("f"))
    assert started.wait(SECONDS)
    asked = served.ask("retrieve", Retrieve("f", ()))
    assert served.next()["method"] == "$/progress"
    assert served.next()["id"] == asked
    stop.set()
    assert served.next() == {
        "jsonrpc": "2.0",
        "id": building,
        "result": json.loads(codec.result_line(1, STATE))["result"],
    }


def test_two_long_requests_run_side_by_side() -> None:
    both = threading.Barrier(2, timeout=SECONDS)

    def meet(_params: object, _job: Job) -> RetrievalState:
        both.wait()
        return STATE

    served = Served({"index.build": meet})
    numbers = {served.ask("index.build", BuildIndex("f")) for _ in range(2)}
    assert {served.next()["id"] for _ in range(2)} == numbers


@pytest.mark.parametrize("method", ["index.build", "retrieval.state"])
def test_a_cancelled_request_fails_as_cancelled(method: str, stop: threading.Event) -> None:
    started = threading.Event()
    served = Served({method: waiting(stop, started)})
    number = served.ask(method, BuildIndex("f"))
    assert started.wait(SECONDS)
    served.cancel(number)
    frame = served.next()
    assert (frame["id"], frame["error"]["data"]["code"]) == (number, "cancelled")


def test_a_request_cancelled_in_the_queue_is_never_begun(stop: threading.Event) -> None:
    began: list[object] = []

    def handle(params: object, _job: Job) -> Done:
        began.append(params)
        return Done(0)

    served = Served({"retrieval.state": waiting(stop), "retrieve": handle})
    first = served.ask("retrieval.state", BuildIndex("f"))
    second = served.ask("retrieve", Retrieve("never", ()))
    served.cancel(second)
    stop.set()
    assert served.next()["id"] == first
    assert served.next()["error"]["data"]["code"] == "cancelled"
    assert began == []


def test_cancelling_what_has_ended_or_never_was_does_nothing() -> None:
    served = Served({"retrieve": retrieve})
    number = served.ask("retrieve", Retrieve("f", ()))
    served.next()
    served.next()
    served.cancel(number)
    served.cancel(99)
    assert served.nothing_more()


def _raise(error: BaseException) -> Handler:
    def handle(_params: object, _job: Job) -> object:
        raise error

    return handle


@pytest.mark.parametrize(
    ("handler", "code"),
    [
        (_raise(NotFoundError("no such")), "input.not_found"),
        (_raise(Cancelled("stopped")), "cancelled"),
        (_raise(KeyError("白内障术后")), "bug"),
        (_raise(SystemExit(1)), "bug"),
        (_raise(RecursionError("白内障术后")), "bug"),
        (lambda _params, _job: None, "bug"),
        (lambda _params, _job: Done(1, float("nan")), "world.protocol"),
        (lambda _params, job: job.partial(STATE), "bug"),
        (lambda _params, job: job.partial(Ranking(1, "\ud800", (), RANKING.provenance)), "world.protocol"),
    ],
)
def test_whatever_a_handler_does_ends_its_request_alone(
    handler: Handler, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    served = Served({"retrieve": handler, "retrieval.state": lambda _params, _job: STATE})
    number = served.ask("retrieve", Retrieve("f", ()))
    frame = served.next()
    assert (frame["id"], frame["error"]["data"]["code"]) == (number, code)
    assert "白内障术后" not in json.dumps(frame, ensure_ascii=False)
    assert bool(caplog.records) == (code == "bug")
    assert served.ask("retrieval.state", BuildIndex("f")) == served.next()["id"]


def test_a_handler_that_speaks_after_its_end_is_not_heard() -> None:
    kept: list[Job] = []

    def handle(_params: object, job: Job) -> Done:
        kept.append(job)
        return Done(0)

    served = Served({"retrieve": handle})
    served.ask("retrieve", Retrieve("f", ()))
    served.next()
    kept[0].progress(1, 1)
    kept[0].partial(RANKING)
    assert served.nothing_more()


def test_broken_lines_are_answered_beside_running_work(stop: threading.Event) -> None:
    served = Served({"retrieval.state": waiting(stop)})
    served.ask("retrieval.state", BuildIndex("f"))
    served.dispatcher.receive(b"not json\n")
    assert served.next()["error"]["code"] == -32700
    stop.set()
    assert "result" in served.next()


def test_shutdown_answers_cancels_and_stops(stop: threading.Event) -> None:
    served = Served({"index.build": waiting(stop)})
    building = served.ask("index.build", BuildIndex("f"))
    number = served.ask("shutdown", Empty())
    assert served.dispatcher.stopped
    assert served.dispatcher.close(SECONDS)
    frames = {frame["id"]: frame for frame in (served.next(), served.next())}
    assert frames[number]["result"] == {}
    assert frames[building]["error"]["data"]["code"] == "cancelled"


def test_close_cancels_all_and_waits(stop: threading.Event) -> None:
    served = Served({"index.build": waiting(stop), "retrieval.state": waiting(stop), "retrieve": retrieve})
    for method in ("index.build", "index.build", "retrieval.state"):
        served.ask(method, BuildIndex("f"))
    served.ask("retrieve", Retrieve("f", ()))
    assert served.dispatcher.close(SECONDS)
    frames = [served.next() for _ in range(4)]
    assert {frame["error"]["data"]["code"] for frame in frames} == {"cancelled"}


def test_close_does_not_wait_longer_than_its_grace(stop: threading.Event) -> None:
    def deaf(_params: object, _job: Job) -> RetrievalState:
        stop.wait(SECONDS)
        return STATE

    served = Served({"index.build": deaf})
    served.ask("index.build", BuildIndex("f"))
    began = time.monotonic()
    assert not served.dispatcher.close(0.1)
    assert time.monotonic() - began < SECONDS / 2


def test_a_reader_that_has_gone_does_not_hurt_the_work() -> None:
    finished = threading.Event()

    def broken(_line: bytes) -> None:
        raise BrokenPipeError

    def handle(_params: object, job: Job) -> Done:
        job.partial(RANKING)
        finished.set()
        return Done(1)

    dispatcher = Dispatcher({"retrieve": handle}, INFO, broken)
    dispatcher.receive(codec.request_line(1, "initialize", HELLO))
    dispatcher.receive(codec.request_line(2, "retrieve", Retrieve("f", ())))
    assert finished.wait(SECONDS)
    assert dispatcher.close(SECONDS)
