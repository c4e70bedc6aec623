"""`rpdr kb` with releases: looked at, imported with choices, side by side, shown with their history, removed."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from helpers.command_line import kb_home, rpdr
from helpers.omop_download import zip_download
from helpers.terminologies import small_table

from rpdr_core.cli import main

__all__ = ["kb_home"]


@pytest.fixture
def athena(tmp_path: Path, kb_home: Path) -> Path:
    return zip_download(tmp_path / "athena.zip")


def test_a_look_offers_the_choices(athena: Path, kb_home: Path) -> None:
    out = rpdr("kb", "look", athena).out
    assert "format       OMOP vocabularies (Athena)\n" in out
    assert "vocabulary   SNOMED  Systematic Nomenclature of Medicine 2026-02-01 US Edition\n" in out
    assert "choose       vocabularies\n" in out
    seen = rpdr("kb", "look", athena, "--vocabulary", "SNOMED", "--json").json
    assert (seen["id"], seen["needs"], len(seen["entities"])) == ("omop-snomed", [], 5)
    assert len(list((kb_home / "data" / "knowledge_bases").iterdir())) == 1


def test_a_look_at_a_table_names_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("编码,名称,备注\nK29,胃炎,x\n".encode("gb18030"))
    assert "perhaps      gb18030  编码,名称,备注 / K29,胃炎,x\n" in rpdr("kb", "look", path).out
    out = rpdr("kb", "look", path, "--encoding", "gb18030").out
    for line in ("column       编码  (code)", "column       备注  (not read)", "entity       K29  胃炎"):
        assert f"{line}\n" in out


def test_without_a_choice_the_import_says_what_to_choose(athena: Path) -> None:
    done = rpdr("kb", "import", athena)
    assert done.code == 2
    assert "choose from Domain, ICD10CM, SNOMED" in done.err
    assert "Traceback" not in done.err


def test_a_release_is_imported_and_its_history_shown(athena: Path) -> None:
    done = rpdr("kb", "import", athena, "--vocabulary", "SNOMED", "--vocabulary", "ICD10CM", "--id", "both", "--json")
    assert (done.json["reference"], done.json["entities"]) == ("both", 7)
    assert "note: ICD10CM has no standard concepts" in done.err
    assert "CONCEPT_RELATIONSHIP.csv ..\n" in done.err
    shown = rpdr("kb", "show", "both", "4100002").out
    assert "  history   possibly equivalent to: 4317977\n" in shown
    assert "  history   replaced by: 375545\n" in shown
    assert "  maps to   OMOP 375545  [1.1]  Maps to\n" in shown
    found = rpdr("kb", "show", "both", "45605356", "--json").json
    assert [row["target"] for row in found["maps"]] == ["375545"]
    assert found["associations"] == []


def test_releases_are_listed_by_what_opens_them_and_removed(tmp_path: Path, kb_home: Path) -> None:
    for version, extra in (("2025", ""), ("2026 beta", "N1,New,,,,\n")):
        path = small_table(tmp_path, f"code,name\nA,a\n{extra[: extra.find(',,')]}\n", "list.csv")
        assert rpdr("kb", "import", path, "--version", version).code == 0
    listed = {info["version"]: info["reference"] for info in rpdr("kb", "list", "--json").json if info["id"] == "list"}
    assert listed == {"2026 beta": "list", "2025": "list@2025"}
    assert "list@2025" in rpdr("kb", "list").out
    asked = CliRunner().invoke(main, ["kb", "remove", "list@2025"], input="n\n")
    assert asked.exit_code == 1
    assert "list@2025" in rpdr("kb", "list").out
    assert rpdr("kb", "remove", "list@2025", "--yes").out.startswith("removed list 2025: ")
    assert "list@2025" not in rpdr("kb", "list").out
    done = rpdr("kb", "remove", "list@2025", "--yes")
    assert (done.code, "no knowledge base" in done.err) == (2, True)


def test_columns_are_given_as_pairs(tmp_path: Path, kb_home: Path) -> None:
    path = small_table(tmp_path, "x,y\nA,a\n")
    done = rpdr("kb", "import", path, "--column", "code=x", "--column", "name = y", "--json")
    assert done.json["entities"] == 1
    wrong = rpdr("kb", "import", path, "--column", "code")
    assert (wrong.code, "--column code=编码" in wrong.err) == (2, True)
    missing = rpdr("kb", "import", path, "--column", "code=z", "--column", "name=y")
    assert (missing.code, "no column 'z'" in missing.err) == (2, True)


def test_an_unknown_format_is_answered_with_the_known(tmp_path: Path) -> None:
    done = rpdr("kb", "import", small_table(tmp_path), "--format", "owl")
    assert done.code == 2
    assert "one of" in done.err
    assert "omop" in done.err
