"""Small training runs with the real worker: a tiny encoder, a few rows, seconds of training."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from helpers.quick_recipe import quick_recipe
from helpers.tiny_models import lay_rows, tiny_bert

from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import TrainingSpec
from rpdr_core.protocol.run_messages import Checkpoints, RunEvent, RunState
from rpdr_core.workflow.distilling import TrainingRows
from rpdr_core.workflow.runs import RunSettings, start_run

KB = "ab" * 32
ROWS = TrainingRows(lay_rows(96, seed=1), lay_rows(24, seed=2))
PATIENCE = 120.0
"""Seconds that a test waits for something that takes a few: this machine may be busy."""


def small_spec(folder: Path, *, epochs: int = 14) -> TrainingSpec:
    """6 steps an epoch, about 10 ms each."""
    encoder = folder / "encoder"
    if not encoder.exists():
        tiny_bert(encoder)
    return TrainingSpec(quick_recipe(folder, epochs=epochs, patience=epochs), KB, str(encoder), 3)


def start_small(
    worker: WorkerClient, folder: Path, *, epochs: int = 14, steps: int = 6, name: str = "small", run: str = ""
) -> RunState:
    """`steps` between two checkpoints."""
    settings = RunSettings(Checkpoints(0, steps))
    return start_run(worker, small_spec(folder, epochs=epochs), ROWS, name, run=run, settings=settings)


def folder_of(home: Path, run: str) -> Path:
    return home / "data" / "runs" / run


def pid_of(folder: Path) -> int:
    return int(json.loads((folder / "heartbeat.json").read_text())["pid"])


def wait_for(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def kill_left_over(home: Path) -> None:
    """End what a failed test has left running, by the process ids in its own folders."""
    for folder in (home / "data" / "runs").glob("*"):
        (folder / "control").write_text("cancel")
        try:
            if not (folder / "result.json").exists():
                os.kill(pid_of(folder), signal.SIGKILL)
        except (OSError, ValueError):
            continue


class Leave(Exception):
    """Raised by a watcher to leave a run that goes on."""


class Watcher:
    """Keeps events; raises `Leave` after so many of training."""

    def __init__(self, steps: int = 0) -> None:
        self.events: list[RunEvent] = []
        self._steps = steps

    def __call__(self, event: RunEvent) -> None:
        self.events.append(event)
        if self._steps and len(self.training) >= self._steps:
            raise Leave

    @property
    def training(self) -> list[int]:
        return [event.training.step for event in self.events if event.training is not None]

    @property
    def offset(self) -> int:
        return self.events[-1].offset if self.events else 0
