"""A large file is checked whole while the review goes on; what is found is told, and closing waits for nobody."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from helpers.desk_parts import wait_until
from helpers.projects import new_project
from PySide6.QtWidgets import QApplication

from rpdr_core.errors import DamagedFileError
from rpdr_core.store import database
from rpdr_desk.operations.soundness import Restful, Soundness


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that counts as large, with a damaged index in it."""
    with new_project(tmp_path, [f"mention {i}" for i in range(500)]) as project:
        root = int(project._connection.value("SELECT rootpage FROM sqlite_master WHERE name = 'mention_worth'"))
    data = bytearray(project.path.read_bytes())
    data[(root - 1) * 4096 + 8 : (root - 1) * 4096 + 200] = bytes(192)
    project.path.write_bytes(data)
    monkeypatch.setattr(database, "SMALL_BYTES", 0)
    return project.path


def test_damage_is_told(qapp: QApplication, large: Path) -> None:
    soundness, told = Soundness(large, after=0), list[object]()
    soundness.damaged.connect(told.append)
    soundness.start()
    wait_until(lambda: bool(told))
    assert isinstance(told[0], DamagedFileError)
    soundness.close()


def test_a_sound_file_says_so(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new_project(tmp_path, ["eye pain"]).close()
    monkeypatch.setattr(database, "SMALL_BYTES", 0)
    soundness, well = Soundness(tmp_path / "clinic.rpdr", after=0), list[bool]()
    soundness.sound.connect(lambda: well.append(True))
    soundness.start()
    wait_until(lambda: bool(well))
    soundness.close()


def test_nothing_is_told_after_the_end(qapp: QApplication, large: Path) -> None:
    soundness, told = Soundness(large, after=0), list[object]()
    soundness.damaged.connect(told.append)
    soundness.start()
    soundness.close()
    qapp.processEvents()
    assert not told


def test_it_rests_more_than_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, rested = [100.0], list[float]()

    def sleep(seconds: float) -> None:
        rested.append(seconds)
        clock[0] += seconds

    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(time, "sleep", sleep)
    rest = Restful()
    for _ in range(1000):
        clock[0] += 0.001
        assert rest() is False
    assert 0.5 * sum(rested) > 1.0
    rest.ended = True
    clock[0] += 1.0
    assert rest() is True
