"""The listwise loss: Plackett-Luce likelihood of the target order, its first places counting most.

ListMLE with a weight per place (p-ListMLE, Lan et al. 2014). A row whose teacher erred deep in the list then costs
little, and the softmax of the first place stays sharp, which the calibrated confidence needs.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

_OUTSIDE = -1e4


def order_tensor(orders: Sequence[Sequence[int]], places: int) -> Tensor:
    """Target orders padded with -1, shape (lists, places)."""
    out = torch.full((len(orders), places), -1, dtype=torch.long)
    for row, order in enumerate(orders):
        out[row, : len(order)] = torch.tensor(list(order))
    return out


def listwise_loss(
    logits: Tensor, orders: Tensor, weights: Tensor, decay: float, *, total: float | None = None
) -> Tensor:
    """Weighted mean over the lists. `logits`, `orders`: (lists, places); `weights`: (lists,).

    `total`: the weight of the whole batch where this is a piece of it; the pieces' losses then add up to the batch's.

    The loss of a list is the sum over places p of decay^p * -log(softmax of the p-th choice among those left).
    """
    real = orders >= 0
    sorted_logits = logits.gather(1, orders.clamp(min=0)).masked_fill(~real, _OUTSIDE)
    left = torch.logcumsumexp(sorted_logits.flip(1), dim=1).flip(1)
    discount = torch.tensor([decay**place for place in range(logits.shape[1])], device=logits.device)
    per_list = ((left - sorted_logits) * discount).masked_fill(~real, 0.0).sum(1)
    return (per_list * weights).sum() / (weights.sum() if total is None else total)
