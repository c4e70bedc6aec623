"""A generative student's recipe: one file that says how it is trained and used, checked on load."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from rpdr_core.errors import FileFormatError
from rpdr_core.prompting.toml_file import line_of_key
from rpdr_worker.distillation.recipe import Count, Lora, Positive, Share
from rpdr_worker.distillation.recipe_file import read_recipe

Weight = Annotated[float, msgspec.Meta(ge=0.0)]


class Base(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The model that is adapted. `auto` precision: bf16 where the device multiplies it, else float32."""

    model: str
    precision: Literal["auto", "bf16", "float32"]
    quantization: Literal["none", "4bit"]


class Prompt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`cutoff`: tokens of prompt and answer. `places`: candidates shown; the rest of a list follows in its order."""

    template: str
    chat: bool
    cutoff: Annotated[int, msgspec.Meta(ge=64)]
    places: Annotated[int, msgspec.Meta(ge=2, le=25)] = 25


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    form: Literal["labels", "names"]


class Training(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`batch`: mentions per step. `tokens`: padded tokens per pass. `shuffles`: shuffled showings per epoch."""

    epochs: Count
    batch: Count
    tokens: Annotated[int, msgspec.Meta(ge=64)]
    learning_rate: Positive
    weight_decay: Weight
    warm_up: Share
    clip: Positive
    patience: Count
    retriever_order: bool
    shuffles: Annotated[int, msgspec.Meta(ge=0, le=8)]
    checkpointing: bool


class Loss(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Weights of the parts. The weight of place p (from 0) of the target order is `decay` to the power of p."""

    label: Weight
    decay: Share
    verdict: Weight
    written: Weight
    prompt: Weight


class Use(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the trained student ranks."""

    mode: Literal["logits", "generate"]
    beams: Annotated[int, msgspec.Meta(ge=1, le=16)]
    new_tokens: Annotated[int, msgspec.Meta(ge=1, le=2048)]
    reversed: bool


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: Literal[1]
    name: str
    kind: Literal["generative"]
    base: Base
    prompt: Prompt
    answer: Answer
    lora: Lora
    training: Training
    loss: Loss
    use: Use


class GenerativeRecipe(msgspec.Struct, frozen=True):
    """A checked recipe. `id` is its name and the start of its file's SHA-256, `content` the file's bytes."""

    id: str
    content: bytes
    base: Base
    prompt: Prompt
    answer: Answer
    lora: Lora
    training: Training
    loss: Loss
    use: Use


def load_generative_recipe(reference: str) -> GenerativeRecipe:
    """A bundled recipe by name (`generative-student`), or a recipe file by its path (ends in `.toml`)."""
    file = read_recipe(reference, _File)
    read = file.value
    _check_together(file.path, file.text, read)
    parts = (read.base, read.prompt, read.answer, read.lora, read.training, read.loss, read.use)
    return GenerativeRecipe(file.id, file.content, *parts)


def _check_together(path: Path, text: str, read: _File) -> None:
    """What each value alone does not show."""

    def refuse(message: str, hint: str, field: str) -> None:
        raise FileFormatError(message, hint=hint, file=str(path), line=line_of_key(text, field))

    if read.answer.form == "names" and (read.loss.label or read.loss.verdict):
        refuse("names have no label to learn", "set label and verdict under [loss] to 0", "label")
    if read.answer.form == "names" and read.use.mode == "logits":
        refuse("names cannot be ranked by their logits", 'mode = "generate"', "mode")
    if read.use.mode == "logits" and not read.loss.label:
        refuse("nothing trains the labels", "a label weight above 0 under [loss]", "label")
    if not (read.loss.label or read.loss.written):
        refuse("the recipe trains no answer", "a weight above 0 for label or written under [loss]", "label")
    if not (read.training.retriever_order or read.training.shuffles):
        refuse("the recipe shows no list", "retriever_order = true, or shuffles above 0", "shuffles")
    if "all-linear" in read.lora.targets and len(read.lora.targets) > 1:
        refuse("all-linear stands alone", "name layers, or all-linear", "targets")
