"""A terminology opened for the first time: what it lacks is made beside the window, and ends with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from helpers.desk_parts import make_catalogue, wait_until

from rpdr_core.errors import DamagedFileError, RpdrError
from rpdr_core.knowledge_base.catalogue import read_manifest
from rpdr_core.knowledge_base.library import Catalogue, Library
from rpdr_core.workflow import terminology_setup
from rpdr_desk.operations.terminology import FromLibrary, Terminology

pytestmark = pytest.mark.gui


class Shelf(Library):
    """A library of the small terminology alone: opening another would make ICD-10-CM first."""

    def is_made(self, reference: str) -> bool:
        return True

    def open(self, reference: str, *, lexicons: object = ()) -> Catalogue:
        folder = make_catalogue()
        return Catalogue(read_manifest(folder).info, folder, ())


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    processes: list[subprocess.Popen[bytes]] = []
    begin = subprocess.Popen.__init__

    def begun(self: subprocess.Popen[bytes], *arguments: object, **options: object) -> None:
        begin(self, *arguments, **options)  # type: ignore[arg-type]
        processes.append(self)

    monkeypatch.setattr(subprocess.Popen, "__init__", begun)
    return processes


def terminology() -> Terminology:
    return Terminology(FromLibrary(read_manifest(make_catalogue()).info, library=Shelf()))


def test_the_index_is_made_by_a_process_of_its_own_at_the_first_opening(
    qtbot: object, started: list[subprocess.Popen[bytes]]
) -> None:
    for _ in range(2):
        opened = terminology()
        opened.start()
        wait_until(lambda opened=opened: opened.is_ready, 60)
        opened.close()
    assert len(started) == 1


def test_closing_ends_the_process(
    qtbot: object, started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = [sys.executable, "-c", "import time; time.sleep(600)"]
    monkeypatch.setattr(terminology_setup, "own_command", lambda _module: endless)
    opened = terminology()
    told: list[object] = []
    opened.failed.connect(told.append)
    opened.start()
    wait_until(lambda: len(started) == 1, 60)
    opened.close()
    assert started[0].wait(60) != 0
    assert told == []
    assert not list(make_catalogue().glob("*search*"))


def test_closing_before_it_has_begun_starts_nothing(qtbot: object, started: list[subprocess.Popen[bytes]]) -> None:
    opening = FromLibrary(read_manifest(make_catalogue()).info, library=Shelf())
    opening.stop()
    with pytest.raises(RpdrError):
        opening()
    assert started == []


def test_an_error_of_the_process_is_told_by_the_window(qtbot: object, started: list[subprocess.Popen[bytes]]) -> None:
    folder: Path = make_catalogue()
    entities = folder / "entities.jsonl"
    entities.write_bytes(entities.read_bytes()[:-40])
    opened = terminology()
    told: list[RpdrError] = []
    opened.failed.connect(told.append)
    opened.start()
    wait_until(lambda: bool(told), 60)
    assert isinstance(told[0], DamagedFileError)
    assert not opened.is_ready
    assert len(started) == 1
    opened.close()
