"""`rpdr export` and `rpdr import` of mappings, candidates and training sets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers.command_line import kb_home, rpdr
from helpers.mention_files import csv_text

from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.records import Candidate, NewDecision, Provenance, Ranking, Reviewer, Target
from rpdr_core.store import Project
from rpdr_core.workflow.importing import import_file

__all__ = ["kb_home"]

MAPPINGS = {"csv": ".csv", "xlsx": ".xlsx", "jsonl": ".jsonl", "usagi": ".csv", "stcm": ".csv", "fhir-r4": ".json",
            "fhir-r5": ".json", "sssom": ".sssom.tsv"}  # fmt: skip


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    rows = [("R1", "blurry", "so blurry", "2", "", ""), ("R2", "MI", "an MI", "1", "", "")]
    path.write_bytes(csv_text(rows).encode())
    return path


@pytest.fixture
def project(tmp_path: Path, icd10cm: Catalogue, source: Path) -> Path:
    path = tmp_path / "p.rpdr"
    with Project.create(path, name="p", knowledge_base=icd10cm.info) as opened:
        import_file(opened, source)
        listed = (Candidate("H54.7", "Unspecified visual loss"), Candidate("H53.8", "Other visual disturbances"))
        shown = (Ranking(1, "retriever", listed, Provenance("retriever", "m", icd10cm.info.fingerprint)),)
        also = (Target("H54.7", "Unspecified visual loss", "broader"),)
        new = NewDecision(1, "correct", "H53.8", "Other visual disturbances", shown=shown, also=also)
        opened.decide(new, reviewer="Ann")
        opened.decide(NewDecision(2, "no_match", reason="unreadable"), reviewer="Bo")
    return path


@pytest.mark.parametrize("form", [*MAPPINGS, "parquet"])
def test_every_form_of_mappings_and_what_it_loses(project: Path, tmp_path: Path, form: str) -> None:
    output = tmp_path / f"out{MAPPINGS.get(form, '.parquet')}"
    told = rpdr("export", project, "--format", form, "--losses", "--json").json
    assert not output.exists()
    done = rpdr("export", project, "-o", output, "--format", form, "--json").json
    assert done["losses"] == told["losses"]
    assert done["rows"] >= 1
    assert output.stat().st_size


@pytest.mark.parametrize("form", [form for form in MAPPINGS if form != "stcm"])  # ICD-10-CM has no concept ids
def test_there_and_back(project: Path, tmp_path: Path, kb_home: Path, form: str) -> None:
    output, other = tmp_path / f"out{MAPPINGS[form]}", tmp_path / "other.rpdr"
    rpdr("export", project, "-o", output, "--format", form)
    look = rpdr("import", other, output, "--as", "mappings", "--preview", "--json").json
    assert not other.exists()
    assert look["fates"]["taken"] >= 1
    done = rpdr("import", other, output, "--as", "mappings", "--json").json
    assert done["fates"] == look["fates"]
    with Project.open(other) as opened:
        [first] = [one for one in opened.decisions() if one.code]
        assert (first.code, first.also[0].code, first.taken_from) == ("H53.8", "H54.7", 1)
    again = rpdr("import", other, output, "--as", "mappings").out
    assert "say what is in force already" in again


def test_candidates_and_training_sets(project: Path, tmp_path: Path, source: Path, kb_home: Path) -> None:
    assert rpdr("export", project, "-o", tmp_path / "c.jsonl", "--format", "candidates").code == 0
    row = json.loads((tmp_path / "c.jsonl").read_text(encoding="utf-8").splitlines()[1])
    assert (row["rank"], row["code"], row["chosen"]) == (2, "H53.8", "yes")
    for form in ("alpaca", "pairs"):
        full, free, again = (tmp_path / f"{name}-{form}.jsonl" for name in ("full", "free", "again"))
        assert rpdr("export", project, "-o", full, "--format", form).code == 0
        assert rpdr("export", project, "-o", free, "--format", form, "--text-free").code == 0
        assert rpdr("relink", free, source, "--kb", "icd10cm", "-o", again).code == 0
        assert again.read_bytes() == full.read_bytes()
        assert full.stat().st_size


def test_the_same_file_again_is_asked_for(project: Path, tmp_path: Path, source: Path, kb_home: Path) -> None:
    look = rpdr("import", project, source, "--preview")
    assert "imported before" in look.err
    refused = rpdr("import", project, source)
    assert (refused.code, "--again" in refused.err) == (2, True)
    assert rpdr("import", project, source, "--again").code == 0
    with Project.open(project) as opened:
        assert opened.progress().occurrences == 6


def test_a_conflict_is_left_alone_and_told(project: Path, tmp_path: Path, kb_home: Path) -> None:
    output = tmp_path / "out.csv"
    rpdr("export", project, "-o", output)
    with Project.open(project) as opened:
        opened.decide(NewDecision(1, "correct", "H54.7", "Unspecified visual loss"), reviewer="Cy")
    done = rpdr("import", project, output, "--as", "mappings", "--reviewer", "Me")
    assert "--replace" in done.out
    assert "line 2: conflict H53.8 H54.7" in done.err
    told = rpdr("import", project, output, "--as", "mappings", "--replace", "--json").json
    assert told["fates"]["taken"] == 1
    with Project.open(project) as opened:
        decision = opened.decision(1)
        assert decision is not None
        assert (decision.code, decision.reviewer) == ("H53.8", "Ann")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-o", "out.csv", "--format", "word"), "no format is called"),
        (("-o", "out.csv", "--format", "alpaca"), ".jsonl"),
        (("-o", "out.csv", "--format", "usagi", "--text-free"), "text-free"),
        (("--format", "usagi"), "Missing option"),
    ],
)
def test_what_cannot_be_written_is_said(project: Path, arguments: tuple[str, ...], words: str) -> None:
    done = rpdr("export", project, *arguments)
    assert done.code == 2
    assert words in done.err


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"mention,code\nMI,I21\n", "out.csv"), (b"", "empty"), (b"\xff\xfe\x00\x00\x81", "out.csv")],
)
def test_a_file_that_nobody_reads_as_mappings(
    project: Path, tmp_path: Path, kb_home: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "out.csv"
    path.write_bytes(content)
    done = rpdr("import", project, path, "--as", "mappings")
    assert done.code == 2
    assert words in done.err
    assert done.err.count("\n") == 1


def test_columns_are_for_mentions(project: Path, source: Path) -> None:
    assert rpdr("import", project, source, "--as", "mappings", "--mention-column", "x").code == 2


def test_a_file_may_name_anybody(project: Path, tmp_path: Path, kb_home: Path) -> None:
    """Names that the list of reviewers lacks do not flood the terminal."""
    with Project.open(project) as opened:
        opened.set_reviewer(Reviewer("Ann"))
    path = tmp_path / "many.sssom.tsv"
    head = "subject_label\tsubject_id\tpredicate_id\tobject_id\treviewer_label\n"
    rows = (f"t{n}\tS:{n}\tskos:exactMatch\tT:H53.8\tname {n}{'x' * 500}\n" for n in range(60))
    path.write_text(head + "".join(rows), encoding="utf-8")
    told = rpdr("import", project, path, "--as", "mappings", "--preview")
    lines = [line for line in told.err.splitlines() if "list of reviewers" in line]
    assert len(lines) == 20
    assert max(map(len, lines)) < 200
    assert "nor are 40 more names" in told.err
