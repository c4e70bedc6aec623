"""The one door to training: the recipe's kind chooses the trainer. Trainers are imported when they are needed."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

from rpdr_core.errors import FileFormatError
from rpdr_core.protocol.messages import AdapterInfo, TrainingRow, TrainingSpec
from rpdr_core.training_texts import write_training_texts
from rpdr_worker.distillation.context import TrainingContext
from rpdr_worker.distillation.recipe_file import recipe_path

_NAMES = frozenset(("terminology", "lexicon"))
"""Origins of rows that the terminology teaches of itself."""


def train(
    spec: TrainingSpec,
    train_rows: Sequence[TrainingRow],
    validation_rows: Sequence[TrainingRow],
    output: Path,
    context: TrainingContext,
) -> AdapterInfo:
    """Train a student and put its adapter at `output`; an older one there stays until the new one is whole.

    Equal spec, rows and machine give an equal adapter, also when the run was interrupted and resumed. Beside the
    adapter lies which texts it has seen (`rpdr_core.training_texts`), so that nobody judges it by them.
    """
    info = _train(spec, train_rows, validation_rows, output, context)
    # A terminology's names are no mentions that somebody decided: a reviewed one may well be worded like them.
    decided = (row for row in (*train_rows, *validation_rows) if row.origin not in _NAMES)
    write_training_texts(output, info.data_sha256, (row.mention for row in decided))
    return info


def _train(
    spec: TrainingSpec,
    train_rows: Sequence[TrainingRow],
    validation_rows: Sequence[TrainingRow],
    output: Path,
    context: TrainingContext,
) -> AdapterInfo:
    kind = recipe_kind(spec.recipe)
    if kind == "encoder":
        from rpdr_worker.distillation.trainer import train_encoder

        return train_encoder(spec, train_rows, validation_rows, output, context)
    if kind == "generative":
        from rpdr_worker.distillation.generative_trainer import train_generative

        return train_generative(spec, train_rows, validation_rows, output, context)
    if kind in ("self-alignment", "retriever"):
        from rpdr_worker.distillation.retriever_trainer import train_retriever

        return train_retriever(spec, train_rows, validation_rows, output, context)
    hint = 'kind = "encoder", "generative", "self-alignment" or "retriever"'
    raise FileFormatError(f"unknown kind of recipe {kind!r}", hint=hint, file=str(recipe_path(spec.recipe)))


def recipe_kind(reference: str) -> str:
    """The `kind` that a recipe declares; empty where it declares none. Its loader checks the rest."""
    path = recipe_path(reference)
    try:
        return str(tomllib.loads(path.read_text(encoding="utf-8")).get("kind", ""))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        # The encoder recipe's loader names the line.
        return "encoder"
