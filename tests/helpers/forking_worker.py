"""Real workers and training runs that are forked from a process that has loaded their libraries (Linux).

Loading torch is seconds of processor time for each start, and a journey may start a dozen. A forked process is one of
its own as ever: a session, files, locks and threads that no other process has. The command that `nursery` gives is a
small program that hands its standard streams to the nursery, whose child is the worker, and ends as that does.
Elsewhere than on Linux everything is started as in use.
"""

from __future__ import annotations

import _socket
import array
import contextlib
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

LOADED = ("peft", "transformers.models.bert.modeling_bert", "rpdr_worker.distillation.trainer")
SECONDS = 120


@dataclass(frozen=True, slots=True)
class Forked:
    """What the launcher of a run wants to know of its process."""

    pid: int


@contextlib.contextmanager
def nursery() -> Iterator[list[str]]:
    """The command of a worker that is forked; empty where this installation's own is meant."""
    if sys.platform != "linux":
        yield []
        return
    with tempfile.TemporaryDirectory(prefix="rpdr") as folder:
        path = f"{folder}/s"
        program = [sys.executable, "-P", __file__, "nursery", path]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        parent = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        assert parent.stdin is not None
        assert parent.stdout is not None
        try:
            assert parent.stdout.readline() == b"ready\n"
            # Without site-packages: it needs none, and starts in no time.
            yield [sys.executable, "-P", "-S", __file__, "worker", path]
        finally:
            parent.stdin.close()
            parent.wait(SECONDS)
            parent.stdout.close()


def relay(path: str) -> int:
    """Be a worker: the nursery's child has these streams, and this process its end."""
    order = {"environment": dict(os.environ), "folder": str(Path.cwd()), "nursery": path}
    with contextlib.closing(_connected(path)) as line:
        socket.send_fds(line, [json.dumps(order).encode() + b"\n"], [0, 1, 2])  # type: ignore[arg-type]
        for descriptor in (0, 1, 2):
            os.close(descriptor)
        # The worker holds the other end for as long as it lives; last it says its exit code.
        _pid, *code = b"".join(iter(lambda: line.recv(64), b"")).split()
    return int(code[0]) if code else 0


def serve(path: str) -> NoReturn:
    """Forks until stdin ends."""
    from rpdr_worker.egress import go_offline
    from rpdr_worker.retrieval.torch_runtime import load_library

    go_offline()
    load_library()
    for name in LOADED:
        importlib.import_module(name)
    # Remains of a process would pass for a living one: the system takes them away.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(16)
        os.write(1, b"ready\n")
        while listener in select.select([listener, 0], [], [])[0]:
            line, _ = listener.accept()
            with line:
                data, streams = _order(line)
                pid = os.fork()
                if pid == 0:
                    listener.close()
                    _child(line, json.loads(data), streams)
                for descriptor in streams:
                    os.close(descriptor)
                line.sendall(b"%d\n" % pid)
    os._exit(0)


def _order(line: socket.socket) -> tuple[bytes, list[int]]:
    streams = array.array("i")
    data = b""
    while not data.endswith(b"\n"):
        more, passed, _, _ = socket.recv_fds(line, 1 << 20, 3)
        streams.extend(passed)
        data += more
    return data, list(streams)


def _child(line: socket.socket, order: dict[str, object], streams: list[int]) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.environ.clear()
    os.environ.update(order["environment"])  # type: ignore[arg-type, call-overload]
    os.chdir(str(order["folder"]))
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
        os.close(descriptor)
    code = 1
    try:
        code = _work(order)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        with contextlib.suppress(OSError):
            line.sendall(b"%d\n" % code)
        os._exit(code)


def _work(order: dict[str, object]) -> int:
    from rpdr_worker.__main__ import main
    from rpdr_worker.runs import launch

    if "command" in order:
        words = order["command"]
        assert isinstance(words, list)
        sys.argv = ["rpdr_worker", *words[words.index("run") :]]
        return main()
    path = str(order["nursery"])
    own = launch.detached

    def detached(command: list[str], log: Path) -> object:
        if "torch.distributed.run" in command:
            return own(command, log)
        told = {"environment": dict(os.environ), "folder": str(log.parent), "command": command}
        data = json.dumps(told).encode() + b"\n"
        with log.open("ab") as out, Path(os.devnull).open() as nothing, contextlib.closing(_connected(path)) as line:
            socket.send_fds(line, [data], [nothing.fileno(), out.fileno(), out.fileno()])  # type: ignore[arg-type]
            return Forked(int(line.recv(64)))

    launch.detached = detached  # type: ignore[assignment]
    sys.argv = ["rpdr_worker"]
    return main()


def _connected(path: str) -> _socket.socket:
    """Past the guard of a worker's sockets, which this one is none of."""
    line = _socket.socket(socket.AF_UNIX)
    line.connect(path)
    return line


if __name__ == "__main__":
    sys.exit(serve(sys.argv[2]) if sys.argv[1] == "nursery" else relay(sys.argv[2]))
