"""The real worker process: light to start, hard to disturb, quick to go."""

from __future__ import annotations

import json
import logging
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import odd_worker
from helpers.messages import HELLO

from rpdr_core.errors import Bug, Cancelled, NotFoundError, WorkerLostError
from rpdr_core.protocol import codec
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import METHODS, BuildIndex, Done, Empty, MentionText, ProgressEvent, Retrieve
from rpdr_core.protocol.process import worker_command
from rpdr_core.records import Ranking
from rpdr_worker.egress import OFFLINE

pytestmark = pytest.mark.journey
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and tools")

HELLO_LINE = codec.request_line(1, "initialize", HELLO)
HEAVY = {"torch", "transformers", "numpy", "scipy", "peft", "openai", "onnxruntime", "PySide6", "sqlite_utils"}
ODD = [sys.executable, "-P", str(Path(odd_worker.__file__))]


@pytest.fixture
def odd() -> Iterator[WorkerClient]:
    with WorkerClient.start(ODD) as worker:
        yield worker


def retrieve(worker: WorkerClient, *texts: str) -> list[Ranking]:
    found: list[Ranking] = []
    mentions = tuple(MentionText(number, text) for number, text in enumerate(texts))
    assert worker.call("retrieve", Retrieve("f", mentions), on_partial=found.append) == Done(len(texts))
    return found


def talk(data: bytes, command: list[str] | None = None) -> tuple[list[dict[str, object]], str, int]:
    """Feed a worker, end its stdin: the frames it wrote, its stderr, its exit code."""
    done = subprocess.run(command or worker_command(), input=data, capture_output=True, timeout=30, check=False)
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode(), done.returncode


def children_seconds() -> float:
    found = os.times()
    return found.children_user + found.children_system


@posix
def test_the_handshake_is_quick() -> None:
    before = children_seconds()
    for _ in range(3):
        with WorkerClient.start() as worker:
            assert worker.worker.methods == tuple(METHODS)
    # Of processor time, from start to end: another program on the machine makes it no slower.
    assert (children_seconds() - before) / 3 < 1.0


def test_the_handshake_loads_no_heavy_library() -> None:
    program = (
        "import sys, runpy\n"
        "sys.argv = ['rpdr_worker']\n"
        "try: runpy.run_module('rpdr_worker', run_name='__main__')\n"
        "except SystemExit as end: assert end.code == 0\n"
        f"print('LOADED', sorted({HEAVY!r} & set(sys.modules)), file=sys.__stderr__)\n"
    )
    frames, words, code = talk(HELLO_LINE, [sys.executable, "-c", program])
    assert [frame["id"] for frame in frames] == [1]
    assert "LOADED []" in words
    assert code == 0


def test_the_worker_is_offline_from_its_first_line() -> None:
    program = (
        "import os, runpy, sys, socket\n"
        "sys.argv = ['rpdr_worker']\n"
        "try: runpy.run_module('rpdr_worker', run_name='__main__')\n"
        "except SystemExit: pass\n"
        f"assert {OFFLINE!r}.items() <= dict(os.environ).items()\n"
        "try: socket.create_connection(('127.0.0.1', 9))\n"
        "except Exception as error: print('REFUSED', type(error).__name__, file=sys.__stderr__)\n"
    )
    assert "REFUSED EgressRefusedError" in talk(HELLO_LINE, [sys.executable, "-c", program])[1]


