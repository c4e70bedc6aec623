from __future__ import annotations

from pathlib import Path

import pytest

from rpdr_core import paths
from rpdr_core.errors import Bug
from rpdr_core.resources import resource_path, resource_text


def test_a_bundled_file_is_found_and_read() -> None:
    path = resource_path("lexicon", "icd10cm", "eye_zh.tsv")
    assert path.is_file()
    assert resource_text("lexicon", "icd10cm", "eye_zh.tsv") == path.read_text(encoding="utf-8")
    assert "白内障" in path.read_text(encoding="utf-8")


def test_a_missing_bundled_file_is_our_fault() -> None:
    with pytest.raises(Bug, match=r"lexicon/none\.tsv"):
        resource_path("lexicon", "none.tsv")


def test_one_variable_moves_everything(rpdr_home: Path) -> None:
    places = (paths.data_dir(), paths.cache_dir(), paths.log_dir())
    assert {place.parent for place in places} == {rpdr_home}
    assert len(set(places)) == 3


def test_without_it_the_platforms_folders_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RPDR_HOME")
    places = (paths.data_dir(), paths.cache_dir(), paths.log_dir())
    assert all(place.is_absolute() and "rpdr-desk" in place.parts for place in places)
