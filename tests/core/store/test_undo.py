"""Undo and redo: stored, complete, and blind to everything that is not a reviewer's step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.projects import SOURCE, accept, correct, new_project, ranking, run_sql, state

from rpdr_core.errors import DamagedFileError
from rpdr_core.records import Changes, NewDecision, NewMention
from rpdr_core.store import Project

Change = Callable[[Project], Changes]

CHANGES: dict[str, Change] = {
    "accept": lambda project: project.decide(accept(1)),
    "correct": lambda project: project.decide(correct(2)),
    "no match": lambda project: project.decide(NewDecision(3, "no_match", reason="not_retrieved")),
    "defer": lambda project: project.decide(NewDecision(3, "defer", comment="ask")),
    "bulk": lambda project: project.decide_many([accept(i) for i in range(1, 7)], summary="bulk"),
    "flag": lambda project: project.set_flag(1, True, reviewer="anna"),
    "comment": lambda project: project.set_comment(1, "左眼 only", reviewer="anna"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_survives_reopening_and_so_does_its_undo(tmp_path: Path, name: str) -> None:
    with new_project(tmp_path) as project:
        before = state(project.path)
        made = CHANGES[name](project)
        after = state(project.path)
        text = project.undo_text()
    assert before != after
    path = project.path
    with Project.open(path) as project:
        assert state(path) == after
        assert project.undo_text() == text == made.summary != ""
        undone = project.undo()
        assert state(path) == before
        assert undone.mention_ids == made.mention_ids
        assert (undone.remembered, undone.forgotten) == (made.forgotten, made.remembered)
    with Project.open(path) as project:
        assert state(path) == before
        assert (project.undo_text(), project.redo_text()) == ("", text)
        redone = project.redo()
        assert state(path) == after
        assert (redone.kinds, redone.remembered) == (made.kinds, made.remembered)
    with Project.open(path) as project:
        assert state(path) == after
        assert project.verify_audit().ok


def test_all_the_way_back_and_forth_again(tmp_path: Path) -> None:
    with new_project(tmp_path) as project:
        states = [state(project.path)]
        for change in CHANGES.values():
            change(project)
            states.append(state(project.path))
        for expected in reversed(states[:-1]):
            project.undo()
            assert state(project.path) == expected
        assert project.undo().kinds == frozenset()
        for expected in states[1:]:
            project.redo()
            assert state(project.path) == expected
        assert project.redo().kinds == frozenset()


def test_a_new_change_ends_the_redo_branch_and_the_audit_keeps_it(tmp_path: Path) -> None:
    with new_project(tmp_path) as project:
        project.decide(accept(1))
        project.decide(accept(2))
        project.undo()
        project.undo()
        project.set_flag(3, True)
        assert project.redo_text() == ""
        assert project.redo().kinds == frozenset()
        assert project.undo_text() == "flag 'MI'"
        actions = [row[0] for row in project._connection.rows("SELECT action FROM audit ORDER BY id")]
        assert actions == ["create", "import", "decide", "decide", "undo", "undo", "set_flagged"]
        assert [d.undone for d in project.decision_history(1)] == [True]
        assert project.verify_audit().ok


def test_undo_takes_back_neither_import_nor_ranking_nor_setting(tmp_path: Path) -> None:
    with new_project(tmp_path) as project:
        project.decide(accept(1))
        project.add_mentions(SOURCE, [NewMention("blurry vision", "seen with blurry vision today", count=10)])
        project.record_rankings([ranking(1, "retriever", "H1", confidence=0.5)])
        project.set_setting("threshold", "0.7")
        project.undo()
        (mention,) = project.mentions([1])
        assert (mention.status, mention.count, mention.confidence) == ("unreviewed", 16, 0.5)
        assert project.setting("threshold") == "0.7"
        assert project.undo().kinds == frozenset()


def test_setting_what_is_already_set_is_no_step(tmp_path: Path) -> None:
    with new_project(tmp_path) as project:
        assert project.set_flag(1, False).kinds == frozenset()
        assert project.set_comment(1, "").kinds == frozenset()
        assert project.undo_text() == ""


def test_flag_and_comment_words(tmp_path: Path) -> None:
    with new_project(tmp_path) as project:
        changes = [project.set_flag(3, True), project.set_flag(3, False)]
        changes += [project.set_comment(3, "x"), project.set_comment(3, "")]
        assert [change.summary for change in changes] == [
            "flag 'MI'",
            "unflag 'MI'",
            "comment on 'MI'",
            "remove the comment of 'MI'",
        ]


def test_a_bulk_of_five_thousand_after_a_restart(tmp_path: Path) -> None:
    with new_project(tmp_path, [f"mention {i}" for i in range(5_000)]) as project:
        project.set_flag(7, True)
        before = state(project.path)
        project.decide_many([accept(i) for i in range(1, 5_001)], reviewer="anna", summary="accept 5,000")
        after = state(project.path)
    with Project.open(project.path) as project:
        changes = project.undo()
        assert state(project.path) == before
        assert len(changes.forgotten) == 5_000
        assert project.progress().decided == 0
    with Project.open(project.path) as project:
        project.redo()
        assert state(project.path) == after
        assert project.undo_text() == "accept 5,000"
        assert project.verify_audit().ok


@pytest.mark.parametrize(
    ("table", "image"),
    [
        ("audit", '{"actor": "nobody"}'),
        ("mention", '{"text": "x"}'),
        ("mention", "{}"),
        ("mention", '{"flagged = 1 --": 1}'),
        ("mention SET flagged = 1 --", '{"flagged": 1}'),
        ("mention", "[1, 2]"),
        ("mention", "no JSON"),
    ],
)
def test_a_forged_history_changes_nothing(tmp_path: Path, table: str, image: str) -> None:
    with new_project(tmp_path) as project:
        project.set_comment(1, "x")
    run_sql(project.path, f"UPDATE event_change SET table_name = '{table}', before = '{image}'")
    with Project.open(project.path) as project:
        before = state(project.path)
        with pytest.raises(DamagedFileError):
            project.undo()
        assert state(project.path) == before
        project.decide(accept(1))
