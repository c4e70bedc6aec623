"""Checkpoints: whole or not there; a damaged one is passed over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rpdr_worker.runs.checkpoints import KEPT, newest_first, newest_whole, remove_leftovers, write_checkpoint


def state(text: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / "weights.bin").write_text(text)
        (folder / "random").mkdir()
        (folder / "random" / "state.json").write_text("{}")

    return write


def test_two_are_kept_and_the_newest_is_found(tmp_path: Path) -> None:
    for step in (5, 90, 100):
        write_checkpoint(tmp_path, step, state(f"s{step}"))
    assert [one.step for one in newest_first(tmp_path)] == [100, 90]
    assert KEPT == 2
    found, damaged = newest_whole(tmp_path)
    assert found is not None
    assert (found.step, (found.folder / "weights.bin").read_text(), damaged) == (100, "s100", [])


def test_the_same_step_again_takes_its_place(tmp_path: Path) -> None:
    write_checkpoint(tmp_path, 5, state("old"))
    write_checkpoint(tmp_path, 5, state("new"))
    [one] = newest_first(tmp_path)
    assert (one.folder / "weights.bin").read_text() == "new"


def _flip(folder: Path) -> None:
    (folder / "weights.bin").write_text("s101")


def _cut(folder: Path) -> None:
    (folder / "weights.bin").write_text("s")


def _lose(folder: Path) -> None:
    (folder / "random" / "state.json").unlink()


def _add(folder: Path) -> None:
    (folder / "extra.bin").write_text("from nobody")


def _no_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def _half_manifest(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_bytes(path.read_bytes()[:20])


def _moved(folder: Path) -> None:
    folder.rename(folder.with_name("checkpoint-00000200"))


@pytest.mark.parametrize("harm", [_flip, _cut, _lose, _add, _no_manifest, _half_manifest, _moved])
def test_a_damaged_one_is_passed_over_for_the_one_before(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    for step in (90, 100):
        write_checkpoint(tmp_path, step, state(f"s{step}"))
    harm(tmp_path / "checkpoint-00000100")
    found, damaged = newest_whole(tmp_path)
    assert found is not None
    assert found.step == 90
    assert len(damaged) == 1


def test_all_damaged_is_a_fresh_start(tmp_path: Path) -> None:
    write_checkpoint(tmp_path, 5, state("x"))
    _flip(tmp_path / "checkpoint-00000005")
    found, damaged = newest_whole(tmp_path)
    assert found is None
    assert [one.step for one in damaged] == [5]


def test_a_half_written_one_is_never_seen(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "weights.bin").write_text("half")
        raise OSError(28, "No space left on device")

    write_checkpoint(tmp_path, 5, state("whole"))
    with pytest.raises(OSError, match="space"):
        write_checkpoint(tmp_path, 6, fail)
    assert [one.step for one in newest_first(tmp_path)] == [5]
    remove_leftovers(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-00000005"]
