"""Recorded conversations, replayed to either side: neither may change the wire without the other, or unseen.

When a test here fails because the protocol was meant to change: raise `PROTOCOL_VERSION` if a release speaks the
old one, run `python tests/wire/record.py`, and read the difference.
"""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from msgspec import Raw

from rpdr_core.errors import Cancelled, NotAllowedError, NotFoundError, WireError, from_wire
from rpdr_core.protocol import codec
from rpdr_core.protocol.client_session import ClientSession
from rpdr_core.protocol.events import CancelRequest, Closed, Failure, Partial, Progress, Ready, Reply, Request, Result
from rpdr_core.protocol.faults import ProtocolError
from rpdr_core.protocol.messages import METHODS, Empty, Initialize, Initialized
from rpdr_core.protocol.server_session import ServerSession

HERE = Path(__file__).parent
NAMES = sorted(path.stem for path in HERE.glob("*.jsonl"))


@dataclass(frozen=True)
class Entry:
    side: str
    line: bytes

    @property
    def frame(self) -> dict[str, Any]:
        return dict(json.loads(self.line))

    @property
    def value(self) -> Raw:
        """The line's params or result."""
        frame = self.frame
        return Raw(json.dumps(frame["params"] if "params" in frame else frame["result"]).encode())


def read(name: str) -> list[Entry]:
    lines = (HERE / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [Entry(entry["from"], entry["line"].encode("ascii") + b"\n") for entry in map(json.loads, lines)]


def test_there_is_a_transcript_of_each_kind() -> None:
    assert NAMES == ["broken_requests", "cancel", "handshake", "other_protocol", "retrieval"]


def say_again(session: ClientSession, entry: Entry) -> bytes:
    """Let the session write the recorded line from its typed values; a late cancel is nothing to it."""
    frame = entry.frame
    if frame["method"] == codec.CANCEL:
        return session.cancel(frame["params"]["id"]) or entry.line
    params: object = codec.read_value(entry.value, METHODS[frame["method"]].params)
    return session.request(frame["method"], params)[1]


@pytest.mark.parametrize("name", ["cancel", "handshake", "retrieval"])
def test_the_client_writes_its_lines_and_reads_the_workers(name: str) -> None:
    hello, *entries = read(name)
    params = codec.read_value(hello.value, Initialize)
    session = ClientSession(params.client, parent_pid=params.parent_pid)
    assert session.initialize() == hello.line
    for entry in entries:
        if entry.side == "client":
            assert say_again(session, entry) == entry.line
        else:
            [event] = session.receive(entry.line)
            assert not isinstance(event, Closed)
            check_event(event, entry)


def check_event(event: object, entry: Entry) -> None:
    """The event says what the line says."""
    frame = entry.frame
    match event:
        case Ready(worker):
            assert worker == codec.read_value(entry.value, Initialized)
        case Result(id):
            assert id == frame["id"]
        case Progress(id) | Partial(id):
            assert id == frame["params"]["id"]
        case Failure(id, error):
            assert (id, error.code) == (frame["id"], frame["error"]["data"]["code"])
        case _:
            pytest.fail(f"{type(event).__name__} for {entry.line!r}")


def test_a_client_understands_each_refusal() -> None:
    hello, info, *entries = read("broken_requests")
    session = ClientSession("test")
    session.initialize()
    session.receive(info.line)
    found: list[type] = []
    for entry in entries:
        frame = entry.frame if entry.side == "worker" else {}
        if frame.get("id") is not None:
            while session.request("shutdown", Empty())[0] < frame["id"]:
                pass
            [event] = session.receive(entry.line)
            assert isinstance(event, Failure)
            found.append(type(event.error))
    assert found == [ProtocolError, ProtocolError, ProtocolError, NotFoundError]
    assert hello.frame["method"] == "initialize"


def test_a_client_of_another_protocol_is_told_the_cure() -> None:
    session = ClientSession("test")
    session.initialize()
    [event] = session.receive(read("other_protocol")[1].line)
    assert isinstance(event, Closed)
    assert isinstance(event.error, NotAllowedError)
    assert event.error.hint == "install the same release of rpdr-desk on both machines"


def test_a_cancelled_request_ends_as_cancelled() -> None:
    errors = [entry.frame["error"] for entry in read("cancel") if "error" in entry.frame]
    assert [error["code"] for error in errors] == [-32800]
    assert isinstance(from_wire(WireError(**errors[0]["data"])), Cancelled)


@pytest.mark.parametrize("name", NAMES)
def test_the_worker_reads_the_clients_lines_and_writes_its_own(name: str) -> None:
    entries = read(name)
    session = ServerSession(codec.read_value(read("handshake")[1].value, Initialized))
    methods: dict[int, str] = {}
    replies: list[bytes] = []
    for entry in entries:
        if entry.side == "client":
            for event in session.receive(entry.line):
                match event:
                    case Reply(line):
                        replies.append(line)
                    case Request(id, method):
                        methods[id] = method
                    case CancelRequest(id):
                        assert id in methods
        elif replies:
            assert replies.pop(0) == entry.line
        else:
            assert write_again(session, entry, methods) == entry.line
    assert replies == []


def write_again(session: ServerSession, entry: Entry, methods: dict[int, str]) -> bytes:
    """Let the session write the recorded line from its typed values."""
    frame = entry.frame
    if "error" in frame:
        return session.failure(frame["id"], from_wire(WireError(**frame["error"]["data"])))
    if "result" in frame:
        return session.result(frame["id"], codec.read_value(entry.value, METHODS[methods[frame["id"]]].result))
    number = frame["params"]["id"]
    if frame["method"] == codec.PROGRESS:
        return session.progress(number, codec.read_value(entry.value, codec.ProgressNotice).event())
    kind = METHODS[methods[number]].partial
    assert kind is not None
    return session.partial(number, codec.read_value(codec.read_partial(entry.value).value, kind))


@pytest.fixture(scope="module")
def recorder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("record", HERE / "record.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shape(entries: list[dict[str, str]]) -> list[Any]:
    """Who said what kind of line about which request, with every refusal's words."""
    found: list[Any] = []
    for entry in entries:
        try:
            frame = json.loads(entry["line"])
        except ValueError:
            frame = {"id": "broken"}
        fields = sorted(frame.get("result", frame.get("params", {})))
        found.append((entry["from"], frame.get("id"), frame.get("method"), fields, frame.get("error")))
    return found


@pytest.mark.journey
@pytest.mark.parametrize("name", ["handshake", "other_protocol", "broken_requests", "retrieval"])
def test_the_transcripts_are_what_the_worker_says_today(name: str, recorder: ModuleType, tmp_path: Path) -> None:
    record = recorder.Recorder(recorder.worker_command(), tmp_path)
    talk = getattr(recorder, name)
    talk(record, tmp_path) if name == "retrieval" else talk(record)
    record.close()
    recorded = [json.loads(line) for line in (HERE / f"{name}.jsonl").read_text("utf-8").splitlines()]
    assert shape(record.entries) == shape(recorded)
