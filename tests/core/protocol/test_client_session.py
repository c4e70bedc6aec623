"""The client's half: exactly one end for each request, and no harm from whatever a worker says."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from helpers.messages import INFO, cuts
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import Bug, Cancelled, FileFormatError, NotAllowedError, RpdrError, WireError, WorkerLostError
from rpdr_core.protocol import codec
from rpdr_core.protocol.client_session import MAX_NOISE, ClientSession
from rpdr_core.protocol.events import Closed, Failure, Noise, Partial, Progress, Ready, Result
from rpdr_core.protocol.faults import CANCELLED, METHOD_NOT_FOUND, ProtocolError, describe
from rpdr_core.protocol.messages import (
    METHODS,
    PROTOCOL_VERSION,
    BuildIndex,
    Done,
    Empty,
    Initialize,
    ProgressEvent,
    Retrieve,
)
from rpdr_core.records import Candidate, Provenance, Ranking

RANKING = Ranking(1, "retriever", (Candidate("H25", "白内障"),), Provenance("r", "m", "k"))
HANDSHAKE = codec.result_line(1, INFO)


def ready(**options: Any) -> ClientSession:
    session = ClientSession("test", **options)
    session.initialize()
    assert session.receive(HANDSHAKE) == [Ready(INFO)]
    return session


def asked(session: ClientSession, times: int = 1) -> list[int]:
    return [session.request("retrieve", Retrieve("f", ()))[0] for _ in range(times)]


def test_the_handshake_says_version_name_and_process() -> None:
    line = ClientSession("desk 1", parent_pid=77).initialize()
    frame = json.loads(line)
    assert frame["method"] == "initialize"
    assert frame["params"] == msgspec.to_builtins(Initialize(PROTOCOL_VERSION, "desk 1", 77))


def test_a_request_takes_parts_and_ends_once() -> None:
    session = ready()
    number, line = session.request("retrieve", Retrieve("f", ()))
    assert codec.read_envelope(line).id == number
    data = codec.progress_line(number, ProgressEvent(1, 2)) + codec.partial_line(number, RANKING)
    assert session.receive(data) == [Progress(number, ProgressEvent(1, 2)), Partial(number, RANKING)]
    assert session.receive(codec.result_line(number, Done(1))) == [Result(number, Done(1))]
    late = session.receive(codec.result_line(number, Done(1)))
    assert [type(event) for event in late] == [Closed]


def test_answers_come_in_any_order() -> None:
    session = ready()
    first, second = asked(session, 2)
    assert session.receive(codec.result_line(second, Done(2))) == [Result(second, Done(2))]
    assert session.receive(codec.result_line(first, Done(1))) == [Result(first, Done(1))]


@pytest.mark.parametrize(
    "error",
    [
        FileFormatError("no header", hint="add one", file="a.csv", line=3),
        Cancelled("stopped on request"),
        WorkerLostError("gone"),
        Bug("unexpected KeyError"),
    ],
)
def test_an_error_is_rebuilt_with_its_place_and_cure(error: RpdrError) -> None:
    session = ready()
    [number] = asked(session)
    [event] = session.receive(codec.error_line(number, *describe(error)))
    assert isinstance(event, Failure)
    assert type(event.error) is type(error)
    assert vars(event.error) == vars(error)
    assert session.ready


def test_a_protocol_error_keeps_its_number() -> None:
    session = ready()
    [number] = asked(session)
    [event] = session.receive(codec.error_line(number, METHOD_NOT_FOUND, WireError("world.protocol", "unknown method")))
    assert isinstance(event, Failure)
    assert isinstance(event.error, ProtocolError)
    assert event.error.rpc == METHOD_NOT_FOUND


def test_an_error_without_our_data_is_a_protocol_error() -> None:
    session = ready()
    [number] = asked(session)
    line = json.dumps({"jsonrpc": "2.0", "id": number, "error": {"code": -1, "message": "no"}}).encode() + b"\n"
    [event] = session.receive(line)
    assert isinstance(event, Failure)
    assert (event.error.message, event.error.code) == ("no", "world.protocol")


def test_cancel_is_sent_for_an_open_request_alone() -> None:
    session = ready()
    [number] = asked(session)
    assert json.loads(session.cancel(number)) == {"jsonrpc": "2.0", "method": "$/cancel", "params": {"id": number}}
    assert session.cancel(number + 1) == b""
    [event] = session.receive(codec.error_line(number, CANCELLED, WireError("cancelled", "stopped")))
    assert isinstance(event, Failure)
    assert isinstance(event.error, Cancelled)
    assert session.cancel(number) == b""


@given(
    answers=st.lists(st.sampled_from(["progress", "partial", "result", "error"]), max_size=12),
    places=st.lists(st.integers(0, 100_000), max_size=20),
)
def test_events_are_the_same_wherever_the_bytes_are_cut(answers: list[str], places: list[int]) -> None:
    session = ready()
    ids = iter(asked(session, 13))
    current, data = next(ids), b""
    expected: list[Any] = []
    for answer in answers:
        if answer == "progress":
            data += codec.progress_line(current, ProgressEvent(1, 2, 0.5, "步"))
            expected.append(Progress(current, ProgressEvent(1, 2, 0.5, "步")))
        elif answer == "partial":
            data += codec.partial_line(current, RANKING)
            expected.append(Partial(current, RANKING))
        elif answer == "result":
            data += codec.result_line(current, Done(1))
            expected.append(Result(current, Done(1)))
            current = next(ids)
        else:
            data += codec.error_line(current, CANCELLED, WireError("cancelled", "stopped"))
            expected.append(("failed", current))
            current = next(ids)
    found = [event for portion in cuts(data, places) for event in session.receive(portion)]
    assert [("failed", event.id) if isinstance(event, Failure) else event for event in found] == expected


@given(places=st.lists(st.integers(0, 10_000), max_size=20))
def test_the_handshake_may_be_cut_anywhere(places: list[int]) -> None:
    session = ClientSession("test")
    session.initialize()
    found = [event for portion in cuts(b"banner\n" + HANDSHAKE, places) for event in session.receive(portion)]
    assert found == [Noise(b"banner"), Ready(INFO)]


@given(junk=st.binary(max_size=300), before=st.booleans())
def test_garbage_ends_the_session_or_is_noise_and_never_raises(junk: bytes, before: bool) -> None:
    session = ClientSession("test")
    session.initialize()
    if not before:
        session.receive(HANDSHAKE)
        asked(session)
    events = session.receive(junk + b"\n")
    kinds = {type(event) for event in events}
    assert kinds <= ({Noise, Closed} if before else {Failure, Closed})


def test_login_noise_is_passed_over() -> None:
    session = ClientSession("test")
    session.initialize()
    banner = b"Welcome to host\r\n\xff\xfe *** {not json} ***\n\n" + b'{"a": 1}\n'
    events = session.receive(banner + HANDSHAKE)
    assert [type(event) for event in events] == [Noise, Noise, Noise, Ready]
    assert events[0] == Noise(b"Welcome to host")


@pytest.mark.parametrize("portion", [b"x" * 100 + b"\n", b"x" * 100])
def test_noise_is_bounded_with_and_without_newlines(portion: bytes) -> None:
    session = ClientSession("test")
    session.initialize()
    taken = 0
    while not session.closed:
        events = session.receive(portion)
        taken += len(portion)
        assert taken <= MAX_NOISE + 200
    assert taken >= MAX_NOISE - 200
    assert isinstance(events[-1], Closed)
    assert isinstance(events[-1].error, ProtocolError)
    assert "login shell" in events[-1].error.hint


def test_after_the_handshake_noise_ends_the_session_and_every_request() -> None:
    session = ready()
    ids = asked(session, 3)
    *failures, closed = session.receive(b"Traceback (most recent call last):\n")
    assert [(type(event), event.id) for event in failures] == [(Failure, number) for number in ids]  # type: ignore[union-attr]
    assert isinstance(closed, Closed)
    assert isinstance(closed.error, ProtocolError)
    assert not session.ready
    assert session.receive(HANDSHAKE) == []
    assert session.close(WorkerLostError("again")) == []


@pytest.mark.parametrize(
    "answer",
    [
        {"id": 2, "result": {"items": "many"}},
        {"id": 2, "result": {"items": 1, "surprise": 0}},
        {"id": 2},
        {"id": 2, "result": {"items": 1}, "error": {"code": 1, "message": ""}},
        {"id": 9, "result": {"items": 1}},
        {"result": {"items": 1}},
        {"id": None, "error": {"code": -32700, "message": "not JSON"}},
        {"id": 2, "error": {"code": 1, "message": "", "data": {"code": 5}}},
        {"method": "$/partial", "params": {"id": 2, "value": {"mention_id": 1}}},
        {"method": "$/partial", "params": {"id": 3, "value": {}}},
        {"method": "$/partial", "params": {"id": 9, "value": {}}},
        {"method": "$/partial"},
        {"method": "$/progress", "params": {"id": 9, "done": 1, "total": 1}},
        {"method": "$/progress", "params": {"id": 2, "done": "1", "total": 1}},
        {"method": "$/other", "params": {}},
        {"id": 4, "method": "retrieve", "params": {}},
    ],
)
def test_an_answer_that_breaks_the_protocol_ends_the_session(answer: dict[str, Any]) -> None:
    session = ready()
    asked(session)
    session.request("retrieval.state", BuildIndex("f"))
    events = session.receive(json.dumps({"jsonrpc": "2.0", **answer}).encode() + b"\n")
    assert [type(event) for event in events] == [Failure, Failure, Closed]


def test_a_line_over_the_limit_ends_the_session() -> None:
    session = ready(max_line=1000)
    asked(session)
    session.receive(b"x" * 1001)
    assert [type(event) for event in session.receive(b"\n")] == [Failure, Closed]


def test_another_protocol_is_refused_with_a_cure() -> None:
    session = ClientSession("test")
    session.initialize()
    plain = {**msgspec.to_builtins(INFO), "protocol": PROTOCOL_VERSION + 1, "new_field": 1}
    [event] = session.receive(json.dumps({"jsonrpc": "2.0", "id": 1, "result": plain}).encode() + b"\n")
    assert isinstance(event, Closed)
    assert isinstance(event.error, NotAllowedError)
    assert "same release" in event.error.hint


def test_a_refused_handshake_closes() -> None:
    session = ClientSession("test")
    session.initialize()
    [event] = session.receive(codec.error_line(1, *describe(NotAllowedError("too old", hint="update"))))
    assert isinstance(event, Closed)
    assert (event.error.message, event.error.hint) == ("too old", "update")


def test_the_end_fails_each_open_request_once() -> None:
    session = ready()
    first, second = asked(session, 2)
    session.receive(codec.result_line(first, Done(0)))
    lost = WorkerLostError("gone")
    assert session.close(lost) == [Failure(second, lost), Closed(lost)]
    assert session.close(lost) == []


def test_misuse_is_our_own_bug() -> None:
    early = ClientSession("test")
    with pytest.raises(Bug):
        early.request("retrieve", Retrieve("f", ()))
    early.initialize()
    with pytest.raises(Bug):
        early.initialize()
    session = ready()
    for method, params in [("retrieve", Empty()), ("nothing", Empty()), ("initialize", Initialize(1, "x"))]:
        with pytest.raises(Bug):
            session.request(method, params)


def test_a_request_that_cannot_be_sent_leaves_nothing_open() -> None:
    session = ready()
    with pytest.raises(ProtocolError):
        session.request("retrieval.state", BuildIndex("\ud800"))
    assert [type(event) for event in session.close(WorkerLostError("gone"))] == [Closed]


def test_every_method_can_be_asked_for() -> None:
    session = ready()
    for method, row in METHODS.items():
        if row.params is Empty:
            session.request(method, Empty())
