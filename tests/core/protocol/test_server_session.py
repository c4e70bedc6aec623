"""The worker's half: only checked requests come through, everything else is answered, nothing raises."""

from __future__ import annotations

import json
from typing import Any

import pytest
from helpers.messages import HELLO, INFO, SAFE, cuts, instances
from hypothesis import given, settings
from hypothesis import strategies as st

from rpdr_core.errors import Cancelled, NotFoundError
from rpdr_core.protocol import codec
from rpdr_core.protocol.events import CancelRequest, Reply, Request
from rpdr_core.protocol.faults import (
    CANCELLED,
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    NOT_INITIALIZED,
    PARSE_ERROR,
)
from rpdr_core.protocol.messages import METHODS, BuildIndex, Done, Empty, Initialize, ProgressEvent, Retrieve
from rpdr_core.protocol.server_session import ServerSession
from rpdr_core.records import Provenance, Ranking

HELLO_LINE = codec.request_line(1, "initialize", HELLO)
RANKING = Ranking(1, "retriever", (), Provenance("r", "m", "k"))


def ready(**options: Any) -> ServerSession:
    session = ServerSession(INFO, **options)
    assert session.receive(HELLO_LINE) == [Reply(codec.result_line(1, INFO))]
    return session


def answer(session: ServerSession, line: bytes) -> dict[str, Any]:
    [event] = session.receive(line)
    assert isinstance(event, Reply), event
    assert event.line.endswith(b"\n")
    return dict(json.loads(event.line))


def refusal(session: ServerSession, line: bytes) -> tuple[int | None, int]:
    frame = answer(session, line)
    assert frame["error"]["data"]["message"] == frame["error"]["message"] != ""
    return frame["id"], frame["error"]["code"]


def test_a_checked_request_comes_through() -> None:
    session = ready()
    assert session.receive(codec.request_line(2, "retrieve", Retrieve("f", ()))) == [
        Request(2, "retrieve", Retrieve("f", ()))
    ]


@pytest.mark.parametrize("method", [method for method in METHODS if method != "initialize"])
@settings(max_examples=10)
@given(data=st.data())
def test_every_method_comes_through_with_its_params(method: str, data: st.DataObject) -> None:
    params = data.draw(instances(METHODS[method].params))
    assert ready().receive(codec.request_line(2, method, params)) == [Request(2, method, params)]


def test_nothing_is_served_before_the_handshake() -> None:
    session = ServerSession(INFO)
    assert refusal(session, codec.request_line(1, "shutdown", Empty())) == (1, NOT_INITIALIZED)
    assert session.receive(codec.request_line(2, "initialize", HELLO)) == [Reply(codec.result_line(2, INFO))]


def test_another_protocol_is_refused_and_may_be_tried_again() -> None:
    session = ServerSession(INFO)
    line = b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocol":99,"client":"x","new":true}}\n'
    frame = answer(session, line)
    assert frame["error"]["data"]["code"] == "input.not_allowed"
    assert "99" in frame["error"]["message"]
    assert "same release" in frame["error"]["data"]["hint"]
    assert refusal(session, codec.request_line(2, "shutdown", Empty()))[1] == NOT_INITIALIZED
    assert session.receive(codec.request_line(3, "initialize", HELLO)) == [Reply(codec.result_line(3, INFO))]


def test_the_handshake_comes_once() -> None:
    assert refusal(ready(), codec.request_line(2, "initialize", HELLO)) == (2, INVALID_REQUEST)


@pytest.mark.parametrize("params", [{}, {"protocol": "1", "client": "x"}, {"protocol": 1}, {"protocol": 1, "x": 2}])
def test_a_broken_handshake_is_refused(params: dict[str, Any]) -> None:
    line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}).encode() + b"\n"
    assert refusal(ServerSession(INFO), line) == (1, INVALID_PARAMS)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ({"id": 5, "method": "retrieve.all", "params": {}}, (5, METHOD_NOT_FOUND)),
        ({"id": 5, "method": "__class__"}, (5, METHOD_NOT_FOUND)),
        ({"id": 5, "method": "retrieve"}, (5, INVALID_PARAMS)),
        ({"id": 5, "method": "retrieve", "params": {"fingerprint": 1, "mentions": []}}, (5, INVALID_PARAMS)),
        ({"id": 5, "method": "shutdown", "params": {"now": True}}, (5, INVALID_PARAMS)),
        ({"id": 5, "method": "retrieve", "params": ["f", []]}, (5, INVALID_PARAMS)),
        ({"id": 1, "method": "shutdown"}, (None, INVALID_REQUEST)),
        ({"id": None, "method": "shutdown"}, (None, INVALID_REQUEST)),
        ({"id": "5", "method": "shutdown"}, (None, INVALID_REQUEST)),
        ({"id": -5, "method": "shutdown"}, (None, INVALID_REQUEST)),
        ({"id": 5, "result": {}}, (None, INVALID_REQUEST)),
        ({"id": 5, "error": {"code": 1, "message": ""}}, (None, INVALID_REQUEST)),
        ({"id": 5}, (None, INVALID_REQUEST)),
        ({"method": "shutdown"}, (None, METHOD_NOT_FOUND)),
        ({"method": "$/cancel"}, (None, INVALID_PARAMS)),
        ({"method": "$/cancel", "params": {"id": "x"}}, (None, INVALID_PARAMS)),
        ({"method": "$/progress", "params": {"id": 1, "done": 1, "total": 1}}, (None, METHOD_NOT_FOUND)),
    ],
)
def test_what_is_wrong_is_answered_by_number(frame: dict[str, Any], expected: tuple[int | None, int]) -> None:
    session = ready()
    assert refusal(session, json.dumps({"jsonrpc": "2.0", **frame}).encode() + b"\n") == expected
    # The session goes on.
    assert session.receive(codec.request_line(50, "shutdown", Empty())) == [Request(50, "shutdown", Empty())]