def test_a_folder_full_of_traps_is_not_imported_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("msgspec", "rpdr_core", "rpdr_worker", "socket", "torch"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('trapped')", "utf-8")
    monkeypatch.chdir(tmp_path)
    with WorkerClient.start() as worker:
        assert worker.worker.methods


def test_end_of_stdin_ends_the_worker_cleanly() -> None:
    frames, words, code = talk(HELLO_LINE)
    assert len(frames) == 1
    assert (words, code) == ("", 0)


def test_shutdown_ends_the_worker() -> None:
    with WorkerClient.start() as worker:
        assert worker.call("shutdown", Empty()) == Empty()
        with pytest.raises(WorkerLostError):
            worker.call("retrieval.state", BuildIndex("f"))


def test_rpdr_worker_is_the_same_worker() -> None:
    command = [sys.executable, "-c", "from rpdr_core.cli import main; main(['worker'])"]
    with WorkerClient.start(command) as worker, pytest.raises(NotFoundError, match="not open"):
        worker.call("retrieval.state", BuildIndex("f"))


@posix
def test_a_killed_parent_takes_its_worker_along(tmp_path: Path) -> None:
    program = (
        "import sys, threading\n"
        "from rpdr_core.protocol.client import WorkerClient\n"
        "from rpdr_core.protocol.messages import *\n"
        f"worker = WorkerClient.start({ODD!r})\n"
        "ask = lambda *text: worker.call('retrieve', Retrieve('f', tuple(MentionText(1, one) for one in text)))\n"
        "threading.Thread(target=lambda: worker.call('index.build', BuildIndex('f')), daemon=True).start()\n"
        "threading.Thread(target=lambda: ask('hang'), daemon=True).start()\n"
        "print(worker._transport.pid, flush=True)\n"
        "threading.Event().wait()\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        time.sleep(0.3)
        assert _runs(pid)
        parent.kill()
        # Its jobs last for an hour.
        end = time.monotonic() + 60
        while _runs(pid):
            assert time.monotonic() < end, "it stays without its parent"
            time.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_hanging_job_does_not_keep_the_worker(odd: WorkerClient) -> None:
    ended: list[WorkerLostError] = []

    def ask() -> None:
        try:
            retrieve(odd, "hang")
        except WorkerLostError as error:
            ended.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.2)
    odd.close()
    assert odd._transport.exit_code == 0, "it was not killed"  # type: ignore[attr-defined]
    thread.join(5)
    assert len(ended) == 1


def test_a_long_job_is_cancelled_and_the_worker_stays(odd: WorkerClient) -> None:
    def stop(event: ProgressEvent) -> None:
        if event.done >= 3:
            raise KeyboardInterrupt

    # Half an hour of work.
    with pytest.raises(Cancelled):
        odd.call("index.build", BuildIndex("f"), on_progress=stop)
    assert len(retrieve(odd, "a", "b")) == 2


@posix
@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_cancels_the_request_and_keeps_the_worker(odd: WorkerClient) -> None:
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(Cancelled, match="keyboard"):
        odd.call("index.build", BuildIndex("f"))
    timer.join()
    assert len(retrieve(odd, "a")) == 1


def test_retrieve_answers_while_the_index_is_built(odd: WorkerClient) -> None:
    started = threading.Event()
    ended: list[object] = []

    def build() -> None:
        try:
            odd.call("index.build", BuildIndex("f"), on_progress=lambda _event: started.set())
        except WorkerLostError as error:
            ended.append(error)

    thread = threading.Thread(target=build)
    thread.start()
    assert started.wait(10)
    assert len(retrieve(odd, "a")) == 1
    assert ended == [], "the build goes on"
    odd.close()
    thread.join(5)
    assert len(ended) == 1


@posix
def test_prints_of_libraries_do_not_damage_the_wire(odd: WorkerClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    assert [ranking.mention_id for ranking in retrieve(odd, "a", "print", "b", "print")] == [0, 1, 2, 3]
    odd.close()
    # What they print is nobody's log; a warning is there by its place alone.
    assert "from" not in caplog.text


@posix
def test_nobody_else_reads_the_wire(odd: WorkerClient) -> None:
    assert len(retrieve(odd, "read stdin", "a")) == 2


def test_an_unexpected_error_keeps_its_words_to_itself(odd: WorkerClient, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Bug, match="ValueError") as caught:
        retrieve(odd, "break")
    assert len(retrieve(odd, "a")) == 1
    odd.close()
    assert "retrieve failed" in caplog.text
    for shown in (caplog.text, str(caught.value)):
        assert "blurry vision" not in shown


def test_a_worker_that_dies_is_told_with_its_last_words(odd: WorkerClient) -> None:
    with pytest.raises(WorkerLostError, match="exit code 7") as caught:
        retrieve(odd, "a", "die", "b")
    assert "out of luck" in caught.value.hint


def _fuzzed(seed: int) -> bytes:
    """A conversation with something wrong in it."""
    chance = random.Random(seed)
    calls = [
        codec.request_line(number, "retrieve", Retrieve("f", (MentionText(1, "白内障"),))) for number in range(2, 6)
    ]
    data = bytearray(b"".join([HELLO_LINE, *calls, codec.cancel_line(3)]))
    match seed % 5:
        case 0:
            return chance.randbytes(chance.randrange(5000))
        case 1:
            for _ in range(chance.randrange(1, 20)):
                data[chance.randrange(len(data))] = chance.randrange(256)
        case 2:
            del data[chance.randrange(len(data)) :]
        case 3:
            place = chance.randrange(len(data))
            data[place:place] = chance.choice([b"\n", b"\0" * 1000, b"[" * 50_000, b'"' * 999, b"{" * 9, b"\r\n"])
        case _:
            lines = bytes(data).splitlines(keepends=True) * 3
            chance.shuffle(lines)
            return b"".join(lines)
    return bytes(data)


@pytest.mark.parametrize("batch", range(5))
def test_fuzzed_input_is_answered_and_never_hangs(batch: int) -> None:
    for seed in range(batch * 10, batch * 10 + 10):
        frames, words, code = talk(_fuzzed(seed), ODD)
        assert code == 0, (seed, words)
        assert all(frame.keys() & {"result", "error"} or frame["method"] == codec.PARTIAL for frame in frames)


def test_a_line_of_100_megabytes_is_refused_without_being_kept() -> None:
    line = b"x" * 100_000_000 + b"\n"
    frames, words, code = talk(HELLO_LINE + line + codec.request_line(2, "shutdown", Empty()))
    assert [frame["id"] for frame in frames] == [1, None, 2]
    assert "over the size limit" in json.dumps(frames[1])
    assert (words, code) == ("", 0)
