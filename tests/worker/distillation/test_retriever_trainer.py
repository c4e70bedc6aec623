"""Training of a retriever's encoder, with a tiny BERT: it learns, it is sound, it can be stopped and gone on with."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from helpers.quick_contrastive import quick_contrastive, synonym_rows
from helpers.tiny_models import tiny_bert
from safetensors.torch import load_file

from rpdr_core.encoder_manifest import read_encoder_manifest
from rpdr_core.errors import Cancelled, FileFormatError, NotAllowedError, UserInputError
from rpdr_core.protocol.messages import AdapterInfo, TrainingRow, TrainingSpec
from rpdr_core.records import Candidate
from rpdr_core.training_texts import TrainingTexts, read_training_texts
from rpdr_worker.distillation.context import PlainContext, WriteState
from rpdr_worker.distillation.contrastive_recipe import load_contrastive_recipe
from rpdr_worker.distillation.entry import train
from rpdr_worker.distillation.retriever_trainer import told
from rpdr_worker.retrieval.encoder_folder import open_encoder_folder

TRAIN, HELD = synonym_rows(), synonym_rows(("again", "my", "since", "the", "a", "b", "c"))


@dataclass(slots=True)
class StoppedAt(PlainContext):
    stop: int = 0

    def checkpoint(self, write: WriteState, *, step: int, force: bool = False) -> bool:
        kept = PlainContext.checkpoint(self, write, step=step, force=force)
        self.cancelled = self.cancelled or step == self.stop
        return kept


def run(
    folder: Path,
    context: PlainContext | None = None,
    recipe: str = "self-alignment",
    held: tuple[TrainingRow, ...] = HELD,
    **numbers: float,
) -> AdapterInfo:
    if not (folder / "tiny").exists():
        tiny_bert(folder / "tiny")
    path = quick_contrastive(folder, recipe, **numbers)
    spec = TrainingSpec(path, "ab" * 32, str(folder / "tiny"), 3)
    return train(spec, TRAIN, held, folder / "out", context or PlainContext())


def files(info: AdapterInfo) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in Path(info.folder).rglob("*") if path.is_file()}


@pytest.mark.parametrize("recipe", ["self-alignment", "sapbert", "retriever"])
def test_what_is_learned_holds_for_texts_that_were_held_out(tmp_path: Path, recipe: str) -> None:
    context = PlainContext()
    info = run(tmp_path, context, recipe)
    check = read_encoder_manifest(Path(info.folder)).check
    assert info.kind == "retriever"
    assert check.texts == len(HELD)
    assert check.at_1_before < 0.6
    assert check.at_1 > 0.9
    assert check.wins
    assert context.notes[-1] == told(check)
    assert "wins" in told(check)


def test_the_papers_recipe_learns_from_mentions_against_names(tmp_path: Path) -> None:
    info = run(tmp_path, None, "paper-retriever", learning_rate=1e-3, steps=200, count=4)
    assert info.acc_at_1 > 0.9 > info.acc_at_1_before


def test_the_folder_is_one_that_retrieval_opens_and_only_the_top_is_new(tmp_path: Path) -> None:
    info = run(tmp_path, None, "self-alignment", top=1)
    made, base = open_encoder_folder(info.folder), open_encoder_folder(str(tmp_path / "tiny"))
    assert (made.pooling, made.max_length) == (base.pooling, base.max_length)
    assert made.fingerprint != base.fingerprint
    after, before = load_file(f"{info.folder}/model.safetensors"), load_file(str(tmp_path / "tiny/model.safetensors"))
    changed = {name for name in before if not after[name].equal(before[name])}
    assert changed
    assert all(name.startswith("encoder.layer.1.") for name in changed)
    assert "texts" not in json.loads((Path(info.folder) / "manifest.json").read_text())["info"]


@pytest.mark.parametrize("stop", [1, 10, 20])
def test_a_resumed_run_ends_bit_equal(tmp_path: Path, stop: int) -> None:
    whole = files(run(tmp_path, steps=20, every=8))
    state = tmp_path / "state"
    with pytest.raises(Cancelled):
        run(tmp_path, StoppedAt(every=1, folder=state, stop=stop), steps=20, every=8)
    assert files(run(tmp_path, PlainContext(folder=state), steps=20, every=8)) == whole


def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with pytest.raises(Cancelled):
        run(tmp_path, StoppedAt(every=1, folder=state, stop=5), steps=20)
    with pytest.raises(NotAllowedError):
        run(tmp_path, PlainContext(folder=state), steps=21)


def test_the_best_look_is_kept_and_a_run_that_gains_no_more_stops(tmp_path: Path) -> None:
    context = PlainContext()
    info = run(tmp_path, context, "retriever", steps=600, epochs=600, every=10, patience=2)
    assert context.events[-1].step < 600
    assert info.acc_at_1 == max(event.acc_at_1 or 0.0 for event in context.events)


def test_a_rate_that_ruins_the_encoder_never_leaves_it_worse(tmp_path: Path) -> None:
    """The looks on the way put the best weights back, be they those of the beginning."""
    info = run(tmp_path, None, "retriever", learning_rate=50.0, every=10, steps=20)
    check = read_encoder_manifest(Path(info.folder)).check
    assert check.at_1_before <= check.at_1 < 0.6
    assert not check.wins


def test_without_held_out_texts_it_says_so_and_never_wins(tmp_path: Path) -> None:
    context = PlainContext()
    info = run(tmp_path, context, held=(), steps=3)
    assert not read_encoder_manifest(Path(info.folder)).check.wins
    assert "no held-out texts" in context.notes[0]


def test_single_names_teach_nothing(tmp_path: Path) -> None:
    tiny_bert(tmp_path / "tiny")
    rows = tuple(TrainingRow(name, "", (Candidate(name, name),), (0,), "terminology") for name in ("rash", "piles"))
    spec = TrainingSpec("self-alignment", "kb", str(tmp_path / "tiny"))
    with pytest.raises(UserInputError):
        train(spec, rows, (), tmp_path / "out", PlainContext())
    assert not (tmp_path / "out").exists()


def test_a_recipe_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    text = Path(quick_contrastive(tmp_path)).read_text()
    for spoilt, why in (("batch = 5", "batch = 1"), ("contrastive = 1.0", "contrastive = 0.0"), ("[check]", "[chek]")):
        path.write_text(text.replace(spoilt, why))
        with pytest.raises(FileFormatError):
            load_contrastive_recipe(str(path))
    path.write_text(text + "\n= 1")
    with pytest.raises(FileFormatError) as refused:
        load_contrastive_recipe(str(path))
    assert refused.value.line


@pytest.mark.parametrize("name", ["self-alignment", "sapbert", "retriever", "paper-retriever"])
def test_the_bundled_recipes_are_sound(name: str) -> None:
    assert load_contrastive_recipe(name).id.startswith(f"{name}@")


def test_an_encoder_says_which_mentions_it_learned_from_and_names_are_none(tmp_path: Path) -> None:
    named = run(tmp_path, steps=2, every=2)
    assert read_training_texts(Path(named.folder)) == TrainingTexts(named.data_sha256, frozenset(), known=True)
    decided = tuple(replace(row, origin="corrected") for row in TRAIN)
    path = quick_contrastive(tmp_path, "retriever", steps=2, every=2)
    spec = TrainingSpec(path, "ab" * 32, str(tmp_path / "tiny"), 3)
    info = train(spec, decided, HELD, tmp_path / "decided", PlainContext())
    texts = read_training_texts(Path(info.folder))
    assert all(row.mention in texts for row in decided)
    assert not any(row.mention in texts for row in HELD)