def test_an_id_is_used_once_also_when_its_request_failed() -> None:
    session = ready()
    refusal(session, b'{"jsonrpc":"2.0","id":7,"method":"nothing"}\n')
    for number in (7, 6, 1):
        assert refusal(session, codec.request_line(number, "shutdown", Empty())) == (None, INVALID_REQUEST)
    assert session.receive(codec.request_line(8, "shutdown", Empty())) == [Request(8, "shutdown", Empty())]


def test_cancel_comes_through_while_the_request_is_open() -> None:
    session = ready()
    session.receive(codec.request_line(2, "index.build", BuildIndex("f")))
    assert session.receive(codec.cancel_line(2)) == [CancelRequest(2)]
    assert session.receive(codec.cancel_line(3)) == []
    session.failure(2, Cancelled("stopped"))
    assert session.receive(codec.cancel_line(2)) == []


def test_a_request_ends_once_and_is_silent_after() -> None:
    session = ready()
    session.receive(codec.request_line(2, "retrieve", Retrieve("f", ())))
    assert session.progress(2, ProgressEvent(1, 2)) == codec.progress_line(2, ProgressEvent(1, 2))
    assert session.partial(2, RANKING) == codec.partial_line(2, RANKING)
    assert session.result(2, Done(1)) == codec.result_line(2, Done(1))
    assert session.progress(2, ProgressEvent(2, 2)) == b""
    assert session.partial(2, RANKING) == b""
    assert session.result(2, Done(1)) == b""
    assert session.failure(2, NotFoundError("late")) == b""


def test_what_a_handler_returns_is_checked() -> None:
    session = ready()
    session.receive(codec.request_line(2, "retrieve", Retrieve("f", ())))
    session.receive(codec.request_line(3, "index.build", BuildIndex("f")))
    with pytest.raises(TypeError):
        session.result(2, None)
    with pytest.raises(TypeError):
        session.partial(2, Done(1))
    with pytest.raises(TypeError):
        session.partial(3, RANKING)
    assert session.result(2, Done(1)) != b""


@pytest.mark.parametrize(
    ("error", "rpc", "code"),
    [
        (Cancelled("stopped"), CANCELLED, "cancelled"),
        (NotFoundError("no such"), -32000, "input.not_found"),
        (KeyError("白内障术后"), INTERNAL_ERROR, "bug"),
    ],
)
def test_failures_are_numbered_and_a_foreign_one_says_its_type_alone(error: Exception, rpc: int, code: str) -> None:
    session = ready()
    session.receive(codec.request_line(2, "retrieve", Retrieve("f", ())))
    frame = json.loads(session.failure(2, error))
    assert (frame["id"], frame["error"]["code"], frame["error"]["data"]["code"]) == (2, rpc, code)
    assert "白内障术后" not in json.dumps(frame, ensure_ascii=False)


@given(junk=st.binary(max_size=300))
def test_garbage_is_answered_and_never_raises(junk: bytes) -> None:
    session = ready()
    for event in session.receive(junk + b"\n"):
        assert isinstance(event, Reply)
        frame = json.loads(event.line)
        assert frame["id"] is None
        assert frame["error"]["code"] in (PARSE_ERROR, INVALID_REQUEST)
    assert session.receive(codec.request_line(2, "shutdown", Empty())) == [Request(2, "shutdown", Empty())]


FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "jsonrpc": st.sampled_from(["2.0", "1.0", 2]),
        "id": st.none() | st.integers() | st.text(max_size=3),
        "method": st.sampled_from([*METHODS, "$/cancel", "$/partial", "x"]) | st.integers(),
        "params": st.none() | st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=3), max_size=3),
        "result": st.none() | st.integers(),
        "error": st.none() | st.integers(),
    },
)


@given(frames=st.lists(FIELDS, max_size=6))
def test_wrong_frames_never_raise_and_at_most_one_answer_follows_each(frames: list[dict[str, Any]]) -> None:
    session = ready()
    for frame in frames:
        assert len(session.receive(json.dumps(frame).encode() + b"\n")) <= 1


@given(count=st.integers(0, 6), places=st.lists(st.integers(0, 10_000), max_size=20))
def test_events_are_the_same_wherever_the_bytes_are_cut(count: int, places: list[int]) -> None:
    data = HELLO_LINE
    expected: list[Any] = [Reply(codec.result_line(1, INFO))]
    for number in range(2, 2 + count):
        data += codec.request_line(number, "index.build", BuildIndex(f"f{number}")) + b"\n" + codec.cancel_line(number)
        expected += [Request(number, "index.build", BuildIndex(f"f{number}")), CancelRequest(number)]
    session = ServerSession(INFO)
    assert [event for portion in cuts(data, places) for event in session.receive(portion)] == expected


def test_a_line_over_the_limit_is_answered_once_and_the_next_is_read() -> None:
    session = ready(max_line=500)
    events = [event for _ in range(100) for event in session.receive(b"x" * 100)]
    assert events == []
    assert refusal(session, b"\n") == (None, INVALID_REQUEST)
    assert session.receive(codec.request_line(2, "shutdown", Empty())) == [Request(2, "shutdown", Empty())]


@given(id=st.integers(2, SAFE), hello=instances(Initialize))
def test_any_name_and_process_may_shake_hands(id: int, hello: Initialize) -> None:
    right = Initialize(HELLO.protocol, hello.client, hello.parent_pid)
    assert ServerSession(INFO).receive(codec.request_line(id, "initialize", right)) == [
        Reply(codec.result_line(id, INFO))
    ]
