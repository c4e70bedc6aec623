from __future__ import annotations

from pathlib import Path

from helpers.command_line import kb_home, rpdr
from helpers.terminologies import small_table

__all__ = ["kb_home"]


def test_a_fresh_machine_lists_icd10cm() -> None:
    found = rpdr("kb", "list", "--json").json
    assert [(info["id"], info["fingerprint"]) for info in found] == [("icd10", ""), ("icd10cm", "")]
    assert "made when first used" in rpdr("kb", "list").out


def test_an_imported_table_is_listed_and_shown(tmp_path: Path, kb_home: Path) -> None:
    made = rpdr("kb", "import", small_table(tmp_path), "--id", "eye", "--title", "Eye list", "--json").json
    assert (made["id"], made["title"], made["entities"]) == ("eye", "Eye list", 10)
    assert [info["id"] for info in rpdr("kb", "list", "--json").json] == ["eye", "icd10", "icd10cm"]
    shown = rpdr("kb", "show", "eye").out
    assert f"fingerprint  {made['fingerprint']}\n" in shown
    assert "entities     10\n" in shown


def test_an_entity_with_its_neighbours(kb_home: Path) -> None:
    found = rpdr("kb", "show", "icd10cm", "H25.1", "--json").json
    assert (found["name"], found["assignable"], found["parents"]) == ("Age-related nuclear cataract", False, ["H25"])
    assert found["children"] == ["H25.10", "H25.11", "H25.12", "H25.13"]
    out = rpdr("kb", "show", "icd10cm", "H25.1").out
    assert out.startswith("H25.1  Age-related nuclear cataract  (not assignable)\n")
    assert "  narrower  H25.13  Age-related nuclear cataract, bilateral\n" in out


def test_what_is_not_there_is_said(tmp_path: Path, kb_home: Path) -> None:
    for arguments, words in (
        (("show", "nope"), "no knowledge base"),
        (("show", "icd10cm", "h25.1"), "there is H25.1"),
        (("show", "icd10cm", "@@"), "codes keep their dots"),
        (("import", tmp_path / "none.csv"), "no such"),
    ):
        done = rpdr("kb", *arguments)
        assert done.code == 2
        assert words in done.err
