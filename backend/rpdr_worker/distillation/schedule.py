"""Order of the training lists and course of the learning rate; both follow from the seed and the counts alone."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

# Batches are cut from sorted stretches of this many batches: little padding, and no epoch is like another.
_STRETCH = 8


def epoch_batches(lengths: Sequence[int], size: int, seed: int) -> list[list[int]]:
    """Indexes of one epoch's batches: every index once, batches of similar length, in random order."""
    draw = random.Random(seed)  # noqa: S311 - shuffles, guards nothing
    order = list(range(len(lengths)))
    draw.shuffle(order)
    batches: list[list[int]] = []
    for start in range(0, len(order), size * _STRETCH):
        stretch = sorted(order[start : start + size * _STRETCH], key=lengths.__getitem__)
        batches += [stretch[place : place + size] for place in range(0, len(stretch), size)]
    draw.shuffle(batches)
    return batches


def learning_rate_factor(steps: int, warm_up: float) -> Callable[[int], float]:
    """Linear warm-up over the share `warm_up` of the steps, then linear decay to zero at the end."""
    rising = max(1.0, warm_up * steps)

    def factor(step: int) -> float:
        return min(1.0, (step + 1) / rising, max(0.0, (steps - step) / max(1.0, steps - rising)))

    return factor
