"""How long a lesson takes, before it has begun: from its recipe and what was measured with the bundled encoder."""

from __future__ import annotations

from rpdr_desk.operations.encoder_state import Estimate, LessonRecipe

STRING = (0.0035, 0.0125)
"""Seconds that a string takes in a step of three layers: a free core with bf16, and a crowded one without."""
INDEXED = (0.0006, 0.003)
"""Seconds that a string takes in the index."""
SHALLOW, DEEP = 3, 3.0
"""Up to so many trained layers cost that; all of them cost so many times as much."""


def estimated(recipe: LessonRecipe, units: int, strings: int) -> Estimate:
    """`units`: entities with two names, or decisions; `strings` of the terminology are embedded for the index."""
    per_epoch = max(1, -(-units // recipe.batch))
    steps = per_epoch * recipe.epochs
    if recipe.steps:
        steps = min(steps, recipe.steps)
    read = steps * recipe.batch * (2 + recipe.negatives)
    depth = 1.0 if recipe.layers <= SHALLOW else DEEP
    low, high = (
        (read * depth * string + strings * indexed) / 60 for string, indexed in zip(STRING, INDEXED, strict=True)
    )
    return Estimate(low, high)
