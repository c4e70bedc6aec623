"""What was committed gets into the file beside the writer, and nothing of it is lost on the way."""

from __future__ import annotations

from pathlib import Path

from helpers.projects import KNOWLEDGE_BASE

from rpdr_core.records import NewDecision, NewMention, SourceRow
from rpdr_core.store import Project, SourceFile
from rpdr_core.store.checkpoints import Checkpoints


def test_a_checkpoint_beside_the_writer_empties_the_log_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "p.rpdr"
    with Project.create(path, name="p", knowledge_base=KNOWLEDGE_BASE) as project:
        rows = [NewMention(f"mention {number}", row=SourceRow(number)) for number in range(1, 301)]
        project.add_mentions(SourceFile("m.csv", "0" * 64, "csv", "utf-8"), rows)
        before = path.stat().st_size
        checkpoints = Checkpoints(path)
        try:
            for number in range(1, 101):
                project.decide(NewDecision(number, "accept", "X", "name"), reviewer="me")
                if number % 10 == 0:
                    assert checkpoints.run() == 0
        finally:
            checkpoints.close()
        assert path.stat().st_size > before
        assert project.progress().decided == 100
    with Project.open(path) as project:
        assert project.progress().decided == 100
        assert project.verify_audit().ok


def test_no_commit_waits_for_a_small_log(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.rpdr", name="p", knowledge_base=KNOWLEDGE_BASE) as project:
        assert project._connection.value("PRAGMA wal_autocheckpoint") > 1000
