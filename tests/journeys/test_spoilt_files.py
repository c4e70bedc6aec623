"""A few spoilt files through each importer; `tests/benchmarks/mutated_files.py` does it with hundreds."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from helpers.importers import IMPORTERS, Importer, Partial
from helpers.spoilt_imports import DEFECTS, outcomes, take

from rpdr_core.errors import FileFormatError, NotAllowedError

FILES = range(1000, 1012)


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
@pytest.mark.parametrize("importer", IMPORTERS, ids=lambda one: one.name)
def test_spoilt_files_are_refused_or_wholly_taken(importer: Importer) -> None:
    told = list(outcomes(importer, 1, FILES))
    assert not [one for one in told if one.outcome in DEFECTS]
    assert {one.outcome for one in told} <= {"refused", "taken"}


@pytest.mark.parametrize("importer", IMPORTERS, ids=lambda one: one.name)
def test_the_sound_files_are_taken(importer: Importer, tmp_path: Path) -> None:
    (tmp_path / "sound").mkdir()
    for number, path in enumerate(importer.seeds(tmp_path / "sound")):
        assert take(importer, path, tmp_path / f"kept {number}", 0).outcome == "taken", path.name


@pytest.mark.parametrize(
    ("raised", "outcome"),
    [
        (FileFormatError("m", hint="h", file="f"), "refused"),
        (FileFormatError("m", file="f"), "mute"),
        (NotAllowedError("m", hint="h"), "mute"),
        (KeyError("x"), "foreign"),
        (Partial("x"), "partial"),
        (MemoryError(), "memory"),
    ],
)
def test_a_defect_is_called_one(tmp_path: Path, raised: Exception, outcome: str) -> None:
    def fails(error: Exception, *_: object) -> None:
        raise error

    importer = Importer("x", lambda _: [], partial(fails, raised))
    assert take(importer, tmp_path, tmp_path, 0).outcome == outcome
