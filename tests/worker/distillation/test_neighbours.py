"""A student that learns from corrections: the memory it learns with never holds the answer it is asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from helpers.quick_recipe import quick_recipe
from helpers.tiny_models import items_of, lay_rows, right_codes, tiny_bert

from rpdr_core.errors import Cancelled
from rpdr_core.folding import fold
from rpdr_core.protocol.messages import AdapterInfo, RankByStudent, TrainingRow, TrainingSpec
from rpdr_core.records import Candidate, MemoryTerm, Ranking
from rpdr_worker.distillation.context import PlainContext, WriteState
from rpdr_worker.distillation.entry import train
from rpdr_worker.distillation.learned_memory import list_of_row, memory_of_rows
from rpdr_worker.distillation.neighbour_learner import NeighbourLearner
from rpdr_worker.distillation.recipe import load_recipe
from rpdr_worker.distillation.universe import Universe
from rpdr_worker.job import RecordingJob
from rpdr_worker.ranking import student
from rpdr_worker.ranking.adapter import read_manifest
from rpdr_worker.retrieval.encoder_folder import open_encoder_folder

TRAIN = tuple(replace(row, origin="corrected", verdict="exact") for row in lay_rows(160, seed=1))
HELD = lay_rows(40, seed=2)


def recipe(folder: Path, lead: float = 0.0, **numbers: float) -> str:
    path = Path(quick_recipe(folder, **({"epochs": 8} | numbers)))
    neighbours = f"temperature = 0.1\nmomentum = 0.9\nname_lead = {lead}\nalone_lead = {lead}\n"
    path.write_text(f"{path.read_text('utf-8')}\n[neighbours]\n{neighbours}", "utf-8")
    return str(path)


def run(folder: Path, context: PlainContext, name: str = "adapter", **numbers: float) -> AdapterInfo:
    if not (folder / "tiny").exists():
        tiny_bert(folder / "tiny")
    spec = TrainingSpec(recipe(folder, **numbers), "kb", str(folder / "tiny"), 3)
    return train(spec, TRAIN, HELD, folder / name, context)


def ranked(info: AdapterInfo, memory: tuple[MemoryTerm, ...] = ()) -> list[Ranking]:
    job = RecordingJob()
    student.rank(RankByStudent(info.folder, "kb", items_of(HELD)), job, memory)
    return [ranking for ranking in job.partials if isinstance(ranking, Ranking)]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> AdapterInfo:
    return run(tmp_path_factory.mktemp("trained"), PlainContext())


def test_only_what_people_decided_is_remembered() -> None:
    teacher = replace(TRAIN[0], mention="only the teacher", origin="teacher-exact")
    none = replace(TRAIN[0], mention="nothing fits", origin="corrected", verdict="none")
    remembered = memory_of_rows([*TRAIN, teacher, none])
    texts = {fold(text) for code in remembered.by_code for text in remembered.strings(code)}
    assert texts <= {fold(row.mention) for row in TRAIN}
    assert texts


def test_no_row_is_read_with_its_own_wording() -> None:
    twice = replace(TRAIN[0], mention=TRAIN[0].mention.upper())
    told = (Candidate(TRAIN[1].candidates[0].code, "n", TRAIN[1].mention, "memory", 9.0), *TRAIN[1].candidates[1:])
    rows = [*TRAIN, twice, replace(TRAIN[1], candidates=told)]
    remembered = memory_of_rows(rows)
    others = 0
    for row in rows:
        read = list_of_row(row, remembered, width=0, gaps=())
        strings = [fold(text) for texts in read.strings for text in texts]
        assert fold(row.mention) not in strings
        others += len(strings) - len(row.candidates)
        assert max(read.priors) < 5.0
    assert others > 0


def learner(tmp_path: Path) -> NeighbourLearner:
    folder = open_encoder_folder(str(tiny_bert(tmp_path / "tiny")))
    read = load_recipe(recipe(tmp_path))
    remembered = memory_of_rows(TRAIN)
    universe = Universe.of(TRAIN, remembered)
    lists = [list_of_row(row, remembered, width=0, gaps=()) for row in TRAIN]
    assert read.neighbours is not None
    return NeighbourLearner(read, folder, lists, lambda: None, universe=universe, neighbours=read.neighbours)


def loss_of(learner: NeighbourLearner, row: TrainingRow) -> float:
    learner.model.eval()
    read = list_of_row(row, memory_of_rows(TRAIN), width=0, gaps=())
    with torch.no_grad():
        return float(learner._loss([read], [row], row.weight))


def test_the_loss_does_not_see_the_vector_of_the_mentions_own_wording(tmp_path: Path) -> None:
    learning, row = learner(tmp_path), TRAIN[0]
    before = loss_of(learning, row)
    own = [at for at, text in enumerate(learning.vectors._rows) if fold(text) == fold(row.mention)]
    assert own
    learning.vectors.matrix[own] = -learning.vectors.matrix[own]
    assert loss_of(learning, row) == before
    other = [at for at, text in enumerate(learning.vectors._rows) if fold(text) != fold(row.mention)]
    learning.vectors.matrix[other] = -learning.vectors.matrix[other]
    assert loss_of(learning, row) != before


def test_it_learns_a_rule_that_the_retriever_does_not_know(trained: AdapterInfo) -> None:
    assert trained.acc_at_1_before < 0.4
    assert trained.acc_at_1 > 0.9
    memory = tuple(MemoryTerm(row.mention, row.candidates[row.order[0]].code, at) for at, row in enumerate(TRAIN, 1))
    firsts = [ranking.candidates[0].code for ranking in ranked(trained, memory)]
    right = sum(one == other for one, other in zip(firsts, right_codes(HELD), strict=True)) / len(HELD)
    assert right == pytest.approx(trained.acc_at_1, abs=0.06)


def test_leads_that_do_harm_are_dropped(tmp_path: Path) -> None:
    """Names say nothing here: only what was learned from decisions tells the candidates apart."""
    info = run(tmp_path, PlainContext(), lead=0.5, epochs=3)
    manifest = read_manifest(Path(info.folder))
    assert (manifest.softness, manifest.name_lead, manifest.alone_lead) == (0.1, 0.0, 0.0)
    memory = tuple(MemoryTerm(row.mention, row.candidates[row.order[0]].code, at) for at, row in enumerate(TRAIN, 1))
    firsts = [ranking.candidates[0].code for ranking in ranked(info, memory)]
    right = sum(one == other for one, other in zip(firsts, right_codes(HELD), strict=True)) / len(HELD)
    assert right == pytest.approx(info.acc_at_1, abs=0.06)


def test_where_few_rows_validate_the_recipes_leads_stay(tmp_path: Path) -> None:
    folder = tiny_bert(tmp_path / "tiny")
    spec = TrainingSpec(recipe(tmp_path, lead=0.1, epochs=1), "kb", str(folder), 3)
    info = train(spec, TRAIN[:40], HELD[:8], tmp_path / "adapter", PlainContext())
    manifest = read_manifest(Path(info.folder))
    assert (manifest.name_lead, manifest.alone_lead) == (0.1, 0.1)
    assert len(ranked(info)) == len(HELD)


def test_a_correction_counts_at_once_and_an_undone_one_no_more(trained: AdapterInfo) -> None:
    [first, *_] = ranked(trained)
    last = first.candidates[-1].code
    corrected = (MemoryTerm(HELD[0].mention, last, 1),)
    [told, *_] = ranked(trained, corrected)
    assert told.candidates[0].code == last
    assert "memory=" in told.provenance.parameters
    [again, *_] = ranked(trained)
    assert again == first


class StoppedAt(PlainContext):
    stop = 7

    def checkpoint(self, write: WriteState, *, step: int, force: bool = False) -> bool:
        kept = PlainContext.checkpoint(self, write, step=step, force=force)
        self.cancelled = self.cancelled or step == self.stop
        return kept


def test_a_resumed_run_ends_bit_equal(tmp_path: Path) -> None:
    def files(info: AdapterInfo) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in Path(info.folder).iterdir()}

    whole = files(run(tmp_path, PlainContext(), epochs=3, dropout=0.2))
    state = tmp_path / "state"
    with pytest.raises(Cancelled):
        run(tmp_path, StoppedAt(every=1, folder=state), epochs=3, dropout=0.2)
    assert files(run(tmp_path, PlainContext(folder=state), epochs=3, dropout=0.2)) == whole
