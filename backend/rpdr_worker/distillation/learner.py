"""The encoder student while it learns: one optimizer step, its scores, its weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from rpdr_core.protocol.messages import TrainingRow
from rpdr_worker.distillation.loss import listwise_loss, order_tensor
from rpdr_worker.distillation.recipe import Recipe
from rpdr_worker.distillation.schedule import learning_rate_factor
from rpdr_worker.ranking.student_lists import CandidateList, Parts, StringVectors, batch_of, logits_of, parts_of
from rpdr_worker.ranking.student_model import Head, TextEncoder, load_base, with_lora
from rpdr_worker.retrieval.encoder_folder import EncoderFolder

Check = Callable[[], None]


class Learner:
    """Model, head and optimizer. `lists`: all whose strings will be met, `besides`: more strings. `reading`: how lists
    are read where they are judged. Call `prepare` before the first step."""

    def __init__(
        self,
        recipe: Recipe,
        folder: EncoderFolder,
        lists: Sequence[CandidateList],
        check: Check,
        *,
        besides: Sequence[str] = (),
    ) -> None:
        base = load_base(folder)
        self._recipe = recipe
        self.reading = recipe.reading
        self.vectors = StringVectors(TextEncoder(folder, base))
        self.vectors.add(lists, check, besides=besides)
        lora = recipe.lora
        self.model = with_lora(base, rank=lora.rank, alpha=lora.alpha, dropout=lora.dropout, targets=lora.targets)
        self.encoder = TextEncoder(folder, self.model)
        self.head = Head(recipe.start.scale, recipe.start.prior).to(self.encoder.device)

    def prepare(self, steps: int) -> None:
        """A fresh optimizer, its schedule made for so many steps."""
        training = self._recipe.training
        groups = [
            {"params": self._lora(), "lr": training.learning_rate, "weight_decay": training.weight_decay},
            {"params": list(self.head.parameters()), "lr": training.head_learning_rate, "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW(groups)
        factor = learning_rate_factor(steps, training.warm_up)
        self.scheduler = torch.optim.lr_scheduler.LambdaLR(self.optimizer, factor)

    def step(self, lists: Sequence[CandidateList], rows: Sequence[TrainingRow], size: int) -> float:
        """One optimizer step over the lists, `size` of them at a time. Returns the batch's loss.

        May be called again after it failed: gradients and random state are those of its beginning.
        """
        state = torch.random.get_rng_state()
        self.model.train()
        self.optimizer.zero_grad()
        total = sum(row.weight for row in rows)
        loss = 0.0
        try:
            for start in range(0, len(rows), size):
                piece = self._loss(lists[start : start + size], rows[start : start + size], total)
                piece.backward()  # type: ignore[no-untyped-call]
                loss += float(piece.detach())
        except (RuntimeError, MemoryError):
            torch.random.set_rng_state(state)
            raise
        torch.nn.utils.clip_grad_norm_([*self._lora(), *self.head.parameters()], self._recipe.training.clip)
        self.optimizer.step()
        self.scheduler.step()
        return loss

    def parts(self, lists: Sequence[CandidateList], check: Check) -> list[Parts]:
        """What the head needs of each list, without gradients."""
        self.model.eval()
        if not lists:
            return []
        spelling = self._recipe.input.spelling
        return parts_of(lists, self.encoder, self.vectors, check, reading=self.reading, spelling=spelling)

    def settle(self, check: Check) -> None:
        """Called once, when the best weights are back: what training needed beside them goes."""

    def weights(self) -> dict[str, Tensor]:
        """A copy of everything that is trained."""
        return {name: value.detach().clone() for name, value in self._trained()}

    def restore(self, weights: Mapping[str, Tensor]) -> None:
        with torch.no_grad():
            for name, value in self._trained():
                value.copy_(weights[name])

    def _loss(self, lists: Sequence[CandidateList], rows: Sequence[TrainingRow], total: float) -> Tensor:
        logits = logits_of(self.encoder, self.head, batch_of(lists, self.vectors), self.vectors.matrix)
        orders = order_tensor([row.order for row in rows], logits.shape[1]).to(logits.device)
        weights = torch.tensor([row.weight for row in rows], device=logits.device)
        return listwise_loss(logits, orders, weights, self._recipe.loss.decay, total=total)

    def _lora(self) -> list[Any]:
        return [parameter for parameter in self.model.parameters() if parameter.requires_grad]

    def _trained(self) -> list[tuple[str, Any]]:
        found = [(name, value) for name, value in self.model.named_parameters() if value.requires_grad]
        return found + [(f"head.{name}", value) for name, value in self.head.named_parameters()]
