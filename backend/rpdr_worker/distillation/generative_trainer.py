"""Distillation into a causal language model: training rows -> an adapter folder.

A loop of our own around transformers, peft and accelerate; why not Trainer or TRL stands in
`backend/decisions/0010-generative-student.md`. With `accelerate launch` every process runs this; the first one alone
speaks to the context and writes.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from rpdr_core import __version__
from rpdr_core.protocol.messages import AdapterInfo, TrainingEvent, TrainingRow, TrainingSpec
from rpdr_worker.distillation.calibration import FEWEST
from rpdr_worker.distillation.checkpoints import Place, State, read_state, write_state
from rpdr_worker.distillation.context import TrainingContext
from rpdr_worker.distillation.generative_learner import GenerativeLearner
from rpdr_worker.distillation.generative_model import write_lora
from rpdr_worker.distillation.generative_processes import Processes
from rpdr_worker.distillation.generative_recipe import GenerativeRecipe, load_generative_recipe
from rpdr_worker.distillation.generative_rows import Showing
from rpdr_worker.distillation.rows import check_rows, rows_sha256
from rpdr_worker.distillation.schedule import epoch_batches
from rpdr_worker.ranking.adapter import (
    PROMPT,
    RECIPE,
    AdapterManifest,
    GenerativeUse,
    publish,
    read_manifest,
    staged_adapter,
)
from rpdr_worker.ranking.generative_base import BaseFolder, open_base_folder
from rpdr_worker.ranking.student_texts import usual_gaps

_EVENT_EVERY = 10
_NO_SCORE = (-1.0, -1e30)


def train_generative(
    spec: TrainingSpec,
    train_rows: Sequence[TrainingRow],
    validation_rows: Sequence[TrainingRow],
    output: Path,
    context: TrainingContext,
) -> AdapterInfo:
    """Train a generative student and put its adapter at `output`; an older one there stays until then.

    Equal rows, recipe, seed and base model give an equal adapter on the same machine, resumed or not.
    """
    recipe = load_generative_recipe(spec.recipe)
    check_rows(train_rows, validation_rows)
    base = open_base_folder(spec.base or recipe.base.model)
    processes = Processes(context)
    devices = [torch.cuda.current_device()] if torch.cuda.is_available() else []
    with staged_adapter(output) as staging, torch.random.fork_rng(devices):
        torch.manual_seed(spec.seed)
        run = _Run(spec, recipe, base, train_rows, validation_rows, processes)
        run.train()
        manifest = run.write(staging)
        if processes.first:
            publish(staging, output, manifest)
        processes.wait()
        return read_manifest(output).info


class _Run:
    """One training run in one process."""

    def __init__(
        self,
        spec: TrainingSpec,
        recipe: GenerativeRecipe,
        base: BaseFolder,
        train_rows: Sequence[TrainingRow],
        validation_rows: Sequence[TrainingRow],
        processes: Processes,
    ) -> None:
        self._spec, self._recipe, self._base, self._processes = spec, recipe, base, processes
        self._rows = [row for row in train_rows if row.weight > 0]
        self._all, self._validation = train_rows, validation_rows
        self._judges = len(validation_rows) >= FEWEST
        self._data = rows_sha256(tuple(train_rows), tuple(validation_rows))
        self._learner = GenerativeLearner(recipe, base, self._rows, validation_rows, spec.seed, processes)
        per_row = recipe.training.retriever_order + recipe.training.shuffles
        self._per_epoch = -(-len(self._rows) * per_row // recipe.training.batch)
        self._steps = self._per_epoch * recipe.training.epochs
        self._learner.prepare(self._steps)
        self._best = {name: value.detach().clone() for name, value in self._learner.trained().items()}
        key = f"{recipe.id}|{self._data}|{base.fingerprint}|{spec.seed}|{processes.count}"
        self._place = Place(hashlib.sha256(key.encode()).hexdigest(), 0, 0, _NO_SCORE, None, recipe.training.batch, 0.0)

    def train(self) -> None:
        """All epochs, or until the validation rows gain no more; the best weights are put back.

        A handful of validation rows tells no epoch from another: then all epochs run and the last weights stay.
        """
        training = self._recipe.training
        self._resume()
        for epoch in range(self._place.step // self._per_epoch + 1, training.epochs + 1):
            if self._judges and epoch - 1 - self._place.best_epoch >= training.patience:
                break
            self._epoch(epoch)
        self._learner.restore(self._best)

    def _epoch(self, epoch: int) -> None:
        showings = self._learner.showings(epoch)
        lengths = [showing.length for showing in showings]
        batches = epoch_batches(lengths, self._recipe.training.batch, self._spec.seed + epoch)
        done = self._place.step - (epoch - 1) * self._per_epoch
        for place, batch in enumerate(batches[done:], done + 1):
            self._processes.check()
            began = time.monotonic()
            loss = self._step([showings[at] for at in batch])
            step, last = self._place.step + 1, place == len(batches)
            self._move(step=step)
            if last:
                self._judge(epoch)
            self._move(seconds=self._place.seconds + time.monotonic() - began)
            if last or step % _EVENT_EVERY == 0:
                self._tell(loss)
            self._processes.checkpoint(self._write_state, step)

    def _step(self, showings: Sequence[Showing]) -> float:
        loss, piece = self._learner.step(showings, self._place.piece)
        self._move(piece=piece)
        return loss

    def _judge(self, epoch: int) -> None:
        """Score the validation rows and keep the weights if they are the best so far."""
        score = self._processes.agreed(self._learner.score())
        accuracy = score[0] if self._validation else None
        self._move(accuracy=accuracy)
        if not self._judges or score > tuple(self._place.best_score):
            self._best = {name: value.detach().clone() for name, value in self._learner.trained().items()}
            self._move(best_epoch=epoch, best_score=score)

    def _tell(self, loss: float) -> None:
        step, left = self._place.step, self._steps - self._place.step
        seconds = round(self._place.seconds / step * left, 1)
        epoch = round(step / self._per_epoch, 3)
        self._processes.event(TrainingEvent(step, self._steps, epoch, round(loss, 5), self._place.accuracy, seconds))

    def _move(self, **changes: object) -> None:
        self._place = replace(self._place, **changes)  # type: ignore[arg-type]

    def _write_state(self, folder: Path) -> None:
        learner = self._learner
        optimizer, scheduler = learner.optimizer.state_dict(), learner.scheduler.state_dict()
        write_state(folder, State(self._place, learner.trained(), self._best, optimizer, scheduler))

    def _resume(self) -> None:
        folder = self._processes.resume()
        if folder is None:
            return
        state = read_state(folder, self._place.run)
        self._place = state.place
        self._learner.restore(state.weights)
        self._best = dict(state.best)
        self._learner.optimizer.load_state_dict(state.optimizer)
        self._learner.scheduler.load_state_dict(state.scheduler)

    def write(self, staging: Path) -> AdapterManifest:
        """Calibrate, write the weights to `staging`, and describe them."""
        recipe, learner = self._recipe, self._learner
        calibration, accuracy, before = learner.calibrated()
        write_lora(learner.bare, staging, self._base.name)
        (staging / PROMPT).write_bytes(learner.template.content)
        (staging / RECIPE).write_bytes(recipe.content)
        info = AdapterInfo(
            id="",
            folder="",
            recipe=recipe.id,
            base_model=self._base.name,
            data_sha256=self._data,
            train_rows=len(self._all),
            validation_rows=len(self._validation),
            acc_at_1_before=round(before, 4),
            acc_at_1=round(accuracy, 4),
            worker=__version__,
            kind="generative",
        )
        use = GenerativeUse(
            base=self._spec.base or recipe.base.model,
            mode=recipe.use.mode,
            form=recipe.answer.form,
            chat=recipe.prompt.chat,
            cutoff=recipe.prompt.cutoff,
            places=recipe.prompt.places,
            beams=recipe.use.beams,
            new_tokens=recipe.use.new_tokens,
            reversed=recipe.use.reversed,
            precision=recipe.base.precision,
            verdicts=learner.judged,
            prior=calibration.prior,
            exact_above=calibration.exact_above,
        )
        gaps = usual_gaps([row.candidates for row in self._all])
        return AdapterManifest(info, self._base.fingerprint, "", 0, calibration.temperature, gaps, generative=use)
