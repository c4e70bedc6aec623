"""The audit: a row per change, a chain that shows meddling, and no mention text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.projects import SOURCE, TEXTS, accept, correct, new_project, ranking, run_sql

from rpdr_core.errors import Bug
from rpdr_core.records import NewMention
from rpdr_core.store import Project

UNLOCK = (
    "DROP TRIGGER audit_kept",
    "DROP TRIGGER audit_complete",
    "DROP TRIGGER decision_kept",
    "DROP TRIGGER decision_complete",
)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with new_project(tmp_path) as created:
        created.record_rankings([ranking(1, "retriever", "H1")])
        created.decide(accept(1), reviewer="anna")
        created.decide_many([correct(2), correct(3)], reviewer="bo")
        created.undo(reviewer="anna")
        created.redo()
        created.set_flag(4, True)
        created.set_comment(4, "secret remark")
        created.set_setting("threshold", "0.5")
        created.decide(accept(5))
        yield created


ACTIONS = ["create", "import", "rankings", "decide", "decide", "undo", "redo"]
ACTIONS += ["set_flagged", "set_comment", "setting", "decide"]


def test_one_row_per_change(project: Project) -> None:
    rows = project._connection.rows("SELECT id, action, actor FROM audit ORDER BY id")
    assert [row[1] for row in rows] == ACTIONS
    assert [row[0] for row in rows] == list(range(1, len(ACTIONS) + 1))
    assert [row[2] for row in rows if row[2]] == ["anna", "bo", "anna"]
    check = project.verify_audit()
    assert check.ok
    assert (check.rows, check.broken_at) == (len(ACTIONS), 0)


def test_no_mention_text_in_the_audit(project: Project) -> None:
    written = repr(project._connection.rows("SELECT * FROM audit"))
    assert not any(text in written for text in TEXTS)
    assert "secret" not in written
    assert "visual" not in written


def test_append_only(project: Project) -> None:
    for statement in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit WHERE id = 1", "DELETE FROM audit"):
        with pytest.raises(Bug, match="CONSTRAINT"):
            project._connection.execute(statement)
    assert project.verify_audit().ok


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE audit SET actor = 'eve' WHERE id = 4", 4),
        ("UPDATE audit SET detail = '{}' WHERE id = 5", 5),
        ("UPDATE audit SET at = '2020-01-01T00:00:00.000Z' WHERE id = 1", 1),
        ("DELETE FROM audit WHERE id = 6", 6),
        ("UPDATE audit SET id = 99 WHERE id = 11", 11),
        ("UPDATE decision SET code = 'H00' WHERE id = 1", 4),
        ("UPDATE decision SET shown = '[]' WHERE id = 1", 4),
        ("UPDATE decision SET reviewer = 'eve' WHERE id = 3", 5),
        ("DELETE FROM decision WHERE id = 2", 5),
        ("DELETE FROM decision WHERE id = 4", 11),
        ("DELETE FROM audit WHERE id = 11", 11),
        (
            "INSERT INTO decision SELECT 9, mention_id, kind, 0, code, name, term, reason, comment, reviewer, made_at,"
            " seconds, shown, relation, also, mode, origin_id, knowledge_base, taken_from FROM decision WHERE id = 1",
            12,
        ),
        ("UPDATE decision SET relation = 'the target overlaps the source' WHERE id = 2", 5),
        ("UPDATE decision SET mode = 'propagated', origin_id = 1 WHERE id = 3", 5),
        ("UPDATE decision SET taken_from = 1 WHERE id = 3", 5),
    ],
)
def test_meddling_shows(project: Project, statement: str, broken_at: int) -> None:
    for unlock in UNLOCK:
        project._connection.execute(unlock)
    project._connection.execute(statement)
    check = project.verify_audit()
    assert not check.ok
    assert check.broken_at == broken_at


def test_undoing_a_decision_is_no_meddling(project: Project) -> None:
    while project.undo().kinds:
        assert project.verify_audit().ok


def test_a_failed_change_leaves_no_row(project: Project) -> None:
    before = project.verify_audit().rows
    with pytest.raises(Exception, match="without text"):
        project.add_mentions(SOURCE, [NewMention("fine"), NewMention("")])
    assert project.verify_audit().rows == before


def test_readers_may_verify(project: Project) -> None:
    with project.reader() as reader:
        assert reader.verify_audit().ok


def test_a_forged_file_still_opens_only_to_be_reported(tmp_path: Path) -> None:
    with new_project(tmp_path) as project:
        project.decide(accept(1))
    run_sql(
        project.path,
        "UPDATE mention SET code = 'X' WHERE id = 1",
        "INSERT INTO audit VALUES (50, '', '', '', '{}', '')",
    )
    with Project.open(project.path) as project:
        assert project.verify_audit().broken_at == 4
