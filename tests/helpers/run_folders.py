"""The files of a run, without a process: what starts it and what it reads."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec

from rpdr_core.protocol.messages import TrainingRow, TrainingSpec
from rpdr_core.protocol.run_messages import Checkpoints, RunRow, StartRun
from rpdr_core.records import Candidate

RUN = "20261121-101112-abcdef"
ROW = TrainingRow("piles", "", (Candidate("A", "a"), Candidate("B", "b")), (1, 0), "teacher-exact")
LINES = b"".join(msgspec.json.encode(RunRow(part, ROW)) + b"\n" for part in ("train", "validation"))  # type: ignore[arg-type]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def spec_of(recipe: str = "long", *, run: str = RUN, rows: bytes = LINES) -> StartRun:
    """What starts a run whose training behaves as `recipe` says."""
    spec = TrainingSpec("r.toml", "kb")
    checkpoints = Checkpoints(0.0, 5)
    return StartRun(run, "small", spec, sha256(recipe.encode()), sha256(rows), "2026-11-21T10:11:12", checkpoints)


MakeRun = Callable[..., Path]
