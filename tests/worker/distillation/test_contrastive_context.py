"""Mentions are trained within their contexts and alone; and our losses beside those of sentence-transformers."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers.quick_contrastive import quick_contrastive, synonym_rows
from helpers.tiny_models import tiny_bert

from rpdr_core.encoder_manifest import read_encoder_manifest
from rpdr_core.errors import Cancelled, FileFormatError
from rpdr_core.protocol.messages import AdapterInfo, TrainingRow, TrainingSpec
from rpdr_worker.distillation.context import PlainContext, WriteState
from rpdr_worker.distillation.contrastive_loss import among_negatives, info_nce
from rpdr_worker.distillation.contrastive_recipe import load_contrastive_recipe
from rpdr_worker.distillation.encoder_check import Look, compared
from rpdr_worker.distillation.entry import train
from rpdr_worker.distillation.name_groups import NameGroups
from rpdr_worker.distillation.retriever_trainer import told
from rpdr_worker.retrieval.encoder_folder import open_encoder_folder
from rpdr_worker.retrieval.reading import ContextReading, InContext


def within(rows: tuple[TrainingRow, ...]) -> tuple[TrainingRow, ...]:
    return tuple(replace(row, context=f"a {row.mention} b", origin="corrected") for row in rows)


TRAIN = within(synonym_rows())
HELD = within(synonym_rows(("again", "my", "since", "the", "a", "b", "c")))


class StoppedAt(PlainContext):
    def checkpoint(self, write: WriteState, *, step: int, force: bool = False) -> bool:
        kept = super().checkpoint(write, step=step, force=force)
        self.cancelled = step == 7
        return kept


def run(folder: Path, seen: PlainContext, recipe: str = "retriever", **numbers: float) -> AdapterInfo:
    if not (folder / "tiny").exists():
        tiny_bert(folder / "tiny")
    path = quick_contrastive(folder, recipe, **{"context": 40, **numbers})
    return train(TrainingSpec(path, "ab" * 32, str(folder / "tiny"), 3), TRAIN, HELD, folder / "out", seen)


def test_the_encoder_that_learned_with_contexts_says_so_and_was_judged_both_ways(tmp_path: Path) -> None:
    context = PlainContext()
    info = run(tmp_path, context)
    manifest = read_encoder_manifest(Path(info.folder))
    assert (manifest.context, open_encoder_folder(info.folder).context) == (40, 40)
    check = manifest.check
    assert check.contexts == check.texts == len(HELD)
    assert check.at_1 > 0.9
    assert check.alone_at_1 > 0.9 > check.alone_at_1_before
    assert check.wins
    assert "with their context" in context.notes[-1] == told(check)


def test_without_the_key_contexts_teach_nothing(tmp_path: Path) -> None:
    info = run(tmp_path, PlainContext(), context=0, steps=3)
    manifest = read_encoder_manifest(Path(info.folder))
    assert (manifest.context, manifest.check.contexts) == (0, 0)


def test_a_resumed_run_with_contexts_ends_bit_equal(tmp_path: Path) -> None:
    for recipe, more in (("retriever", {}), ("paper-retriever", {"count": 4})):
        whole = (
            Path(run(tmp_path, PlainContext(), recipe, steps=12, **more).folder) / "model.safetensors"
        ).read_bytes()
        state = tmp_path / recipe
        with pytest.raises(Cancelled):
            run(tmp_path, StoppedAt(every=1, folder=state), recipe, steps=12, **more)
        again = run(tmp_path, PlainContext(folder=state), recipe, steps=12, **more)
        assert (Path(again.folder) / "model.safetensors").read_bytes() == whole


def test_a_string_is_read_alone_half_of_the_time_and_one_without_context_draws_nothing() -> None:
    groups = NameGroups.of(TRAIN, ContextReading(40))
    draw = random.Random(1)
    read = [groups.read("C-diabetes", "left sugar", draw) for _ in range(200)]
    assert 60 < sum(one == InContext("left sugar", "a left sugar b") for one in read) < 140
    state = draw.getstate()
    assert groups.read("C-diabetes", "diabetes", draw) == "diabetes"
    assert draw.getstate() == state


def test_names_have_no_contexts(tmp_path: Path) -> None:
    path = Path(quick_contrastive(tmp_path))
    path.write_text(path.read_text(encoding="utf-8") + "\n[query]\ncontext = 40\n", encoding="utf-8")
    with pytest.raises(FileFormatError) as refused:
        load_contrastive_recipe(str(path))
    assert refused.value.line == len(path.read_text(encoding="utf-8").splitlines())
    assert "[query]" in refused.value.hint
    path.write_text(path.read_text(encoding="utf-8").replace("context = 40", "context = -4"), encoding="utf-8")
    with pytest.raises(FileFormatError, match="context"):
        load_contrastive_recipe(str(path))


def test_who_loses_on_mentions_alone_does_not_win() -> None:
    never, always = (False,) * 50, (True,) * 50
    before, after = Look(never, never, always), Look(always, always, never, 50)
    assert not compared(before, after, 9).wins
    assert compared(before, replace(after, alone=always), 9).wins


def theirs(vectors: list[torch.Tensor], **options: Any) -> float:
    losses = pytest.importorskip("sentence_transformers.sentence_transformer.losses")
    loss = losses.MultipleNegativesRankingLoss(torch.nn.Identity(), scale=20.0, **options)
    return float(loss.compute_loss_from_embeddings(vectors, torch.zeros(0)))


def unit(rows: int, seed: int) -> torch.Tensor:
    made = torch.randn((rows, 8), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return torch.nn.functional.normalize(made, dim=1)


def test_info_nce_is_their_ranking_loss_both_ways() -> None:
    left, right = unit(9, 1), unit(9, 2)
    both: dict[str, Any] = {"directions": ("query_to_doc", "doc_to_query"), "partition_mode": "per_direction"}
    assert float(info_nce(left, right, torch.arange(9), 0.05)) == pytest.approx(theirs([left, right], **both), abs=1e-9)


def test_among_negatives_is_their_ranking_loss_of_one_mention_with_its_own_negatives() -> None:
    """They let each mention meet the negatives of the others in the batch, too; the paper does not."""
    mentions, names = unit(4, 3), unit(6, 4)
    choices = [(0, 4, 5), (1, 0, 5), (2, 3, 0), (3, 5, 1)]
    one_by_one = [theirs([mentions[[at]], *(names[[name]] for name in row)]) for at, row in enumerate(choices)]
    assert float(among_negatives(mentions, names, choices, 0.05)) == pytest.approx(sum(one_by_one) / 4, abs=1e-9)
