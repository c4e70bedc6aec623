"""What a training run sees of the process it runs in: stop and pause, events, checkpoints. Trainers depend on this
alone; `rpdr_worker.runs` gives the real one, `PlainContext` one for tests and short attached work.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from rpdr_core.errors import Cancelled
from rpdr_core.protocol.messages import TrainingEvent

WriteState = Callable[[Path], None]
"""Writes everything that a run needs to go on (weights, optimizer, schedule, random state, place in the data) as
files into an empty folder. safetensors and JSON; a torch file only if loaded with `weights_only=True`."""


class TrainingContext(Protocol):
    """Called from the training thread alone, at least once per optimizer step."""

    def check(self) -> None:
        """Raises `Cancelled` when somebody asked to stop; blocks while the run is paused."""
        ...

    def event(self, event: TrainingEvent) -> None:
        """A step of the run, kept in its record."""
        ...

    def say(self, note: str) -> None:
        """A remark for the person who watches, e.g. that a batch was halved because memory ran out."""
        ...

    def checkpoint(self, write: WriteState, *, step: int, force: bool = False) -> bool:
        """Keep the state if a checkpoint is due (or `force`). True if one was written."""
        ...

    def resume(self) -> Path | None:
        """Folder of the newest whole checkpoint, its hashes checked; None at a fresh start."""
        ...


@dataclass(slots=True)
class PlainContext:
    """Keeps what it is told. `folder`: where checkpoints go, a temporary one unless given; `every`: steps between."""

    every: int = 0
    cancelled: bool = False
    events: list[TrainingEvent] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    on_event: Callable[[TrainingEvent], None] | None = None
    folder: Path | None = None

    def check(self) -> None:
        if self.cancelled:
            raise Cancelled("stopped on request")

    def event(self, event: TrainingEvent) -> None:
        self.events.append(event)
        if self.on_event is not None:
            self.on_event(event)

    def say(self, note: str) -> None:
        self.notes.append(note)

    def checkpoint(self, write: WriteState, *, step: int, force: bool = False) -> bool:
        if not force and not (self.every and step % self.every == 0):
            return False
        if self.folder is None:
            self.folder = Path(tempfile.mkdtemp(prefix="rpdr-run-"))
        staging = self.folder / f".checkpoint-{time.monotonic_ns()}"
        staging.mkdir(parents=True)
        write(staging)
        shutil.rmtree(self.folder / "checkpoint", ignore_errors=True)
        staging.rename(self.folder / "checkpoint")
        return True

    def resume(self) -> Path | None:
        found = self.folder / "checkpoint" if self.folder else None
        return found if found and found.is_dir() else None
