"""Trains the tiny generative student in this process: `torchrun ... train_generative.py FOLDER RECIPE BASE`.

Writes what the first process heard as `events.json` into FOLDER, beside the adapter.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from helpers.tiny_llama import judged_rows, spec_of

from rpdr_worker.distillation.context import PlainContext
from rpdr_worker.distillation.generative_trainer import train_generative


def main() -> None:
    folder, recipe, base = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    torch.set_num_threads(1)
    rows = judged_rows(15)
    context = PlainContext()
    info = train_generative(spec_of(recipe, base), rows, rows[:6], folder / "adapter", context)
    if context.events:
        heard = [[event.step, event.steps, event.loss, event.acc_at_1] for event in context.events]
        told = {"id": info.id, "processes": int(os.environ["WORLD_SIZE"]), "events": heard}
        (folder / "events.json").write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
