"""Loss, schedule, calibration and recipe: the parts of training, each alone."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
import torch
from helpers.quick_recipe import quick_recipe
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import FileFormatError, NotFoundError
from rpdr_core.resources import resource_text
from rpdr_worker.distillation.calibration import FEWEST, accuracy, calibrate, likeliest, log_share, scores_of
from rpdr_worker.distillation.loss import listwise_loss, order_tensor
from rpdr_worker.distillation.recipe import load_recipe
from rpdr_worker.distillation.schedule import epoch_batches, learning_rate_factor
from rpdr_worker.ranking.student_lists import Parts

ONE = torch.ones(1)


def loss_by_hand(logits: list[float], order: list[int], decay: float) -> float:
    total = 0.0
    for place in range(len(order)):
        left = [logits[i] for i in order[place:]]
        total += decay**place * (math.log(sum(map(math.exp, left))) - logits[order[place]])
    return total


@given(st.permutations(range(5)), st.lists(st.floats(-5, 5), min_size=5, max_size=5), st.floats(0, 1))
def test_the_loss_is_plackett_luce_with_a_weight_per_place(order: list[int], logits: list[float], decay: float) -> None:
    found = listwise_loss(torch.tensor([logits]), order_tensor([order], 5), ONE, decay)
    assert found.item() == pytest.approx(loss_by_hand(logits, order, decay), abs=1e-4)


def test_padding_changes_nothing() -> None:
    short = listwise_loss(torch.tensor([[1.0, 2.0]]), order_tensor([[1, 0]], 2), ONE, 0.5)
    padded = listwise_loss(torch.tensor([[1.0, 2.0, -1e4, -1e4]]), order_tensor([[1, 0]], 4), ONE, 0.5)
    assert padded.item() == pytest.approx(short.item())


def test_a_row_without_weight_has_no_pull() -> None:
    logits = torch.tensor([[1.0, 2.0], [5.0, -5.0]], requires_grad=True)
    listwise_loss(logits, order_tensor([[1, 0], [1, 0]], 2), torch.tensor([1.0, 0.0]), 0.5).backward()
    assert logits.grad is not None
    assert logits.grad[0].abs().sum() > 0
    assert logits.grad[1].abs().sum() == 0


@given(st.lists(st.integers(1, 40), max_size=300), st.integers(1, 17), st.integers(0, 9))
def test_an_epoch_has_every_list_once(lengths: list[int], size: int, seed: int) -> None:
    batches = epoch_batches(lengths, size, seed)
    assert sorted(place for batch in batches for place in batch) == list(range(len(lengths)))
    assert all(1 <= len(batch) <= size for batch in batches)
    assert len(batches) == -(-len(lengths) // size)
    assert batches == epoch_batches(lengths, size, seed)


def test_batches_hold_lists_of_like_length() -> None:
    lengths = [place % 30 for place in range(960)]
    padded = sum(len(batch) * max(lengths[p] for p in batch) for batch in epoch_batches(lengths, 32, 1))
    assert sum(lengths) / padded > 0.85
    assert epoch_batches(lengths, 32, 1) != epoch_batches(lengths, 32, 2)


def test_the_learning_rate_rises_then_falls_to_nothing() -> None:
    factor = learning_rate_factor(100, 0.1)
    course = [factor(step) for step in range(101)]
    assert course[0] == pytest.approx(0.1)
    assert max(course) == 1.0
    assert course[:10] == sorted(course[:10])
    assert course[10:] == sorted(course[10:], reverse=True)
    assert course[100] == 0.0
    assert all(0.0 <= learning_rate_factor(1, share)(0) <= 1.0 for share in (0.0, 0.1, 1.0))


def lists(count: int) -> tuple[list[Parts], list[int]]:
    """The cosine is right in three of four lists, the prior in one of two."""
    parts, firsts = [], []
    for place in range(count):
        cosines = (0.9, 0.1) if place % 4 else (0.1, 0.9)
        priors = (0.0, -0.5) if place % 2 else (-0.5, 0.0)
        parts.append(Parts(cosines, priors))
        firsts.append(0)
    return parts, firsts


def test_calibration_lowers_the_weight_of_a_poor_prior() -> None:
    parts, firsts = lists(80)
    assert calibrate(parts, firsts, scale=5.0, prior=20.0).prior < 20.0


def test_calibrated_confidence_meets_the_accuracy() -> None:
    parts, firsts = lists(200)
    found = calibrate(parts, firsts, scale=40.0, prior=0.0)
    rows = [scores_of(item, scale=40.0, prior=found.prior) for item in parts]
    mean = sum(max(math.exp(log_share(row, place, found.temperature)) for place in (0, 1)) for row in rows) / len(rows)
    assert accuracy(rows, firsts) == 0.75
    assert abs(mean - 0.75) < 0.1
    assert found.temperature > 1.0


def test_the_likeliest_reading_is_chosen_and_the_first_where_few_rows_tell() -> None:
    good, firsts = lists(FEWEST)
    poor = [Parts(item.cosines[::-1], item.priors) for item in good]
    assert likeliest([good, poor], firsts, scale=5.0, prior=0.0) == 0
    assert likeliest([poor, good], firsts, scale=5.0, prior=0.0) == 1
    assert likeliest([poor[1:], good[1:]], firsts[1:], scale=5.0, prior=0.0) == 0


def test_few_rows_calibrate_nothing() -> None:
    parts, firsts = lists(FEWEST - 1)
    found = calibrate(parts, firsts, scale=40.0, prior=20.0)
    assert (found.prior, found.temperature) == (20.0, 1.0)


def test_accuracy_takes_the_first_of_equals_and_knows_no_lists() -> None:
    assert accuracy([[1.0, 1.0], [0.0, 1.0]], [0, 0]) == 0.5
    assert accuracy([], []) == 0.0


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=9), st.floats(0.2, 5))
def test_shares_are_a_distribution(scores: list[float], temperature: float) -> None:
    assert sum(math.exp(log_share(scores, place, temperature)) for place in range(len(scores))) == pytest.approx(1.0)


def test_the_bundled_recipe_loads() -> None:
    recipe = load_recipe("encoder-student")
    assert re.fullmatch(r"encoder-student@[0-9a-f]{12}", recipe.id)
    assert recipe.lora.targets == ("query", "key", "value", "dense")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("format = 1", "format = 2", "format"),
        ('kind = "encoder"', 'kind = "oracle"', "kind"),
        ("epochs = 6", "epochs = 0", "epochs"),
        ("dropout = 0.05", "dropout = 5", "dropout"),
        ("rank = 16", 'rank = "16"', "rank"),
        ("decay = 0.2", "decoy = 0.2", "decoy"),
        ("epochs = 6", "epochs = ", "TOML"),
        ("context = 0", "context = -1", "context"),
    ],
)
def test_a_broken_recipe_is_refused_with_its_place(tmp_path: Path, before: str, after: str, said: str) -> None:
    text = resource_text("recipes", "encoder-student.toml")
    assert before in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(FileFormatError, match=said) as caught:
        load_recipe(str(path))
    changed = next(at for at, line in enumerate(text.splitlines(), 1) if before in line)
    assert (caught.value.file, caught.value.line) == (str(path), changed)
    assert caught.value.hint


def test_a_recipe_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="encoder-student"):
        load_recipe("generative")
    with pytest.raises(NotFoundError):
        load_recipe(str(tmp_path / "gone.toml"))
    (tmp_path / "mine.toml").write_bytes("# 配方".encode("gb18030"))
    with pytest.raises(FileFormatError, match="UTF-8"):
        load_recipe(str(tmp_path / "mine.toml"))


def test_a_changed_number_changes_the_recipes_id(tmp_path: Path) -> None:
    assert load_recipe(quick_recipe(tmp_path)).id != load_recipe(quick_recipe(tmp_path, epochs=3)).id
