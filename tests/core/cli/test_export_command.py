from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers.command_line import kb_home, rpdr
from helpers.mention_files import csv_text

from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.records import Candidate, NewDecision, Provenance, Ranking
from rpdr_core.store import Project
from rpdr_core.workflow.importing import import_file

__all__ = ["kb_home"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_bytes(
        csv_text([("R1", "blurry", "so blurry", "2", "", ""), ("R2", "blurry", "so blurry", "1", "", "")]).encode()
    )
    return path


@pytest.fixture
def project(tmp_path: Path, icd10cm: Catalogue, source: Path) -> Path:
    path = tmp_path / "p.rpdr"
    with Project.create(path, name="p", knowledge_base=icd10cm.info) as opened:
        import_file(opened, source)
        candidates = (Candidate("H54.7", "Unspecified visual loss"), Candidate("H53.8", "Other visual disturbances"))
        shown = (Ranking(1, "retriever", candidates, Provenance("retriever", "m", icd10cm.info.fingerprint)),)
        opened.decide(NewDecision(1, "correct", "H53.8", "Other visual disturbances", shown=shown))
    return path


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".jsonl"])
def test_decisions(project: Path, tmp_path: Path, suffix: str) -> None:
    output = tmp_path / f"out{suffix}"
    done = rpdr("export", project, "-o", output)
    assert (done.code, done.out) == (0, f"2 rows: {output}\n")
    assert "not in the file: " in done.err
    found = rpdr("export", project, "-o", output, "--mentions", "--json").json
    assert (found["rows"], found["output"]) == (1, str(output))
    assert len(found["sha256"]) == 64
    assert all(loss["what"] for loss in found["losses"])


def test_a_mark_for_excel(project: Path, tmp_path: Path) -> None:
    assert rpdr("export", project, "-o", tmp_path / "out.csv", "--bom").code == 0
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_project_in_use_can_be_exported(project: Path, tmp_path: Path) -> None:
    with Project.open(project):
        assert rpdr("export", project, "-o", tmp_path / "out.csv").code == 0


def test_training_rows_there_and_back(project: Path, tmp_path: Path, source: Path, kb_home: Path) -> None:
    full, free, again = (tmp_path / f"{name}.jsonl" for name in ("full", "free", "again"))
    found = rpdr("export", project, "-o", full, "--kind", "training", "--json").json
    assert found["rows"] == 1
    assert json.loads(Path(found["manifest"]).read_text(encoding="utf-8"))["labels"] == {"corrected": 1}
    assert rpdr("export", project, "-o", free, "--kind", "training", "--text-free").code == 0
    assert "blurry" not in free.read_text(encoding="utf-8")
    done = rpdr("relink", free, source, "--kb", "icd10cm", "-o", again)
    assert (done.code, done.out) == (0, f"1 rows: {again}\n")
    assert again.read_bytes() == full.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-o", "out.pdf"), "no format"),
        (("-o", "none/out.csv"), "no such folder"),
        (("-o", "out.csv", "--kind", "training"), ".jsonl"),
        (("-o", "out.jsonl", "--text-free"), "--kind training"),
        ((), "Missing option"),
    ],
)
def test_what_cannot_be_written_is_said(project: Path, arguments: tuple[str, ...], words: str) -> None:
    done = rpdr("export", project, *arguments)
    assert done.code == 2
    assert words in done.err


def test_a_missing_project(tmp_path: Path) -> None:
    assert rpdr("export", tmp_path / "none.rpdr", "-o", tmp_path / "a.csv").code == 2
