"""What a terminology's search lacks is made by another process: whole or not at all, and its errors are told here."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rpdr_core.errors import Cancelled, DamagedFileError, WorldError
from rpdr_core.knowledge_base.catalogue import write_catalogue
from rpdr_core.knowledge_base.library import Library
from rpdr_core.records import Entity
from rpdr_core.store import EntitySearch
from rpdr_core.store import search_index as index
from rpdr_core.workflow.terminology_setup import TerminologySetup

ENTITIES = [Entity("H26.9", "Unspecified cataract", ("白内障",)), Entity("J18.9", "Pneumonia")]
LEXICON = [("cloudy eye", ("H26.9",))]
NEVER_ENDS = [sys.executable, "-c", "import time; time.sleep(600)"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    def refuse(*_: object) -> None:
        raise AssertionError("made in this process")

    monkeypatch.setattr(index, "_build", refuse)
    return write_catalogue(tmp_path, ENTITIES, id="x", title="X", version="1", source="test")


def found(search: EntitySearch, text: str) -> list[str]:
    return [hit.code for hit in search.search(text)]


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*search*"))


def test_the_index_is_made_elsewhere_with_the_lexicon_and_only_once(folder: Path) -> None:
    search = EntitySearch(folder, LEXICON, TerminologySetup().index)
    assert (found(search, "cloudy eye"), found(search, "白内")) == (["H26.9"], ["H26.9"])
    search.close()
    stopped = TerminologySetup()
    stopped.stop()
    EntitySearch(folder, LEXICON, stopped.index).close()
    assert len(files(folder)) == 1


def test_two_windows_at_once(folder: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: EntitySearch(folder, LEXICON, TerminologySetup().index), range(2)))
    assert [found(search, "pneumonia") for search in both] == [["J18.9"]] * 2
    for search in both:
        search.close()
    assert len(files(folder)) == 1


def test_its_error_is_told_as_if_it_had_happened_here(folder: Path) -> None:
    entities = folder / "entities.jsonl"
    entities.write_bytes(entities.read_bytes()[:-40])
    with pytest.raises(DamagedFileError) as caught:
        EntitySearch(folder, LEXICON, TerminologySetup().index)
    assert caught.value.hint
    assert files(folder) == []


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        ([sys.executable, "-c", "import sys; print('out of luck', file=sys.stderr); sys.exit(3)"], "out of luck"),
        ([sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"], "close other programs"),
        (["/no/such/python"], "close other programs"),
    ],
)
def test_one_that_dies_is_told_with_its_last_words(folder: Path, command: list[str], hint: str) -> None:
    with pytest.raises(WorldError, match=hint):
        EntitySearch(folder, LEXICON, TerminologySetup(command).index)
    assert files(folder) == []


def test_stopping_ends_the_process_and_what_comes_after(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    begin = subprocess.Popen.__init__

    def begun(self: subprocess.Popen[bytes], *arguments: object, **options: object) -> None:
        begin(self, *arguments, **options)  # type: ignore[arg-type]
        started.append(self)

    monkeypatch.setattr(subprocess.Popen, "__init__", begun)
    setup = TerminologySetup(NEVER_ENDS)
    told: list[BaseException] = []

    def make() -> None:
        try:
            EntitySearch(folder, LEXICON, setup.index)
        except Cancelled as error:
            told.append(error)

    thread = threading.Thread(target=make)
    thread.start()
    while not started:
        time.sleep(0.01)
    setup.stop()
    thread.join(30)
    assert not thread.is_alive()
    assert len(told) == 1
    assert started[0].poll() is not None
    with pytest.raises(Cancelled):
        setup.index(folder, LEXICON)
    assert len(started) == 1
    assert files(folder) == []


def test_a_catalogue_that_is_here_needs_no_process_and_an_unknown_one_is_left_to_be_told(tmp_path: Path) -> None:
    library = Library(tmp_path / "own")
    assert not library.is_made("x")
    TerminologySetup().catalogue(library, "f" * 64, "no-such-terminology")
    assert not library.is_made("no-such-terminology")


def test_icd_10_cm_is_made_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library(tmp_path / "own")

    def refuse(*_: object) -> None:
        raise AssertionError("made in this process")

    monkeypatch.setattr(Library, "_make_icd10cm", refuse)
    TerminologySetup().catalogue(library, "icd10cm")
    assert library.is_made("icd10cm")
    info = library.open("icd10cm").info
    assert library.is_made(info.fingerprint)
    TerminologySetup(["/no/such/python"]).catalogue(library, info.fingerprint)
