from __future__ import annotations

import hashlib
import json
import logging
import time
from dataclasses import replace
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from helpers.permitting import PermittingJob, to_send
from helpers.teacher_server import Planned, TeacherServer, error_body, teacher_server

from rpdr_core.errors import Cancelled, EndpointError, NotAllowedError, UserInputError
from rpdr_core.protocol.messages import (
    Done,
    Endpoint,
    MentionText,
    PreviewPrompt,
    RankItem,
    TeacherAnswer,
)
from rpdr_core.records import Candidate
from rpdr_worker.job import RecordingJob
from rpdr_worker.ranking import teacher
from rpdr_worker.ranking.pacing import Pace

KEY = "sk-canary-7f3"
QUICK = Pace(first=0.01, longest=0.02, retry_after=0.05)
NAMES = ("Cataract", "Glaucoma", "Myopia")


def item(id: int = 1, text: str = "short sight") -> RankItem:
    candidates = tuple(Candidate(f"H{i}", name, score=1.0 - i / 10) for i, name in enumerate(NAMES))
    return RankItem(MentionText(id, text, f"Patient with {text}."), candidates)


def endpoint(server: TeacherServer, timeout: float = 5.0, **more: Any) -> Endpoint:
    return Endpoint(server.base_url, "teacher-1", timeout=timeout, **more)


def ask(
    server: TeacherServer, *items: RankItem, job: PermittingJob | None = None, orders: int = 1, **more: Any
) -> tuple[Done, list[Any]]:
    job = job or PermittingJob()
    params = to_send(endpoint(server, **more), KEY, *(items or (item(),)), orders=orders)
    done = teacher.rank(params, job, job.permits, QUICK)
    return done, job.answers


def only(server: TeacherServer, **more: Any) -> TeacherAnswer:
    _, answers = ask(server, **more)
    (answer,) = answers
    assert isinstance(answer, TeacherAnswer)
    return answer


def test_an_answer_becomes_a_ranking_with_provenance() -> None:
    with teacher_server() as server:
        done, (answer,) = ask(server)
    ranking = answer.ranking
    assert [c.code for c in ranking.candidates] == ["H1", "H0", "H2"]
    assert (ranking.mention_id, ranking.ranker, ranking.verdict, ranking.confidence) == (1, "teacher", "exact", None)
    assert ranking.provenance.model == "teacher-1"
    assert ranking.provenance.knowledge_base == "ab" * 32
    assert len(ranking.provenance.prompt) == 64
    assert json.loads(ranking.provenance.parameters)["temperature"] == 0
    assert (answer.answer_class, answer.prompt_tokens, answer.completion_tokens, answer.cached) == (
        "ok",
        321,
        12,
        False,
    )
    assert done.counts == {"ok": 1, "cached": 0, "sends": 1}


def test_the_bytes_sent_are_the_bytes_previewed() -> None:
    odd = item(text='{{mention}} "blurry" 视力\u202e模糊\n{"order": [1]}')
    with teacher_server() as server:
        preview = teacher.preview(PreviewPrompt(endpoint(server), "rerank_en", (odd,)), RecordingJob())
        assert server.received == []
        ask(server, odd)
        (received,) = server.received
    assert received.body == preview.body.encode("utf-8")
    assert hashlib.sha256(received.body).hexdigest() == preview.sha256
    assert preview.url.endswith(received.path)
    assert received.path == "/v1/chat/completions"
    sent = json.loads(received.body)
    assert sent["temperature"] == 0
    assert sent["model"] == "teacher-1"
    assert KEY not in preview.body


def test_openai_is_asked_not_to_store() -> None:
    preview = teacher.preview(
        PreviewPrompt(Endpoint("https://api.openai.com/v1", "m"), "rerank_en", (item(),)), RecordingJob()
    )
    assert json.loads(preview.body)["store"] is False
    assert preview.url == "https://api.openai.com/v1/chat/completions"


def test_azure_by_resource_address() -> None:
    place = Endpoint("https://clinic.openai.azure.com/", "deployment", kind="azure")
    preview = teacher.preview(PreviewPrompt(place, "rerank_en", (item(),)), RecordingJob())
    assert preview.url == "https://clinic.openai.azure.com/openai/v1/chat/completions"


def test_azure_key_travels_in_its_own_header() -> None:
    with teacher_server() as server:
        ask(server, kind="azure")
        (received,) = server.received
    assert received.headers["api-key"] == KEY
    assert "authorization" not in received.headers


def test_the_environment_changes_neither_address_nor_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-other")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-other")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-other")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Spy: yes\nAuthorization: Bearer sk-spy")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with teacher_server() as server:
        assert only(server).answer_class == "ok"
        (received,) = server.received
    assert received.headers["authorization"] == f"Bearer {KEY}"
    assert set(received.headers) <= {
        "host", "accept", "accept-encoding", "connection", "content-type", "content-length", "user-agent",
        "authorization",
    }  # fmt: skip
    assert received.headers["user-agent"] == "rpdr-desk"


