"""The command line where the program's folders cannot be written."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from rpdr_core.cli.main import main


def test_a_home_that_cannot_be_written_is_told_with_its_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    monkeypatch.setenv("RPDR_HOME", str(tmp_path / "taken" / "home"))
    told = CliRunner().invoke(main, ["retrieve", "heart attack", "--kb", "icd10cm"])
    assert told.exit_code == 1
    assert "cannot be written to" in told.output
    assert "RPDR_HOME" in told.output
    assert "fault of rpdr" not in told.output
