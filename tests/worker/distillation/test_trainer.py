from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers.quick_recipe import quick_recipe
from helpers.tiny_models import items_of, lay_rows, right_codes, tiny_bert

from rpdr_core.errors import Cancelled, NotAllowedError, UserInputError
from rpdr_core.protocol.messages import AdapterInfo, RankByStudent, TrainingRow, TrainingSpec
from rpdr_core.records import Ranking
from rpdr_worker.distillation.context import PlainContext
from rpdr_worker.distillation.trainer import train_encoder
from rpdr_worker.job import RecordingJob
from rpdr_worker.ranking import student
from rpdr_worker.ranking.adapter import read_manifest

TRAIN, HELD = lay_rows(160, seed=1), lay_rows(60, seed=2)


@dataclass(frozen=True, slots=True)
class Params:
    recipe: str
    output: str
    train: tuple[TrainingRow, ...]
    validation: tuple[TrainingRow, ...]
    encoder: str
    seed: int = 3


def params(tmp_path: Path, **changes: Any) -> Params:
    encoder = tmp_path / "tiny"
    if not encoder.exists():
        tiny_bert(encoder)
    base = Params(quick_recipe(tmp_path), str(tmp_path / "adapter"), TRAIN, HELD, str(encoder))
    return replace(base, **changes)


def distill(wanted: Params, context: PlainContext | None = None) -> AdapterInfo:
    spec = TrainingSpec(wanted.recipe, "ab" * 32, wanted.encoder, wanted.seed)
    return train_encoder(spec, wanted.train, wanted.validation, Path(wanted.output), context or PlainContext())


def rank(adapter: str | Path, rows: Any = HELD) -> list[Ranking]:
    job = RecordingJob()
    student.rank(RankByStudent(str(adapter), "ab" * 32, items_of(rows)), job)
    return [ranking for ranking in job.partials if isinstance(ranking, Ranking)]


def share_right(adapter: str | Path) -> float:
    firsts = [ranking.candidates[0].code for ranking in rank(adapter)]
    return sum(a == b for a, b in zip(firsts, right_codes(HELD), strict=True)) / len(HELD)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, AdapterInfo, PlainContext]:
    folder = tmp_path_factory.mktemp("trained")
    context = PlainContext()
    return folder, distill(params(folder), context), context


Trained = tuple[Path, AdapterInfo, PlainContext]


def test_the_student_learns_a_rule_that_the_retriever_does_not_know(trained: Trained) -> None:
    _, info, _ = trained
    assert info.acc_at_1_before < 0.4
    assert info.acc_at_1 > 0.9
    assert share_right(info.folder) == pytest.approx(info.acc_at_1, abs=0.02)


def test_the_result_says_what_it_was_made_of(trained: Trained) -> None:
    folder, info, _ = trained
    assert info.folder == str(folder / "adapter")
    assert (info.train_rows, info.validation_rows) == (160, 60)
    assert info.recipe.startswith("encoder-student@")
    assert info.base_model.startswith("tiny@")
    assert len(info.id) == 16
    assert len(info.data_sha256) == 64
    manifest = json.loads((folder / "adapter" / "manifest.json").read_text())
    assert manifest["temperature"] > 0
    assert set(manifest["files"]) == {"adapter_config.json", "adapter_model.safetensors", "head.safetensors"}
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((folder / "adapter" / name).read_bytes()).hexdigest() == digest


def test_no_text_and_no_path_of_this_machine_is_in_the_adapter(trained: Trained) -> None:
    folder, _, _ = trained
    files = {path.name: path.read_bytes() for path in (folder / "adapter").iterdir()}
    assert set(files) == {"adapter_config.json", "adapter_model.safetensors", "head.safetensors", "manifest.json"}
    for name, content in files.items():
        assert TRAIN[0].mention.encode() not in content, name
        assert name == "manifest.json" or str(folder).encode() not in content, name


def test_events_come_at_least_every_ten_steps(trained: Trained) -> None:
    _, _, context = trained
    events = context.events
    assert all(b.step - a.step <= 10 for a, b in pairwise(events))
    assert events[0].step <= 10
    assert events[-1].step == events[-1].steps
    assert events[-1].loss < events[0].loss
    assert events[-1].acc_at_1 is not None
    assert events[-1].acc_at_1 > 0.9


def test_confidence_is_higher_where_the_student_is_right(trained: Trained) -> None:
    _, info, _ = trained
    rankings = rank(info.folder)
    for ranking in rankings:
        assert ranking.confidence is not None
        assert 0.2 <= ranking.confidence <= 1.0
    assert sum(ranking.confidence or 0 for ranking in rankings) / len(rankings) > 0.6


def test_equal_input_gives_an_equal_adapter(tmp_path: Path) -> None:
    quick = quick_recipe(tmp_path, epochs=2)
    state = torch.random.get_rng_state()
    first = distill(params(tmp_path, recipe=quick))
    again = distill(params(tmp_path, recipe=quick, output=str(tmp_path / "again")))
    other = distill(params(tmp_path, recipe=quick, output=str(tmp_path / "other"), seed=4))
    assert first.id == again.id
    assert first.id != other.id
    assert torch.equal(state, torch.random.get_rng_state())


def test_training_without_validation_rows(tmp_path: Path) -> None:
    info = distill(params(tmp_path, validation=()))
    assert (info.validation_rows, info.acc_at_1, info.acc_at_1_before) == (0, 0.0, 0.0)
    assert share_right(info.folder) > 0.9


