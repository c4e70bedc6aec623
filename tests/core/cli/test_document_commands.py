"""`rpdr import` and `rpdr export` of documents."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.command_line import kb_home, rpdr
from helpers.documents import FILES, golden, pdf, read

__all__ = ["kb_home"]

pytestmark = pytest.mark.usefixtures("kb_home")


@pytest.mark.parametrize("format_id", FILES)
def test_in_and_out(format_id: str, tmp_path: Path) -> None:
    project, source, output = tmp_path / "p.rpdr", golden(format_id), tmp_path / "out"
    look = rpdr("import", project, source, "--preview", "--json").json
    assert not project.exists()
    assert look["format"] == format_id
    done = rpdr("import", project, source, "--json").json
    assert (done["rows"], done["documents"]) == (look["mentions"], 2)
    told = rpdr("export", project, "-o", output, "--format", format_id, "--json").json
    assert told["rows"] == done["rows"]
    assert read(output, format_id) == read(source, format_id)


def test_annotations_of_some_types(tmp_path: Path) -> None:
    project = tmp_path / "p.rpdr"
    told = rpdr("import", project, golden("bioc-xml"), "--preview").out
    assert "--type Disease  3 annotations" in told
    assert rpdr("import", project, golden("bioc-xml"), "--type", "Procedure", "--json").json["rows"] == 1


def test_several_files(tmp_path: Path) -> None:
    project, output = tmp_path / "p.rpdr", tmp_path / "out.txt"
    for name in ("brat", "pubtator"):
        rpdr("import", project, golden(name))
    refused = rpdr("export", project, "-o", output, "--format", "pubtator")
    assert refused.code != 0
    assert "1 (brat)" in refused.err
    assert rpdr("export", project, "-o", output, "--format", "pubtator", "--source", "2").code == 0
    assert read(output) == read(golden("pubtator"))


def test_without_text_and_together_again(tmp_path: Path) -> None:
    project, bare, linked = tmp_path / "p.rpdr", tmp_path / "bare.json", tmp_path / "linked.json"
    rpdr("import", project, golden("medcattrainer"))
    assert rpdr("export", project, "-o", bare, "--format", "medcattrainer", "--text-free").code == 0
    assert "igraine" not in bare.read_text(encoding="utf-8")
    assert rpdr("relink", bare, golden("medcattrainer"), "-o", linked, "--json").json["documents"] == 2
    assert rpdr("relink", bare.rename(tmp_path / "bare.jsonl"), golden("medcattrainer"), "-o", linked).code == 2
    assert [one.text for one in read(linked)] == [one.text for one in read(golden("medcattrainer"))]
    assert rpdr("export", project, "-o", bare, "--format", "brat", "--text-free").code != 0


def test_notes_and_lists_of_mentions(tmp_path: Path) -> None:
    project = tmp_path / "p.rpdr"
    assert rpdr("import", project, pdf(tmp_path / "x.pdf", "Patient seen"), "--json").json["documents"] == 1
    (tmp_path / "x.txt").write_text("cataract\nfall\n")
    assert rpdr("import", project, tmp_path / "x.txt", "--json").json["rows"] == 2
    told = rpdr(
        "import", project, tmp_path / "x.txt", "--as", "documents", "--format", "notes", "--again", "--json"
    ).json
    assert (told["rows"], told["documents"]) == (0, 1)


def test_a_broken_file_leaves_no_project(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("1|t|One\n1\t0\t9\tOne\tX\t\n")
    done = rpdr("import", tmp_path / "p.rpdr", tmp_path / "x.txt")
    assert done.code != 0
    assert "x.txt:2" in done.err
    assert not (tmp_path / "p.rpdr").exists()
