"""The recipe of a retriever's training (`kind` self-alignment or retriever): one file, checked on load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

from rpdr_core.errors import FileFormatError
from rpdr_core.prompting.toml_file import line_of_key
from rpdr_worker.distillation.recipe import Count, Positive, Share
from rpdr_worker.distillation.recipe_file import read_recipe

Kind = Literal["self-alignment", "retriever"]
NotNegative = Annotated[float, msgspec.Meta(ge=0.0)]
CountOrNone = Annotated[int, msgspec.Meta(ge=0)]


class Layers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`top`: how many layers are trained, counted from the last; more than there are: all."""

    top: Count


class Training(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`epochs` are passes over the entities that have pairs (over the mentions with `[negatives]`), cut at `steps`."""

    epochs: Count
    steps: CountOrNone
    batch: Annotated[int, msgspec.Meta(ge=2)]
    learning_rate: Positive
    weight_decay: NotNegative
    warm_up: Share
    clip: Positive
    tokens: Annotated[int, msgspec.Meta(ge=4)]


class Batches(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How pairs come together: `families` is the share of draws that bring entities from beside them."""

    families: Share
    family: Count


class Negatives(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mention against one right name and `count` others; `hard`: the share from its own candidates."""

    count: Count
    hard: Share


class Loss(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Weights and constants, see `contrastive_loss`."""

    contrastive: NotNegative
    temperature: Positive
    multi_similarity: NotNegative
    alpha: Positive
    beta: Positive
    base: float
    margin: NotNegative


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`context`: how many characters of a mention's context, around it, are read with it; 0: the mention alone.

    A mention that has a context is trained both ways, and the encoder's folder says what it was trained to read.
    """

    context: CountOrNone


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The look at held-out texts: how many, among how many strings, every how many steps (0: at the ends only)."""

    texts: Count
    strings: Count
    every: CountOrNone
    patience: Count


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: Literal[1]
    name: str
    kind: Kind
    layers: Layers
    training: Training
    loss: Loss
    check: Check
    batches: Batches = Batches(0.0, 1)
    negatives: Negatives | None = None
    query: Query = Query(0)


@dataclass(frozen=True, slots=True)
class ContrastiveRecipe:
    """A checked recipe. `id` is its name and the start of its file's SHA-256."""

    id: str
    kind: Kind
    layers: Layers
    training: Training
    loss: Loss
    check: Check
    batches: Batches
    negatives: Negatives | None
    query: Query


def load_contrastive_recipe(reference: str) -> ContrastiveRecipe:
    """By a bundled name or a .toml file. Raises `FileFormatError` with the line, `NotFoundError`."""
    file = read_recipe(reference, _File)
    read = file.value
    if not (read.loss.contrastive or read.loss.multi_similarity):
        raise FileFormatError("a recipe without a loss", hint="give one of the two a weight", file=str(file.path))
    if read.query.context and read.kind == "self-alignment":
        line = line_of_key(file.text, "context")
        hint = 'set context = 0 under [query], or kind = "retriever"'
        raise FileFormatError("a terminology's names have no contexts", hint=hint, file=str(file.path), line=line)
    return ContrastiveRecipe(
        file.id, read.kind, read.layers, read.training, read.loss, read.check, read.batches, read.negatives, read.query
    )
