"""A run's state as files: `weights.safetensors`, `best.safetensors`, `optimizer.pt`, `state.json`.

What is restored makes the next step bit-equal to what it would have been: weights, AdamW's moments, the schedule,
the random state, the place in the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor

from rpdr_core.errors import NotAllowedError

_WEIGHTS, _BEST, _OPTIMIZER, _PLACE = "weights.safetensors", "best.safetensors", "optimizer.pt", "state.json"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run stands. `run` identifies recipe, rows, base model and seed; `step`: optimizer steps done.

    `best_score`: validation accuracy and likelihood of the best epoch so far. `seconds`: time spent on the steps.
    """

    run: str
    step: int
    best_epoch: int
    best_score: tuple[float, float]
    accuracy: float | None
    piece: int
    seconds: float


@dataclass(frozen=True, slots=True)
class State:
    place: Place
    weights: Mapping[str, Tensor]
    best: Mapping[str, Tensor]
    optimizer: dict[str, Any]
    scheduler: dict[str, Any]


def write_state(folder: Path, state: State) -> None:
    from safetensors.torch import save_file

    for name, tensors in ((_WEIGHTS, state.weights), (_BEST, state.best)):
        save_file({key: value.detach().cpu().contiguous() for key, value in tensors.items()}, str(folder / name))
    random = {"cpu": torch.random.get_rng_state()}
    if torch.cuda.is_available():
        random["cuda"] = torch.cuda.get_rng_state()
    rest = {"optimizer": state.optimizer, "scheduler": state.scheduler, "random": random}
    torch.save(rest, folder / _OPTIMIZER)
    (folder / _PLACE).write_bytes(msgspec.json.encode(state.place))


def read_state(folder: Path, run: str) -> State:
    """Also restores torch's random state. Refuses the state of another run."""
    from safetensors.torch import load_file

    place = msgspec.json.decode((folder / _PLACE).read_bytes(), type=Place)
    if place.run != run:
        raise NotAllowedError(
            "the checkpoint belongs to another run", hint="start a new run", file=str(folder / _PLACE)
        )
    rest = torch.load(folder / _OPTIMIZER, weights_only=True, map_location="cpu")
    torch.random.set_rng_state(rest["random"]["cpu"])
    if "cuda" in rest["random"] and torch.cuda.is_available():
        torch.cuda.set_rng_state(rest["random"]["cuda"])
    weights, best = (load_file(str(folder / name)) for name in (_WEIGHTS, _BEST))
    return State(place, weights, best, rest["optimizer"], rest["scheduler"])