def test_a_redirect_is_not_followed() -> None:
    with teacher_server() as elsewhere, teacher_server() as server:
        server.plan[0] = Planned(
            status=307, headers=(("Location", elsewhere.base_url + "/chat/completions"),), body=b""
        )
        with pytest.raises(EndpointError, match="307"):
            ask(server)
        assert elsewhere.received == []


def test_nothing_is_paid_twice(rpdr_home: Path) -> None:
    with teacher_server() as server:
        first = only(server)
        done, (second,) = ask(server)
        assert len(server.received) == 1
        other, _ = ask(server, item(2, "bad eyes"))
    assert second == TeacherAnswer(**{**_fields(first), "cached": True})
    assert done.counts == {"ok": 1, "cached": 1, "sends": 0}
    assert other.counts["sends"] == 1
    stored = "".join(path.read_text() for path in (rpdr_home / "cache" / "teacher").iterdir())
    assert "short sight" not in stored
    assert KEY not in stored


def test_a_damaged_cache_file_is_asked_again(rpdr_home: Path) -> None:
    with teacher_server() as server:
        ask(server)
        for path in (rpdr_home / "cache" / "teacher").iterdir():
            path.write_bytes(b'{"content": ')
        assert not only(server).cached
        assert len(server.received) == 2


def test_an_unusable_answer_has_no_ranking_and_keeps_its_words() -> None:
    with teacher_server(Planned("I'm sorry, but I can't help with that.")) as server:
        answer = only(server)
    assert answer.ranking is None
    assert (answer.answer_class, answer.raw) == ("refusal", "I'm sorry, but I can't help with that.")


@pytest.mark.parametrize(
    ("planned", "name"),
    [
        (Planned('{"order": [2, 1, 3', finish="length"), "cut_off"),
        (Planned(""), "empty"),
        (Planned(None), "empty"),
        (Planned(None, refusal="I cannot."), "refusal"),
        (Planned("", finish="content_filter"), "refusal"),
        (Planned(status=400, body=error_body("content_filter")), "refusal"),
        (Planned('{"order": 3}'), "wrong_json"),
    ],
)
def test_ways_to_give_no_label(planned: Planned, name: str) -> None:
    with teacher_server(planned) as server:
        answer = only(server)
        assert len(server.received) == 1
    assert (answer.ranking, answer.answer_class) == (None, name)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503])
def test_a_passing_failure_is_sent_again(status: int) -> None:
    with teacher_server(Planned(status=status, body=error_body("busy")), Planned()) as server:
        done, (answer,) = ask(server)
        assert len(server.received) == 2
        assert server.received[0].body == server.received[1].body
    assert answer.answer_class == "ok"
    assert done.counts["sends"] == 2


def test_retry_after_is_obeyed_as_seconds_and_as_a_date() -> None:
    soon = formatdate(time.time() + 1, usegmt=True)
    with teacher_server(
        Planned(status=429, body=error_body("rate"), headers=(("Retry-After", "0.03"),)),
        Planned(status=429, body=error_body("rate"), headers=(("Retry-After", soon),)),
        Planned(status=429, body=error_body("rate"), headers=(("Retry-After", "tomorrow"),)),
        Planned(),
    ) as server:
        params = to_send(endpoint(server), KEY, item())
        job = PermittingJob()
        began = time.time()
        assert teacher.rank(params, job, job.permits, replace(QUICK, retry_after=2.0)).counts["ok"] == 1
        assert len(server.received) == 4
    # A date has whole seconds: at least up to its second was waited.
    assert time.time() >= parsedate_to_datetime(soon).timestamp() > began - 1


def test_a_server_that_wants_a_long_pause_is_not_asked_again_before() -> None:
    busy = Planned(status=429, body=error_body("rate"), headers=(("Retry-After", "3600"),))
    with teacher_server(busy, Planned()) as server:
        with pytest.raises(EndpointError, match="429") as caught:
            ask(server)
        assert len(server.received) == 1
    assert "60 minutes" in caught.value.hint


def test_a_lasting_failure_is_sent_four_times_then_told() -> None:
    with teacher_server(Planned(status=500, body=error_body("x", "short sight is a bad phrase"))) as server:
        with pytest.raises(EndpointError, match="500 \\(4 attempts\\)") as caught:
            ask(server)
        assert len(server.received) == 4
    assert "short sight" not in str(caught.value)


@pytest.mark.parametrize(("status", "cure"), [(401, "check the key"), (403, "key"), (404, "address"), (400, "model")])
def test_a_refusal_of_the_request_names_its_cure(status: int, cure: str) -> None:
    with teacher_server(Planned(status=status, body=error_body("no", f"wrong key {KEY}"))) as server:
        with pytest.raises(EndpointError, match=str(status)) as caught:
            ask(server, item(1), item(2), item(3))
        assert len(server.received) == 1
    assert cure in caught.value.hint
    assert KEY not in str(caught.value)


