"""A run's folder without a process, and runs whose training needs no model."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import odd_training
from helpers.run_folders import LINES, RUN, MakeRun, spec_of

from rpdr_worker.runs import launch as launching
from rpdr_worker.runs.folder import RECIPE, ROWS, SPEC, run_folder, write


@pytest.fixture
def make_run(rpdr_home: Path) -> MakeRun:
    """A started run's files, no process."""

    def make(way: str = "long", run: str = RUN) -> Path:
        folder = run_folder(run)
        folder.mkdir(parents=True)
        (folder / RECIPE).write_text(way)
        (folder / ROWS).write_bytes(LINES)
        write(folder / SPEC, spec_of(way, run=run))
        return folder

    return make


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch, rpdr_home: Path) -> Iterator[None]:
    """Runs are started with a training that misbehaves as the recipe says; none is left behind."""
    started: list[subprocess.Popen[bytes]] = []
    real = launching.detached

    def detached(command: list[str], log: Path) -> subprocess.Popen[bytes]:
        process = real([sys.executable, "-P", str(Path(odd_training.__file__)), command[-1]], log)
        started.append(process)
        return process

    monkeypatch.setattr(launching, "detached", detached)
    yield
    for process in started:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.wait(20)
