"""A training recipe: one file that says how a student is trained, checked on load."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from rpdr_core.errors import FileFormatError, NotFoundError
from rpdr_core.resources import resource_path
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
    path = recipe_path(reference)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise NotFoundError("no such recipe", hint="check the path", file=str(path)) from error
    read = _decode(path, content)
    digest = hashlib.sha256(content).hexdigest()
    return Recipe(
        f"{read.name}@{digest[:12]}", read.lora, read.training, read.loss, read.start, read.input, read.neighbours
    )


def recipe_path(reference: str) -> Path:
    """The file of a bundled recipe's name, or the path itself (ends in `.toml`)."""
    return Path(reference) if reference.endswith(".toml") else _bundled(reference)


def _bundled(name: str) -> Path:
    folder = resource_path("recipes")
    known = sorted(path.stem for path in folder.glob("*.toml"))
    if name not in known:
        raise NotFoundError(f"no recipe {name!r}", hint=f"one of {', '.join(known)}, or a .toml file")
    return folder / f"{name}.toml"


def _decode(path: Path, content: bytes) -> _File:
    try:
        return msgspec.convert(tomllib.loads(content.decode("utf-8")), _File)
    except UnicodeDecodeError as error:
        raise FileFormatError("the recipe is not UTF-8", hint="save it as UTF-8", file=str(path)) from error
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else 0
        raise FileFormatError(f"not valid TOML: {error}", hint="mend the line", file=str(path), line=line) from error
    except msgspec.ValidationError as error:
        hint = "compare it with the bundled encoder-student recipe"
        raise FileFormatError(f"not a recipe: {error}", hint=hint, file=str(path)) from error
