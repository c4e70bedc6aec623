"""Two processes train one student, as two GPUs would under `accelerate launch`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.tiny_llama import judged_rows, quick_generative, spec_of, tiny_llama

from rpdr_worker.distillation.context import PlainContext
from rpdr_worker.distillation.generative_trainer import train_generative
from rpdr_worker.ranking.adapter import open_adapter

pytestmark = pytest.mark.journey
SCRIPT = Path(__file__).resolve().parents[1] / "helpers" / "train_generative.py"


def test_two_processes_share_a_run(tmp_path: Path) -> None:
    """The last batch has a single list: the second process then takes part without one of its own."""
    base = tiny_llama(tmp_path / "tiny")
    recipe = quick_generative(tmp_path, epochs=2, batch=7, shuffles=0, learning_rate=2e-3)
    rows = judged_rows(15)
    alone = PlainContext()
    train_generative(spec_of(recipe, base), rows, rows[:6], tmp_path / "alone", alone)
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    command = [*launch, str(SCRIPT), str(tmp_path), recipe, str(base)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    heard = json.loads((tmp_path / "events.json").read_text(encoding="utf-8"))
    assert heard["processes"] == 2
    assert open_adapter(str(tmp_path / "adapter"))[1].info.id == heard["id"]
    for (step, steps, loss, _), event in zip(heard["events"], alone.events, strict=True):
        assert (step, steps) == (event.step, event.steps)
        assert loss == pytest.approx(event.loss, abs=2e-3)
