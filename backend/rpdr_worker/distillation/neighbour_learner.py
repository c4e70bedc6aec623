"""An encoder student that learns to stand near its neighbours: names and remembered wordings of its entity.

Mentions and strings go through the same adapted encoder. The loss is that of soft nearest neighbours over all strings
of the training at once (neighbourhood components analysis, Goldberger et al. 2004), the mention's own wording left
out. Strings' vectors are not computed at each step: a step uses those of the last epoch, and a mention that is a
string itself leaves its new vector behind. What is kept in the end is the moving average of the weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from rpdr_core.protocol.messages import TrainingRow
from rpdr_worker.distillation.learner import Check, Learner
from rpdr_worker.distillation.recipe import Neighbours, Recipe
from rpdr_worker.distillation.universe import Universe
from rpdr_worker.ranking.student_lists import CandidateList, Parts
from rpdr_worker.retrieval.encoder_folder import EncoderFolder

_OUTSIDE = -1e4
_AVERAGE, _STRINGS = "average.", "strings"


class NeighbourLearner(Learner):
    """`universe` is made of the training rows; `lists` are all whose strings will be met."""

    def __init__(
        self,
        recipe: Recipe,
        folder: EncoderFolder,
        lists: Sequence[CandidateList],
        check: Check,
        *,
        universe: Universe,
        neighbours: Neighbours,
    ) -> None:
        super().__init__(recipe, folder, lists, check, besides=universe.strings)
        self._universe, self._neighbours = universe, neighbours
        device = self.vectors.matrix.device
        self._rows = torch.tensor([self.vectors.row(text) for text in universe.strings], device=device)
        self._owners = torch.tensor(universe.owners, device=device)
        self._average = {name: value.detach().clone() for name, value in self._adapted()}
        self._fresh: list[tuple[Sequence[TrainingRow], Tensor]] = []
        self._settled = False

    def step(self, lists: Sequence[CandidateList], rows: Sequence[TrainingRow], size: int) -> float:
        self._fresh = []
        loss = super().step(lists, rows, size)
        with torch.no_grad():
            for name, value in self._adapted():
                self._average[name].lerp_(value, 1.0 - self._neighbours.momentum)
            for taught, vectors in self._fresh:
                self._leave_behind(taught, vectors)
        return loss

    def parts(self, lists: Sequence[CandidateList], check: Check) -> list[Parts]:
        """By the averaged weights; the strings get their vectors anew, until training is over."""
        self.model.eval()
        if self._settled:
            return super().parts(lists, check)
        with self._averaged():
            self.vectors.refresh(self.encoder, check)
            return super().parts(lists, check)

    def settle(self, check: Check) -> None:
        """The averaged weights become the model's, and the strings' vectors theirs."""
        self._put(self._average)
        self.model.eval()
        self.vectors.refresh(self.encoder, check)
        self._settled = True

    def weights(self) -> dict[str, Tensor]:
        average = {f"{_AVERAGE}{name}": value.clone() for name, value in self._average.items()}
        return super().weights() | average | {_STRINGS: self.vectors.matrix.clone()}

    def restore(self, weights: Mapping[str, Tensor]) -> None:
        super().restore(weights)
        for name, value in self._average.items():
            value.copy_(weights[f"{_AVERAGE}{name}"])
        self.vectors.matrix = weights[_STRINGS].to(self.vectors.matrix.device).clone()

    def _loss(self, lists: Sequence[CandidateList], rows: Sequence[TrainingRow], total: float) -> Tensor:
        mentions = self.encoder.vectors([item.mention for item in lists])
        self._fresh.append((rows, mentions.detach()))
        logits = mentions @ self.vectors.matrix[self._rows].T / self._neighbours.temperature
        logits = logits.masked_fill(self._own(rows), _OUTSIDE)
        right = self._owners == self._right(rows)[:, None]
        near = torch.logsumexp(logits.masked_fill(~right, _OUTSIDE), 1)
        # A mention whose entity has no string but the mention itself has nothing to stand near.
        known = near > _OUTSIDE / 2
        per_row = (torch.logsumexp(logits, 1) - near).masked_fill(~known, 0.0)
        weights = torch.tensor([row.weight for row in rows], device=per_row.device)
        return (per_row * weights).sum() / total

    def _own(self, rows: Sequence[TrainingRow]) -> Tensor:
        own = torch.zeros((len(rows), len(self._owners)), dtype=torch.bool)
        for place, pairs in enumerate(self._universe.own_pairs([row.mention for row in rows])):
            own[place, list(pairs)] = True
        return own.to(self._owners.device)

    def _right(self, rows: Sequence[TrainingRow]) -> Tensor:
        codes = self._universe.codes
        return torch.tensor([codes[row.candidates[row.order[0]].code] for row in rows], device=self._owners.device)

    def _leave_behind(self, rows: Sequence[TrainingRow], vectors: Tensor) -> None:
        for pairs, vector in zip(self._universe.own_pairs([row.mention for row in rows]), vectors, strict=True):
            if pairs:
                self.vectors.matrix[self._rows[list(pairs)]] = vector

    @contextmanager
    def _averaged(self) -> Iterator[None]:
        now = {name: value.detach().clone() for name, value in self._adapted()}
        self._put(self._average)
        try:
            yield
        finally:
            self._put(now)

    def _put(self, weights: Mapping[str, Tensor]) -> None:
        with torch.no_grad():
            for name, value in self._adapted():
                value.copy_(weights[name])

    def _adapted(self) -> Iterator[tuple[str, Tensor]]:
        return ((name, value) for name, value in self.model.named_parameters() if value.requires_grad)
