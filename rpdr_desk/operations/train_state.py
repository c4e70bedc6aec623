"""What the Train page shows: rows, recipes, hosts, runs. Plain values, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rpdr_desk.operations.jobs import Point

RunStateName = Literal["preparing", "queued", "running", "paused", "cancelled", "failed", "done", "lost"]
"""`preparing`: rows are read or sent to the host. `lost`: the process is gone without a word; it can be resumed."""

ENDED: frozenset[RunStateName] = frozenset({"cancelled", "failed", "done", "lost"})
THIS_MACHINE = ""
"""The host name of the machine the window runs on."""


@dataclass(frozen=True, slots=True)
class OriginLine:
    """How many rows come from one kind of label, and what each weighs in the loss."""

    origin: str
    rows: int
    weight: float


@dataclass(frozen=True, slots=True)
class RowsSummary:
    """What a student would learn from now. `left_out` counts labelled mentions by the reason, in words of the core.

    `held_out`: decided mentions that no student ever learns from, so that each can be judged by them.
    """

    train: int = 0
    validation: int = 0
    origins: tuple[OriginLine, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()
    held_out: int = 0


@dataclass(frozen=True, slots=True)
class RecipeChoice:
    """A recipe: `reference` is what training is started with, `kind` encoder or generative."""

    reference: str
    title: str
    kind: str


@dataclass(frozen=True, slots=True)
class HostLine:
    """A machine that can train. `name` is empty for this one; `note` says in short what it has, or why it cannot."""

    name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class TrainChoice:
    """What to train. `base`: folder or hub name of the base model, empty for the recipe's own."""

    recipe: str = "encoder-student"
    base: str = ""
    host: str = THIS_MACHINE


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that the run said, with the seconds since it began."""

    seconds: float
    words: str


@dataclass(frozen=True, slots=True)
class Run:
    """A training run, now or earlier. `curve` is its measurements; `memory` and `gpu_memory` are peaks in bytes, 0
    where unknown. `accuracy`: of the adapter on the validation rows, None until there is one.
    """

    id: str
    name: str
    host: str
    state: RunStateName
    recipe: str = ""
    created_at: str = ""
    step: int = 0
    steps: int = 0
    epoch: float = 0.0
    seconds_left: float | None = None
    memory: int = 0
    gpu_memory: int = 0
    checkpoint: int = 0
    curve: tuple[Point, ...] = ()
    remarks: tuple[Remark, ...] = ()
    adapter_id: str = ""
    accuracy: float | None = None
    message: str = ""
    hint: str = ""

    @property
    def ended(self) -> bool:
        return self.state in ENDED
