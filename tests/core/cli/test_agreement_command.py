"""`rpdr agreement`: figures as text, as JSON, as a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers.command_line import kb_home, rpdr
from helpers.double_reviews import answer, decide, with_double_review
from helpers.projects import TEXTS

from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.records import NewMention
from rpdr_core.store import Project, SourceFile

__all__ = ["kb_home"]


@pytest.fixture
def project(tmp_path: Path, kb_home: Path, icd10cm: Catalogue) -> Path:
    """Six mentions: five are answered twice, two of them differently; the last was answered before its rankings."""
    path = tmp_path / "p.rpdr"
    with Project.create(path, name="p", knowledge_base=icd10cm.info) as opened:
        opened.add_mentions(SourceFile("a", "b", "csv", "utf-8"), map(NewMention, TEXTS))
        with_double_review(opened)
        pairs = (("H53.8", "H53.8"), ("H53.8", "H53.9"), ("I21.9", "I21.9"), ("I21.9", "I21.9"), ("H53.8", ""))
        for mention_id, (first, second) in enumerate(pairs, 1):
            decide(opened, mention_id, "Ann", first)
            answer(opened, mention_id, "Bo", second)
        answer(opened, 6, "Ann", "I21.9", stage="independent")
        decide(opened, 6, "Ann", "H53.8")
    return path


def test_as_text(project: Path) -> None:
    done = rpdr("agreement", project)
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0].split() == ["raw", "Cohen", "Fleiss", "alpha", "alpha", "near", "n"]
    assert lines[1].startswith("all ")
    assert lines[1].split()[1] == "0.600"
    assert [line.split()[0] for line in lines[2:5]] == ["Ann", "7", "9"]
    assert "category 1" in lines[5]
    assert "of 1 own answers 1 were changed to what the model said (100%, 95 %: 21%-100%)" in lines[6]


def test_as_json_and_as_a_file(project: Path, tmp_path: Path) -> None:
    done = rpdr("agreement", project, "--json", "-o", tmp_path / "report.csv")
    found = done.json
    assert found["agreement"]["overall"]["n"] == 5
    assert found["agreement"]["overall"]["raw"]["value"] == 0.6
    assert found["agreement"]["overall"]["kinds"]["category"] == 1
    assert [one["reviewer"] for one in found["bias"]] == ["", "Ann"]
    assert found["bias"][0]["spoilt"] == {"count": 0, "n": 0, "value": None, "low": None, "high": None}
    assert (tmp_path / "report.csv").read_text(encoding="utf-8-sig").count("overall,,") == 11
    rpdr("agreement", project, "-o", tmp_path / "report.json")
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8")) == found


def test_nothing_to_tell_says_what_to_do(tmp_path: Path, kb_home: Path, icd10cm: Catalogue) -> None:
    path = tmp_path / "p.rpdr"
    with Project.create(path, name="p", knowledge_base=icd10cm.info) as opened:
        opened.add_mentions(SourceFile("a", "b", "csv", "utf-8"), map(NewMention, TEXTS))
    done = rpdr("agreement", path)
    assert done.code == 0
    assert "switch double review on" in done.out


def test_a_name_without_a_known_ending_is_the_users_error(project: Path, tmp_path: Path) -> None:
    done = rpdr("agreement", project, "-o", tmp_path / "report.txt")
    assert done.code == 2
    assert ".json, .csv, .xlsx or .jsonl" in done.err
