"""The generative student at work: one pass, any company, whole orders, nothing damaged or strange is used."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from helpers.tiny_llama import KB, judged_rows, quick_generative, spec_of, tiny_bloom, tiny_llama
from helpers.tiny_models import items_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rpdr_core.errors import Cancelled, DamagedFileError, NotAllowedError, NotFoundError, WorldError
from rpdr_core.protocol.messages import MentionText, RankByStudent, RankItem
from rpdr_core.records import Candidate, Ranking
from rpdr_worker.distillation.context import PlainContext
from rpdr_worker.distillation.entry import train
from rpdr_worker.job import RecordingJob
from rpdr_worker.ranking import generative_base, student
from rpdr_worker.ranking.adapter import GENERATIVE_FILES, open_adapter
from rpdr_worker.ranking.generative_base import load_base, open_base_folder
from rpdr_worker.ranking.generative_forward import LabelScorer, left_padded, token_batches
from rpdr_worker.ranking.generative_student import GenerativeStudent, merged, ranked_candidates
from rpdr_worker.ranking.generative_writing import write_answers

ROWS = judged_rows(24, seed=4)
ITEMS = items_of(ROWS)


def nothing() -> None: ...


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an adapter and its base model."""
    folder = tmp_path_factory.mktemp("generative")
    base = tiny_llama(folder / "tiny")
    recipe = quick_generative(folder, epochs=3, batch=8, learning_rate=2e-3)
    train(spec_of(recipe, base), ROWS, ROWS[:8], folder / "adapter", PlainContext())
    return folder


@pytest.fixture(scope="module")
def loaded(made: Path) -> GenerativeStudent:
    return GenerativeStudent(*open_adapter(str(made / "adapter")))


@pytest.fixture
def adapter(made: Path, tmp_path: Path) -> Path:
    """A copy of the adapter that a test may damage."""
    return Path(shutil.copytree(made / "adapter", tmp_path / "adapter"))


def random_prompts(count: int, prefix: list[int], seed: int = 0) -> list[list[int]]:
    draw = random.Random(seed)
    return [[*prefix, *(draw.randrange(3, 300) for _ in range(draw.randrange(1, 60)))] for _ in range(count)]


@pytest.mark.parametrize("architecture", [tiny_llama, tiny_bloom])
def test_the_cached_prefix_changes_nothing(architecture: object, tmp_path: Path) -> None:
    base = load_base(open_base_folder(str(architecture(tmp_path / "m"))), precision="float32")  # type: ignore[operator]
    prefix = list(range(10, 50))
    lists = [*random_prompts(20, prefix), prefix, prefix[:7], [9, *prefix]]
    columns = list(range(20, 48))
    parts = {"pad": 0, "takes_positions": base.takes_positions}
    full = LabelScorer(base.model, columns, **parts).scores(lists, nothing)  # type: ignore[arg-type]
    cached = LabelScorer(base.model, columns, prefix=prefix, **parts)  # type: ignore[arg-type]
    assert cached._cached is not None
    assert torch.allclose(cached.scores(lists, nothing), full, atol=1e-4)
    assert full.std() > 0.1


@pytest.mark.parametrize("architecture", [tiny_llama, tiny_bloom])
def test_company_in_a_batch_changes_nothing(architecture: object, tmp_path: Path) -> None:
    base = load_base(open_base_folder(str(architecture(tmp_path / "m"))), precision="float32")  # type: ignore[operator]
    lists = random_prompts(12, [5, 6, 7])
    scorer = LabelScorer(base.model, range(28), pad=0, takes_positions=base.takes_positions)
    together = scorer.scores(lists, nothing)
    alone = torch.cat([scorer.scores([row], nothing) for row in lists])
    assert torch.allclose(together, alone, atol=1e-4)
    assert torch.allclose(scorer.scores(lists[::-1], nothing).flip(0), together, atol=1e-4)


def test_what_does_not_fit_the_memory_is_read_in_smaller_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = load_base(open_base_folder(str(tiny_llama(tmp_path / "m"))), precision="float32")
    lists = random_prompts(9, [5, 6, 7])
    scorer = LabelScorer(base.model, range(28), pad=0, takes_positions=True, prefix=[5, 6, 7])
    whole = scorer.scores(lists, nothing)
    real, most = scorer._pass, 2

    def small(rows: list[list[int]], cached: bool) -> torch.Tensor:
        if len(rows) > most:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(rows, cached)

    monkeypatch.setattr(scorer, "_pass", small)
    assert torch.allclose(scorer.scores(lists, nothing), whole, atol=1e-4)
    most = 0
    with pytest.raises(WorldError, match="out of memory"):
        scorer.scores(lists, nothing)


def test_padding_stands_on_the_left_and_positions_count_tokens() -> None:
    found = left_padded([[7, 8, 9], [5]], 0, before=2)
    assert found.ids.tolist() == [[7, 8, 9], [0, 0, 5]]
    assert found.mask.tolist() == [[1, 1, 1, 1, 1], [1, 1, 0, 0, 1]]
    assert found.positions.tolist() == [[2, 3, 4], [1, 1, 2]]


