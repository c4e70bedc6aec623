from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from helpers.quick_recipe import quick_recipe
from helpers.tiny_models import items_of, lay_rows, tiny_bert

from rpdr_core.errors import Cancelled, DamagedFileError, NotAllowedError, NotFoundError, RpdrError
from rpdr_core.protocol.messages import Done, MentionText, RankByStudent, RankItem, TrainingSpec
from rpdr_core.records import Candidate, Ranking
from rpdr_worker.distillation.context import PlainContext
from rpdr_worker.distillation.trainer import train_encoder
from rpdr_worker.job import RecordingJob
from rpdr_worker.ranking import student
from rpdr_worker.ranking.adapter import FILES, content_id

ITEMS = items_of(lay_rows(40, seed=5))
KB = "ab" * 32


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    """Tiny products cost more to share than to compute."""
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an adapter and its encoder."""
    folder = tmp_path_factory.mktemp("student")
    rows = lay_rows(96, seed=1)
    recipe = quick_recipe(folder, epochs=4)
    encoder = tiny_bert(folder / "tiny")
    spec = TrainingSpec(recipe, KB, str(encoder))
    train_encoder(spec, rows, lay_rows(40, seed=2), folder / "adapter", PlainContext())
    return folder


@pytest.fixture
def adapter(made: Path, tmp_path: Path) -> Path:
    """A copy of the adapter that a test may damage."""
    return Path(shutil.copytree(made / "adapter", tmp_path / "adapter"))


def rank(adapter: Path | str, items: tuple[RankItem, ...] = ITEMS, job: RecordingJob | None = None) -> list[Ranking]:
    job = job or RecordingJob()
    done = student.rank(RankByStudent(str(adapter), KB, items), job)
    assert isinstance(done, Done)
    assert done.items == len(items)
    return [ranking for ranking in job.partials if isinstance(ranking, Ranking)]


def test_one_ranking_per_item_in_order_with_the_same_candidates(adapter: Path) -> None:
    rankings = rank(adapter)
    assert [ranking.mention_id for ranking in rankings] == [item.mention.id for item in ITEMS]
    for ranking, item in zip(rankings, ITEMS, strict=True):
        assert {c.code for c in ranking.candidates} == {c.code for c in item.candidates}
        scores = [c.score for c in ranking.candidates]
        assert scores == sorted(scores, reverse=True)
        assert ranking.verdict in ("exact", "close", "none")


def test_provenance_names_adapter_recipe_and_encoder(adapter: Path) -> None:
    ranking = rank(adapter)[0]
    assert ranking.ranker.startswith("student:")
    assert ranking.provenance.ranker == ranking.ranker
    assert ranking.provenance.knowledge_base == KB
    assert ranking.provenance.model.startswith("tiny@")
    assert "recipe=encoder-student@" in ranking.provenance.parameters


def test_a_reloaded_adapter_ranks_bit_equal(adapter: Path) -> None:
    first = rank(adapter)
    student._loaded.cache_clear()
    assert rank(adapter) == first


def test_company_in_the_batch_changes_nothing(adapter: Path) -> None:
    together = rank(adapter)
    alone = [rank(adapter, (item,))[0] for item in ITEMS[:8]]
    backwards = rank(adapter, ITEMS[::-1])[::-1]
    assert alone == together[:8]
    assert backwards == together


def test_a_copy_elsewhere_is_the_same_student(made: Path, adapter: Path) -> None:
    assert rank(adapter) == rank(made / "adapter")


def test_an_adapter_by_its_name(made: Path, rpdr_home: Path) -> None:
    shutil.copytree(made / "adapter", rpdr_home / "data" / "adapters" / "eye-clinic")
    assert rank("eye-clinic") == rank(made / "adapter")


def test_short_and_empty_lists(adapter: Path) -> None:
    one = RankItem(MentionText(1, "piles"), (Candidate("A", "haemorrhoid"),))
    none = RankItem(MentionText(2, "piles"), ())
    first, second, third = rank(adapter, (one, none, ITEMS[0]))
    assert (first.candidates[0].code, first.confidence) == ("A", None)
    assert (second.candidates, second.confidence) == ((), None)
    assert third.confidence is not None
    assert rank(adapter, ()) == []


def test_lists_without_scores_can_be_ranked(adapter: Path) -> None:
    bare = tuple(
        RankItem(item.mention, tuple(replace(candidate, score=0.0) for candidate in item.candidates)) for item in ITEMS
    )
    for with_scores, without in zip(rank(adapter), rank(adapter, bare), strict=True):
        assert {c.code for c in with_scores.candidates} == {c.code for c in without.candidates}


def test_odd_text_is_ranked(adapter: Path) -> None:
    odd = tuple(
        RankItem(MentionText(place, text), (Candidate("A", "tremor"), Candidate("B", text or "x")))
        for place, text in enumerate(["", " ", "视力模糊", "word " * 500, "\u202e\x00", "[SEP] [CLS]"])
    )
    assert all(ranking.confidence is not None for ranking in rank(adapter, odd))


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_byte_is_refused(adapter: Path, name: str) -> None:
    content = bytearray((adapter / name).read_bytes())
    content[len(content) // 2] ^= 1
    (adapter / name).write_bytes(bytes(content))
    with pytest.raises(DamagedFileError) as caught:
        rank(adapter)
    assert caught.value.file == str(adapter / name)


def test_any_flipped_byte_of_the_manifest_is_refused(adapter: Path) -> None:
    content = (adapter / "manifest.json").read_bytes()
    before = rank(adapter)
    for place in range(0, len(content), 7):
        damaged = bytearray(content)
        damaged[place] ^= 1
        (adapter / "manifest.json").write_bytes(bytes(damaged))
        try:
            found = rank(adapter)
        except RpdrError:
            continue
        # White space between two fields says nothing.
        assert found == before


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_a_missing_file_is_refused(adapter: Path, name: str) -> None:
    (adapter / name).unlink()
    with pytest.raises((DamagedFileError, NotFoundError)):
        rank(adapter)


def test_another_encoder_is_refused(made: Path, adapter: Path) -> None:
    encoder = made / "tiny"
    aside = made / "aside"
    encoder.rename(aside)
    try:
        tiny_bert(encoder, seed=99)
        student._loaded.cache_clear()
        with pytest.raises(NotAllowedError, match="another encoder"):
            rank(adapter)
    finally:
        shutil.rmtree(encoder)
        aside.rename(encoder)


def test_an_adapter_from_before_a_field_was_added_is_what_it_was(adapter: Path) -> None:
    path = adapter / "manifest.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["softness"]
    older = json.dumps(content).encode()
    content["info"]["id"] = content_id(older)
    path.write_text(json.dumps(content), encoding="utf-8")
    assert rank(adapter)[0].ranker == f"student:{content_id(older)}"


def test_a_manifest_of_a_later_release(adapter: Path) -> None:
    manifest = json.loads((adapter / "manifest.json").read_text()) | {"format": 2}
    (adapter / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(NotAllowedError, match="format 2"):
        rank(adapter)


def test_nowhere(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no adapter"):
        rank(tmp_path)


def test_it_can_be_stopped(adapter: Path) -> None:
    with pytest.raises(Cancelled):
        rank(adapter, job=RecordingJob(cancelled=True))


def test_confidence_is_a_softmax_share() -> None:
    assert student.confidence([2.0, 2.0], 1.0) == 0.5
    assert student.confidence([10.0, 0.0], 1.0) > student.confidence([10.0, 0.0], 5.0) > 0.5
