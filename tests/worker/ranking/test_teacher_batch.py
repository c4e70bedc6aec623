"""A run through the batch interface: every HTTP request with its permit, every answer under its request's key."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from helpers.permitting import RUN, PermittingJob, to_send
from helpers.teacher_server import Planned, TeacherServer, error_body, teacher_server
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import Cancelled, EndpointError, NotAllowedError
from rpdr_core.protocol.messages import BatchByTeacher, Endpoint, MentionText, RankItem
from rpdr_core.records import Candidate
from rpdr_worker.ranking import teacher, teacher_batch
from rpdr_worker.ranking.batch_lines import answers_in, batch_file, multipart, usage_of_lines
from rpdr_worker.ranking.pacing import Pace
from rpdr_worker.ranking.teacher_request import TeacherRequest

QUICK = Pace(first=0.01, longest=0.02, retry_after=0.05, permit=5.0)


def asked(server: TeacherServer, count: int = 3, **more: object) -> BatchByTeacher:
    candidates = tuple(Candidate(f"H{i}", f"Name {i}") for i in range(3))
    items = [RankItem(MentionText(n, f"mention {n}", f"has mention {n}"), candidates) for n in range(count)]
    place = Endpoint(server.base_url, "m", "compatible", timeout=2.0)
    return BatchByTeacher(to_send(place, "sk", *items), poll=0.01, **more)  # type: ignore[arg-type]


def run(params: BatchByTeacher, job: PermittingJob) -> str:
    return teacher_batch.batch(params, job, job.permits, QUICK).status


def test_a_batch_fills_the_cache() -> None:
    job = PermittingJob()
    with teacher_server() as server:
        params = asked(server)
        assert run(params, job) == "completed"
        purposes = [intent.purpose for intent in job.intents]
        assert purposes == ["batch.upload", "batch.create", "batch.poll", "batch.poll", "batch.fetch"]
        assert len(server.received) == len(job.outcomes) == 5
        upload, create = job.intents[:2]
        assert upload.most_tokens == create.most_tokens > 0 < upload.most_answer_tokens == create.most_answer_tokens
        assert [(line.mention_id, line.order) for line in job.intents[0].lines] == [(0, 0), (1, 0), (2, 0)]
        assert [outcome.prompt_tokens for outcome in job.outcomes] == [None] * 4 + [3 * 321]
        assert json.loads(server.received[1].body)["metadata"] == {"rpdr_run": RUN}
        assert server.received[0].headers["content-type"].startswith("multipart/form-data")
        assert "x-rpdr-content-type" not in server.received[0].headers
        done = teacher.rank(replace(params.requests, cached_only=True), job, job.permits, QUICK)
        assert done.counts == {"ok": 3, "cached": 3, "sends": 0}
        assert run(params, PermittingJob()) == "completed"
        assert len(server.received) == 5, "what is known is not asked again"


def test_an_open_batch_is_followed_by_its_id_and_found_by_its_run() -> None:
    with teacher_server() as server:
        job = PermittingJob()
        params = asked(server, wait=False)
        assert run(params, job) == "validating"
        found = PermittingJob()
        assert run(replace(params, find=RUN, wait=True), found) == "completed"
        assert found.intents[0].purpose == "batch.find"
        assert run(replace(params, batch="batch_1"), PermittingJob()) == "completed"
        missing = teacher_batch.batch(replace(params, find="another"), found, found.permits, QUICK)
        assert missing.id == ""
        assert len(server.batches) == 1


@pytest.mark.parametrize("refused", ["batch.upload", "batch.create", "batch.poll", "batch.fetch"])
def test_every_step_needs_its_permit(refused: str) -> None:
    job = PermittingJob(reason=lambda intent: "no" if intent.purpose == refused else "")
    with teacher_server() as server:
        with pytest.raises(NotAllowedError):
            run(asked(server), job)
        assert len(server.received) == len(job.outcomes)
        assert all(intent.purpose != refused for intent in job.intents[: len(job.outcomes)])


def test_the_upload_is_tried_again_the_creation_is_not() -> None:
    with teacher_server() as server:
        server.batch_faults["POST /v1/files"] = Planned(status=500, body=error_body("x"))
        job = PermittingJob()
        assert run(asked(server, wait=False), job) == "validating"
        assert [intent.attempt for intent in job.intents] == [1, 2, 1]
    with teacher_server() as server:
        server.batch_faults["POST /v1/batches"] = Planned(status=500, body=error_body("x"))
        with pytest.raises(EndpointError):
            run(asked(server, wait=False), PermittingJob())
        assert len(server.received) == 2


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"id": 3}'])
def test_an_endpoint_without_batches_is_told(body: bytes) -> None:
    with teacher_server() as server:
        server.batch_faults["POST /v1/files"] = Planned(body=body)
        with pytest.raises(EndpointError, match="batch interface"):
            run(asked(server), PermittingJob())


def test_a_cancel_ends_the_waiting() -> None:
    job = PermittingJob()
    job.on_partial = lambda _event: setattr(job, "cancelled", len(job.outcomes) >= 3)
    with teacher_server() as server:
        server.looks = 10_000
        with pytest.raises(Cancelled):
            run(asked(server), job)


def test_what_was_not_approved_is_not_uploaded() -> None:
    with teacher_server() as server:
        params = asked(server)
        with pytest.raises(NotAllowedError, match="not what was shown"):
            run(replace(params, requests=replace(params.requests, approved="ab" * 32)), PermittingJob())
        assert server.received == []


@given(st.lists(st.text(max_size=40), max_size=6))
def test_lines_hold_the_bodies_byte_for_byte(texts: list[str]) -> None:
    bodies = [json.dumps({"content": text}, ensure_ascii=False).encode("utf-8", "replace") for text in texts]
    requests = [TeacherRequest("https://a.example/v1", body, 1) for body in bodies]
    content = batch_file(requests)
    lines = content.split(b"\n")[:-1]
    assert len(lines) == len(requests)
    assert all(body in line for body, line in zip(bodies, lines, strict=True))
    assert [json.loads(line)["custom_id"] for line in lines] == [request.key for request in requests]
    form, kind = multipart(content, "rpdr-x")
    assert content in form
    assert kind == "multipart/form-data; boundary=rpdr-x"


@given(st.binary(max_size=200))
def test_any_result_file_is_read_without_harm(content: bytes) -> None:
    assert list(answers_in(content)) == []
    assert usage_of_lines(content).prompt_tokens is None


def test_lines_that_are_not_ours_are_passed_over() -> None:
    good = {"choices": [{"message": {"content": "x"}}], "usage": {"prompt_tokens": 3, "completion_tokens": 1}}
    lines = [
        {"custom_id": "ab" * 32, "response": {"status_code": 200, "body": good}},
        {"custom_id": "../../etc", "response": {"status_code": 200, "body": good}},
        {"custom_id": "cd" * 32, "response": {"status_code": 500, "body": {"error": {}}}},
        {"custom_id": "ef" * 32, "response": None, "error": {"code": "batch_expired"}},
        {"custom_id": "12" * 32, "response": {"status_code": 200, "body": {"choices": []}}},
    ]
    content = "\n".join(map(json.dumps, lines)).encode()
    assert [answered.key for answered in answers_in(content)] == ["ab" * 32]
    assert usage_of_lines(content).prompt_tokens == 6


def test_what_was_answered_without_the_answer_format_is_not_uploaded() -> None:
    refusal = Planned(status=400, body=error_body("invalid_request", "response_format is not supported"))
    with teacher_server(refusal, Planned()) as server:
        job = PermittingJob()
        plain = asked(server)
        place = replace(plain.requests.endpoint, answer_format="json_schema")
        params = to_send(place, "sk", *plain.requests.items)
        teacher.rank(params, job, job.permits, QUICK)
        sent = len(server.received)
        assert run(BatchByTeacher(params, poll=0.01), PermittingJob()) == "completed"
        assert len(server.received) == sent