@given(st.lists(st.integers(1, 90), max_size=60), st.integers(1, 400), st.integers(1, 9))
def test_batches_keep_the_budget_and_hold_every_row_once(lengths: list[int], budget: int, most: int) -> None:
    batches = list(token_batches(lengths, budget, most=most))
    assert sorted(place for batch in batches for place in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) <= most
        assert len(batch) == 1 or len(batch) * max(lengths[place] for place in batch) <= budget


@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")
def test_merging_changes_no_logit(made: Path) -> None:
    from peft import PeftModel

    base = open_base_folder(str(made / "tiny"))
    merged_model = merged(load_base(base, precision="float32").model, made / "adapter")
    plain = load_base(base, precision="float32").model
    adapted = PeftModel.from_pretrained(plain, str(made / "adapter")).eval()
    lists = random_prompts(6, [5])
    one, two = (
        LabelScorer(model, range(28), pad=0, takes_positions=True).scores(lists, nothing)
        for model in (merged_model, adapted)
    )
    assert torch.allclose(one, two, atol=1e-4)


def test_one_whole_ranking_per_item_in_order(loaded: GenerativeStudent) -> None:
    rankings = loaded.rank(ITEMS, KB, nothing)
    assert [ranking.mention_id for ranking in rankings] == [item.mention.id for item in ITEMS]
    for ranking, item in zip(rankings, ITEMS, strict=True):
        assert {c.code for c in ranking.candidates} == {c.code for c in item.candidates}
        scores = [c.score for c in ranking.candidates]
        assert scores == sorted(scores, reverse=True)
        assert ranking.verdict in ("exact", "close", "none")
        assert ranking.confidence is not None
        assert 0.0 <= ranking.confidence <= 1.0
    alone = [loaded.rank([item], KB, nothing)[0] for item in ITEMS[:5]]
    for one, other in zip(alone, rankings, strict=False):
        assert [c.code for c in one.candidates] == [c.code for c in other.candidates]


words = st.text(max_size=30)
lists = st.lists(st.tuples(words, words), max_size=32)


@pytest.mark.parametrize("mode", ["logits", "generate"])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(st.tuples(words, words, lists), max_size=4))
def test_any_text_gives_whole_orders(
    loaded: GenerativeStudent, mode: str, asked: list[tuple[str, str, list[tuple[str, str]]]]
) -> None:
    items = [
        RankItem(
            MentionText(n, mention, context),
            tuple(Candidate(f"c{at}", name, also, "synonym") for at, (name, also) in enumerate(names)),
        )
        for n, (mention, context, names) in enumerate(asked)
    ]
    rank = loaded._by_logits if mode == "logits" else loaded._by_writing
    filled = [item for item in items if item.candidates]
    rankings = rank(filled, KB, nothing) if filled else []
    for ranking, item in zip(rankings, filled, strict=True):
        assert sorted(c.code for c in ranking.candidates) == sorted(c.code for c in item.candidates)
        assert all(a.score >= b.score for a, b in zip(ranking.candidates, ranking.candidates[1:], strict=False))


def test_short_empty_and_long_lists(loaded: GenerativeStudent) -> None:
    many = tuple(Candidate(f"c{n}", f"name {n}") for n in range(40))
    one = RankItem(MentionText(1, "piles"), (Candidate("A", "haemorrhoid"),))
    none = RankItem(MentionText(2, "piles"), ())
    first, second, third = loaded.rank((one, none, RankItem(MentionText(3, "piles"), many)), KB, nothing)
    assert first.candidates[0].code == "A"
    assert (second.candidates, second.confidence, second.verdict) == ((), None, "")
    assert [c.code for c in third.candidates[25:]] == [f"c{n}" for n in range(25, 40)]
    assert loaded.rank((), KB, nothing) == []


def test_what_lies_beyond_the_places_stays_behind() -> None:
    candidates = [Candidate(str(n), str(n)) for n in range(5)]
    found = ranked_candidates(candidates, [-3.0, -1.0])
    assert [c.code for c in found] == ["1", "0", "2", "3", "4"]
    assert [c.score for c in found] == [-1.0, -3.0, -4.0, -5.0, -6.0]


def test_reading_both_ways_forgets_the_place(made: Path) -> None:
    """Forward and reversed averaged: a reversed list gets the same scores."""
    folder, manifest = open_adapter(str(made / "adapter"))
    assert manifest.generative is not None
    both = replace(manifest, generative=replace(manifest.generative, reversed=True, prior=0.0))
    found = GenerativeStudent(folder, both)
    item = ITEMS[0]
    turned = replace(item, candidates=item.candidates[::-1])
    one, other = found.rank((item, turned), KB, nothing)
    assert [c.code for c in one.candidates] == [c.code for c in other.candidates]
    assert one.candidates[0].score == pytest.approx(other.candidates[0].score, abs=2e-4)


