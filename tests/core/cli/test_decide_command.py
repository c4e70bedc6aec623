from __future__ import annotations

from pathlib import Path

import pytest
from helpers.command_line import kb_home, rpdr
from helpers.projects import TEXTS, ranking

from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.records import NewMention
from rpdr_core.store import Project, SourceFile, open_reader

__all__ = ["kb_home"]


@pytest.fixture
def project(tmp_path: Path, kb_home: Path, icd10cm: Catalogue) -> Path:
    path = tmp_path / "p.rpdr"
    with Project.create(path, name="p", knowledge_base=icd10cm.info) as opened:
        opened.add_mentions(SourceFile("a", "b", "csv", "utf-8"), map(NewMention, TEXTS))
        opened.record_rankings([ranking(1, "retriever", "H53.8", "H54.7")])
    return path


def _decision(project: Path, mention_id: int = 1) -> tuple[str, str, str, str, str] | None:
    with open_reader(project) as reader:
        found = reader.decision(mention_id)
    return found and (found.kind, found.code, found.name, found.reason, found.reviewer)


def test_a_code_is_looked_up(project: Path) -> None:
    done = rpdr("decide", project, 1, "H53.8", "--reviewer", "Ann")
    assert (done.code, done.out) == (0, "accept: H53.8 Other visual disturbances\n")
    assert _decision(project) == ("accept", "H53.8", "Other visual disturbances", "", "Ann")


def test_another_code_corrects_and_is_remembered(project: Path) -> None:
    done = rpdr("decide", project, 1, "H54.7", "--json", "--comment", "sure")
    assert (done.json["mention_id"], done.json["kind"], done.json["remembered"]) == (1, "correct", 1)
    assert (done.json["code"], done.json["name"], done.json["reason"]) == ("H54.7", "Unspecified visual loss", "")


def test_no_match_needs_a_reason(project: Path) -> None:
    assert rpdr("decide", project, 2, "--no-match", "unreadable", "--reviewer", "A").out == "no match: unreadable\n"
    assert _decision(project, 2) == ("no_match", "", "", "unreadable", "A")
    assert rpdr("decide", project, 2, "--no-match", "because").code == 2


def test_a_relation_and_further_codes(project: Path) -> None:
    done = rpdr("decide", project, 1, "H54.7", "--relation", "broader", "--also", "H53.8", "--also", "H54.61=inexact")
    assert done.out.splitlines() == [
        "correct: H54.7 Unspecified visual loss",
        "the target is broader than the source",
        "also H53.8 Other visual disturbances: the target means the same as the source",
        "also H54.61 Unqualified visual loss, right eye, normal vision left eye: the target overlaps the source",
    ]
    with open_reader(project) as reader:
        found = reader.decision(1)
        assert found is not None
        assert [(one.code, one.relation) for one in found.also] == [("H53.8", "equivalent"), ("H54.61", "inexact")]
        assert (found.relation, found.knowledge_base) == ("broader", reader.knowledge_base().fingerprint)
        assert reader.memory() == []
    done = rpdr("decide", project, 1, "H54.7", "--also", "H53.8=narrower", "--json")
    assert done.json["relation"] == "the target means the same as the source"
    assert done.json["also"] == [{"code": "H53.8", "relation": "the target is narrower than the source"}]


def test_defer_and_reopen(project: Path) -> None:
    assert rpdr("decide", project, 1, "--defer").out == "defer\n"
    assert rpdr("decide", project, 1, "--reopen").out == "reopen\n"
    assert _decision(project) is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("1",), "one decision at a time"),
        (("1", "H53.8", "--defer"), "one decision at a time"),
        (("1", "h53.8"), "no entity 'h53.8'"),
        (("1", "H25.1"), "H25.11"),
        (("99", "H53.8"), "mention 99"),
        (("1", "--defer", "--relation", "broader"), "belongs to a code"),
        (("1", "H53.8", "--also", "H53.8"), "once"),
        (("1", "H53.8", "--also", "H54.7=wider"), "no further code"),
        (("1", "H53.8", "--also", "nope"), "no entity 'nope'"),
    ],
)
def test_what_cannot_be_decided_is_said(project: Path, arguments: tuple[str, ...], words: str) -> None:
    done = rpdr("decide", project, *arguments)
    assert done.code == 2
    assert words in done.err
    assert _decision(project) is None


def test_who_decides_is_the_one_logged_in(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "zoe")
    rpdr("decide", project, 1, "--defer")
    assert (_decision(project) or ())[-1] == "zoe"


def test_without_a_login_name_nobody_is_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise OSError("no login")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert rpdr("decide", project, 1, "--defer").code == 0
    assert (_decision(project) or ())[-1] == ""
