"""The generative student's training on a tiny random Llama: the loop whole, resumed, short of memory, refused."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from helpers.tiny_llama import KB, judged_rows, quick_generative, spec_of, tiny_bloom, tiny_llama
from helpers.tiny_models import items_of, right_codes

from rpdr_core.errors import Cancelled, MissingExtraError, NotAllowedError, NotFoundError, UserInputError, WorldError
from rpdr_core.protocol.messages import AdapterInfo, RankByStudent, TrainingEvent
from rpdr_core.records import Ranking
from rpdr_worker.distillation import generative_learner
from rpdr_worker.distillation.context import PlainContext
from rpdr_worker.distillation.entry import train
from rpdr_worker.job import RecordingJob
from rpdr_worker.ranking import student
from rpdr_worker.ranking.adapter import open_adapter
from rpdr_worker.ranking.generative_student import GenerativeStudent

ROWS = judged_rows(32)
OVERFIT = {
    "epochs": 40,
    "batch": 8,
    "learning_rate": 2e-3,
    "rank": 32,
    "alpha": 64,
    "shuffles": 0,
    "written": 1.0,
}
Trained = tuple[Path, AdapterInfo, PlainContext]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_llama(tmp_path_factory.mktemp("base") / "tiny")


@pytest.fixture(scope="module")
def trained(base: Path) -> Trained:
    """32 lists learnt by heart."""
    context = PlainContext()
    spec = spec_of(quick_generative(base.parent, **OVERFIT), base)
    return base.parent, train(spec, ROWS, ROWS, base.parent / "adapter", context), context


def first_right(rankings: list[Ranking]) -> float:
    codes = right_codes(ROWS)
    return sum(ranking.candidates[0].code == code for ranking, code in zip(rankings, codes, strict=True)) / len(codes)


@pytest.mark.parametrize("mode", ["logits", "generate"])
def test_lists_learnt_by_heart_are_all_right_in_both_modes(trained: Trained, mode: str) -> None:
    folder, manifest = open_adapter(str(trained[1].folder))
    found = GenerativeStudent(folder, manifest, mode=mode)
    rankings = found.rank(items_of(ROWS), KB, lambda: None)
    assert first_right(rankings) == 1.0
    assert all((ranking.confidence is None) == (mode == "generate") for ranking in rankings)
    if mode == "logits":
        assert [ranking.verdict for ranking in rankings] == [row.verdict for row in ROWS]
    else:
        assert found.counts["unparsable"] == 0


def test_the_wire_reaches_the_student(trained: Trained) -> None:
    job = RecordingJob()
    done = student.rank(RankByStudent(trained[1].folder, KB, items_of(ROWS)), job)
    rankings = [ranking for ranking in job.partials if isinstance(ranking, Ranking)]
    assert first_right(rankings) == 1.0
    assert done.items == len(ROWS)
    assert rankings[0].ranker == f"student:{trained[1].id}"
    assert "mode=logits" in rankings[0].provenance.parameters
    assert len(rankings[0].provenance.prompt) == 64


def test_the_result_says_what_it_was_made_of(trained: Trained) -> None:
    folder, info, _ = trained
    assert (info.kind, info.train_rows, info.validation_rows) == ("generative", 32, 32)
    assert info.acc_at_1 == 1.0
    assert info.acc_at_1_before < 0.5
    assert info.base_model.startswith("tiny@")
    manifest = json.loads((folder / "adapter" / "manifest.json").read_text())
    assert set(manifest["files"]) == {"adapter_config.json", "adapter_model.safetensors", "prompt.toml", "recipe.toml"}
    for name, digest in manifest["files"].items():
        content = (folder / "adapter" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
        assert ROWS[0].mention.encode() not in content
        assert str(folder).encode() not in content


def test_events_tell_loss_and_accuracy(trained: Trained) -> None:
    events = trained[2].events
    assert all(b.step > a.step and b.step - a.step <= 10 for a, b in pairwise(events))
    assert events[-1].step == events[-1].steps == 160
    assert events[-1].loss < events[0].loss / 4
    assert events[-1].acc_at_1 == 1.0


def quick(base: Path, folder: Path, context: PlainContext, **values: object) -> AdapterInfo:
    wanted = {"epochs": 3, "batch": 8, "shuffles": 1, "dropout": 0.1, "learning_rate": 2e-3} | values
    spec = spec_of(quick_generative(base.parent, **wanted), base)
    return train(spec, ROWS, ROWS[:10], folder, context)


def test_interrupted_and_resumed_is_as_if_never_interrupted(base: Path, tmp_path: Path) -> None:
    whole = PlainContext()
    info = quick(base, tmp_path / "whole", whole)
    broken = PlainContext(every=5, folder=tmp_path / "state")

    def stop(event: TrainingEvent) -> None:
        broken.cancelled = event.step >= 16

    broken.on_event = stop
    with pytest.raises(Cancelled):
        quick(base, tmp_path / "resumed", broken)
    assert not (tmp_path / "resumed").exists()
    again = PlainContext(every=5, folder=tmp_path / "state")
    resumed = quick(base, tmp_path / "resumed", again)
    assert again.events[0].step > 10
    assert again.events[-1].loss == pytest.approx(whole.events[-1].loss, abs=1e-6)
    assert resumed.id == info.id
    names = ("adapter_model.safetensors", "manifest.json")
    for name in names:
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "resumed" / name).read_bytes()


def test_a_checkpoint_of_another_run_is_refused(base: Path, tmp_path: Path) -> None:
    context = PlainContext(every=1, folder=tmp_path / "state", on_event=None)
    quick(base, tmp_path / "one", context, epochs=1)
    with pytest.raises(NotAllowedError, match="another run"):
        quick(base, tmp_path / "two", PlainContext(folder=tmp_path / "state"), epochs=2)


def test_equal_input_gives_an_equal_adapter_and_leaves_the_random_state(base: Path, tmp_path: Path) -> None:
    state = torch.random.get_rng_state()
    one, two = (quick(base, tmp_path / name, PlainContext(), epochs=1) for name in ("one", "two"))
    assert one.id == two.id
    assert torch.equal(state, torch.random.get_rng_state())


def test_out_of_memory_halves_the_batch_and_says_so(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dropout off: then smaller pieces change nothing but the rounding."""
    plain = PlainContext()
    quick(base, tmp_path / "plain", plain, epochs=1, dropout=0.0)
    real = generative_learner.pass_loss
    sizes: list[int] = []

    def small(model: object, showings: list[object], *args: object, **more: object) -> object:
        sizes.append(len(showings))
        if len(showings) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(model, showings, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(generative_learner, "pass_loss", small)
    context = PlainContext()
    quick(base, tmp_path / "small", context, epochs=1, dropout=0.0)
    assert len(context.notes) == 2
    assert all("memory ran out" in note for note in context.notes)
    assert sizes[:3] == [8, 4, 2]
    assert max(sizes[2:]) == 2
    assert context.events[-1].loss == pytest.approx(plain.events[-1].loss, abs=1e-3)


def test_a_single_list_that_does_not_fit_ends_the_run(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*args: object, **more: object) -> object:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(generative_learner, "pass_loss", never)
    with pytest.raises(WorldError, match="out of memory"):
        quick(base, tmp_path / "never", PlainContext(), epochs=1)
    assert not (tmp_path / "never").exists()


def test_the_paper_s_way_names_written_out(base: Path, tmp_path: Path) -> None:
    """Names alone, four beams: first places learnt, orders always whole, no confidence claimed."""
    values = {"epochs": 30, "batch": 8, "learning_rate": 3e-3, "rank": 32, "alpha": 64, "new_tokens": 40}
    recipe = quick_generative(tmp_path, "paper-askapatient", cutoff=400, **values)
    text = Path(recipe).read_text(encoding="utf-8")
    Path(recipe).write_text(text.replace('["q_proj", "v_proj"]', '["all-linear"]'), encoding="utf-8")
    info = train(spec_of(recipe, base), ROWS, ROWS[:6], tmp_path / "adapter", PlainContext())
    job = RecordingJob()
    done = student.rank(RankByStudent(info.folder, KB, items_of(ROWS)), job)
    rankings = [ranking for ranking in job.partials if isinstance(ranking, Ranking)]
    assert first_right(rankings) > 0.8
    assert sum(done.counts.values()) == len(ROWS)
    assert all(ranking.confidence is None for ranking in rankings)
    for ranking, row in zip(rankings, ROWS, strict=True):
        assert sorted(c.code for c in ranking.candidates) == sorted(c.code for c in row.candidates)
    with pytest.raises(NotAllowedError, match="no labels"):
        GenerativeStudent(*open_adapter(info.folder), mode="logits")


def test_another_architecture_and_a_chat_template(tmp_path: Path) -> None:
    """Bloom has neither position ids nor the same layers; a chat template frames the prompt."""
    for base in (tiny_bloom(tmp_path / "bloom"), tiny_llama(tmp_path / "chat", chat=True)):
        info = quick(base, tmp_path / f"of-{base.name}", PlainContext(), epochs=1)
        rankings = GenerativeStudent(*open_adapter(info.folder)).rank(items_of(ROWS), KB, lambda: None)
        assert all(len(ranking.candidates) == 5 for ranking in rankings)


def test_rows_without_verdicts_teach_no_verdict(base: Path, tmp_path: Path) -> None:
    rows = [replace(row, verdict="") for row in ROWS]
    spec = spec_of(quick_generative(tmp_path, epochs=1), base)
    info = train(spec, rows, (), tmp_path / "adapter", PlainContext())
    assert (info.acc_at_1, info.validation_rows) == (0.0, 0)
    rankings = GenerativeStudent(*open_adapter(info.folder)).rank(items_of(ROWS), KB, lambda: None)
    assert {ranking.verdict for ranking in rankings} == {""}


def test_less_memory_by_checkpointing_and_bf16(base: Path, tmp_path: Path) -> None:
    info = quick(base, tmp_path / "thrifty", PlainContext(), epochs=1, checkpointing=True, precision="bf16")
    assert info.kind == "generative"


def test_cancel_keeps_the_last_adapter(base: Path, tmp_path: Path) -> None:
    info = quick(base, tmp_path / "adapter", PlainContext(), epochs=1)
    before = {path.name: path.read_bytes() for path in Path(info.folder).iterdir()}
    with pytest.raises(Cancelled):
        quick(base, tmp_path / "adapter", PlainContext(cancelled=True), epochs=50)
    assert {path.name: path.read_bytes() for path in Path(info.folder).iterdir()} == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_what_cannot_be_trained_is_refused(base: Path, tmp_path: Path) -> None:
    def run(recipe: str, folder: Path | str = base, rows: object = ROWS) -> None:
        spec = replace(spec_of(recipe, base), base=str(folder))
        train(spec, rows, (), tmp_path / "out", PlainContext())  # type: ignore[arg-type]

    with pytest.raises(UserInputError, match="nothing to train on"):
        run(quick_generative(tmp_path), rows=())
    with pytest.raises(NotFoundError, match="names no base model"):
        run(quick_generative(tmp_path), folder="")
    with pytest.raises(NotFoundError, match="not on this machine"):
        run(quick_generative(tmp_path), folder="nobody/no-such-model")
    with pytest.raises(NotAllowedError, match="no layers"):
        run(quick_generative(tmp_path, "paper-aier"))
    with pytest.raises((NotAllowedError, MissingExtraError), match=r"4-bit|bitsandbytes"):
        run(quick_generative(tmp_path, quantization="4bit"))
    letterless = tiny_llama(tmp_path / "letterless", letters=False)
    with pytest.raises(NotAllowedError, match="one token of each label"):
        run(quick_generative(tmp_path), folder=letterless)
    assert not (tmp_path / "out").exists()
