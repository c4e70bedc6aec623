"""The course of an encoder student's training: epochs, the best weights, checkpoints, events.

A loop of our own, not transformers' Trainer: a step is lists against vectors computed once, which Trainer's collators
and batches of examples do not fit, and a stop is heard at every step.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from rpdr_core.protocol.messages import TrainingEvent, TrainingRow
from rpdr_worker.distillation.calibration import FEWEST, accuracy, log_share, scores_of
from rpdr_worker.distillation.checkpoints import Place, State, read_state, write_state
from rpdr_worker.distillation.context import TrainingContext
from rpdr_worker.distillation.learner import Learner
from rpdr_worker.distillation.memory import in_fitting_pieces
from rpdr_worker.distillation.recipe import Training
from rpdr_worker.distillation.schedule import epoch_batches
from rpdr_worker.ranking.student_lists import CandidateList

_EVENT_EVERY = 10


@dataclass(frozen=True, slots=True)
class Examples:
    """Rows with the lists that the student reads of them, in the same order."""

    rows: Sequence[TrainingRow]
    lists: Sequence[CandidateList]

    def firsts(self) -> list[int]:
        return [row.order[0] for row in self.rows]


@dataclass(slots=True)
class _Best:
    """The best weights so far, by validation accuracy, then likelihood."""

    score: tuple[float, float]
    weights: Mapping[str, Tensor]
    epoch: int


class EncoderRun:
    """`identity`: what a checkpoint must have been made with to be gone on from."""

    def __init__(
        self,
        learner: Learner,
        train: Examples,
        validation: Examples,
        training: Training,
        *,
        seed: int,
        identity: str,
        context: TrainingContext,
    ) -> None:
        self._learner, self._train, self._validation, self._training = learner, train, validation, training
        self._seed, self._identity, self._context = seed, identity, context
        self._per_epoch = -(-len(train.rows) // training.batch)
        self._steps = self._per_epoch * training.epochs
        self._step, self._piece, self._before = 0, training.batch, 0.0
        self._accuracy: float | None = None
        self._judges = len(validation.rows) >= FEWEST

    def train(self) -> None:
        """All epochs, or until the validation rows gain no more; the best weights are put back.

        A handful of validation rows tells no epoch from another: then all epochs run and the last weights stay.
        """
        self._learner.prepare(self._steps)
        if self._validation.rows and not self._judges:
            self._context.say(f"{len(self._validation.rows)} validation rows are too few to stop by: all epochs run")
        saved = self._context.resume()
        self._best = self._resumed(saved) if saved else self._judged(0)
        self._began = time.monotonic()
        lengths = self._learner.encoder.token_counts([item.mention for item in self._train.lists])
        while self._step < self._steps and not self._gains_nothing():
            epoch = self._step // self._per_epoch + 1
            batches = epoch_batches(lengths, self._training.batch, self._seed + epoch)
            for batch in batches[self._step % self._per_epoch :]:
                self._one_step(batch)
        self._learner.restore(self._best.weights)
        self._learner.settle(self._context.check)

    def _gains_nothing(self) -> bool:
        epoch = self._step // self._per_epoch
        ended = self._step % self._per_epoch == 0
        return self._judges and ended and epoch - self._best.epoch >= self._training.patience

    def _one_step(self, batch: Sequence[int]) -> None:
        self._context.check()
        rows = [self._train.rows[place] for place in batch]
        lists = [self._train.lists[place] for place in batch]
        loss, self._piece = in_fitting_pieces(
            lambda size: self._learner.step(lists, rows, size),
            min(self._piece, self._training.batch),
            batch=self._training.batch,
            say=self._context.say,
        )
        self._step += 1
        ended = self._step % self._per_epoch == 0
        if ended:
            candidate = self._judged(self._step // self._per_epoch)
            if not self._judges or candidate.score > self._best.score:
                self._best = candidate
        if ended or self._step % _EVENT_EVERY == 0:
            self._tell(loss)
        self._context.checkpoint(self._write, step=self._step)

    def _judged(self, epoch: int) -> _Best:
        """The weights of now with their validation score."""
        scale, prior = self._learner.head.weights()
        firsts = self._validation.firsts()
        parts = self._learner.parts(self._validation.lists, self._context.check)
        scores = [scores_of(item, scale=scale, prior=prior) for item in parts]
        self._accuracy = accuracy(scores, firsts) if scores else None
        likelihood = sum(log_share(row, first, 1.0) for row, first in zip(scores, firsts, strict=True))
        return _Best((self._accuracy or 0.0, likelihood), self._learner.weights(), epoch)

    def _tell(self, loss: float) -> None:
        left = self._spent() / self._step * (self._steps - self._step)
        epoch = round(self._step / self._per_epoch, 3)
        event = TrainingEvent(self._step, self._steps, epoch, round(loss, 5), self._accuracy, round(left, 1))
        self._context.event(event)

    def _spent(self) -> float:
        return self._before + time.monotonic() - self._began

    def _write(self, folder: Path) -> None:
        best = self._best
        place = Place(
            self._identity, self._step, best.epoch, best.score, self._accuracy, self._piece, round(self._spent(), 1)
        )
        optimizer, scheduler = self._learner.optimizer.state_dict(), self._learner.scheduler.state_dict()
        write_state(folder, State(place, self._learner.weights(), best.weights, optimizer, scheduler))

    def _resumed(self, folder: Path) -> _Best:
        state = read_state(folder, self._identity)
        place = state.place
        self._learner.restore(state.weights)
        self._learner.optimizer.load_state_dict(state.optimizer)
        self._learner.scheduler.load_state_dict(state.scheduler)
        self._step, self._piece, self._before = place.step, place.piece, place.seconds
        self._accuracy = place.accuracy
        return _Best(place.best_score, state.best, place.best_epoch)
