"""A run that is stopped goes on where it was; a batch that does not fit is taken in pieces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers.quick_recipe import quick_recipe
from helpers.tiny_models import lay_rows, tiny_bert

from rpdr_core.errors import Cancelled, NotAllowedError, WorldError
from rpdr_core.protocol.messages import AdapterInfo, TrainingSpec
from rpdr_worker.distillation.context import PlainContext, WriteState
from rpdr_worker.distillation.entry import train
from rpdr_worker.distillation.learner import Learner
from rpdr_worker.distillation.memory import in_fitting_pieces, is_out_of_memory

TRAIN, HELD = lay_rows(80, seed=1), lay_rows(30, seed=2)


@dataclass(slots=True)
class StoppedAt(PlainContext):
    """Cancels itself once it has kept the state of step `stop`."""

    stop: int = 0

    def checkpoint(self, write: WriteState, *, step: int, force: bool = False) -> bool:
        kept = PlainContext.checkpoint(self, write, step=step, force=force)
        self.cancelled = self.cancelled or step == self.stop
        return kept


def run(folder: Path, context: PlainContext, *, seed: int = 3, **numbers: float) -> AdapterInfo:
    if not (folder / "tiny").exists():
        tiny_bert(folder / "tiny")
    recipe = quick_recipe(folder, **({"epochs": 3, "dropout": 0.2} | numbers))
    return train(TrainingSpec(recipe, "kb", str(folder / "tiny"), seed), TRAIN, HELD, folder / "adapter", context)


def files(info: AdapterInfo) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(info.folder).iterdir()}


# 80 rows in batches of 16 are 5 steps an epoch: in the first, at the end of it, in the middle, the last.
@pytest.mark.parametrize("stop", [1, 5, 8, 15])
def test_a_resumed_run_ends_bit_equal(tmp_path: Path, stop: int) -> None:
    whole = files(run(tmp_path, PlainContext()))
    state = tmp_path / "state"
    with pytest.raises(Cancelled):
        run(tmp_path, StoppedAt(every=1, folder=state, stop=stop))
    resumed = PlainContext(folder=state)
    assert files(run(tmp_path, resumed)) == whole
    assert [event.step for event in resumed.events] == [step for step in (5, 10, 15) if step > stop]


def test_steps_after_the_last_checkpoint_are_done_again(tmp_path: Path) -> None:
    whole = files(run(tmp_path, PlainContext()))
    state = tmp_path / "state"
    with pytest.raises(Cancelled):
        run(tmp_path, StoppedAt(every=4, folder=state, stop=6))
    assert files(run(tmp_path, PlainContext(folder=state))) == whole


def test_a_run_killed_again_and_again(tmp_path: Path) -> None:
    whole = files(run(tmp_path, PlainContext()))
    for stop in range(2, 15, 3):
        with pytest.raises(Cancelled):
            run(tmp_path, StoppedAt(every=1, folder=tmp_path / "state", stop=stop))
    assert files(run(tmp_path, PlainContext(folder=tmp_path / "state"))) == whole


def test_the_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        run(tmp_path, StoppedAt(every=1, folder=tmp_path / "state", stop=2))
    with pytest.raises(NotAllowedError, match="another run"):
        run(tmp_path, PlainContext(folder=tmp_path / "state"), seed=4)


def small_memory(monkeypatch: pytest.MonkeyPatch, most: int, error: Callable[[], Exception]) -> None:
    """Let more than `most` lists at a time not fit, noticed after part of the work is done."""
    real = Learner._loss

    def loss(self: Learner, lists: Any, rows: Any, total: float) -> torch.Tensor:
        found = real(self, lists, rows, total)
        if len(rows) > most:
            raise error()
        return found

    monkeypatch.setattr(Learner, "_loss", loss)


@pytest.mark.parametrize(
    "error",
    [
        lambda: RuntimeError("CUDA error: out of memory"),
        lambda: torch.OutOfMemoryError("no room"),
        lambda: MemoryError(),
    ],
)
def test_out_of_memory_halves_the_batch_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Callable[[], Exception]
) -> None:
    plain = PlainContext()
    run(tmp_path, plain, dropout=0.0)
    small_memory(monkeypatch, 5, error)
    context = PlainContext()
    run(tmp_path, context, dropout=0.0)
    assert context.notes == [
        "memory ran out: 8 examples at a time, 2 times a step",
        "memory ran out: 4 examples at a time, 4 times a step",
    ]
    assert context.events[0].loss == pytest.approx(plain.events[0].loss, rel=0.02)


def test_the_size_that_fits_outlives_a_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_memory(monkeypatch, 5, MemoryError)
    with pytest.raises(Cancelled):
        run(tmp_path, StoppedAt(every=1, folder=tmp_path / "state", stop=3))
    context = PlainContext(folder=tmp_path / "state")
    run(tmp_path, context)
    assert context.notes == []


def test_no_memory_for_a_single_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_memory(monkeypatch, 0, MemoryError)
    with pytest.raises(WorldError, match="one example"):
        run(tmp_path, PlainContext())


def test_pieces_add_up_to_the_batch() -> None:
    taken: list[int] = []

    def work(size: int) -> str:
        taken.append(size)
        if size > 3:
            raise MemoryError
        return "done"

    notes: list[str] = []
    assert in_fitting_pieces(work, 11, batch=11, say=notes.append) == ("done", 3)
    assert taken == [11, 6, 3]
    assert len(notes) == 2


def test_other_errors_are_told_as_they_are() -> None:
    assert not is_out_of_memory(RuntimeError("shape mismatch"))
    assert not is_out_of_memory(ValueError("out of memory"))

    def work(size: int) -> None:
        raise RuntimeError("shape mismatch")

    with pytest.raises(RuntimeError, match="shape"):
        in_fitting_pieces(work, 8, batch=8, say=lambda _: None)
