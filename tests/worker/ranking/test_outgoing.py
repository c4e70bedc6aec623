"""No request without its permit, and a row for every request that the server saw, whatever went wrong."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from helpers.permitting import RUN, PermittingJob, to_send
from helpers.teacher_server import Planned, TeacherServer, error_body, mention_of, teacher_server

from rpdr_core.errors import Cancelled, EndpointError, NotAllowedError, NotFoundError
from rpdr_core.protocol.messages import Endpoint, MentionText, PreviewPrompt, RankItem, SendIntent, SendPermit
from rpdr_core.records import Candidate, WorkedExample
from rpdr_core.teacher_switch import VARIABLE, switch
from rpdr_worker.job import RecordingJob
from rpdr_worker.ranking import teacher
from rpdr_worker.ranking.outgoing import SENDS
from rpdr_worker.ranking.pacing import Bucket, Pace, seconds_until
from rpdr_worker.ranking.permits import Permits

QUICK = Pace(first=0.01, longest=0.02, retry_after=0.05, permit=5.0)
KEY = "sk-canary-7f3"


def item(id: int = 1, text: str = "short sight", size: int = 3) -> RankItem:
    candidates = tuple(Candidate(f"H{i}", f"Name {i}", score=1.0 - i / 100) for i in range(size))
    return RankItem(MentionText(id, text, f"Patient with {text}."), candidates)


def ask(server: TeacherServer, *items: RankItem, job: PermittingJob, **more: Any) -> None:
    orders = more.pop("orders", 1)
    place = Endpoint(server.base_url, "m", "compatible", **{"timeout": 2.0, **more})
    params = to_send(place, KEY, *items, orders=orders)
    teacher.rank(params, job, job.permits, QUICK)


FAULTS: dict[str, Planned] = {
    "429": Planned(status=429, body=error_body("rate")),
    "429 with a pause": Planned(status=429, body=error_body("rate"), headers=(("Retry-After", "0.02"),)),
    "429 for a long time": Planned(status=429, body=error_body("rate"), headers=(("Retry-After", "999"),)),
    "500": Planned(status=500, body=error_body("x")),
    "hang": Planned(fault="hang"),
    "reset": Planned(fault="reset"),
    "torn": Planned(fault="torn"),
    "garbage": Planned(body=b"\x00\xff<html>"),
    "empty": Planned(body=b""),
    "401": Planned(status=401, body=error_body("no")),
    "no usage": Planned(usage=None),
    "a refusal": Planned(status=400, body=error_body("content_filter")),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])
def test_a_row_for_every_request_that_the_server_saw(fault: str, lasting: bool) -> None:
    job = PermittingJob()
    plan = [FAULTS[fault]] if lasting else [Planned(), FAULTS[fault], Planned()]
    with teacher_server(*plan) as server:
        with suppress(EndpointError):
            ask(server, *(item(n, f"mention {n}") for n in range(3)), job=job, timeout=0.4)
        seen = [(len(one.body), mention_of(one.body)) for one in server.received]
    assert len(job.intents) == len(job.outcomes) == len(seen)
    assert sorted(intent.bytes for intent in job.intents) == sorted(size for size, _ in seen)
    assert sorted(outcome.number for outcome in job.outcomes) == [intent.number for intent in job.intents]
    assert all(outcome.fate != "not_sent" for outcome in job.outcomes)
    assert len({intent.number for intent in job.intents}) == len(job.intents)


@pytest.mark.parametrize(
    ("fault", "fate", "status"),
    [
        ("500", "refused", 500),
        ("hang", "no_answer", 0),
        ("reset", "no_answer", 0),
        ("torn", "no_answer", 0),
        ("garbage", "answered", 200),
    ],
)
def test_the_fate_is_told(fault: str, fate: str, status: int) -> None:
    job = PermittingJob()
    with teacher_server(FAULTS[fault]) as server, pytest.raises(EndpointError):
        ask(server, item(), job=job, timeout=0.3)
    assert {(outcome.fate, outcome.status) for outcome in job.outcomes} == {(fate, status)}


def test_attempts_are_numbered_and_hashes_are_those_of_the_bodies() -> None:
    job = PermittingJob()
    with teacher_server(FAULTS["500"], FAULTS["500"], Planned()) as server:
        ask(server, item(7), job=job)
        bodies = [one.body for one in server.received]
    assert [intent.attempt for intent in job.intents] == [1, 2, 3]
    assert {intent.mention_id for intent in job.intents} == {7}
    assert [intent.sha256 for intent in job.intents] == [hashlib.sha256(body).hexdigest() for body in bodies]
    assert [(outcome.prompt_tokens, outcome.request_id) for outcome in job.outcomes][-1] == (321, "req-3")
    assert all(intent.most_tokens == len(bodies[0]) > intent.tokens > 300 for intent in job.intents)


def test_without_a_permit_nothing_is_sent() -> None:
    job = PermittingJob(reason=lambda _intent: None)
    with teacher_server() as server:
        params = to_send(Endpoint(server.base_url, "m", "compatible"), KEY, item())
        with pytest.raises(NotAllowedError, match="nobody permitted"):
            teacher.rank(params, job, job.permits, replace(QUICK, permit=0.2))
        assert server.received == []
    assert [outcome.fate for outcome in job.outcomes] == ["not_sent"]


def test_a_permit_that_comes_too_late_finds_nobody() -> None:
    permits = Permits()
    with permits.slot(RUN, 1):
        pass
    with pytest.raises(NotFoundError):
        permits.answer(SendPermit(RUN, 1, True))
    with permits.slot(RUN, 2) as slot:
        with pytest.raises(NotFoundError):
            permits.answer(SendPermit("another run", 2, True))
        permits.answer(SendPermit(RUN, 2, True))
        assert slot.wait(lambda: None, 0.0) is not None


def test_a_refused_permit_ends_the_run_after_what_is_on_its_way() -> None:
    job = PermittingJob(reason=lambda intent: "the ceiling is reached" if intent.number > 3 else "")
    with teacher_server(Planned(), Planned(delay=0.3)) as server:
        with pytest.raises(NotAllowedError, match="the ceiling is reached"):
            ask(server, *(item(n, f"mention {n}") for n in range(9)), job=job)
        assert len(server.received) == 3
    assert len(job.answers) == 3


def test_a_permit_refused_for_what_is_beside_it_is_asked_for_again_alone() -> None:
    def refuse_side_by_side(intent: SendIntent) -> str:
        return "" if intent.number == len(job.outcomes) + len(refused) + 1 else refused.append(intent.number) or "busy"

    refused: list[int] = []
    job = PermittingJob(reason=refuse_side_by_side)
    with teacher_server(Planned(delay=0.05)) as server:
        ask(server, *(item(n, f"mention {n}") for n in range(8)), job=job)
        assert len(server.received) == 8
    assert refused
    assert sorted(answer.mention_id for answer in job.answers) == list(range(8))


def test_a_cancel_while_waiting_sends_nothing() -> None:
    job = PermittingJob(reason=lambda _intent: None)
    job.on_partial = lambda _event: setattr(job, "cancelled", True)
    with teacher_server() as server:
        with pytest.raises(Cancelled):
            ask(server, item(), job=job)
        assert server.received == []


def test_what_was_not_approved_is_not_sent() -> None:
    job = PermittingJob()
    with teacher_server() as server:
        params = to_send(Endpoint(server.base_url, "m", "compatible"), KEY, item(), item(2, "other"))
        for changed in (
            replace(params, approved=""),
            replace(params, items=params.items[:1]),
            replace(params, items=(params.items[1], params.items[0])),
            replace(params, items=(item(1, "short sighted"), params.items[1])),
            replace(params, endpoint=replace(params.endpoint, model="other")),
            replace(params, orders=2),
            replace(params, template="rerank_zh"),
        ):
            with pytest.raises(NotAllowedError, match="not what was shown"):
                teacher.rank(changed, job, job.permits, QUICK)
        assert (server.received, job.intents) == ([], [])


@pytest.mark.parametrize("off", ["variable", "file"])
def test_the_worker_obeys_the_switch_too(off: str, monkeypatch: pytest.MonkeyPatch) -> None:
    job = PermittingJob()
    with teacher_server() as server:
        params = to_send(Endpoint(server.base_url, "m", "compatible"), KEY, item())
        if off == "variable":
            monkeypatch.setenv(VARIABLE, "1")
        else:
            switch(False)
        with pytest.raises(NotAllowedError, match="no teacher"):
            teacher.rank(params, job, job.permits, QUICK)
        assert server.received == []


def test_every_request_of_a_run_can_be_previewed() -> None:
    items = tuple(item(n, f"mention {n}") for n in range(4))
    job = PermittingJob()
    with teacher_server() as server:
        place = Endpoint(server.base_url, "m", "compatible")
        shown = [teacher.preview(PreviewPrompt(place, "rerank_en", items, show=at), RecordingJob()) for at in range(4)]
        assert server.received == []
        ask(server, *items, job=job)
        assert {one.body for one in server.received} == {one.body.encode() for one in shown}
        again = teacher.preview(PreviewPrompt(place, "rerank_en", items), RecordingJob())
    assert len({one.digest for one in shown}) == 1
    assert (shown[0].requests, shown[0].cached, again.cached, again.bytes) == (4, 0, 4, 0)
    assert shown[0].bytes == sum(len(one.body.encode()) for one in shown)


def test_examples_of_the_item_take_the_place_of_the_templates() -> None:
    example = WorkedExample("far sight", "", ("Hyperopia", "Myopia"), (1, 2), "exact")
    place = Endpoint("https://a.example/v1", "m", "compatible")
    own = replace(item(), examples=(example,))
    bodies = [teacher.preview(PreviewPrompt(place, "rerank_en", (one,)), RecordingJob()).body for one in (item(), own)]
    roles = [[message["role"] for message in json.loads(body)["messages"]] for body in bodies]
    assert roles[1] == ["system", "user", "assistant", "user"]
    assert len(roles[0]) > 4
    assert "far sight" in bodies[1]


def test_two_orders_are_two_requests_and_one_ranking() -> None:
    def names_in_order(question: str) -> list[str]:
        return [line.partition(". ")[2] for line in question.splitlines() if line[:1].isdigit()]

    def wise(question: str) -> str:
        names = names_in_order(question)
        order = sorted(range(1, len(names) + 1), key=lambda number: names[number - 1], reverse=True)
        return json.dumps({"order": order, "verdict": "exact"})

    def first_shown(question: str) -> str:
        return json.dumps({"order": list(range(1, len(names_in_order(question)) + 1)), "verdict": "close"})

    found = {}
    for name, think in {"wise": wise, "position": first_shown}.items():
        job = PermittingJob()
        with teacher_server(Planned(think=think)) as server:
            ask(server, item(1, name, size=8), job=job, orders=2)
            assert [intent.order for intent in job.intents] == [0, 1]
            assert server.received[0].body != server.received[1].body
        (found[name],) = job.answers
    sure, biased = found["wise"], found["position"]
    assert sure.agreement == 1.0
    assert [candidate.code for candidate in sure.ranking.candidates] == [f"H{i}" for i in reversed(range(8))]
    assert biased.agreement < 0.75
    assert json.loads(biased.ranking.provenance.parameters)["agreement"] == biased.agreement
    assert json.loads(biased.ranking.provenance.parameters)["orders"] == 2
    assert sorted(c.code for c in biased.ranking.candidates) == [f"H{i}" for i in range(8)]


def test_half_a_pair_is_a_label_without_agreement() -> None:
    job = PermittingJob()
    with teacher_server(Planned(), Planned("I'm sorry, I can't help with that.")) as server:
        ask(server, item(), job=job, orders=2)
    (answer,) = job.answers
    assert (answer.answer_class, answer.agreement) == ("refusal", None)
    assert answer.ranking is not None


def test_a_server_that_refuses_the_answer_format_is_asked_without_from_then_on() -> None:
    refusal = Planned(status=400, body=error_body("invalid_request", "response_format is not supported"))
    job = PermittingJob()
    items = tuple(item(n, f"mention {n}") for n in range(3))
    with teacher_server(refusal, Planned()) as server:
        place = Endpoint(server.base_url, "m", "compatible", answer_format="json_schema")
        preview = teacher.preview(PreviewPrompt(place, "rerank_en", items), RecordingJob())
        ask(server, *items, job=job, answer_format="json_schema")
        bodies = [json.loads(one.body) for one in server.received]
        again = PermittingJob()
        ask(server, *items, job=again, answer_format="json_schema")
        assert len(server.received) == 4
    assert ["response_format" in body for body in bodies] == [True, False, False, False]
    assert bodies[0]["response_format"]["json_schema"]["schema"]["properties"]["order"]
    assert (json.loads(preview.body), json.loads(preview.fallback)) == (bodies[0], bodies[1])
    assert [outcome.fate for outcome in job.outcomes] == ["refused", "answered", "answered", "answered"]
    assert all(answer.cached for answer in again.answers)


@pytest.mark.parametrize("format", ["json_object", "json_schema"])
def test_structured_output_is_asked_for_where_the_profile_says_so(format: str) -> None:
    job = PermittingJob()
    with teacher_server() as server:
        ask(server, item(), job=job, answer_format=format)
        assert json.loads(server.received[0].body)["response_format"]["type"] == format
    assert job.answers[0].answer_class == "ok"


def test_a_bucket_spaces_requests_and_tokens() -> None:
    def seconds(run: Callable[[], None]) -> float:
        began = time.monotonic()
        run()
        return time.monotonic() - began

    def take(bucket: Bucket, times: int, tokens: int) -> Callable[[], None]:
        return lambda: [bucket.take(tokens, lambda: None) for _ in range(times)] and None

    assert seconds(take(Bucket(60 / 0.05, 0), 5, 1_000)) >= 0.2
    assert seconds(take(Bucket(0, 60_000 / 0.05), 5, 1_000)) >= 0.2
    held = Bucket(0, 0)
    held.hold(0.2)
    assert seconds(take(held, 1, 1)) >= 0.2


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [("3", 3, 3), ("0", 0, 0), ("-4", 0, 0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0), ("1e12", None, None)],
)
def test_retry_after(header: str, low: float | None, high: float | None) -> None:
    found = seconds_until(header)
    assert found is None if low is None or high is None else found is not None and low <= found <= high


def test_back_off_is_full_jitter_below_a_doubling_bound() -> None:
    pace = Pace(first=0.5, longest=8.0)
    for attempt in range(1, SENDS + 3):
        waits = [pace.back_off(attempt) for _ in range(200)]
        bound = min(0.5 * 2 ** (attempt - 1), 8.0)
        assert 0 <= min(waits) < 0.2 * bound
        assert 0.8 * bound < max(waits) <= bound
