"""The run table: runs are found again after a restart, as they were seen last."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from helpers.projects import new_project

from rpdr_core.store import Project, StoredRun, open_reader

RUN = StoredRun("20261121-101112-abcdef", "clinic", "", "running", "2026-11-21T10:11:12+00:00")


def test_a_run_is_found_after_a_restart(tmp_path: Path) -> None:
    with new_project(tmp_path) as project:
        assert project.record_run(RUN).kinds == {"runs"}
    with open_reader(tmp_path / "clinic.rpdr") as reader:
        assert reader.runs() == [RUN]


def test_its_state_is_brought_up_to_date_and_audited_once(tmp_path: Path) -> None:
    done = replace(RUN, state="done", finished_at="2026-11-21T10:20:00+00:00", adapter_id="a1")
    with new_project(tmp_path) as project:
        project.record_run(RUN)
        before = project.verify_audit().rows
        assert project.record_run(done).kinds == {"runs"}
        assert project.record_run(done).kinds == frozenset()
        assert project.runs() == [done]
        assert project.verify_audit().rows == before + 1


def test_the_newest_run_comes_first(tmp_path: Path) -> None:
    later = replace(RUN, id="20261122-000000-abcdef", host="gpu", created_at="2026-11-22T00:00:00+00:00")
    with new_project(tmp_path) as project:
        for run in (RUN, later):
            project.record_run(run)
        assert project.runs() == [later, RUN]
    with Project.open(tmp_path / "clinic.rpdr") as project:
        assert project.verify_audit().ok
