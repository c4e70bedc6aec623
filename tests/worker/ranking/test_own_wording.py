"""A student asked to pass over what memory knows of the very mention: decisions are not judged by themselves."""

from __future__ import annotations

import pytest
import torch
from helpers.quick_recipe import quick_recipe
from helpers.tiny_models import lay_rows, tiny_bert

from rpdr_core.protocol.messages import MentionText, RankByStudent, RankItem, TrainingSpec
from rpdr_core.records import MemoryTerm, Ranking
from rpdr_worker.distillation.context import PlainContext
from rpdr_worker.distillation.entry import train
from rpdr_worker.job import RecordingJob
from rpdr_worker.ranking.student import rank

[ROW] = lay_rows(1, seed=40)
ITEM = RankItem(MentionText(1, "mild old some"), ROW.candidates)
LAST = ROW.candidates[-1].code
OWN = MemoryTerm(" Mild OLD some ", LAST, 7)


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> str:
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("student")
    spec = TrainingSpec(quick_recipe(folder, epochs=2), "ab" * 32, str(tiny_bert(folder / "tiny")))
    return train(spec, lay_rows(48, seed=1), lay_rows(12, seed=2), folder / "adapter", PlainContext()).folder


def ranked(
    adapter: str, memory: tuple[MemoryTerm, ...] | None, *, own: bool, here: tuple[MemoryTerm, ...] = ()
) -> Ranking:
    job = RecordingJob()
    rank(RankByStudent(adapter, "ab" * 32, (ITEM,), memory, own), job, here)
    [found] = job.partials
    assert isinstance(found, Ranking)
    return found


def test_the_very_wording_decides_where_it_may_be_read(adapter: str) -> None:
    assert ranked(adapter, (OWN,), own=True).candidates[0].code == LAST


def test_and_is_as_if_unknown_where_it_may_not(adapter: str) -> None:
    assert ranked(adapter, (OWN,), own=False).candidates == ranked(adapter, (), own=True).candidates


def test_other_wordings_are_read_all_the_same(adapter: str) -> None:
    other = MemoryTerm("mild old some again", LAST, 8)
    with_other = ranked(adapter, (OWN, other), own=False).candidates
    assert with_other == ranked(adapter, (other,), own=True).candidates
    assert with_other != ranked(adapter, (), own=True).candidates


def test_given_memory_stands_for_that_of_the_worker(adapter: str) -> None:
    assert ranked(adapter, None, own=True, here=(OWN,)).candidates[0].code == LAST
    assert ranked(adapter, (), own=True, here=(OWN,)).candidates == ranked(adapter, (), own=True).candidates
