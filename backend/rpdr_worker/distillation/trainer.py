"""Distillation of the encoder student: training rows -> an adapter folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import torch

from rpdr_core import __version__
from rpdr_core.protocol.messages import AdapterInfo, TrainingRow, TrainingSpec
from rpdr_worker.distillation.calibration import LEADS, accuracy, calibrate, likeliest, scores_of
from rpdr_worker.distillation.context import TrainingContext
from rpdr_worker.distillation.encoder_run import EncoderRun, Examples
from rpdr_worker.distillation.judgement_fit import fit_judgement, judged_rows
from rpdr_worker.distillation.learned_memory import list_of_row, memory_of_rows
from rpdr_worker.distillation.learner import Learner
from rpdr_worker.distillation.neighbour_learner import NeighbourLearner
from rpdr_worker.distillation.recipe import Recipe, load_recipe
from rpdr_worker.distillation.rows import check_rows, ranked, rows_sha256, unranked
from rpdr_worker.distillation.universe import Universe
from rpdr_worker.ranking.adapter import HEAD, AdapterManifest, base_fingerprint, publish, staged_adapter
from rpdr_worker.ranking.student_judgement import Judgement
from rpdr_worker.ranking.student_lists import Parts
from rpdr_worker.ranking.student_model import write_head
from rpdr_worker.ranking.student_texts import usual_gaps
from rpdr_worker.retrieval.encoder_folder import EncoderFolder, open_encoder_folder


def train_encoder(
    spec: TrainingSpec,
    train_rows: Sequence[TrainingRow],
    validation_rows: Sequence[TrainingRow],
    output: Path,
    context: TrainingContext,
) -> AdapterInfo:
    """Train an encoder student and put its adapter at `output`; an older one there stays until then.

    Equal rows, recipe, seed and encoder give an equal adapter on the same machine, also when the run was resumed.
    Raises UserInputError for rows that cannot be trained on, NotAllowedError for an encoder without the recipe's
    layers or a foreign checkpoint, WorldError where not even one example fits into memory.
    """
    recipe = load_recipe(spec.recipe)
    check_rows(train_rows, validation_rows)
    folder = open_encoder_folder(spec.base)
    with staged_adapter(output) as staging, torch.random.fork_rng():
        torch.manual_seed(spec.seed)
        work = _Work(spec, recipe, folder, train_rows, validation_rows, context)
        work.run.train()
        return publish(staging, output, work.write(staging)).info


class _Work:
    """One training with all that it is made of."""

    def __init__(
        self,
        spec: TrainingSpec,
        recipe: Recipe,
        folder: EncoderFolder,
        train: Sequence[TrainingRow],
        validation: Sequence[TrainingRow],
        context: TrainingContext,
    ) -> None:
        self._spec, self._recipe, self._context = spec, recipe, context
        self._base = base_fingerprint(folder)
        self._base_model = f"{folder.name.partition('@')[0]}@{self._base[:12]}"
        self._data = rows_sha256(train, validation)
        self._gaps = usual_gaps([row.candidates for row in train])
        self._remembered = memory_of_rows(train)
        self._train, self._validation = self._examples(ranked(train)), self._examples(ranked(validation))
        self._without = self._examples(unranked([*train, *validation]))
        self._learner = self._learner_of(folder)
        identity = hashlib.sha256(msgspec.json.encode([recipe.id, self._base, self._data, spec.seed])).hexdigest()
        self.run = EncoderRun(
            self._learner,
            self._train,
            self._validation,
            recipe.training,
            seed=spec.seed,
            identity=identity,
            context=context,
        )

    def _learner_of(self, folder: EncoderFolder) -> Learner:
        recipe, check = self._recipe, self._context.check
        lists = [*self._train.lists, *self._validation.lists, *self._without.lists]
        if recipe.neighbours is None:
            return Learner(recipe, folder, lists, check)
        universe = Universe.of([*self._train.rows, *self._validation.rows], self._remembered)
        return NeighbourLearner(recipe, folder, lists, check, universe=universe, neighbours=recipe.neighbours)

    def _examples(self, rows: Sequence[TrainingRow]) -> Examples:
        width = self._recipe.input.context
        return Examples(rows, [list_of_row(row, self._remembered, width=width, gaps=self._gaps) for row in rows])

    def write(self, staging: Path) -> AdapterManifest:
        """Calibrate, write the weights to `staging`, and describe them."""
        firsts = self._validation.firsts()
        scale, prior = self._learner.head.weights()
        parts = self._read()
        found = calibrate(parts, firsts, scale=scale, prior=prior)
        with torch.no_grad():
            self._learner.head.prior.fill_(found.prior)
        _write_lora(self._learner.model, staging, self._base_model)
        write_head(staging / HEAD, self._learner.head)
        scores = [scores_of(item, scale=scale, prior=found.prior) for item in parts]
        info = AdapterInfo(
            id="",
            folder="",
            recipe=self._recipe.id,
            base_model=self._base_model,
            data_sha256=self._data,
            train_rows=len(self._train.rows),
            validation_rows=len(self._validation.rows),
            acc_at_1_before=round(_share([first == 0 for first in firsts]), 4),
            acc_at_1=round(accuracy(scores, firsts), 4),
            worker=__version__,
        )
        context, reading = self._recipe.input.context, self._learner.reading
        return AdapterManifest(
            info,
            self._base,
            self._spec.base,
            context,
            found.temperature,
            self._gaps,
            strings="base" if self._recipe.neighbours is None else "adapted",
            softness=reading.softness,
            spelling=self._recipe.input.spelling,
            judgement=self._judgement(parts, scale, found.prior),
            name_lead=reading.name_lead,
            alone_lead=reading.alone_lead,
        )

    def _read(self) -> list[Parts]:
        """The validation lists, read with the recipe's leads, or without where that makes the right ones likelier."""
        learner, held, check = self._learner, self._validation, self._context.check
        scale, prior = learner.head.weights()
        readings = list(dict.fromkeys(self._recipe.reading.with_share(share) for share in LEADS))
        found = []
        for reading in readings:
            learner.reading = reading
            found.append(learner.parts(held.lists, check))
        best = likeliest(found, held.firsts(), scale=scale, prior=prior)
        learner.reading = readings[best]
        return found[best]

    def _judgement(self, parts: Sequence[Parts], scale: float, prior: float) -> Judgement | None:
        """From the rows held out, and from those without a right candidate: no order was learned from them."""
        held, without = self._validation, self._without
        share = len(held.rows) / (len(held.rows) + len(self._train.rows))
        found = judged_rows(held.rows, parts, scale=scale, prior=prior)
        if held.rows:
            empty = self._learner.parts(without.lists, self._context.check)
            found += judged_rows(without.rows, empty, scale=scale, prior=prior, weight=share)
        return fit_judgement(found)


def _write_lora(model: Any, staging: Path, base_name: str) -> None:
    """peft's files without its model card, and without the path of the base model on this machine."""
    model.save_pretrained(str(staging), save_embedding_layers=False)
    (staging / "README.md").unlink(missing_ok=True)
    path = staging / "adapter_config.json"
    config = json.loads(path.read_text(encoding="utf-8")) | {"base_model_name_or_path": base_name}
    # peft writes a set, in an order that changes from process to process; equal adapters have equal bytes.
    if isinstance(config["target_modules"], list):
        config["target_modules"].sort()
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 0.0
