"""What a student is trained on, what is told on the way, what comes out. Part of the table in `messages`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rpdr_core.records import Candidate, Verdict


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """Candidates with the target that training should reach. `order`: indexes into candidates, best first.

    `origin` is one of `rpdr_core.workflow.origins`. `weight` scales the row's loss. `rejected`: indexes of candidates
    that a person saw and passed over. `verdict`: what is said of the first of `order`; with `none` no candidate is
    right.
    """

    mention: str
    context: str
    candidates: tuple[Candidate, ...]
    order: tuple[int, ...]
    origin: str
    weight: float = 1.0
    rejected: tuple[int, ...] = ()
    verdict: Verdict = ""


@dataclass(frozen=True, slots=True)
class TrainingSpec:
    """What is trained, but its rows. `recipe`: a bundled recipe's name or a .toml file where the training runs;
    `base`: folder or hub name of the base model there, empty for the recipe's own.
    """

    recipe: str
    knowledge_base: str
    base: str = ""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class TrainingEvent:
    step: int
    steps: int
    epoch: float
    loss: float
    acc_at_1: float | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class AdapterInfo:
    """A trained adapter: its folder, content id, metrics on the validation rows, and what it was made from.

    Of kind `retriever` it is a whole encoder, and `acc_at_1` is how often it finds a held-out text's entity first.
    """

    id: str
    folder: str
    recipe: str
    base_model: str
    data_sha256: str
    train_rows: int
    validation_rows: int
    acc_at_1_before: float
    acc_at_1: float
    worker: str
    kind: Literal["encoder", "generative", "retriever"] = "encoder"
