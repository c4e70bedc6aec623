"""`rpdr scope` and `rpdr upgrade`: shown and counted first, then done; mistakes told in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers.command_line import kb_home as kb_home
from helpers.command_line import rpdr
from helpers.releases import NEW, OLD, SAID, decided, project_on, release

from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.store import Project, open_reader


@pytest.fixture
def old(kb_home: Path) -> Catalogue:
    return release(OLD, version="2025")


@pytest.fixture
def new(kb_home: Path) -> Catalogue:
    return release(NEW, SAID, version="2026")


@pytest.fixture
def project(old: Catalogue, tmp_path: Path) -> Path:
    with project_on(old, tmp_path) as made:
        for mention, code in enumerate(("E1.2", "E2.1", "E1.1", "E1"), 1):
            made.decide(decided(old, mention, code), reviewer="anna")
        return made.path


def test_a_scope_is_tried_set_shown_and_cleared(project: Path) -> None:
    assert rpdr("scope", project).out == "everything: 11 of 11 entities\n"
    tried = rpdr("scope", project, "<< E1 |Cataract| OR E2.1", "--try", "--json")
    assert tried.json == {"scope": "<< E1 |Cataract| OR E2.1", "entities": 4, "of": 11}
    assert rpdr("scope", project).out.startswith("everything")
    assert rpdr("scope", project, "<<E1", "--as", "lead").out == "<< E1: 3 of 11 entities\n"
    assert rpdr("scope", project).out == "<< E1: 3 of 11 entities\n"
    with open_reader(project) as reader:
        assert reader.setting("scope") == "<< E1"
        assert len(reader.unranked("retriever", 99)) == 8
    assert rpdr("scope", project, "--clear").out == "everything: 11 of 11 entities\n"
    with Project.open(project) as opened:
        assert opened.verify_audit().ok
        assert len(opened.unranked("retriever", 99)) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("<< E9",), "'E9', which is not in this knowledge base"),
        (("<< E1 AND",), "column 10"),
        (("<< E1 AND << E2",), "holds no entity"),
        (("E1", "--clear"), "one thing at a time"),
        (("--try",), "one thing at a time"),
    ],
)
def test_a_wrong_scope_changes_nothing(project: Path, arguments: tuple[str, ...], words: str) -> None:
    outcome = rpdr("scope", project, *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert words in outcome.err
    assert len(outcome.err.splitlines()) == 1
    with open_reader(project) as reader:
        assert reader.setting("scope") == ""


def test_an_upgrade_is_counted_listed_and_then_done(project: Path, new: Catalogue) -> None:
    counted = rpdr("upgrade", project, "--kb", new.info.fingerprint)
    assert counted.code == 0
    lines = counted.out.splitlines()
    assert lines[0].startswith("Eyes 2025 (")
    assert "to reopen    2 decisions, 23 occurrences" in lines
    assert "renamed      1 decisions, 10 occurrences" in lines
    assert "kept         2 decisions, 19 occurrences" in lines
    assert "E1.2  Senile cataract: inactive (1 decisions, 12 occurrences)" in lines
    assert "  -> E1.3  Age-related cataract [replaced by]" in lines
    assert "   ? E2.3  Preglaucoma [possibly equivalent to]" in lines
    assert lines[-1] == "nothing was changed; add --apply to do it"
    with open_reader(project) as reader:
        assert reader.knowledge_base().version == "2025"
    done = rpdr("upgrade", project, "--kb", new.info.fingerprint, "--apply", "--as", "lead", "--json")
    assert done.json["applied"] is True
    assert done.json["mention_ids"] == [1, 2]
    with open_reader(project) as reader:
        assert reader.knowledge_base() == new.info
        assert reader.requeued() == [1, 2]
    again = rpdr("upgrade", project, "--kb", new.info.fingerprint)
    assert (again.code, "already" in again.err) == (2, True)


def test_the_plan_as_json_says_what_each_code_becomes(project: Path, new: Catalogue) -> None:
    plan = rpdr("upgrade", project, "--kb", new.info.fingerprint, "--renamed", "--json").json
    assert plan["applied"] is False
    assert plan["counts"]["reopened"] == 3
    first = plan["targets"][0]
    assert (first["code"], first["outcome"], first["proposals"][0]["code"]) == ("E1.2", "replaced", "E1.3")
    assert json.dumps(plan).count("mention 1") == 0


def test_a_scope_that_does_not_fit_is_told_with_its_cure(project: Path, new: Catalogue) -> None:
    assert rpdr("scope", project, "<< E2.1").code == 0
    assert "scope        does not fit" in rpdr("upgrade", project, "--kb", new.info.fingerprint).out
    refused = rpdr("upgrade", project, "--kb", new.info.fingerprint, "--apply")
    assert (refused.code, "scope does not fit" in refused.err) == (2, True)
    assert rpdr("upgrade", project, "--kb", new.info.fingerprint, "--apply", "--scope", "<< E2").code == 0
    assert rpdr("scope", project).out == "<< E2: 3 of 16 entities\n"
