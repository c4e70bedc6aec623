"""One writer at a time, in this process and in others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.projects import new_project

from rpdr_core.errors import NotAllowedError
from rpdr_core.store import Project
from rpdr_core.store.lock import WriterLock

HOLD = """
import sys
from pathlib import Path
from rpdr_core.store import Project
project = Project.open(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
"""


def test_a_second_writer_is_told_which_process_has_it(tmp_path: Path) -> None:
    with new_project(tmp_path) as project:
        with pytest.raises(NotAllowedError, match=f"process {os.getpid()}"):
            Project.open(project.path)
        assert project.progress().mentions == 6
    Project.open(project.path).close()


def test_a_link_to_the_file_has_the_same_lock(tmp_path: Path) -> None:
    link = tmp_path / "link.rpdr"
    with new_project(tmp_path) as project:
        link.symlink_to(project.path)
        with pytest.raises(NotAllowedError):
            Project.open(link)


def test_a_killed_holder_frees_the_lock(tmp_path: Path) -> None:
    project = new_project(tmp_path)
    project.close()
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(project.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "open\n"
        with pytest.raises(NotAllowedError, match=f"process {child.pid}"):
            Project.open(project.path)
        child.kill()
        child.wait()
        assert project.path.with_name("clinic.rpdr.lock").exists()
        Project.open(project.path).close()
    finally:
        child.kill()
        child.communicate()


def test_a_stale_file_is_no_lock(tmp_path: Path) -> None:
    lock_file = tmp_path / "a.rpdr.lock"
    lock_file.write_text("999999 and more that was there")
    lock = WriterLock(tmp_path / "a.rpdr")
    assert lock_file.read_text() == str(os.getpid())
    lock.release()
    lock.release()


def test_a_lock_file_without_a_number_still_refuses(tmp_path: Path) -> None:
    lock = WriterLock(tmp_path / "a.rpdr")
    (tmp_path / "a.rpdr.lock").write_text("")
    with pytest.raises(NotAllowedError, match="process unknown"):
        WriterLock(tmp_path / "a.rpdr")
    lock.release()
