"""The course of a retriever's training: steps, looks at the held-out texts, checkpoints, events.

A loop of our own rather than sentence-transformers' trainer: this one is stopped, kept and resumed between any two
steps through the run's context, and its batches know families. The losses are ten lines each. See decision 26.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from rpdr_core.protocol.messages import TrainingEvent, TrainingRow
from rpdr_worker.distillation.checkpoints import Place, State, read_state, write_state
from rpdr_worker.distillation.context import TrainingContext
from rpdr_worker.distillation.contrastive_learner import ContrastiveLearner
from rpdr_worker.distillation.contrastive_recipe import ContrastiveRecipe
from rpdr_worker.distillation.encoder_check import HeldOutTexts, Look
from rpdr_worker.distillation.name_groups import ChoiceBatch, NameGroups, PairBatch, choice_batch, pair_batch
from rpdr_worker.retrieval.reading import ALONE, ContextReading

_EVENT_EVERY = 10


@dataclass(slots=True)
class _Best:
    score: tuple[float, float]
    weights: Mapping[str, Tensor]
    step: int


class Batches:
    """The batch of each step, which follows from the seed and the step alone."""

    def __init__(
        self,
        groups: NameGroups,
        rows: Sequence[TrainingRow],
        recipe: ContrastiveRecipe,
        seed: int,
        reading: ContextReading = ALONE,
    ) -> None:
        self._groups, self._rows, self._recipe, self._seed, self._reading = groups, rows, recipe, seed, reading
        self._paired, self._codes = groups.paired(), tuple(groups.strings)
        training = recipe.training
        units = len(rows) if recipe.negatives else len(self._paired)
        self.per_epoch = max(1, -(-units // training.batch))
        steps = self.per_epoch * training.epochs
        self.steps = min(steps, training.steps) if training.steps else steps

    @property
    def empty(self) -> bool:
        """Whether there is nothing to learn from: no two names of anything, or one entity alone."""
        return not self._rows or len(self._codes) < 2 if self._recipe.negatives else len(self._paired) < 2

    def of(self, step: int) -> PairBatch | ChoiceBatch:
        draw = random.Random(f"{self._seed} {step}")  # noqa: S311 - shuffles, guards nothing
        size = self._recipe.training.batch
        if self._recipe.negatives is None:
            return pair_batch(self._groups, self._paired, size, self._recipe.batches, draw)
        epoch, place = divmod(step, self.per_epoch)
        order = list(range(len(self._rows)))
        random.Random(f"{self._seed} epoch {epoch}").shuffle(order)  # noqa: S311
        rows = [self._rows[at] for at in order[place * size : (place + 1) * size]]
        return choice_batch(self._groups, rows, self._codes, self._recipe.negatives, draw, self._reading)


class ContrastiveRun:
    """`identity`: what a checkpoint must have been made with to be gone on from. `before` is the look at step 0.

    `read_before` and `reading`: what the encoder reads of a context before training, and what it is trained to read.
    """

    def __init__(
        self,
        learner: ContrastiveLearner,
        batches: Batches,
        held: HeldOutTexts,
        recipe: ContrastiveRecipe,
        *,
        identity: str,
        context: TrainingContext,
        read_before: ContextReading = ALONE,
        reading: ContextReading = ALONE,
    ) -> None:
        self._read_before, self._reading = read_before, reading
        self._learner, self._batches, self._held, self._recipe = learner, batches, held, recipe
        self._identity, self._context = identity, context
        self._step, self._spent_before = 0, 0.0
        self.before = Look((), ())

    def train(self) -> Look:
        """All steps, or until the held-out texts gain no more; the best weights are put back. Returns the last look.

        Without looks on the way the last weights are kept.
        """
        self.before = self._look(self._read_before)
        best = _Best(self.before.score, self._learner.weights(), 0)
        saved = self._context.resume()
        if saved is not None:
            best = self._resumed(saved)
        self._began = time.monotonic()
        every = self._recipe.check.every if len(self._held) else 0
        while self._step < self._batches.steps and not self._gains_nothing(best, every):
            self._context.check()
            loss = self._learner.step(self._batches.of(self._step))
            self._step += 1
            last = self._step == self._batches.steps
            if every and (self._step % every == 0 or last):
                best = self._judged(best)
            self._tell(loss, best, force=last)
            self._context.checkpoint(lambda folder, best=best: self._write(folder, best), step=self._step)  # type: ignore[misc]
        if every:
            self._learner.restore(best.weights)
        return self._look(self._reading)

    def _look(self, reading: ContextReading) -> Look:
        return self._held.look(lambda texts: self._learner.vectors(texts, self._context.check), reading)

    def _judged(self, best: _Best) -> _Best:
        score = self._look(self._reading).score
        return _Best(score, self._learner.weights(), self._step) if score > best.score else best

    def _gains_nothing(self, best: _Best, every: int) -> bool:
        return bool(every) and self._step - best.step >= every * self._recipe.check.patience

    def _tell(self, loss: float, best: _Best, *, force: bool) -> None:
        if self._step % _EVENT_EVERY and not force:
            return
        left = self._spent() / self._step * (self._batches.steps - self._step)
        epoch = round(self._step / self._batches.per_epoch, 3)
        share = round(best.score[0], 4) if len(self._held) else None
        self._context.event(
            TrainingEvent(self._step, self._batches.steps, epoch, round(loss, 5), share, round(left, 1))
        )

    def _spent(self) -> float:
        return self._spent_before + time.monotonic() - self._began

    def _write(self, folder: Path, best: _Best) -> None:
        place = Place(self._identity, self._step, best.step, best.score, best.score[0], 0, self._spent())
        optimizer, scheduler = self._learner.optimizer.state_dict(), self._learner.scheduler.state_dict()
        write_state(folder, State(place, self._learner.weights(), best.weights, optimizer, scheduler))

    def _resumed(self, folder: Path) -> _Best:
        state = read_state(folder, self._identity)
        self._learner.restore(state.weights)
        self._learner.optimizer.load_state_dict(state.optimizer)
        self._learner.scheduler.load_state_dict(state.scheduler)
        self._step, self._spent_before = state.place.step, state.place.seconds
        return _Best(state.place.best_score, state.best, state.place.best_epoch)
