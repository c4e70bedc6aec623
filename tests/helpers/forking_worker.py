"""A real worker whose training runs are forked from a process that has loaded their libraries. Run as a program.

Loading is seconds of processor time for each start, and a test that kills a run twenty times starts it as often. The
process of a run is one of its own as ever: a session, files, locks and threads that no other process has.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

COMMAND = [sys.executable, "-P", str(Path(__file__))]
LOADED = ("peft", "transformers.models.bert.modeling_bert", "rpdr_worker.distillation.trainer")


@dataclass(frozen=True, slots=True)
class Forked:
    """What the launcher of a run wants to know of its process."""

    pid: int


def main() -> int:
    from rpdr_worker.egress import go_offline
    from rpdr_worker.runs import launch
    from rpdr_worker.serve import run, socket_guard

    go_offline()
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        ours.close()
        nursery(theirs)
    theirs.close()

    def detached(command: list[str], log: Path) -> Forked:
        ours.sendall(json.dumps([command, str(log)]).encode() + b"\n")
        return Forked(int(ours.recv(64)))

    launch.detached = detached  # type: ignore[assignment]
    socket_guard.install()
    return run.serve()


def nursery(orders: socket.socket) -> None:
    """Forks until the worker is gone, whatever ends it. The wire is not held open here."""
    from rpdr_worker.retrieval.torch_runtime import load_library

    onto(os.devnull, os.O_RDWR, 0, 1)
    load_library()
    for name in LOADED:
        importlib.import_module(name)
    # Remains of a process would pass for a living one: the system takes them away.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in orders.makefile("rb"):
        command, log = json.loads(line)
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            orders.close()
            os._exit(process(command, log))
        orders.sendall(b"%d" % pid)
    os._exit(0)


def process(command: list[str], log: str) -> int:
    """As `launch.detached` starts it, but for the interpreter and its libraries."""
    from rpdr_worker.__main__ import main

    os.setsid()
    os.chdir(Path(log).parent)
    onto(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 1, 2)
    sys.argv = ["rpdr_worker", *command[command.index("run") :]]
    try:
        return main()
    finally:
        sys.stderr.flush()


def onto(path: str, flags: int, *descriptors: int) -> None:
    opened = os.open(path, flags, 0o600)
    for descriptor in descriptors:
        os.dup2(opened, descriptor)
    os.close(opened)


if __name__ == "__main__":
    sys.exit(main())
