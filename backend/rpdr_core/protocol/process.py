"""The worker as a child process, here or behind a prefix such as ssh."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence

from rpdr_core.errors import Bug, WorkerLostError
from rpdr_core.protocol import stderr_log
from rpdr_core.protocol.transport import OnClosed, OnData

GRACE = 3.0
"""Seconds from one way of stopping the worker to the next, rougher one."""


def worker_command(prefix: Sequence[str] = ()) -> list[str]:
    """The worker of this installation. A `prefix` (ssh to a host) runs the installation it finds there."""
    if prefix:
        return [*prefix, "rpdr", "worker"]
    return own_command("rpdr_worker")


def own_command(module: str) -> list[str]:
    """A module of this installation as a process."""
    # -P keeps the current folder off the import path: a project folder is no place to load code from.
    return [sys.executable, "-P", "-m", module]


class WorkerProcess:
    """`Transport` over a child's stdin and stdout. The child leads a process group of its own."""

    def __init__(self, command: Sequence[str] = ()) -> None:
        self._command = list(command) or worker_command()
        self._process: subprocess.Popen[bytes] | None = None
        self._threads: list[threading.Thread] = []
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._tail = stderr_log.new_tail()
        self._closing = False

    @property
    def pid(self) -> int:
        return self._started().pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs, and where it never did."""
        return self._process.poll() if self._process is not None else None

    @property
    def last_words(self) -> tuple[str, ...]:
        """The last lines of its stderr."""
        return tuple(self._tail)

    def start(self, on_data: OnData, on_closed: OnClosed) -> None:
        """Raises `WorkerLostError` when the command cannot be run."""
        try:
            # Ctrl+C in the terminal must reach us alone: we cancel one request and keep the worker.
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=sys.platform != "win32",
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        except OSError as error:
            raise WorkerLostError(f"the worker cannot be started: {error.strerror}", file=self._command[0]) from None
        self._run("rpdr-worker-stderr", self._forward_log)
        self._run("rpdr-worker-stdin", self._write)
        self._run("rpdr-worker-stdout", lambda: self._deliver(on_data, on_closed))

    def send(self, data: bytes) -> None:
        """Whole lines, written by a thread: Ctrl+C cannot leave half a line behind, a busy worker cannot block."""
        self._started()
        self._outbox.put(data)

    def close(self) -> None:
        """End of stdin, after `GRACE` the group's termination, after another its kill."""
        if self._process is None or self._closing:
            return
        self._closing = True
        self._outbox.put(None)
        if not _ends(self._process):
            _signal_group(self._process, signal.SIGTERM)
            if not _ends(self._process):
                _kill_group(self._process)
                self._process.wait()
        for thread in self._threads:
            # A grandchild may hold a pipe open; the threads are daemons and nothing waits for it.
            thread.join(GRACE)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise Bug("the worker process is not started")
        return self._process

    def _run(self, name: str, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _write(self) -> None:
        pipe = self._started().stdin
        # A worker that has gone is noticed at its stdout; here it is nothing but the end.
        with contextlib.suppress(OSError):
            while pipe is not None and (data := self._outbox.get()) is not None:
                rest = memoryview(data)
                while rest:
                    rest = rest[pipe.write(rest) :]
        with contextlib.suppress(OSError):
            if pipe is not None:
                pipe.close()

    def _forward_log(self) -> None:
        stream = self._started().stderr
        if stream is not None:
            with stream:
                stderr_log.forward(stream, self._tail)

    def _deliver(self, on_data: OnData, on_closed: OnClosed) -> None:
        stream = self._started().stdout
        if stream is not None:
            with stream:
                while data := os.read(stream.fileno(), 1 << 16):
                    on_data(data)
        on_closed(self._end())
        self._outbox.put(None)

    def _end(self) -> WorkerLostError:
        if self._closing:
            return WorkerLostError("the worker was closed")
        process = self._started()
        how = f"the worker ended ({_reason(process.returncode)})" if _ends(process) else "the worker closed its output"
        # The stderr thread is the first; what it still reads are the worker's last words.
        self._threads[0].join(GRACE)
        return WorkerLostError(how, hint="its last words: " + " | ".join(self._tail) if self._tail else "")


def _ends(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        return False
    return True


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    if sys.platform == "win32":
        process.terminate()
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.kill()
    else:
        _signal_group(process, signal.SIGKILL)


def _reason(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