def test_weights_scale_a_rows_pull(tmp_path: Path) -> None:
    wrong = tuple(replace(row, order=row.order[::-1], weight=0.01) for row in TRAIN)
    info = distill(params(tmp_path, train=(*TRAIN, *wrong), validation=()))
    assert share_right(info.folder) > 0.9


def test_it_stops_early_when_nothing_is_gained(tmp_path: Path) -> None:
    context = PlainContext()
    recipe = quick_recipe(tmp_path, epochs=50, patience=2)
    distill(params(tmp_path, recipe=recipe), context)
    last = context.events[-1]
    assert last.step < last.steps


def test_a_handful_of_validation_rows_stops_nothing(tmp_path: Path) -> None:
    recipe = quick_recipe(tmp_path, epochs=6, patience=1)
    context = PlainContext()
    info = distill(params(tmp_path, recipe=recipe, validation=HELD[:3]), context)
    assert context.events[-1].step == context.events[-1].steps
    assert any("too few to stop by" in note for note in context.notes)
    assert share_right(info.folder) > info.acc_at_1_before, "the last weights are kept, not the untrained ones"


def test_a_cancel_is_heard_at_once_and_keeps_the_last_adapter(tmp_path: Path) -> None:
    info = distill(params(tmp_path, recipe=quick_recipe(tmp_path, epochs=1)))
    before = {path.name: path.read_bytes() for path in Path(info.folder).iterdir()}
    context = PlainContext()
    context.on_event = lambda _: setattr(context, "cancelled", True)
    with pytest.raises(Cancelled):
        distill(params(tmp_path, recipe=quick_recipe(tmp_path, epochs=500), seed=9), context)
    assert len(context.events) == 1, "it went on after its first event"
    assert {path.name: path.read_bytes() for path in Path(info.folder).iterdir()} == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_cancel_while_candidates_are_encoded(tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        distill(params(tmp_path), PlainContext(cancelled=True))
    assert not (tmp_path / "adapter").exists()


def test_a_new_adapter_replaces_the_old_one(tmp_path: Path) -> None:
    quick = quick_recipe(tmp_path, epochs=1)
    first = distill(params(tmp_path, recipe=quick))
    assert rank(first.folder)[0].ranker == f"student:{first.id}"
    second = distill(params(tmp_path, recipe=quick, seed=8))
    assert first.folder == second.folder
    assert rank(second.folder)[0].ranker == f"student:{second.id}"
    assert first.id != second.id


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    output = tmp_path / "thesis"
    output.mkdir()
    (output / "chapter.txt").write_text("mine")
    with pytest.raises(NotAllowedError, match="something else"):
        distill(params(tmp_path, output=str(output)))
    assert (output / "chapter.txt").read_text() == "mine"


def test_nothing_to_train_on(tmp_path: Path) -> None:
    with pytest.raises(UserInputError, match="nothing to train on"):
        distill(params(tmp_path, train=()))


@pytest.mark.parametrize("order", [(0, 1), (0, 1, 2, 3, 3), (1, 2, 3, 4, 5)])
def test_an_order_that_does_not_fit_is_refused(tmp_path: Path, order: tuple[int, ...]) -> None:
    with pytest.raises(UserInputError, match="does not fit"):
        distill(params(tmp_path, train=(replace(TRAIN[0], order=order),)))


def test_targets_that_the_encoder_lacks(tmp_path: Path) -> None:
    text = Path(quick_recipe(tmp_path)).read_text()
    path = tmp_path / "mine.toml"
    path.write_text(text.replace('["query", "key", "value", "dense"]', '["q_proj"]'))
    with pytest.raises(NotAllowedError, match="layers"):
        distill(params(tmp_path, recipe=str(path)))


def test_a_first_token_encoder_works_too(tmp_path: Path) -> None:
    encoder = tiny_bert(tmp_path / "cls", pooling="cls")
    info = distill(params(tmp_path, encoder=str(encoder)))
    assert share_right(info.folder) > 0.8


def empty_rows(count: int, seed: int) -> tuple[TrainingRow, ...]:
    """Lists of which the teacher said that nothing fits: their mentions name no disease."""
    words = ("bad", "my", "some", "old", "the", "again", "daily", "left")
    rows = lay_rows(count, seed=seed)
    return tuple(
        replace(row, mention=f"{words[at % 8]} {words[at // 8 % 8]}", verdict="none", origin="teacher-none")
        for at, row in enumerate(rows)
    )


def test_lists_without_a_right_candidate_teach_when_to_say_none(tmp_path: Path) -> None:
    train, held = (*TRAIN, *empty_rows(40, 7)), (*HELD, *empty_rows(15, 8))
    info = distill(params(tmp_path, train=train, validation=held))
    assert (info.train_rows, info.validation_rows) == (len(TRAIN), len(HELD))
    judgement = read_manifest(Path(info.folder)).judgement
    assert judgement is not None
    assert judgement.none
    assert judgement.reliability < 0.2
    said = [ranking.verdict == "none" for ranking in rank(info.folder, empty_rows(30, 9))]
    wrongly = [ranking.verdict == "none" for ranking in rank(info.folder)]
    assert sum(said) / len(said) > 0.5
    assert sum(wrongly) / len(wrongly) < 0.2


def test_without_lists_that_are_empty_none_is_never_said(trained: Trained) -> None:
    _, info, _ = trained
    assert {ranking.verdict for ranking in rank(info.folder)} <= {"exact", "close"}


def test_empty_lists_alone_are_nothing_to_train_on(tmp_path: Path) -> None:
    with pytest.raises(UserInputError, match="nothing to train on"):
        distill(params(tmp_path, train=empty_rows(20, 7)))
