"""What a generative student is taught: the labels' order and the verdict at one place, and the answer written out."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from rpdr_worker.distillation.generative_recipe import Loss
from rpdr_worker.distillation.generative_rows import UNJUDGED, Showing
from rpdr_worker.distillation.loss import listwise_loss, order_tensor


def kept_positions(showings: Sequence[Showing], loss: Loss) -> int:
    """How many of the last positions of a left-padded batch the loss reads."""
    if loss.prompt > 0:
        return max(showing.length for showing in showings)
    return max(max(1, len(showing.answer)) for showing in showings)


def showings_loss(logits: Tensor, showings: Sequence[Showing], columns: Sequence[int], loss: Loss) -> Tensor:
    """Sum of the showings' losses, each times its weight.

    `logits`: (showings, positions, vocabulary), the last `kept_positions`. `columns`: token ids of all labels, of
    none, of exact and of close; empty if names are written.
    """
    weights = torch.tensor([showing.weight for showing in showings], device=logits.device)
    total = logits.new_zeros((), dtype=torch.float32)
    if loss.label > 0 or loss.verdict > 0:
        rows = torch.arange(len(showings), device=logits.device)
        at = [logits.shape[1] - max(1, len(showing.answer)) for showing in showings]
        read = logits[rows, torch.tensor(at, device=logits.device)][
            :, torch.tensor(list(columns), device=logits.device)
        ]
        read = read.float()
        labels, judged = read[:, :-2], read[:, -2] - read[:, -1]
        orders = order_tensor([showing.order for showing in showings], labels.shape[1]).to(logits.device)
        # A weighted mean comes back; the sum is wanted.
        total = total + loss.label * listwise_loss(labels, orders, weights, loss.decay) * weights.sum()
        total = total + loss.verdict * (_judged_losses(judged, showings) * weights).sum()
    if loss.written > 0 or loss.prompt > 0:
        total = total + (_written_losses(logits, showings, loss) * weights).sum()
    return total


def _judged_losses(judged: Tensor, showings: Sequence[Showing]) -> Tensor:
    """Cross-entropy of exact against close; nothing where the verdict is neither or unknown."""
    known = torch.tensor([showing.judged != UNJUDGED for showing in showings], device=judged.device)
    exact = torch.tensor([float(showing.judged == 1) for showing in showings], device=judged.device)
    found = functional.binary_cross_entropy_with_logits(judged, exact, reduction="none")
    return found * known


def _written_losses(logits: Tensor, showings: Sequence[Showing], loss: Loss) -> Tensor:
    """Cross-entropy of the answer's tokens, and with their own weight of the prompt's; means over each."""
    kept = logits.shape[1]
    targets = torch.full((len(showings), kept), -100, dtype=torch.long)
    shares = torch.zeros((len(showings), kept))
    for row, showing in enumerate(showings):
        start = kept - max(1, len(showing.answer))
        if showing.answer:
            targets[row, start:] = torch.tensor(showing.answer)
            shares[row, start:] = loss.written / len(showing.answer)
        if loss.prompt > 0 and len(showing.prompt) > 1:
            begin = start + 1 - len(showing.prompt)
            targets[row, begin:start] = torch.tensor(showing.prompt[1:])
            shares[row, begin:start] = loss.prompt / (len(showing.prompt) - 1)
    targets, shares = targets.to(logits.device), shares.to(logits.device)
    found = functional.cross_entropy(
        logits.float().flatten(0, 1), targets.flatten(), reduction="none", ignore_index=-100
    )
    return (found.view_as(targets) * shares).sum(1)
