"""The codec: everything comes back as it went, and nothing that arrives raises anything but `ProtocolError`."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from helpers.messages import CARRIED, HELLO, SAFE, instances
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET, Raw

from rpdr_core.errors import WireError
from rpdr_core.protocol import codec
from rpdr_core.protocol.faults import INVALID_PARAMS, INVALID_REQUEST, PARSE_ERROR, ProtocolError
from rpdr_core.protocol.messages import (
    BuildIndex,
    Empty,
    MentionText,
    ProgressEvent,
    RankByTeacher,
    Retrieve,
    TeacherAnswer,
)
from rpdr_core.records import Candidate, Provenance, Ranking

IDS = st.integers(1, SAFE)
FEW = settings(max_examples=20)


@pytest.mark.parametrize("kind", CARRIED, ids=lambda kind: kind.__name__)
@FEW
@given(data=st.data(), id=IDS)
def test_every_type_comes_back_as_it_went(kind: type, data: st.DataObject, id: int) -> None:
    value = data.draw(instances(kind))
    line = codec.result_line(id, value)
    envelope = codec.read_envelope(line)
    assert envelope.id == id
    assert codec.read_value(envelope.result, kind) == value


@pytest.mark.parametrize("kind", CARRIED, ids=lambda kind: kind.__name__)
@FEW
@given(data=st.data())
def test_a_line_is_one_line_of_ascii(kind: type, data: st.DataObject) -> None:
    line = codec.request_line(1, "m", data.draw(instances(kind)))
    assert line.isascii()
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert b"\r" not in line
    assert json.loads(line)["jsonrpc"] == "2.0"


@pytest.mark.parametrize("text", ["白内障术后", "a\nb\r\nc\u2028d", "\x00\x1b[31m", "👁", '"\\ud800"', "µ½ e\u0301"])
def test_any_text_of_a_mention_comes_back_unchanged(text: str) -> None:
    params = Retrieve("f", (MentionText(1, text, text),))
    envelope = codec.read_envelope(codec.request_line(7, "retrieve", params))
    assert codec.read_value(envelope.params, Retrieve) == params


@given(id=IDS, event=instances(ProgressEvent))
def test_progress_comes_back(id: int, event: ProgressEvent) -> None:
    envelope = codec.read_envelope(codec.progress_line(id, event))
    notice = codec.read_value(envelope.params, codec.ProgressNotice)
    assert (envelope.method, notice.id, notice.event()) == (codec.PROGRESS, id, event)


@given(id=IDS, answer=instances(TeacherAnswer))
def test_partial_results_come_back(id: int, answer: TeacherAnswer) -> None:
    envelope = codec.read_envelope(codec.partial_line(id, answer))
    notice = codec.read_partial(envelope.params)
    assert (envelope.method, notice.id) == (codec.PARTIAL, id)
    assert codec.read_value(notice.value, TeacherAnswer) == answer


@given(id=IDS)
def test_cancel_comes_back(id: int) -> None:
    envelope = codec.read_envelope(codec.cancel_line(id))
    assert (envelope.method, envelope.id) == (codec.CANCEL, UNSET)
    assert codec.read_value(envelope.params, codec.CancelNotice).id == id


@given(id=st.none() | IDS, rpc=st.integers(-33000, -32000), error=instances(WireError))
def test_errors_come_back(id: int | None, rpc: int, error: WireError) -> None:
    envelope = codec.read_envelope(codec.error_line(id, rpc, error))
    assert envelope.id == id
    assert isinstance(envelope.error, codec.RpcError)
    assert (envelope.error.code, envelope.error.message) == (rpc, error.message)
    assert codec.read_value(envelope.error.data, WireError) == error


@given(line=st.binary(max_size=200))
def test_garbage_raises_the_protocol_error_alone(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        codec.read_envelope(line)


@given(kind=st.sampled_from(CARRIED), payload=st.binary(max_size=60))
def test_a_garbage_payload_raises_nothing_else(kind: type, payload: bytes) -> None:
    try:
        value = codec.read_value(Raw(payload), kind)
    except ProtocolError:
        return
    assert type(value) is kind


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


@given(kind=st.sampled_from(CARRIED), payload=JSON)
def test_wrong_json_raises_nothing_else(kind: type, payload: Any) -> None:
    try:
        value = codec.read_value(Raw(json.dumps(payload).encode()), kind)
    except ProtocolError:
        return
    assert type(value) is kind


@given(frame=JSON)
def test_a_wrong_frame_raises_the_protocol_error_alone(frame: Any) -> None:
    with pytest.raises(ProtocolError) as caught:
        codec.read_envelope(json.dumps(frame).encode())
    assert caught.value.rpc in (PARSE_ERROR, INVALID_REQUEST)


@pytest.mark.parametrize(
    ("line", "rpc"),
    [
        (b"", PARSE_ERROR),
        (b"Last login: Mon", PARSE_ERROR),
        (b'{"jsonrpc":"2.0","id":1', PARSE_ERROR),
        (b'{"jsonrpc":"2.0","id":1}{}', PARSE_ERROR),
        (b'{"jsonrpc":"2.0","params":' + b"[" * 100_000 + b"]" * 100_000 + b"}", PARSE_ERROR),
        (b'{"jsonrpc":"2.0","method":"\\ud800x"}', PARSE_ERROR),
        (b'{"jsonrpc":"2.0","id":NaN}', PARSE_ERROR),
        (b'[{"jsonrpc":"2.0","id":1,"method":"shutdown"}]', INVALID_REQUEST),
        (b'{"id":1,"method":"shutdown"}', INVALID_REQUEST),
        (b'{"jsonrpc":"1.0","id":1,"method":"shutdown"}', INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":"a","method":"shutdown"}', INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":0,"method":"shutdown"}', INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":1.5,"method":"shutdown"}', INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":9007199254740992,"method":"shutdown"}', INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":true,"method":"shutdown"}', INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":1,"method":"shutdown","extra":1}', INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":1,"method":["shutdown"]}', INVALID_REQUEST),
    ],
)
def test_broken_frames_are_told_apart_by_number(line: bytes, rpc: int) -> None:
    with pytest.raises(ProtocolError) as caught:
        codec.read_envelope(line)
    assert caught.value.rpc == rpc


@pytest.mark.parametrize(
    ("kind", "payload", "place"),
    [
        (BuildIndex, {"fingerprint": "f", "force": True}, "$.force"),
        (Retrieve, {"fingerprint": "f", "mentions": [{"id": 1, "text": "a"}, {"id": 2, "text": "b", "x": 0}]}, "[1].x"),
        (Empty, {"anything": 1}, "$.anything"),
        (
            TeacherAnswer,
            {
                "mention_id": 1,
                "ranking": {
                    "mention_id": 1,
                    "ranker": "teacher",
                    "candidates": [],
                    "provenance": {"ranker": "r", "model": "m", "knowledge_base": "k", "why": ""},
                },
                "answer_class": "ok",
                "raw": "",
            },
            "$.ranking.provenance.why",
        ),
    ],
)
def test_an_unknown_field_is_refused_with_its_place(kind: type, payload: dict[str, Any], place: str) -> None:
    with pytest.raises(ProtocolError, match="unknown field") as caught:
        codec.read_value(Raw(json.dumps(payload).encode()), kind, id=3)
    assert place in caught.value.message
    assert (caught.value.rpc, caught.value.id) == (INVALID_PARAMS, 3)


@pytest.mark.parametrize("kind", CARRIED, ids=lambda kind: kind.__name__)
@FEW
@given(data=st.data())
def test_no_type_takes_a_field_more(kind: type, data: st.DataObject) -> None:
    plain = msgspec.to_builtins(data.draw(instances(kind)))
    with pytest.raises(ProtocolError):
        codec.read_value(Raw(json.dumps({**plain, "zz": None}).encode()), kind)


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"fingerprint": 1, "mentions": []},
        {"fingerprint": "f", "mentions": {}},
        {"fingerprint": "f", "mentions": [{"id": "1", "text": "a"}]},
        {"fingerprint": "f", "mentions": [], "k": 1.5},
        {"fingerprint": "f", "mentions": [], "k": True},
        {"fingerprint": "f", "mentions": None},
        {"fingerprint": "f", "mentions": [], "mode": "both"},
        [],
        None,
        "f",
    ],
)
def test_wrong_types_are_refused(payload: Any) -> None:
    with pytest.raises(ProtocolError):
        codec.read_value(Raw(json.dumps(payload).encode()), Retrieve)


def test_defaults_may_be_left_out() -> None:
    assert codec.read_value(Raw(b'{"fingerprint":"f","mentions":[]}'), Retrieve) == Retrieve("f", ())
    assert codec.read_value(UNSET, Empty) == Empty()


def test_a_wrong_literal_does_not_show_its_value() -> None:
    secret = "blurry vision R eye"
    with pytest.raises(ProtocolError) as caught:
        codec.read_value(Raw(json.dumps({"fingerprint": "f", "mentions": [], "mode": secret}).encode()), Retrieve)
    assert secret not in str(caught.value)
    assert "$.mode" in str(caught.value)


def test_text_that_is_not_utf8_is_refused() -> None:
    envelope = codec.read_envelope(b'{"jsonrpc":"2.0","id":1,"method":"m","params":{"fingerprint":"\xff"}}')
    with pytest.raises(ProtocolError):
        codec.read_value(envelope.params, BuildIndex)


def _ranking(score: float) -> Ranking:
    return Ranking(1, "retriever", (Candidate("H25", "cataract", score=score),), Provenance("r", "m", "k"))


@pytest.mark.parametrize("score", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_json_cannot_say_is_not_sent(score: float) -> None:
    with pytest.raises(ProtocolError, match="cannot be sent"):
        codec.partial_line(1, _ranking(score))


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "👁\udc00"])
def test_half_a_character_is_not_sent(text: str) -> None:
    with pytest.raises(ProtocolError, match="cannot be sent") as caught:
        codec.request_line(1, "retrieve", Retrieve("f", (MentionText(1, text),)))
    assert text not in str(caught.value)


def test_a_message_over_the_limit_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "MAX_LINE", 300)
    mentions = tuple(MentionText(number, "cataract") for number in range(20))
    with pytest.raises(ProtocolError, match="over the limit of 300") as caught:
        codec.request_line(1, "retrieve", Retrieve("f", mentions))
    assert caught.value.hint == "send it in smaller parts"
    assert codec.request_line(1, "retrieve", Retrieve("f", mentions[:2]))


def test_the_teachers_key_is_not_shown_by_a_failure() -> None:
    payload = {"endpoint": {"base_url": "u", "model": "m"}, "key": ["sk-secret"], "template": "t", "items": []}
    with pytest.raises(ProtocolError) as caught:
        codec.read_value(Raw(json.dumps(payload).encode()), RankByTeacher)
    assert "sk-secret" not in str(caught.value)


def test_the_handshake_of_another_release_is_read_as_far_as_its_number() -> None:
    plain = {**msgspec.to_builtins(HELLO), "protocol": 9, "colour": "blue"}
    assert codec.read_value(Raw(json.dumps(plain).encode()), codec.SpokenProtocol).protocol == 9
