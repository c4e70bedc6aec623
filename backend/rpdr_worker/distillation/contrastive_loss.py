"""Losses that pull strings of one entity together. All take unit vectors and give the mean over what they weigh.

- `info_nce`: each string of a pair must find the other among all of the batch, both ways round.
- `multi_similarity`: Wang et al. 2019 with the constants of SapBERT (Liu et al. 2021): soft pulls of right pairs and
  soft pushes of wrong ones, over pairs that a mining leaves: a wrong pair counts if it is nearer than the worst right
  one less the margin, a right one if it is farther than the best wrong one and the margin.
- `among_negatives`: each string must find its own among a few of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

_OUTSIDE = -1e4


def info_nce(left: Tensor, right: Tensor, owners: Tensor, temperature: float) -> Tensor:
    """`left` and `right`: (pairs, width); `owners`: (pairs,). Another pair of the same entity is no wrong answer."""
    logits = left @ right.T / temperature
    diagonal = torch.eye(len(owners), dtype=torch.bool, device=owners.device)
    twins = (owners[:, None] == owners) & ~diagonal
    logits = logits.masked_fill(twins, _OUTSIDE)
    target = torch.arange(len(owners), device=owners.device)
    cross = torch.nn.functional.cross_entropy
    return (cross(logits, target) + cross(logits.T, target)) / 2


def multi_similarity(
    vectors: Tensor, owners: Tensor, *, alpha: float, beta: float, base: float, margin: float
) -> Tensor:
    """`vectors`: (strings, width); `owners`: (strings,)."""
    near = vectors @ vectors.T
    same = owners[:, None] == owners
    itself = torch.eye(len(owners), dtype=torch.bool, device=owners.device)
    right, wrong = same & ~itself, ~same
    worst = near.detach().masked_fill(~right, 2.0).min(1, keepdim=True).values
    best = near.detach().masked_fill(~wrong, -2.0).max(1, keepdim=True).values
    pulled, pushed = right & (near - margin < best), wrong & (near + margin > worst)
    pull = torch.logsumexp(_with_zero((-alpha * (near - base)).masked_fill(~pulled, _OUTSIDE)), 1) / alpha
    push = torch.logsumexp(_with_zero((beta * (near - base)).masked_fill(~pushed, _OUTSIDE)), 1) / beta
    return (pull + push).mean()


def among_negatives(mentions: Tensor, names: Tensor, choices: Sequence[Sequence[int]], temperature: float) -> Tensor:
    """`choices[i]`: rows of `names` for mention i, the right one first."""
    rows = torch.tensor(choices, device=names.device)
    logits = torch.einsum("bw,bcw->bc", mentions, names[rows]) / temperature
    return torch.nn.functional.cross_entropy(logits, torch.zeros(len(rows), dtype=torch.long, device=names.device))


def _with_zero(terms: Tensor) -> Tensor:
    """log(1 + sum(exp(..))) by logsumexp."""
    return torch.cat([terms, terms.new_zeros((len(terms), 1))], 1)
