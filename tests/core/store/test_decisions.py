"""Decisions: what they ask for, what they change, what is remembered of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.projects import accept, correct, new_project, ranking, state

from rpdr_core.errors import Bug, NotFoundError, UserInputError
from rpdr_core.records import MemoryTerm, NewDecision
from rpdr_core.store import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with new_project(tmp_path) as created:
        yield created


@pytest.mark.parametrize(
    ("decision", "status", "code"),
    [
        (accept(1), "accepted", "H53.8"),
        (correct(1), "corrected", "H54.6"),
        (NewDecision(1, "no_match", reason="not_in_terminology"), "no_match", ""),
        (NewDecision(1, "defer", comment="ask Dr Wu"), "deferred", ""),
        (NewDecision(1, "reopen"), "unreviewed", ""),
    ],
)
def test_each_kind_sets_status_and_code(project: Project, decision: NewDecision, status: str, code: str) -> None:
    project.decide(correct(1, "Z00", "Something else"))
    project.decide(decision, reviewer="anna")
    (mention,) = project.mentions([1])
    assert (mention.status, mention.code, mention.name) == (status, code, decision.name)
    in_force = project.decision(1)
    if decision.kind == "reopen":
        assert in_force is None
        return
    assert in_force is not None
    assert (in_force.kind, in_force.code, in_force.reviewer) == (decision.kind, code, "anna")
    assert (in_force.comment, in_force.reason, in_force.undone) == (decision.comment, decision.reason, False)
    assert in_force.made_at.endswith("Z")


@pytest.mark.parametrize(
    "decision",
    [
        NewDecision(1, "accept"),
        NewDecision(1, "accept", "H53.8"),
        NewDecision(1, "correct", "", "Name without code"),
        NewDecision(1, "no_match"),
        NewDecision(1, "no_match", "H53.8", "Name", "not_retrieved"),
        NewDecision(1, "defer", "H53.8", "Name"),
        NewDecision(1, "reopen", reason="unreadable"),
        NewDecision(1, "accept", "H53.8", "Name", "unreadable"),
    ],
)
def test_a_decision_that_contradicts_itself(project: Project, decision: NewDecision) -> None:
    before = state(project.path)
    with pytest.raises(UserInputError) as caught:
        project.decide(decision)
    assert caught.value.hint
    assert state(project.path) == before


def test_a_mention_that_is_not_there(project: Project) -> None:
    with pytest.raises(NotFoundError, match="mention 99"):
        project.decide(accept(99))
    with pytest.raises(NotFoundError, match="mention 99"):
        project.set_flag(99, True)
    with pytest.raises(NotFoundError, match="mention 99"):
        project.set_comment(99, "x")
    assert project.undo_text() == ""


def test_half_a_character_is_refused_and_changes_nothing(project: Project) -> None:
    before = state(project.path)
    with pytest.raises(UserInputError, match="half a character"):
        project.decide(NewDecision(1, "defer", comment="\ud83d"))
    with pytest.raises(UserInputError, match="half a character"):
        project.set_comment(1, "\ud83d")
    assert state(project.path) == before
    project.decide(accept(1))


def test_what_was_shown_is_frozen(project: Project) -> None:
    shown = (ranking(1, "retriever", "H53.8", "H54.6"), ranking(1, "teacher", "H54.6", "H53.8", verdict="close"))
    project.record_rankings(shown)
    project.decide(NewDecision(1, "accept", "H53.8", "Other visual disturbances", shown=shown, seconds=2.5))
    project.record_rankings([ranking(1, "teacher", "H99", model="m2")])
    assert project.shown(1) == shown
    with pytest.raises(NotFoundError, match="decision 7"):
        project.shown(7)


def test_a_later_decision_replaces_an_earlier_one(project: Project) -> None:
    project.decide(accept(1))
    project.decide(NewDecision(1, "defer"))
    project.decide(correct(1))
    project.decide(accept(4))
    assert [(d.mention_id, d.kind) for d in project.decisions()] == [(1, "correct"), (4, "accept")]
    assert [d.kind for d in project.decision_history(1)] == ["accept", "defer", "correct"]
    project.undo()
    project.undo()
    assert [(d.mention_id, d.kind) for d in project.decisions()] == [(1, "defer")]
    assert [d.undone for d in project.decision_history(1)] == [False, False, True]


def test_a_correction_teaches_a_synonym(project: Project) -> None:
    changes = project.decide(correct(1))
    term = MemoryTerm("blurry vision", "H54.6", 1)
    assert (changes.remembered, changes.forgotten) == ((term,), ())
    assert changes.kinds == {"mentions", "decisions", "memory"}
    assert changes.mention_ids == (1,)
    assert project.memory() == [term]


def test_replacing_forgets_and_remembers(project: Project) -> None:
    project.decide(correct(1))
    changes = project.decide(accept(1))
    assert changes.forgotten == (MemoryTerm("blurry vision", "H54.6", 1),)
    assert changes.remembered == (MemoryTerm("blurry vision", "H53.8", 2),)
    changes = project.decide(NewDecision(1, "no_match", reason="unreadable"))
    assert (changes.remembered, changes.forgotten) == ((), (MemoryTerm("blurry vision", "H53.8", 2),))
    assert project.memory() == []
    changes = project.undo()
    assert (changes.remembered, changes.forgotten) == ((MemoryTerm("blurry vision", "H53.8", 2),), ())


@pytest.mark.parametrize("name", ["blurry vision", "  Blurry   VISION ", "ｂｌｕｒｒｙ vision"])
def test_the_entitys_own_name_teaches_nothing(project: Project, name: str) -> None:
    changes = project.decide(accept(1, "H53.8", name))
    assert changes.kinds == {"mentions", "decisions"}
    assert project.memory() == []


def test_no_match_and_defer_teach_nothing(project: Project) -> None:
    project.decide(NewDecision(1, "no_match", reason="not_a_mention"))
    project.decide(NewDecision(2, "defer"))
    assert project.memory() == []


def test_many_decisions_are_one_step(project: Project) -> None:
    before = state(project.path)
    changes = project.decide_many([accept(1), correct(2), accept(3)], reviewer="anna", summary="accept 3 like these")
    assert changes.mention_ids == (1, 2, 3)
    assert len(changes.remembered) == 3
    assert changes.summary == project.undo_text() == "accept 3 like these"
    assert project.progress().decided == 3
    changes = project.undo()
    assert len(changes.forgotten) == 3
    assert state(project.path) == before


def test_many_decisions_about_one_mention_are_taken_back_in_order(project: Project) -> None:
    before = state(project.path)
    changes = project.decide_many([accept(1), correct(1), NewDecision(1, "defer"), correct(1, "Z01", "Last")])
    assert project.mentions([1])[0].code == "Z01"
    assert changes.remembered == (MemoryTerm("blurry vision", "Z01", 4),)
    project.undo()
    assert state(project.path) == before


def test_one_bad_decision_stops_all(project: Project) -> None:
    before = state(project.path)
    with pytest.raises(NotFoundError):
        project.decide_many([accept(1), accept(99)])
    with pytest.raises(UserInputError):
        project.decide_many([accept(1), NewDecision(2, "no_match")])
    assert state(project.path) == before
    assert project.undo_text() == ""


def test_no_decisions_are_no_step(project: Project) -> None:
    assert project.decide_many([]).kinds == frozenset()
    assert project.undo_text() == ""


@pytest.mark.parametrize(
    ("decision", "text"),
    [
        (accept(1), "accept H53.8 for 'blurry vision'"),
        (correct(2), "choose H54.6 for '白内障术后'"),
        (NewDecision(3, "no_match", reason="unreadable"), "no match for 'MI'"),
        (NewDecision(3, "defer"), "defer for 'MI'"),
        (NewDecision(3, "reopen"), "reopen 'MI'"),
    ],
)
def test_the_users_words_for_a_step(
    project: Project, decision: NewDecision, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        assert project.decide(decision).summary == text
        assert project.undo_text() == text
        project.undo()
        assert (project.undo_text(), project.redo_text()) == ("", text)
    assert caplog.records == [], "mention text is for the user, never for a log"


def test_the_default_words_for_a_bulk(project: Project) -> None:
    project.decide_many([accept(i) for i in range(1, 7)])
    assert project.undo_text() == "6 decisions"


def test_mapped_here(project: Project) -> None:
    project.decide_many([accept(i) for i in (6, 2, 4)])
    project.decide(correct(3))
    total, found = project.mapped_here("H53.8", limit=2)
    assert total == 3
    assert [mention.id for mention in found] == [2, 4]
    assert project.mapped_here("A00") == (0, [])
    assert project.mapped_here("") == (0, [])


def test_decisions_cannot_be_altered_or_removed(project: Project) -> None:
    project.decide(accept(1))
    for statement in ("UPDATE decision SET code = 'X'", "DELETE FROM decision", "UPDATE decision SET made_at = ''"):
        with pytest.raises(Bug, match="CONSTRAINT"):
            project._connection.execute(statement)
    decision = project.decision(1)
    assert decision is not None
    assert decision.code == "H53.8"


def test_progress_counts_mentions_and_occurrences(project: Project) -> None:
    project.decide_many([accept(1), correct(2), NewDecision(3, "no_match", reason="unreadable")])
    project.decide(NewDecision(4, "defer"))
    project.set_flag(4, True)
    project.set_flag(6, True)
    progress = project.progress()
    assert (progress.mentions, progress.decided, progress.unreviewed, progress.deferred) == (6, 3, 2, 1)
    assert (progress.occurrences, progress.occurrences_decided, progress.flagged) == (21, 15, 2)


def test_decisions_about_several_mentions_in_one_step_were_made_together(project: Project) -> None:
    project.decide(accept(1))
    project.decide_many([correct(2), accept(3)])
    project.decide_many([correct(4)])
    project.decide_many([accept(5), correct(5)])
    assert project.decided_together() == {2, 3}
    project.undo()
    project.undo()
    project.undo()
    assert project.decided_together() == {2, 3}, "an undone step stays what it was"
