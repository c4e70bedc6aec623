"""Processes to be killed by the dozen: forked from one that has loaded already, where the system can fork.

A process that opens a project spends most of its life on loading. What is told of a kill is the same: the process that
is killed is one of its own, with files, locks and threads of its own.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Protocol

LOADED = ["rpdr_core.store", "rpdr_desk.views.main_window"]
"""What the process that is forked from has loaded."""


class Killable(Protocol):
    """What a test has of it, as of a `Popen`."""

    stdin: IO[str] | None
    stdout: IO[str] | None

    def kill(self) -> None: ...
    def wait(self) -> object: ...
    def communicate(self) -> object: ...


def start(main: Callable[..., None], *arguments: str) -> Killable:
    """`main(*arguments)` of a module in `tests`, on a standard input and output that the test holds."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        return _Forked(main, arguments)
    command = f"import sys; from {main.__module__} import {main.__name__} as main; main(*sys.argv[1:])"
    return subprocess.Popen(
        [sys.executable, "-c", command, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )


class _Forked:
    stdin: IO[str] | None
    stdout: IO[str] | None

    def __init__(self, main: Callable[..., None], arguments: tuple[str, ...]) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(LOADED)
        heard, told = context.Pipe(duplex=False)
        said, says = context.Pipe(duplex=False)
        self._process = context.Process(target=_run, args=(heard, says, dict(os.environ), main, arguments), daemon=True)
        self._process.start()
        heard.close()
        says.close()
        self.stdin = _text(told, "w")
        self.stdout = _text(said, "r")

    def kill(self) -> None:
        self._process.kill()

    def wait(self) -> object:
        self._process.join()
        return self._process.exitcode

    def communicate(self) -> object:
        for stream in (self.stdin, self.stdout):
            assert stream is not None
            stream.close()
        return self.wait()


def _text(connection: Connection, mode: str) -> IO[str]:
    """The pipe of a connection as lines of text."""
    kept = os.dup(connection.fileno())
    connection.close()
    return os.fdopen(kept, mode, encoding="utf-8")


def _run(
    heard: Connection, says: Connection, environment: dict[str, str], main: Callable[..., None], arguments: list[str]
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(heard.fileno(), 0)
    os.dup2(says.fileno(), 1)
    heard.close()
    says.close()
    sys.stdin, sys.stdout = os.fdopen(0, "r", encoding="utf-8"), os.fdopen(1, "w", encoding="utf-8")
    main(*arguments)
