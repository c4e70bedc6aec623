"""Undo and redo: stored, complete, and blind to everything that is not a reviewer's step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.projects import SOURCE, accept, correct, new_project, ranking, run_sql, state

from rpdr_core.errors import DamagedFileError, NotFoundError, UserInputError
from rpdr_core.records import Changes, NewDecision, NewMention, NewOpinion, ReviewPlan, Target
from rpdr_core.store import Project, QueueQuery

Change = Callable[[Project], Changes]

CHANGES: dict[str, Change] = {
    "accept": lambda project: project.decide(accept(1)),
    "correct": lambda project: project.decide(correct(2)),
    "no match": lambda project: project.decide(NewDecision(3, "no_match", reason="not_retrieved")),
    "defer": lambda project: project.decide(NewDecision(3, "defer", comment="ask")),
    "bulk": lambda project: project.decide_many([accept(i) for i in range(1, 7)], summary="bulk"),
    "flag": lambda project: project.set_flag(1, True, reviewer="anna"),
    "flag with a reason": lambda project: project.set_flag(2, True, reason="needs_expert", reviewer="anna"),
    "another reason": lambda project: project.set_flag(2, True, reason="guideline"),
    "flags": lambda project: project.set_flags([2, 3, 4], "terminology_error"),
    "two codes": lambda project: project.decide(
        replace(correct(4), relation="narrower", also=(Target("H00", "Stye", "broader"),), knowledge_base="kb")
    ),
    "own answer": lambda project: project.give_opinion(
        NewOpinion(6, "independent", "no_match", reason="unreadable"), reviewer="anna"
    ),
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


def whole(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """What an undo must restore byte for byte; decisions that were undone stay, marked, by design."""
    with Project.open(path) as project:
        memory = [(term.term, term.code, term.decision_id) for term in project.memory()]
    return {**state(path), "memory": [*memory]}


def test_a_propagation_to_five_thousand_after_a_restart(tmp_path: Path) -> None:
    """With rankings, a flag, a comment, mentions decided before and mentions drawn for two reviewers."""
    with new_project(tmp_path, ["cataract", *(f"Cataract {i}" for i in range(5_000))]) as project:
        project.record_rankings(ranking(i, "retriever", "H53.8", "H54.6", confidence=0.5) for i in range(1, 3_000))
        project.decide_many([correct(i) for i in range(100, 400)], reviewer="bo")
        project.set_flag(50, True, reason="guideline")
        project.set_comment(51, "左眼")
        project.decide(replace(correct(1), relation="broader"), reviewer="anna")
        origin = project.decision(1)
        assert origin is not None
        project.set_review_plan(ReviewPlan(double_share=0.2, seed=3))
    before = whole(project.path)
    carried = [replace(correct(i), relation="broader", mode="propagated", origin_id=origin.id) for i in range(2, 5_002)]
    with Project.open(project.path) as project:
        project.decide_many(carried, reviewer="anna", summary="to 5,000")
        assert len(project.propagated_from(origin.id)) == 5_000
        assert project.facets(QueueQuery(review=frozenset(["waiting"]))).total > 800
    after = whole(project.path)
    assert before != after
    with Project.open(project.path) as project:
        assert project.undo_text() == "to 5,000"
        project.undo()
    assert whole(project.path) == before
    with Project.open(project.path) as project:
        project.redo()
    assert whole(project.path) == after
    with Project.open(project.path) as project:
        project.revoke(origin.id, reviewer="anna")
        assert project.progress().decided == 1
        project.undo()
        assert project.verify_audit().ok
    assert whole(project.path) == after


def test_an_undo_leaves_the_time_of_a_later_guess(tmp_path: Path) -> None:
    with new_project(tmp_path) as project:
        project.record_rankings([ranking(1, "retriever", "H1")])
        project.decide(accept(1))
        decided = project.mentions([1])[0].changed_at
        project._connection.execute("UPDATE mention SET changed_at = changed_at - 5 WHERE id = 1")
        project.record_rankings([ranking(1, "retriever", "H2", model="m2")])
        guessed = project.mentions([1])[0].changed_at
        project.undo()
        assert project.mentions([1])[0].changed_at == guessed >= decided
        project.redo()
        assert project.mentions([1])[0].changed_at == guessed


def test_steps_of_an_older_file_take_back_what_follows_from_their_decision(tmp_path: Path) -> None:
    """An image from before the third schema knows nothing of reviewer, reason and relation."""
    with new_project(tmp_path) as project:
        project.decide(accept(1), reviewer="anna")
        project.decide(NewDecision(1, "no_match", reason="unreadable"), reviewer="bo")
    for image in ("before", "after"):
        run_sql(
            project.path,
            f"UPDATE event_change SET {image} = json_remove({image}, '$.review', '$.changed_at')"
            " WHERE table_name = 'mention'",
        )
    with Project.open(project.path) as project:
        project.undo()
        mention = project.mentions([1])[0]
        assert (mention.status, mention.reviewer, mention.reason, mention.relation) == (
            "accepted",
            "anna",
            "",
            "equivalent",
        )
        project.undo()
        mention = project.mentions([1])[0]
        assert (mention.status, mention.reviewer, mention.relation) == ("unreviewed", "", "")
        project.redo()
        project.redo()
        mention = project.mentions([1])[0]
        assert (mention.status, mention.reviewer, mention.reason) == ("no_match", "bo", "unreadable")


def test_flags_and_their_reasons(tmp_path: Path) -> None:
    with new_project(tmp_path) as project:
        project.set_flag(1, True, reason="guideline")
        assert project.mentions([1])[0].flag_reason == "guideline"
        assert project.set_flag(1, True, reason="guideline").kinds == frozenset()
        project.set_flag(1, False)
        assert (project.mentions([1])[0].flagged, project.mentions([1])[0].flag_reason) == (False, "")
        project.undo()
        assert project.mentions([1])[0].flag_reason == "guideline"
        assert project.set_flags([1, 2, 2], "guideline").mention_ids == (2,)
        assert project.undo_text() == "flag '白内障术后'"
        assert project.set_flags([], "guideline").kinds == frozenset()
        for bad in (
            lambda: project.set_flag(1, True, reason="tired"),  # type: ignore[arg-type]
            lambda: project.set_flags([3], "tired"),  # type: ignore[arg-type]
            lambda: project.set_flag(1, False, reason="guideline"),
        ):
            with pytest.raises(UserInputError):
                bad()
        with pytest.raises(NotFoundError):
            project.set_flags([3, 99], "guideline")
        assert not project.mentions([3])[0].flagged


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
        ("mention", '{"reviewer": "eve"}'),
        ("mention", '{"flagged": 1}'),
        ("opinion", '{"reviewer": "eve"}'),
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
