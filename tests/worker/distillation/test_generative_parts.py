"""Recipe, rows, loss and calibration of the generative student: the parts of its training, each alone."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from helpers.tiny_llama import judged_rows, quick_generative, tiny_tokenizer
from helpers.tiny_models import lay_rows
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import FileFormatError, NotFoundError
from rpdr_core.protocol.messages import TrainingRow
from rpdr_core.records import Candidate
from rpdr_core.resources import resource_text
from rpdr_worker.distillation.entry import recipe_kind
from rpdr_worker.distillation.generative_calibration import NONE_IS_RIGHT, Judged, accuracy, calibrate, likelihood
from rpdr_worker.distillation.generative_loss import kept_positions, showings_loss
from rpdr_worker.distillation.generative_recipe import Loss, load_generative_recipe
from rpdr_worker.distillation.generative_rows import Shower, Showing, shown_places, target_order
from rpdr_worker.ranking.generative_scores import ListScores, averaged, confidence_of, fused, verdict_of
from rpdr_worker.ranking.generative_template import load_student_template
from rpdr_worker.ranking.generative_tokens import PromptCoder

BUNDLED = ("generative-student", "paper-askapatient", "paper-aier")
TEMPLATE = load_student_template("student_en")


@pytest.mark.parametrize("name", BUNDLED)
def test_the_bundled_recipes_load(name: str) -> None:
    recipe = load_generative_recipe(name)
    assert re.fullmatch(rf"{name}@[0-9a-f]{{12}}", recipe.id)
    assert recipe_kind(name) == "generative"


def test_the_papers_numbers() -> None:
    english, chinese = load_generative_recipe("paper-askapatient"), load_generative_recipe("paper-aier")
    for recipe in (english, chinese):
        assert (recipe.lora.rank, recipe.lora.alpha, recipe.lora.dropout) == (8, 16, 0.05)
        assert (recipe.training.batch, recipe.prompt.cutoff) == (8, 256)
        assert (recipe.use.mode, recipe.use.beams, recipe.use.new_tokens) == ("generate", 4, 256)
        assert (recipe.answer.form, recipe.loss.label) == ("names", 0.0)
    assert (english.training.learning_rate, english.training.epochs, english.prompt.places) == (3e-5, 5, 10)
    assert (chinese.training.learning_rate, chinese.training.epochs, chinese.prompt.places) == (3e-4, 10, 6)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("format = 1", "format = 2", "format"),
        ("epochs = 3", "epochs = 0", "epochs"),
        ("rank = 16", 'rank = "16"', "rank"),
        ("tokens = 8192", "tokens = 1", "tokens"),
        ('mode = "logits"', 'mode = "guess"', "mode"),
        ('precision = "auto"', 'precision = "fp8"', "precision"),
        ("decay = 0.2", "decoy = 0.2", "decoy"),
        ("epochs = 3", "epochs = ", "TOML"),
        ("label = 1.0", "label = 0.0", "nothing trains the labels"),
        ('form = "labels"', 'form = "names"', "names have no label"),
        ('targets = ["all-linear"]', 'targets = ["all-linear", "q_proj"]', "stands alone"),
    ],
)
def test_a_broken_recipe_is_refused_with_its_place(tmp_path: Path, before: str, after: str, said: str) -> None:
    text = resource_text("recipes", "generative-student.toml")
    assert before in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(FileFormatError, match=said) as caught:
        load_generative_recipe(str(path))
    assert caught.value.file == str(path)
    assert caught.value.hint
    lines = text.splitlines()
    changed = next(at for at, line in enumerate(lines, 1) if before in line)
    if said != "names have no label":
        assert caught.value.line == changed


def test_what_shows_no_list_or_trains_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="shows no list"):
        load_generative_recipe(quick_generative(tmp_path, retriever_order=False, shuffles=0))
    with pytest.raises(FileFormatError, match="no answer"):
        load_generative_recipe(quick_generative(tmp_path, label=0.0, written=0.0, mode="generate"))
    with pytest.raises(NotFoundError):
        load_generative_recipe(str(tmp_path / "gone.toml"))


def shower(folder: Path, *, judged: bool = True, **values: object) -> Shower:
    recipe = load_generative_recipe(quick_generative(folder, **values))
    coder = PromptCoder(tiny_tokenizer(), TEMPLATE, chat=True, cutoff=recipe.prompt.cutoff)
    return Shower(recipe, coder, seed=1, judged=judged)


def test_an_epoch_shows_each_list_in_order_and_shuffled(tmp_path: Path) -> None:
    rows = judged_rows(6)
    found = shower(tmp_path, shuffles=2)
    first, second = found.epoch(rows, 1), found.epoch(rows, 2)
    assert len(first) == 18
    assert first == found.epoch(rows, 1)
    assert first[::3] == second[::3]
    assert first != second
    assert all(showing.answer for showing in first)
    assert not any(showing.answer for showing in shower(tmp_path, written=0.0).epoch(rows, 1))


def test_the_target_follows_the_candidates_through_a_shuffle(tmp_path: Path) -> None:
    """The letters that are to come first differ, the candidate behind them does not."""
    row = judged_rows(1)[0]
    names = [candidate.name for candidate in row.candidates]
    right = names[row.order[0]]
    for showing in shower(tmp_path, shuffles=8).epoch([row], 1):
        text = tiny_tokenizer().decode(showing.prompt)
        assert f"{'ABCDE'[showing.order[0]]}. {right}\n" in text
        assert sorted(showing.order) == [0, 1, 2, 3, 4, 25]
        assert showing.order[-1] == 25
        assert showing.judged == 1


def test_none_of_these_leads_where_no_candidate_is_right(tmp_path: Path) -> None:
    none, unknown = (replace(judged_rows(1)[0], verdict=verdict) for verdict in ("none", ""))
    found = shower(tmp_path, shuffles=0).epoch([none, unknown], 1)
    assert (found[0].order[0], found[0].judged) == (25, -1)
    assert (25 in found[1].order, found[1].judged) == (False, -1)
    assert [showing.order for showing in shower(tmp_path, judged=False, shuffles=0).epoch([none], 1)] == [none.order]


def test_what_a_person_passed_over_goes_behind() -> None:
    row = TrainingRow("m", "", tuple(Candidate(str(n), str(n)) for n in range(4)), (1, 0, 2, 3), "x", rejected=(0, 2))
    assert target_order(row) == [1, 3, 0, 2]
    assert target_order(replace(row, rejected=(1,))) == [1, 0, 2, 3]


def test_a_right_candidate_beyond_the_places_takes_the_last() -> None:
    row = TrainingRow("m", "", tuple(Candidate(str(n), str(n)) for n in range(9)), (7, *range(7), 8), "x")
    assert shown_places(row, 4) == [0, 1, 2, 7]
    assert shown_places(replace(row, verdict="none"), 4) == [0, 1, 2, 3]
    assert shown_places(row, 25) == list(range(9))


LOSS = Loss(label=1.0, decay=0.5, verdict=0.0, written=0.0, prompt=0.0)


def showing(order: tuple[int, ...], answer: tuple[int, ...] = (), judged: int = -1, weight: float = 1.0) -> Showing:
    return Showing((1, 2, 3), answer, order, judged, weight)


def test_the_label_loss_is_read_at_the_answers_place() -> None:
    """Columns 5 to 8 are A, B, C and none; 9 and 10 exact and close."""
    logits = torch.zeros(1, 1, 12)
    logits[0, 0, 6] = 2.0
    columns = [5, 6, 7, 8, 9, 10]
    found = showings_loss(logits, [showing((1, 0, 2, 3))], columns, LOSS)
    by_hand = -math.log(math.e**2 / (math.e**2 + 3)) + 0.5 * math.log(3) + 0.25 * math.log(2)
    assert found.item() == pytest.approx(by_hand, abs=1e-5)
    without_none = showings_loss(logits, [showing((1, 0, 2))], columns, LOSS)
    by_hand = -math.log(math.e**2 / (math.e**2 + 2)) + 0.5 * math.log(2)
    assert without_none.item() == pytest.approx(by_hand, abs=1e-5)


def test_verdict_and_written_losses() -> None:
    logits = torch.zeros(2, 3, 12)
    logits[:, :, 9] = 1.0
    rows = [showing((0, 1), (5, 6, 7), judged=1), showing((0, 1), (5,), judged=-1)]
    columns = [5, 6, 7, 8, 9, 10]
    verdict = showings_loss(logits, rows, columns, Loss(0.0, 0.5, 1.0, 0.0, 0.0))
    assert verdict.item() == pytest.approx(math.log(1 + math.exp(-1)), abs=1e-5)
    written = showings_loss(logits, rows, columns, Loss(0.0, 0.5, 0.0, 1.0, 0.0))
    assert written.item() == pytest.approx(2 * math.log(11 + math.e), abs=1e-4)
    assert kept_positions(rows, LOSS) == 3
    assert kept_positions(rows, replace_loss(prompt=0.1)) == 5


def replace_loss(**values: float) -> Loss:
    return Loss(**{"label": 1.0, "decay": 0.5, "verdict": 0.0, "written": 0.0, "prompt": 0.0} | values)


def test_the_prompts_own_tokens_have_their_own_weight() -> None:
    logits = torch.zeros(1, 4, 12)
    rows = [showing((0, 1), (5, 6))]
    assert kept_positions(rows, replace_loss(prompt=0.5, label=0.0)) == 4
    found = showings_loss(logits, rows, [], replace_loss(prompt=0.5, label=0.0, written=1.0))
    assert found.item() == pytest.approx(1.5 * math.log(12), abs=1e-4)


def test_a_rows_weight_scales_all_of_its_loss() -> None:
    torch.manual_seed(0)
    logits = torch.randn(1, 2, 12)
    columns = [5, 6, 7, 8, 9, 10]
    full = replace_loss(verdict=0.3, written=0.2)
    one = showings_loss(logits, [showing((1, 0), (5, 6), 1)], columns, full)
    three = showings_loss(logits, [showing((1, 0), (5, 6), 1, weight=3.0)], columns, full)
    assert three.item() == pytest.approx(3 * one.item(), rel=1e-5)


finite = st.floats(-40, 40)


@given(st.lists(finite, min_size=2, max_size=25), finite, finite, finite, st.booleans())
def test_shares_and_confidence_are_probabilities(
    labels: list[float], none: float, exact: float, close: float, with_none: bool
) -> None:
    found = ListScores.of([*labels, none, exact, close], len(labels), with_none=with_none)
    total = sum(map(math.exp, found.labels)) + math.exp(found.none)
    assert total == pytest.approx(1.0, abs=1e-6)
    sure = confidence_of(fused(found, [0.0] * len(labels), 0.0), found.none, 1.3)
    assert 0.0 <= sure <= 1.0
    verdict = verdict_of(found, 0.0)
    if abs(none - max(labels)) > 1e-6:
        assert (verdict == "none") == (with_none and none > max(labels))


def test_reading_both_ways_is_averaged_by_candidate() -> None:
    forward, backward = ListScores((-1.0, -2.0), -3.0, 1.0), ListScores((-4.0, -1.0), -5.0, 0.0)
    assert averaged(forward, backward) == ListScores((-1.0, -3.0), -4.0, 0.5)


def judged(labels: tuple[float, ...], right: int, exact: bool | None = None, mark: float = 0.0) -> Judged:
    scores = ListScores.of([*labels, -2.0, mark, 0.0], len(labels), with_none=True)
    return Judged(scores, tuple(-0.5 * place for place in range(len(labels))), right, exact)


def test_calibration_finds_prior_temperature_and_line() -> None:
    """The labels are sure and right in two of three lists; the retriever's first is right in the others."""
    rows = [judged((3.0, 0.0), 0, True, 2.0), judged((0.0, 3.0), 1, False, 1.0), judged((2.0, 2.5), 0, False, 1.2)] * 20
    found = calibrate(rows)
    assert accuracy(rows, 0.0) == pytest.approx(2 / 3)
    assert accuracy(rows, found.prior) == 1.0
    assert found.prior > 0
    assert 1.2 <= found.exact_above < 2.0
    assert calibrate(rows[:20]).prior == 0.0
    assert calibrate(rows[:20]).temperature == 1.0


def test_a_too_sure_student_is_cooled() -> None:
    rows = [judged((9.0, 0.0), place % 2, None) for place in range(60)]
    found = calibrate(rows)
    assert found.temperature > 5
    assert found.exact_above == 0.0
    assert likelihood(rows) < likelihood([judged((9.0, 0.0), 0)] * 60)


def test_none_rows_count_for_confidence_but_not_for_accuracy() -> None:
    rows = [judged((2.0, 0.0), 0)] * 40 + [judged((2.0, 0.0), NONE_IS_RIGHT)] * 40
    assert accuracy(rows, 0.0) == 1.0
    assert calibrate(rows).temperature > calibrate(rows[:40]).temperature
    assert accuracy([], 0.0) == 0.0


def test_the_lists_of_the_helper_are_in_the_retrievers_order() -> None:
    assert all(row.candidates[0].score > row.candidates[-1].score for row in lay_rows(3))
