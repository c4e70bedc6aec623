from __future__ import annotations

from pathlib import Path

from helpers.command_line import rpdr
from helpers.projects import new_project

from rpdr_core.store import Project, open_reader


def test_a_backup_is_a_project(tmp_path: Path) -> None:
    project = new_project(tmp_path)
    project.close()
    found = rpdr("backup", project.path, "--to", tmp_path / "safe", "--json").json
    copy = Path(found["backup"])
    assert copy.parent == tmp_path / "safe"
    assert found["bytes"] == copy.stat().st_size
    with open_reader(copy) as reader:
        assert reader.progress().mentions == 6


def test_beside_the_project_by_default(tmp_path: Path) -> None:
    project = new_project(tmp_path)
    project.close()
    copy = Path(rpdr("backup", project.path).out.strip())
    assert copy.is_file()
    assert copy.parent.parent == tmp_path


def test_a_missing_project_and_one_in_use(tmp_path: Path) -> None:
    assert rpdr("backup", tmp_path / "none.rpdr").code == 2
    project = new_project(tmp_path)
    with project, Project.__enter__(project):
        done = rpdr("backup", project.path)
    assert done.err == "" or done.err.startswith("error: ")
