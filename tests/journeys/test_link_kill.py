"""kill -9 while a file is linked: finished at last, the output equals the uninterrupted one byte for byte.

Without vectors here, and with those of the bundled encoder in int8, which starts fastest and depends most on what is
encoded together. `tests/benchmarks/link_kills.py` does the same with any runtime, as often as asked.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pytest
from helpers.link_until_killed import killed_and_finished

from rpdr_core.encoder_queries import VARIABLE

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(sys.platform == "win32", reason="process groups are killed as POSIX knows them"),
]


def test_killed_at_any_moment_the_finished_output_is_the_same(tmp_path: Path) -> None:
    found = killed_and_finished(tmp_path, kills=20, rows=1_200, vectors=False)
    assert found.different == 0
    assert found.torn > 0, "some were killed at work"
    assert sorted(path.name for path in tmp_path.glob("*.journal")) == []


def test_with_vectors_it_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "int8")
    found = killed_and_finished(tmp_path, kills=5, rows=400, vectors=True)
    assert found.different == 0
    assert found.torn > 0, "some were killed at work"
    assert "queries=int8" in (tmp_path / "out.csv.provenance.json").read_text(encoding="utf-8")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as stream:
        assert {row["model"].rpartition(" ")[2] for row in csv.DictReader(stream)} != {"0/0"}
