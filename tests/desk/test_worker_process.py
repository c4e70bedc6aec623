"""The worker as a real process: handshake, parts and ends, crash and restart, and no blocking."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.desk_parts import wait_until

from rpdr_core.errors import Cancelled, RpdrError, WorkerLostError
from rpdr_core.protocol.messages import BuildIndex, MentionText, Retrieve
from rpdr_desk import worker_process
from rpdr_desk.worker_process import WorkerProcess

# A worker in a few lines: it speaks the wire with the core's own server session.
SCRIPT = """
import os, sys
from rpdr_core.errors import Cancelled
from rpdr_core.protocol.events import CancelRequest, Reply, Request
from rpdr_core.protocol.messages import METHODS, Done, Initialized, ProgressEvent, RetrievalState
from rpdr_core.protocol.server_session import ServerSession
from rpdr_core.records import Candidate, Provenance, Ranking

session = ServerSession(Initialized(1, "test", tuple(METHODS), ("cpu",), ("retriever",)))
def send(line):
    sys.stdout.buffer.write(line); sys.stdout.buffer.flush()
print("Welcome to the machine", flush=True)
open_ = set()
while data := os.read(0, 65536):
    for event in session.receive(data):
        if isinstance(event, Reply):
            send(event.line)
        elif isinstance(event, CancelRequest):
            send(session.failure(event.id, Cancelled("stopped")))
        elif isinstance(event, Request) and event.method == "retrieve":
            for mention in event.params.mentions:
                if mention.text == "crash":
                    os._exit(3)
                ranking = Ranking(mention.id, "retriever", (Candidate("X", "x"),), Provenance("retriever", "", ""))
                send(session.partial(event.id, ranking))
                send(session.progress(event.id, ProgressEvent(1, 1)))
            send(session.result(event.id, Done(len(event.params.mentions))))
"""


@pytest.fixture
def start(qapp: object) -> Iterator[Callable[[list[str]], WorkerProcess]]:
    made: list[WorkerProcess] = []

    def start_(command: list[str]) -> WorkerProcess:
        made.append(WorkerProcess(command))
        made[-1].start()
        return made[-1]

    yield start_
    for worker in made:
        worker.close()
        worker.deleteLater()


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    script = tmp_path / "worker.py"
    script.write_text(SCRIPT, encoding="utf-8")
    return [sys.executable, str(script)]


class Answers:
    """What came back of one request."""

    def __init__(self, worker: WorkerProcess, text: str) -> None:
        self.parts: list[Any] = []
        self.steps: list[Any] = []
        self.results: list[Any] = []
        self.errors: list[RpdrError] = []
        self.number = worker.request(
            "retrieve",
            Retrieve("kb", (MentionText(1, text),)),
            done=self.results.append,
            failed=self.errors.append,
            partial=self.parts.append,
            progress=self.steps.append,
        )

    @property
    def ended(self) -> bool:
        return bool(self.results or self.errors)


def test_a_request_made_before_the_handshake_waits_for_it(start: Any, command: list[str]) -> None:
    worker = start(command)
    assert worker.state == "starting"
    answers = Answers(worker, "cataract")
    wait_until(lambda: answers.ended)
    assert worker.state == "ready"
    assert [part.mention_id for part in answers.parts] == [1]
    assert len(answers.steps) == 1
    assert answers.results[0].items == 1
    assert not answers.errors


def test_a_crash_fails_what_is_under_way_and_starts_anew(
    start: Any, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_process, "PAUSES_MS", (20, 20, 20))
    worker = start(command)
    states: list[str] = []
    worker.state_changed.connect(states.append)
    answers = Answers(worker, "crash")
    wait_until(lambda: answers.ended)
    assert isinstance(answers.errors[0], WorkerLostError)
    again = Answers(worker, "cataract")
    wait_until(lambda: again.ended)
    assert again.results
    assert states == ["ready", "restarting", "ready"]


def test_a_worker_that_never_starts_fails_at_last(start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_process, "PAUSES_MS", (10, 10))
    worker = start([sys.executable, "-c", "raise SystemExit(1)"])
    answers = Answers(worker, "cataract")
    wait_until(lambda: worker.state == "failed")
    wait_until(lambda: answers.ended)
    late = Answers(worker, "cataract")
    wait_until(lambda: late.ended)
    assert isinstance(late.errors[0], RpdrError)


def test_a_command_that_does_not_exist_fails_too(start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_process, "PAUSES_MS", ())
    worker = start(["/no/such/program"])
    wait_until(lambda: worker.state == "failed")
    assert isinstance(worker.trouble, RpdrError)


def test_cancel_ends_the_request(start: Any, command: list[str]) -> None:
    worker = start(command)
    wait_until(lambda: worker.state == "ready")
    errors: list[RpdrError] = []
    number = worker.request("index.build", BuildIndex("kb"), done=lambda _done: None, failed=errors.append)
    worker.cancel(number)
    wait_until(lambda: bool(errors))
    assert isinstance(errors[0], Cancelled)


def test_close_ends_the_process(start: Any, command: list[str]) -> None:
    worker = start(command)
    wait_until(lambda: worker.state == "ready")
    worker.close()
    assert worker.state == "stopped"
    assert not worker.findChildren(type(worker))


def test_a_request_cancelled_before_the_handshake_ends_too(start: Any, command: list[str]) -> None:
    worker = start(command)
    answers = Answers(worker, "cataract")
    worker.cancel(answers.number)
    wait_until(lambda: answers.ended)
    assert isinstance(answers.errors[0], Cancelled)
    wait_until(lambda: worker.state == "ready")
    assert answers.results == []


TALKER = """
import sys, time
log = '{"at": "2026-01-01T00:00:00Z", "level": "WARNING", "logger": "rpdr_worker", "message": "disk is slow"}'
sys.stderr.write(log[:20]); sys.stderr.flush(); time.sleep(0.05)
sys.stderr.write(log[20:] + "\\nblurry vision of Mr. Doe\\nno end of line"); sys.stderr.flush()
raise SystemExit(3)
"""


def test_log_lines_of_the_worker_are_logged_and_other_words_are_not(
    start: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker_process, "PAUSES_MS", ())
    caplog.set_level(logging.DEBUG)
    worker = start([sys.executable, "-c", TALKER])
    wait_until(lambda: worker.state == "failed")
    assert "disk is slow" in caplog.text
    assert "Doe" not in caplog.text
    assert isinstance(worker.trouble, WorkerLostError)
    assert "no end of line" in worker.trouble.hint


def test_the_worker_of_this_installation_reads_no_code_from_the_current_folder(qapp: object) -> None:
    assert "-P" in WorkerProcess()._command
