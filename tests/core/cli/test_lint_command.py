from __future__ import annotations

from pathlib import Path

import pytest
from helpers.command_line import kb_home, rpdr

from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.records import NewDecision, NewMention
from rpdr_core.store import EntitySearch, Project, SourceFile
from rpdr_core.workflow.lint.project_lint import dismiss

__all__ = ["kb_home"]


@pytest.fixture(scope="session")
def indexed(icd10cm: Catalogue) -> None:
    """The search index, made before homes are linked to the catalogue, so that it is made once."""
    EntitySearch(icd10cm.folder, [(term.term, term.codes) for term in icd10cm.lexicon_terms()]).close()


@pytest.fixture
def project(tmp_path: Path, indexed: None, kb_home: Path, icd10cm: Catalogue) -> Path:
    path = tmp_path / "p.rpdr"
    texts = ("nuclear cataract, right eye", "Glaucoma", "cataract")
    with Project.create(path, name="p", knowledge_base=icd10cm.info) as opened:
        opened.add_mentions(SourceFile("a", "b", "csv", "utf-8"), map(NewMention, texts))
    return path


def map_to(project: Path, mention_id: int, code: str) -> None:
    with Project.open(project) as opened:
        opened.decide(NewDecision(mention_id, "correct", code, code))


def test_nothing_to_say_ends_with_0(project: Path) -> None:
    map_to(project, 1, "H25.11")
    done = rpdr("lint", project)
    assert (done.code, done.out) == (0, "0 findings\n")
    assert rpdr("lint", project, "--json").json == {"counts": {}, "findings": []}


def test_findings_end_with_1_and_say_the_cure(project: Path) -> None:
    map_to(project, 1, "H25.12")
    map_to(project, 3, "H26")
    done = rpdr("lint", project)
    assert done.code == 1
    assert done.out.splitlines() == [
        "wrong_side (error, 1)",
        "  mention 1 'nuclear cataract, right eye': The mention says right, H25.12 says left."
        "  take H25.11 Age-related nuclear cataract, right eye",
        "not_billable (error, 1)",
        "  mention 3 'cataract': H26 is not billable: it has narrower codes.  take H26.9 Unspecified cataract",
        "2 findings",
    ]
    told = rpdr("lint", project, "--json", "--rule", "wrong_side")
    assert told.code == 1
    assert told.json["counts"] == {"wrong_side": 1}
    (finding,) = told.json["findings"]
    assert (finding["code"], finding["mention_ids"], finding["suggested"]) == ("H25.12", [1], "H25.11")


def test_what_was_dismissed_does_not_count(project: Path) -> None:
    map_to(project, 1, "H25.12")
    key = rpdr("lint", project, "--json").json["findings"][0]["key"]
    with Project.open(project) as opened:
        dismiss(opened, key, "as the letter says", reviewer="Ann")
    assert (rpdr("lint", project).code, rpdr("lint", project).out) == (0, "0 findings, 1 dismissed\n")
    done = rpdr("lint", project, "--dismissed")
    assert done.code == 0
    assert "[dismissed: as the letter says]" in done.out


def test_an_unknown_rule_is_refused(project: Path) -> None:
    assert rpdr("lint", project, "--rule", "taste").code == 2
