"""A training recipe: one file that says how a student is trained, checked on load."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from rpdr_worker.distillation.recipe_file import read_recipe
from rpdr_worker.ranking.student_texts import GREATEST, Reading

Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Positive = Annotated[float, msgspec.Meta(gt=0.0)]
Lead = Annotated[float, msgspec.Meta(ge=0.0, le=0.5)]
Count = Annotated[int, msgspec.Meta(ge=1)]


class Lora(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`targets`: names of linear layers; for a generative student also `all-linear` alone."""

    rank: Count
    alpha: Count
    dropout: Share
    targets: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class Training(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`batch`: lists per step. `patience`: epochs without a better validation score before training stops."""

    epochs: Count
    batch: Count
    learning_rate: Positive
    head_learning_rate: Positive
    weight_decay: Annotated[float, msgspec.Meta(ge=0.0)]
    warm_up: Share
    clip: Positive
    patience: Count


class Loss(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The weight of place p (from 0) of the target order is `decay` to the power of p."""

    decay: Share


class Start(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Weights of the cosine and of the retriever's score before the first step."""

    scale: Positive
    prior: Annotated[float, msgspec.Meta(ge=0.0)]


class Neighbours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Learn from all strings of the training at once, remembered wordings among them, instead of from lists.

    `temperature` divides the cosines; `momentum`: share of the old average of weights kept at a step. `name_lead`,
    `alone_lead`: what is added to a name's cosine where lists are read, see `ranking.student_texts.Reading`.
    """

    temperature: Positive
    momentum: Annotated[float, msgspec.Meta(ge=0.0, lt=1.0)]
    name_lead: Lead = 0.0
    alone_lead: Lead = 0.0


class Input(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`context`: characters kept on each side of the mention, 0 for none. `spelling`: read a mention also with slips of
    the keyboard mended (see `ranking.spelling`)."""

    context: Annotated[int, msgspec.Meta(ge=0, le=400)] = 0
    spelling: bool = False


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: Literal[1]
    name: str
    kind: Literal["encoder"]
    lora: Lora
    training: Training
    loss: Loss
    start: Start
    input: Input = msgspec.field(default_factory=Input)
    neighbours: Neighbours | None = None


class Recipe(msgspec.Struct, frozen=True):
    """A checked recipe. `id` is its name and the start of its file's SHA-256."""

    id: str
    lora: Lora
    training: Training
    loss: Loss
    start: Start
    input: Input
    neighbours: Neighbours | None

    @property
    def reading(self) -> Reading:
        """How a candidate's strings are read: by their soft maximum where neighbours were learned."""
        near = self.neighbours
        return Reading(near.temperature, near.name_lead, near.alone_lead) if near else GREATEST


def load_recipe(reference: str) -> Recipe:
    """A bundled recipe by name (`encoder-student`), or a recipe file by its path (ends in `.toml`)."""
    file = read_recipe(reference, _File)
    read = file.value
    return Recipe(file.id, read.lora, read.training, read.loss, read.start, read.input, read.neighbours)
