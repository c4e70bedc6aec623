"""The losses against what their formulas say, worked out pair by pair."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from rpdr_worker.distillation.contrastive_loss import among_negatives, info_nce, multi_similarity

CONSTANTS = {"alpha": 2.0, "beta": 50.0, "base": 0.5, "margin": 0.2}
batches = st.lists(st.integers(0, 3), min_size=2, max_size=7)


def unit(rows: int, seed: int) -> Tensor:
    made = torch.randn((rows, 6), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return torch.nn.functional.normalize(made, dim=1)


@given(batches, st.integers(0, 99))
def test_info_nce_is_the_mean_of_both_ways_and_spares_twins(owners: list[int], seed: int) -> None:
    left, right, t = unit(len(owners), seed), unit(len(owners), seed + 100), 0.1
    total = 0.0
    for i, owner in enumerate(owners):
        for one, others in ((left[i], right), (right[i], left)):
            rivals = [j for j in range(len(owners)) if j == i or owners[j] != owner]
            shares = [math.exp(float(one @ others[j]) / t) for j in rivals]
            total -= math.log(shares[rivals.index(i)] / sum(shares))
    found = info_nce(left, right, torch.tensor(owners), t)
    assert float(found) == pytest.approx(total / (2 * len(owners)), abs=1e-9)


@given(batches, st.integers(0, 99))
def test_multi_similarity_is_its_formula_over_the_mined_pairs(owners: list[int], seed: int) -> None:
    vectors = unit(len(owners), seed)
    total = 0.0
    for i, owner in enumerate(owners):
        near = [float(vectors[i] @ vectors[j]) for j in range(len(owners))]
        right = [j for j in range(len(owners)) if j != i and owners[j] == owner]
        wrong = [j for j in range(len(owners)) if owners[j] != owner]
        best, worst = max((near[j] for j in wrong), default=-2.0), min((near[j] for j in right), default=2.0)
        pull = sum(math.exp(-2.0 * (near[j] - 0.5)) for j in right if near[j] - 0.2 < best)
        push = sum(math.exp(50.0 * (near[j] - 0.5)) for j in wrong if near[j] + 0.2 > worst)
        total += math.log(1 + pull) / 2.0 + math.log(1 + push) / 50.0
    found = multi_similarity(vectors, torch.tensor(owners), **CONSTANTS)
    assert float(found) == pytest.approx(total / len(owners), abs=1e-6)


def test_a_batch_that_is_told_apart_already_costs_nothing_in_multi_similarity() -> None:
    vectors = torch.eye(4)[[0, 0, 1, 1]]
    assert float(multi_similarity(vectors, torch.tensor([0, 0, 1, 1]), **CONSTANTS)) == 0.0


def test_among_negatives_wants_the_first_choice() -> None:
    names = torch.eye(3)
    right = among_negatives(names[:1], names, [(0, 1, 2)], 0.05)
    wrong = among_negatives(names[:1], names, [(1, 0, 2)], 0.05)
    assert float(right) < 1e-6
    assert float(wrong) == pytest.approx(20.0, abs=1e-3)