def test_an_empty_account_is_not_asked_again() -> None:
    with teacher_server(Planned(status=429, body=error_body("insufficient_quota"))) as server:
        with pytest.raises(EndpointError, match="credit"):
            ask(server)
        assert len(server.received) == 1


@pytest.mark.parametrize("body", [b"<html>Sign in to the network</html>", b'{"choices": []}', b"", b'{"choices": 3}'])
def test_a_page_in_place_of_an_answer_is_an_endpoint_error(body: bytes) -> None:
    with teacher_server(Planned(body=body)) as server:
        with pytest.raises(EndpointError, match=r"server's answer"):
            ask(server)
        assert len(server.received) == 1


def test_a_slow_teacher_times_out_and_is_asked_again() -> None:
    with teacher_server(Planned(delay=1.0), Planned()) as server:
        done, (answer,) = ask(server, timeout=0.3)
    assert answer.answer_class == "ok"
    assert done.counts["sends"] == 2


def test_nobody_listening() -> None:
    server = TeacherServer(port=9)
    with pytest.raises(EndpointError, match="cannot be reached"):
        ask(server)


def test_one_item_that_fails_does_not_stop_the_others() -> None:
    bad = Planned(status=500, body=error_body("x"))
    with teacher_server(Planned(), bad, bad, bad, bad, Planned()) as server:
        _, answers = ask(server, item(1, "a"))
        done, answers = ask(server, item(1, "a"), item(2, "b"))
        assert [a.answer_class for a in answers] == ["ok", "unanswered"]
        assert done.counts == {"ok": 1, "unanswered": 1, "cached": 1, "sends": 4}


def test_three_failures_in_a_row_stop_the_job() -> None:
    with teacher_server(Planned(), Planned(status=500, body=error_body("x"))) as server:
        with pytest.raises(EndpointError):
            ask(server, *(item(n, f"mention {n}") for n in range(20)))
        assert len(server.received) < 1 + 4 * 8


def test_many_items_each_get_their_own_answer() -> None:
    items = [item(n, f"mention {n}") for n in range(12)]
    job = PermittingJob()
    with teacher_server() as server:
        done, answers = ask(server, *items, job=job)
        assert len(server.received) == 12
    assert sorted(a.mention_id for a in answers) == list(range(12))
    assert done.counts == {"ok": 12, "cached": 0, "sends": 12}
    assert [(e.done, e.total) for e in job.events] == [(n, 12) for n in range(1, 13)]


def test_a_cancel_stops_before_the_next_item() -> None:
    job = PermittingJob()

    def stop(event: object) -> None:
        job.cancelled = job.cancelled or bool(job.answers)

    job.on_partial = stop
    with teacher_server() as server:
        with pytest.raises(Cancelled):
            ask(server, *(item(n, f"mention {n}") for n in range(50)), job=job)
        assert len(server.received) <= 6
    assert 1 <= len(job.answers) <= 5


def test_a_cancel_does_not_wait_for_a_slow_teacher() -> None:
    job = PermittingJob()
    with teacher_server(Planned(), Planned(delay=20.0)) as server:
        job.on_partial = lambda _: setattr(job, "cancelled", bool(job.answers))
        began = time.monotonic()
        with pytest.raises(Cancelled):
            ask(server, item(1, "a"), item(2, "b"), item(3, "c"), job=job)
        assert time.monotonic() - began < 18


def test_key_and_mention_reach_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with teacher_server(Planned(status=500, body=error_body("x")), Planned()) as server:
        ask(server)
    assert KEY not in caplog.text
    assert "short sight" not in caplog.text


@pytest.mark.parametrize(
    ("base_url", "error"),
    [
        ("http://models.example.org/v1", NotAllowedError),
        ("ftp://models.example.org", UserInputError),
        ("models.example.org", UserInputError),
        ("https://me:secret@models.example.org/v1", UserInputError),
        ("https://models.example.org/v1?key=secret", UserInputError),
        ("https://models.example.org:port/v1", UserInputError),
    ],
)
def test_an_address_that_will_not_do(base_url: str, error: type[UserInputError]) -> None:
    with pytest.raises(error) as caught:
        teacher.preview(PreviewPrompt(Endpoint(base_url, "m"), "rerank_en", (item(),)), RecordingJob())
    assert caught.value.hint
    assert "secret" not in str(caught.value)


def test_without_candidates_there_is_nothing_to_ask() -> None:
    with pytest.raises(UserInputError, match="no candidates"):
        teacher.preview(
            PreviewPrompt(Endpoint("https://a.org", "m"), "rerank_en", (RankItem(MentionText(1, "x"), ()),)),
            RecordingJob(),
        )


def _fields(answer: TeacherAnswer) -> dict[str, Any]:
    return {name: getattr(answer, name) for name in TeacherAnswer.__slots__}
