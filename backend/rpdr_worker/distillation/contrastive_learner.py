"""An encoder's top layers while they learn. What lies below is frozen: no gradients, no moments, no copies of it.

Training runs in bf16 where the processor multiplies it in hardware, as the index is encoded there; weights and moments
are float32. No dropout: the few strings of an entity are noise enough, and a run needs no random state to be resumed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from rpdr_core.errors import NotAllowedError
from rpdr_worker.devices import multiplies_bf16
from rpdr_worker.distillation.contrastive_loss import among_negatives, info_nce, multi_similarity
from rpdr_worker.distillation.contrastive_recipe import ContrastiveRecipe
from rpdr_worker.distillation.name_groups import ChoiceBatch, PairBatch
from rpdr_worker.distillation.schedule import learning_rate_factor
from rpdr_worker.ranking.student_model import TextEncoder, load_base
from rpdr_worker.retrieval.encoder_folder import EncoderFolder
from rpdr_worker.retrieval.reading import Readable

# Strings of one forward pass: long ones together, so that short ones are not padded to their length.
_PIECE = 32


class ContrastiveLearner:
    """Model and optimizer; the schedule is made for `steps`. Raises `NotAllowedError` for a model without layers."""

    def __init__(self, recipe: ContrastiveRecipe, folder: EncoderFolder, steps: int) -> None:
        self._recipe = recipe
        self.model = load_base(folder)
        freeze(self.model, recipe.layers.top)
        self._reader = TextEncoder(folder, self.model)
        short = replace(folder, max_length=min(folder.max_length, recipe.training.tokens))
        self._encoder = TextEncoder(short, self.model)
        training = recipe.training
        self.optimizer = torch.optim.AdamW(
            [value for _, value in self._trained()], lr=training.learning_rate, weight_decay=training.weight_decay
        )
        factor = learning_rate_factor(steps, training.warm_up)
        self.scheduler = torch.optim.lr_scheduler.LambdaLR(self.optimizer, factor)

    def step(self, batch: PairBatch | ChoiceBatch) -> float:
        """One optimizer step; returns the loss."""
        self.optimizer.zero_grad()
        loss = self._of_pairs(batch) if isinstance(batch, PairBatch) else self._of_choices(batch)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_([value for _, value in self._trained()], self._recipe.training.clip)
        self.optimizer.step()
        self.scheduler.step()
        return float(loss.detach())

    def vectors(self, texts: Sequence[Readable], check: Callable[[], None]) -> Tensor:
        """Unit vectors as the retriever will have them, without gradients, on the CPU."""
        with self._precision():
            return self._reader.all_vectors(texts, check).float().cpu()

    def weights(self) -> dict[str, Tensor]:
        """A copy of everything that is trained."""
        return {name: value.detach().clone() for name, value in self._trained()}

    def restore(self, weights: Mapping[str, Tensor]) -> None:
        with torch.no_grad():
            for name, value in self._trained():
                value.copy_(weights[name])

    def _of_pairs(self, batch: PairBatch) -> Tensor:
        loss, owners = self._recipe.loss, torch.tensor(batch.owners)
        vectors = self._encoded([*batch.left, *batch.right])
        owners = owners.to(vectors.device)
        left, right = vectors[: len(batch.left)], vectors[len(batch.left) :]
        total = vectors.new_zeros(())
        if loss.contrastive:
            total = total + loss.contrastive * info_nce(left, right, owners, loss.temperature)
        if loss.multi_similarity:
            constants = {"alpha": loss.alpha, "beta": loss.beta, "base": loss.base, "margin": loss.margin}
            total = total + loss.multi_similarity * multi_similarity(vectors, owners.repeat(2), **constants)
        return total

    def _of_choices(self, batch: ChoiceBatch) -> Tensor:
        vectors = self._encoded([*batch.mentions, *batch.names])
        mentions, names = vectors[: len(batch.mentions)], vectors[len(batch.mentions) :]
        return among_negatives(mentions, names, batch.choices, self._recipe.loss.temperature)

    def _encoded(self, texts: Sequence[Readable]) -> Tensor:
        counts = self._encoder.token_counts(texts)
        order = sorted(range(len(texts)), key=counts.__getitem__)
        with self._precision():
            pieces = [
                self._encoder.vectors([texts[place] for place in order[start : start + _PIECE]])
                for start in range(0, len(order), _PIECE)
            ]
        back = torch.tensor(sorted(range(len(order)), key=order.__getitem__))
        found = torch.cat(pieces).float()
        return found[back.to(found.device)]

    def _precision(self) -> Any:
        device = self._reader.device.type
        return torch.autocast(device, dtype=torch.bfloat16, enabled=device == "cuda" or multiplies_bf16())

    def _trained(self) -> list[tuple[str, Any]]:
        return [(name, value) for name, value in self.model.named_parameters() if value.requires_grad]


def freeze(model: Any, top: int) -> None:
    """Leave only the last `top` layers to be trained. The pooler is no part of a vector, so it never is."""
    layers = getattr(getattr(model, "encoder", None), "layer", None)
    if layers is None:
        raise NotAllowedError("the encoder has no layers to train", hint="use an encoder of the BERT family")
    model.requires_grad_(False)
    for layer in layers[-min(top, len(layers)) :]:
        layer.requires_grad_(True)
