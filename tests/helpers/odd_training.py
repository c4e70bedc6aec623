"""The process of a run whose training misbehaves as its recipe's text asks. Run as a program, with the run's folder."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from rpdr_core.protocol.messages import AdapterInfo, TrainingEvent
from rpdr_worker.distillation import entry
from rpdr_worker.runs.process import run
from rpdr_worker.serve.log import log_to_stderr

CANARY = "blurry vision R eye"
INFO = AdapterInfo("a1", "", "r", "m", "0", 2, 1, 0.5, 0.7, "w")


def state(folder: Path) -> None:
    (folder / "weights.bin").write_bytes(b"state")


def train(spec: Any, rows: Any, _validation: Any, output: Path, context: Any) -> AdapterInfo:
    way = Path(spec.recipe).read_text(encoding="utf-8").strip()
    if way == "slow":
        time.sleep(600)
    resumed = context.resume()
    print(CANARY)
    context.event(TrainingEvent(1, 1000, 0.1, 1.0))
    if way == "deaf":
        context.check()
        time.sleep(600)
    if way == "break":
        raise ValueError(CANARY)
    if way == "memory":
        raise MemoryError
    if way == "library":
        raise ModuleNotFoundError("no", name="peft")
    if way == "long" and resumed is None:
        for step in range(1, 10_000):
            context.check()
            time.sleep(0.02)
            context.checkpoint(state, step=step)
    output.mkdir(parents=True, exist_ok=True)
    (output / "manifest.json").write_text("{}")
    assert len(rows) == 1
    return INFO


if __name__ == "__main__":
    entry.train = train
    log_to_stderr()
    sys.exit(run(Path(sys.argv[1])))
