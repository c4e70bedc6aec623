"""Distillation: training rows -> an adapter folder. `distill` serves the wire.

A loop of our own, not transformers' Trainer: a step is one list against vectors computed once, which Trainer's
collators and batches of examples do not fit, and a cancel is heard at every step.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor

from rpdr_core import __version__
from rpdr_core.errors import UserInputError
from rpdr_core.protocol.messages import AdapterInfo, Distill, TrainingEvent, TrainingRow
from rpdr_worker.distillation.calibration import accuracy, calibrate, log_share, scores_of
from rpdr_worker.distillation.loss import listwise_loss, order_tensor
from rpdr_worker.distillation.recipe import Recipe, load_recipe
from rpdr_worker.distillation.schedule import epoch_batches, learning_rate_factor
from rpdr_worker.job import Job
from rpdr_worker.ranking.adapter import HEAD, AdapterManifest, base_fingerprint, publish, staged_adapter
from rpdr_worker.ranking.student_lists import CandidateList, StringVectors, batch_of, logits_of, parts_of
from rpdr_worker.ranking.student_model import Head, TextEncoder, load_base, with_lora, write_head
from rpdr_worker.ranking.student_texts import usual_gaps
from rpdr_worker.retrieval.encoder_folder import EncoderFolder, open_encoder_folder

_EVENT_EVERY = 10


def distill(params: Distill, job: Job) -> AdapterInfo:
    """Train an encoder student and put its adapter at `params.output`; an older one there stays until then.

    Equal rows, recipe, seed and encoder give an equal adapter on the same machine.
    """
    recipe = load_recipe(params.recipe)
    _check_rows(params)
    folder = open_encoder_folder(params.encoder)
    with staged_adapter(Path(params.output)) as staging, torch.random.fork_rng():
        torch.manual_seed(params.seed)
        run = _Run(params, recipe, folder, job)
        run.train()
        return publish(staging, Path(params.output), run.write(staging)).info


def _check_rows(params: Distill) -> None:
    if not params.train:
        raise UserInputError("there is nothing to train on", hint="let the teacher rank, or decide some mentions")
    for row in (*params.train, *params.validation):
        if sorted(row.order) != list(range(len(row.candidates))) or len(row.order) < 2:
            raise UserInputError("a training row's order does not fit its candidates", hint="select the rows again")


@dataclass(slots=True)
class _Best:
    """The best weights so far, by validation accuracy, then likelihood."""

    score: tuple[float, float]
    weights: dict[str, Tensor]
    epoch: int


class _Run:
    """One training run."""

    def __init__(self, params: Distill, recipe: Recipe, folder: EncoderFolder, job: Job) -> None:
        self._params, self._recipe, self._folder, self._job = params, recipe, folder, job
        self._base = base_fingerprint(folder)
        self._base_model = f"{folder.name.partition('@')[0]}@{self._base[:12]}"
        self._gaps = usual_gaps([row.candidates for row in params.train])
        self._train = [self._list(row) for row in params.train]
        self._validation = [self._list(row) for row in params.validation]
        self._firsts = [row.order[0] for row in params.validation]
        base = load_base(folder)
        self._vectors = StringVectors(TextEncoder(folder, base))
        job.progress(0, 1, note="encoding the candidates")
        self._vectors.add([*self._train, *self._validation], job.check)
        lora = recipe.lora
        self._model = with_lora(base, rank=lora.rank, alpha=lora.alpha, dropout=lora.dropout, targets=lora.targets)
        self._encoder = TextEncoder(folder, self._model)
        self._head = Head(recipe.start.scale, recipe.start.prior).to(self._encoder.device)
        self._accuracy: float | None = None

    def _list(self, row: TrainingRow) -> CandidateList:
        return CandidateList.of(
            row.mention, row.context, row.candidates, width=self._recipe.input.context, gaps=self._gaps
        )

    def train(self) -> None:
        """All epochs, or until the validation rows gain no more; the best weights are put back."""
        training = self._recipe.training
        lengths = self._encoder.token_counts([item.mention for item in self._train])
        per_epoch = -(-len(self._train) // training.batch)
        steps = per_epoch * training.epochs
        optimizer, scheduler = self._optimizer(steps)
        best = self._best(0)
        self._began = time.monotonic()
        for epoch in range(1, training.epochs + 1):
            batches = epoch_batches(lengths, training.batch, self._params.seed + epoch)
            for place, batch in enumerate(batches, 1):
                self._job.check()
                loss = self._step(batch, optimizer)
                scheduler.step()
                step = (epoch - 1) * per_epoch + place
                if step % _EVENT_EVERY == 0 and place < per_epoch:
                    self._tell(step, steps, step / per_epoch, loss)
            candidate = self._best(epoch)
            self._tell(step, steps, epoch, loss)
            if not self._validation or candidate.score > best.score:
                best = candidate
            elif epoch - best.epoch >= training.patience:
                break
        self._restore(best.weights)
        self._job.progress(steps, steps, 0.0)

    def _optimizer(self, steps: int) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LambdaLR]:
        training = self._recipe.training
        groups = [
            {"params": self._lora(), "lr": training.learning_rate, "weight_decay": training.weight_decay},
            {"params": list(self._head.parameters()), "lr": training.head_learning_rate, "weight_decay": 0.0},
        ]
        optimizer = torch.optim.AdamW(groups)
        factor = learning_rate_factor(steps, training.warm_up)
        return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, factor)

    def _lora(self) -> list[Any]:
        return [parameter for parameter in self._model.parameters() if parameter.requires_grad]

    def _step(self, batch: Sequence[int], optimizer: torch.optim.Optimizer) -> float:
        self._model.train()
        lists = batch_of([self._train[place] for place in batch], self._vectors)
        logits = logits_of(self._encoder, self._head, lists, self._vectors.matrix)
        rows = [self._params.train[place] for place in batch]
        orders = order_tensor([row.order for row in rows], logits.shape[1]).to(logits.device)
        weights = torch.tensor([row.weight for row in rows], device=logits.device)
        loss = listwise_loss(logits, orders, weights, self._recipe.loss.decay)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_([*self._lora(), *self._head.parameters()], self._recipe.training.clip)
        optimizer.step()
        return float(loss.detach())

    def _best(self, epoch: int) -> _Best:
        """The weights of now with their validation score."""
        scores = self._validation_scores()
        self._accuracy = accuracy(scores, self._firsts) if scores else None
        likelihood = sum(log_share(row, first, 1.0) for row, first in zip(scores, self._firsts, strict=True))
        weights = {
            name: value.detach().clone() for name, value in self._model.named_parameters() if value.requires_grad
        }
        weights |= {f"head.{name}": value.detach().clone() for name, value in self._head.named_parameters()}
        return _Best((self._accuracy or 0.0, likelihood), weights, epoch)

    def _restore(self, weights: dict[str, Tensor]) -> None:
        with torch.no_grad():
            for name, value in self._model.named_parameters():
                if value.requires_grad:
                    value.copy_(weights[name])
            for name, value in self._head.named_parameters():
                value.copy_(weights[f"head.{name}"])

    def _validation_scores(self) -> list[list[float]]:
        self._model.eval()
        scale, prior = self._head.weights()
        if not self._validation:
            return []
        found = parts_of(self._validation, self._encoder, self._vectors, self._job.check)
        return [scores_of(parts, scale=scale, prior=prior) for parts in found]

    def _tell(self, step: int, steps: int, epoch: float, loss: float) -> None:
        left = (time.monotonic() - self._began) / step * (steps - step)
        self._job.partial(TrainingEvent(step, steps, round(epoch, 3), round(loss, 5), self._accuracy, round(left, 1)))
        self._job.progress(step, steps, left)

    def write(self, staging: Path) -> AdapterManifest:
        """Calibrate, write the weights to `staging`, and describe them."""
        self._model.eval()
        prior, temperature = self._calibrate()
        with torch.no_grad():
            self._head.prior.fill_(prior)
        _write_lora(self._model, staging, self._base_model)
        write_head(staging / HEAD, self._head)
        params = self._params
        rows = msgspec.json.encode([params.train, params.validation])
        scores = self._validation_scores()
        info = AdapterInfo(
            id="",
            folder="",
            recipe=self._recipe.id,
            base_model=self._base_model,
            data_sha256=hashlib.sha256(rows).hexdigest(),
            train_rows=len(params.train),
            validation_rows=len(params.validation),
            acc_at_1_before=round(_share([first == 0 for first in self._firsts]), 4),
            acc_at_1=round(accuracy(scores, self._firsts), 4),
            worker=__version__,
        )
        context = self._recipe.input.context
        return AdapterManifest(info, self._base, params.encoder, context, temperature, self._gaps)

    def _calibrate(self) -> tuple[float, float]:
        scale, prior = self._head.weights()
        if not self._validation:
            return prior, 1.0
        parts = parts_of(self._validation, self._encoder, self._vectors, self._job.check)
        found = calibrate(parts, self._firsts, scale=scale, prior=prior)
        return found.prior, found.temperature


def _write_lora(model: Any, staging: Path, base_name: str) -> None:
    """peft's files without its model card, and without the path of the base model on this machine."""
    model.save_pretrained(str(staging), save_embedding_layers=False)
    (staging / "README.md").unlink(missing_ok=True)
    path = staging / "adapter_config.json"
    config = json.loads(path.read_text(encoding="utf-8")) | {"base_model_name_or_path": base_name}
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 0.0
