"""Where an export is proposed to go."""

from __future__ import annotations

from pathlib import Path

from rpdr_core.paths import data_dir
from rpdr_desk.views.exporting.proposed import proposed_file


def test_beside_the_project(tmp_path: Path) -> None:
    assert proposed_file(tmp_path / "clinic.rpdr", "decisions.csv") == tmp_path / "clinic decisions.csv"


def test_the_sample_s_exports_are_found(tmp_path: Path) -> None:
    sample = data_dir() / "sample" / "eye clinic.rpdr"
    proposed = proposed_file(sample, "decisions.csv")
    assert proposed.name == "eye clinic decisions.csv"
    assert not proposed.is_relative_to(data_dir())
    assert proposed.parent.is_dir()
