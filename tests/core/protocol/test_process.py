"""A child process as transport: what goes in, what comes out, and how it ends."""

from __future__ import annotations

import logging
import os
import queue
import signal
import sys
import time

import pytest

from rpdr_core.errors import Bug, RpdrError, WorkerLostError
from rpdr_core.protocol import process as process_module
from rpdr_core.protocol.process import WorkerProcess, worker_command

ECHO = "import sys\nfor line in sys.stdin.buffer: sys.stdout.buffer.write(line); sys.stdout.buffer.flush()"
STUBBORN = (
    "import signal, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('up', flush=True)\n"
    "while True: time.sleep(1)"
)

posix = pytest.mark.skipif(sys.platform == "win32", reason="process groups and signals of POSIX")


class Child:
    """A started `WorkerProcess` with what it delivers."""

    def __init__(self, program: str) -> None:
        self.data: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.ends: queue.SimpleQueue[RpdrError] = queue.SimpleQueue()
        self.process = WorkerProcess([sys.executable, "-I", "-S", "-c", program])
        self.process.start(self.data.put, self.ends.put)

    def read(self, length: int) -> bytes:
        found = b""
        while len(found) < length:
            found += self.data.get(timeout=20)
        return found


def test_bytes_go_there_and_back() -> None:
    child = Child(ECHO)
    lines = b"".join(b"%d " % number + b"x" * 1000 + b"\n" for number in range(2000))
    child.process.send(lines)
    assert child.read(len(lines)) == lines
    child.process.close()
    assert "was closed" in str(child.ends.get(timeout=5))


def test_sending_does_not_wait_for_a_busy_child() -> None:
    child = Child("import sys, time; time.sleep(1.5); print(len(sys.stdin.buffer.readline()))")
    began = time.monotonic()
    child.process.send(b"x" * 5_000_000 + b"\n")
    assert time.monotonic() - began < 1.4
    assert child.read(8).strip() == b"5000001"
    child.process.close()


def test_close_is_the_end_of_stdin_and_comes_after_what_was_sent() -> None:
    child = Child("import sys; print(len(sys.stdin.buffer.read()))")
    child.process.send(b"x" * 100_000)
    began = time.monotonic()
    child.process.close()
    child.process.close()
    assert time.monotonic() - began < process_module.GRACE
    assert child.read(6).strip() == b"100000"


def test_a_child_that_ends_says_how_and_its_last_words() -> None:
    child = Child("import sys; print('no room left', file=sys.stderr); sys.exit(3)")
    error = child.ends.get(timeout=20)
    assert isinstance(error, WorkerLostError)
    assert "exit code 3" in error.message
    assert "no room left" in error.hint
    assert error.retryable
    child.process.send(b"into the void\n")
    child.process.close()


@posix
def test_a_killed_child_is_named_by_its_signal() -> None:
    child = Child(ECHO)
    os.kill(child.process.pid, signal.SIGKILL)
    assert "SIGKILL" in child.ends.get(timeout=20).message
    child.process.close()


@posix
def test_a_stubborn_child_is_killed_with_its_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_module, "GRACE", 0.2)
    child = Child(STUBBORN)
    assert child.read(3) == b"up\n"
    child.process.close()
    with pytest.raises(ProcessLookupError):
        os.kill(child.process.pid, 0)


@posix
def test_a_grandchild_goes_with_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_module, "GRACE", 0.3)
    child = Child("import os, time\nif (pid := os.fork()) == 0: time.sleep(60)\nprint(pid, flush=True)\ntime.sleep(60)")
    grandchild = int(child.data.get(timeout=20))
    child.process.close()
    for _ in range(100):
        if not _alive(grandchild):
            return
        time.sleep(0.05)
    pytest.fail("the grandchild lives on")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:  # noqa: PTH123
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@posix
def test_the_keyboards_interrupt_does_not_reach_the_child() -> None:
    child = Child(ECHO)
    assert os.getpgid(child.process.pid) == child.process.pid != os.getpgid(0)
    child.process.close()


def test_the_log_is_forwarded_and_prints_are_not(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "rpdr.worker")
    line = '{"at": "t", "level": "INFO", "logger": "rpdr.x", "message": "loaded"}'
    child = Child(f"import sys; print({line!r}, file=sys.stderr); print('a mention', file=sys.stderr)")
    child.ends.get(timeout=20)
    child.process.close()
    assert [record.getMessage() for record in caplog.records] == ["rpdr.x: loaded"]


def test_a_command_that_does_not_exist_is_named() -> None:
    process = WorkerProcess(["/no/such/worker"])
    with pytest.raises(WorkerLostError, match="cannot be started") as caught:
        process.start(lambda _data: None, lambda _error: None)
    assert caught.value.file == "/no/such/worker"
    process.close()
    with pytest.raises(Bug):
        process.send(b"x")


def test_the_command_is_this_python_or_a_prefix() -> None:
    assert worker_command() == [sys.executable, "-P", "-m", "rpdr_worker"]
    assert worker_command(["ssh", "-T", "host"]) == ["ssh", "-T", "host", "rpdr", "worker"]