def test_an_unparsable_answer_keeps_the_order_shown_and_is_counted(made: Path) -> None:
    found = GenerativeStudent(*open_adapter(str(made / "adapter")), mode="generate")
    found._coder = SimpleNamespace(  # type: ignore[assignment]
        prompts=found._coder.prompts, pad=0, end=None, text_of=lambda ids: "I would rather not say."
    )
    rankings = found.rank(ITEMS[:3], KB, nothing)
    assert found.counts == {"unparsable": 3}
    for ranking, item in zip(rankings, ITEMS, strict=False):
        assert [c.code for c in ranking.candidates] == [c.code for c in item.candidates]
        assert (ranking.verdict, ranking.confidence) == ("", None)
        assert "answer=unparsable" in ranking.provenance.parameters


def test_writing_can_be_stopped_between_two_tokens(made: Path) -> None:
    base = load_base(open_base_folder(str(made / "tiny")), precision="float32")
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls > 4:
            raise Cancelled("stopped on request")

    with pytest.raises(Cancelled):
        write_answers(base.model, [[5, 6]], pad=0, end=None, beams=1, new_tokens=500, check=check)
    assert calls == 5


def test_ranking_can_be_stopped(made: Path) -> None:
    with pytest.raises(Cancelled):
        student.rank(RankByStudent(str(made / "adapter"), KB, ITEMS), RecordingJob(cancelled=True))


@pytest.mark.parametrize("name", GENERATIVE_FILES)
def test_a_flipped_byte_is_refused(adapter: Path, name: str) -> None:
    content = bytearray((adapter / name).read_bytes())
    content[len(content) // 2] ^= 1
    (adapter / name).write_bytes(bytes(content))
    with pytest.raises(DamagedFileError) as caught:
        open_adapter(str(adapter))
    assert caught.value.file == str(adapter / name)


def test_a_manifest_that_contradicts_itself(adapter: Path) -> None:
    manifest = json.loads((adapter / "manifest.json").read_text())
    for changed in (manifest | {"generative": None}, manifest | {"temperature": 9.0}):
        (adapter / "manifest.json").write_text(json.dumps(changed))
        with pytest.raises(DamagedFileError):
            open_adapter(str(adapter))


def test_another_base_model_is_refused(made: Path, adapter: Path) -> None:
    base = made / "tiny"
    base.rename(made / "aside")
    try:
        with pytest.raises(NotFoundError, match="not on this machine"):
            GenerativeStudent(*open_adapter(str(adapter)))
        tiny_llama(base, seed=99)
        with pytest.raises(NotAllowedError, match="another model"):
            GenerativeStudent(*open_adapter(str(adapter)))
    finally:
        shutil.rmtree(base, ignore_errors=True)
        (made / "aside").rename(base)


def test_a_base_under_the_data_folder_is_found_by_its_name(made: Path, rpdr_home: Path) -> None:
    shutil.copytree(made / "tiny", rpdr_home / "data" / "models" / "tiny")
    assert open_base_folder("someone/tiny").fingerprint == open_base_folder(str(made / "tiny")).fingerprint


def test_a_base_with_code_or_without_safetensors_is_refused(made: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(made / "tiny", tmp_path / "copy"))
    (copy / "modeling.py").write_text("print('here')")
    with pytest.raises(NotAllowedError, match="Python code"):
        open_base_folder(str(copy))
    (copy / "modeling.py").unlink()
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"auto_map": {"AutoModel": "x.y"}}))
    with pytest.raises(NotAllowedError, match="own code"):
        open_base_folder(str(copy))
    (copy / "config.json").write_text(json.dumps(config))
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    with pytest.raises(NotFoundError, match="safetensors"):
        open_base_folder(str(copy))
    (copy / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": "../model.safetensors"}}))
    with pytest.raises(NotFoundError, match="safetensors"):
        open_base_folder(str(copy))


def test_weights_are_hashed_once_until_they_change(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = Path(shutil.copytree(made / "tiny", tmp_path / "copy"))
    hashed: list[str] = []
    real = generative_base._sha256
    monkeypatch.setattr(generative_base, "_sha256", lambda path: (hashed.append(path.name), real(path))[1])
    first = open_base_folder(str(copy)).fingerprint
    assert open_base_folder(str(copy)).fingerprint == first
    assert hashed.count("model.safetensors") == 1
    content = bytearray((copy / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (copy / "model.safetensors").write_bytes(bytes(content))
    assert open_base_folder(str(copy)).fingerprint != first
    assert hashed.count("model.safetensors") == 2


def test_the_kind_of_the_adapter_chooses_the_student(made: Path) -> None:
    job = RecordingJob()
    student.rank(RankByStudent(str(made / "adapter"), KB, ITEMS[:2]), job)
    rankings = [ranking for ranking in job.partials if isinstance(ranking, Ranking)]
    assert len(rankings) == 2
    assert "recipe=generative-student@" in rankings[0].provenance.parameters
