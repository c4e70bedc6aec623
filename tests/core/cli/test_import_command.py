from __future__ import annotations

from pathlib import Path

import pytest
from helpers.command_line import kb_home, rpdr
from helpers.mention_files import csv_text, workbook
from helpers.projects import new_project

from rpdr_core.resources import resource_path
from rpdr_core.store import Project, open_reader

__all__ = ["kb_home"]
ROW = ("R1", "catarct", "seen with catarct", "3", "H26.9", "Eye")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty project."""
    opened = new_project(tmp_path, ["old"])
    opened.close()
    return opened.path


def _file(folder: Path, text: str, encoding: str = "utf-8", name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def _texts(project: Path) -> list[str]:
    with open_reader(project) as reader:
        return [mention.text for mention in reader.mentions(range(1, 100))]


def test_a_missing_project_is_made(tmp_path: Path, kb_home: Path) -> None:
    project = tmp_path / "clinic.rpdr"
    done = rpdr("import", project, resource_path("samples", "eye_clinic", "mentions.csv"))
    assert (done.code, done.err) == (0, "")
    assert done.out == f"150 rows: 150 new mentions, 0 merged: {project}\n"
    with Project.open(project) as opened:
        assert opened.knowledge_base().id == "icd10cm"
        assert opened.setting("name") == "clinic"


def test_an_existing_project_grows(project: Path, tmp_path: Path) -> None:
    done = rpdr("import", project, _file(tmp_path, csv_text([ROW, ROW])), "--json")
    assert done.json == {"rows": 2, "added": 1, "merged": 1, "skipped": 0, "project": str(project), "warnings": []}
    assert _texts(project) == ["old", "catarct"]


def test_a_faulty_file_makes_no_project(tmp_path: Path) -> None:
    done = rpdr("import", tmp_path / "new.rpdr", _file(tmp_path, "foo,bar\n1,2\n"))
    assert done.code == 2
    assert done.err.startswith("error: ")
    assert "no column of mentions among 'foo', 'bar'" in done.err
    assert not (tmp_path / "new.rpdr").exists()


def test_a_fault_further_down_takes_the_new_project_back(tmp_path: Path, kb_home: Path) -> None:
    done = rpdr("import", tmp_path / "new.rpdr", _file(tmp_path, "mention,n\na,1\nb,x\n"))
    assert done.code == 2
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("new")] == []


def test_warnings_go_to_stderr(project: Path, tmp_path: Path) -> None:
    done = rpdr("import", project, _file(tmp_path, "mention,context\na,x\n,y\n"))
    assert "1 rows without a mention skipped" in done.out
    assert "note: 1 contexts do not contain their mention" in done.err


def test_another_encoding_must_be_chosen(project: Path, tmp_path: Path) -> None:
    path = _file(tmp_path, "诊断\n白内障术后\n", "gb18030")
    refused = rpdr("import", project, path)
    assert refused.code == 2
    assert "give --encoding, perhaps gb18030" in refused.err
    assert _texts(project) == ["old"]
    assert rpdr("import", project, path, "--encoding", "gb18030").code == 0
    assert _texts(project) == ["old", "白内障术后"]


def test_an_unknown_encoding(project: Path, tmp_path: Path) -> None:
    done = rpdr("import", project, _file(tmp_path, "mention\na\n"), "--encoding", "klingon")
    assert done.code == 2
    assert "klingon" in done.err


def test_columns_by_name(project: Path, tmp_path: Path) -> None:
    path = _file(tmp_path, "Befund;text;n\nGlaukom;x;2\n")
    assert rpdr("import", project, path, "--mention-column", "Befund", "--count-column", "").code == 0
    with open_reader(project) as reader:
        [found] = reader.mentions([2])
    assert (found.text, found.count, found.context) == ("Glaukom", 1, "")


def test_a_column_that_is_not_there(project: Path, tmp_path: Path) -> None:
    done = rpdr("import", project, _file(tmp_path, "mention\na\n"), "--context-column", "x")
    assert done.code == 2
    assert "no column 'x'" in done.err


def test_a_named_sheet(project: Path, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [ROW], sheet="Liste")
    assert rpdr("import", project, path, "--sheet", "Liste").code == 0
    assert rpdr("import", project, path, "--sheet", "other").code == 2


def test_a_preview_imports_nothing(tmp_path: Path) -> None:
    path = _file(tmp_path, csv_text([ROW]))
    done = rpdr("import", tmp_path / "new.rpdr", path, "--preview", "--json")
    assert done.json["columns"]["mention"] == "mention"
    assert done.json["rows"] == [list(ROW)]
    plain = rpdr("import", tmp_path / "new.rpdr", path, "--preview")
    assert "rows        about 1\n" in plain.out
    assert not (tmp_path / "new.rpdr").exists()


def test_a_preview_shows_the_choices_of_encoding(tmp_path: Path) -> None:
    done = rpdr("import", tmp_path / "new.rpdr", _file(tmp_path, "诊断\n白内障术后\n", "gb18030"), "--preview")
    assert done.code == 0
    assert "--encoding gb18030\n    诊断\n    白内障术后\n" in done.out


def test_a_project_in_use_is_the_worlds_fault(project: Path, tmp_path: Path) -> None:
    with Project.open(project):
        done = rpdr("import", project, _file(tmp_path, "mention\na\n"))
    assert done.code in (1, 2)
    assert done.err.startswith("error: ")
