"""Own answers, what became of them, and whether the change was for the better."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.double_reviews import LINEAGE, answer, decide, with_double_review
from helpers.projects import SOURCE, new_project, ranking
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.records import NewDecision, NewMention, SourceRow
from rpdr_core.store import Project
from rpdr_core.workflow.agreement_report import material_of, review_report
from rpdr_core.workflow.automation_bias import OwnAnswer, bias_of, own_answers

MACHINE, RIGHT, OTHER = "H53.8", "H54.6", "I21.9"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Twelve mentions; the file gives the right code of the first six."""
    with new_project(tmp_path, []) as made:
        rows = [NewMention(f"mention {n}", code=RIGHT if n <= 6 else "", row=SourceRow(n)) for n in range(1, 13)]
        made.add_mentions(SOURCE, rows)
        yield made


def answered(project: Project, mention_id: int, own: str, then: str, who: str = "Ann") -> None:
    """Before any ranking `own`, with the rankings `then`; the machine puts H53.8 first."""
    answer(project, mention_id, who, own, stage="independent")
    decide(project, mention_id, who, then, first=MACHINE)


def test_outcomes_and_flips(project: Project) -> None:
    answered(project, 1, RIGHT, RIGHT)
    answered(project, 2, RIGHT, MACHINE)
    answered(project, 3, OTHER, RIGHT)
    answered(project, 4, MACHINE, MACHINE)
    answered(project, 5, RIGHT, OTHER)
    answered(project, 6, "", RIGHT)
    answered(project, 7, OTHER, MACHINE)
    found = own_answers(project)
    assert [one.outcome for one in found] == ["kept", "machine", "other", "kept", "other", "other", "machine"]
    assert [(one.was_right, one.is_right) for one in found] == [
        (True, True),
        (True, False),
        (False, True),
        (False, False),
        (True, False),
        (False, True),
        (None, None),
    ]
    [everybody, ann] = bias_of(found)
    assert (everybody.reviewer, ann.reviewer) == ("", "Ann")
    assert (ann.n, ann.known) == (7, 6)
    rates = (ann.kept, ann.to_machine, ann.to_other, ann.spoilt, ann.spoilt_by_machine, ann.mended)
    assert [(one.count, one.n) for one in rates] == [(2, 7), (2, 7), (3, 7), (2, 3), (1, 3), (2, 3)]
    assert (ann.mended_by_machine.count, ann.mended_by_machine.n) == (0, 3)


def test_each_reviewer_apart(project: Project) -> None:
    answered(project, 1, RIGHT, MACHINE, "Bo")
    answered(project, 2, RIGHT, RIGHT, "Ann")
    found = bias_of(own_answers(project))
    assert [(one.reviewer, one.n, one.spoilt_by_machine.count) for one in found] == [
        ("", 2, 1),
        ("Ann", 1, 0),
        ("Bo", 1, 1),
    ]


def test_without_a_decision_there_is_nothing_to_tell(project: Project) -> None:
    answer(project, 1, "Ann", RIGHT, stage="independent")
    assert own_answers(project) == []
    project.decide(NewDecision(1, "defer"), reviewer="Ann")
    assert own_answers(project) == []
    project.decide(NewDecision(1, "correct", RIGHT, "Right"), reviewer="Bo")
    assert own_answers(project) == [], "another one's decision says nothing of Ann's mind"
    assert bias_of([]) == ()


def test_a_settled_dispute_is_the_truth_over_the_files_code(project: Project) -> None:
    with_double_review(project)
    answered(project, 1, MACHINE, MACHINE)
    answer(project, 1, "Bo", OTHER)
    project.adjudicate(NewDecision(1, "correct", MACHINE, "Name"), reviewer="Cy")
    [one] = own_answers(project)
    assert (one.outcome, one.was_right, one.is_right) == ("kept", True, True)


def test_what_two_agreed_on_is_the_truth(project: Project) -> None:
    with_double_review(project)
    answered(project, 7, OTHER, MACHINE)
    answer(project, 7, "Bo", MACHINE)
    [one] = own_answers(project)
    assert (one.outcome, one.was_right, one.is_right) == ("machine", False, True)


def test_the_adjudication_is_no_change_of_mind(project: Project) -> None:
    """Cy answered first, then settled what Ann and Bo differ about: only decisions of one's own course count."""
    with_double_review(project)
    answer(project, 7, "Cy", OTHER, stage="independent")
    decide(project, 7, "Ann", MACHINE)
    answer(project, 7, "Bo", RIGHT)
    project.adjudicate(NewDecision(7, "correct", RIGHT, "Name"), reviewer="Cy")
    assert own_answers(project) == []


def test_undo_takes_the_own_answer_back(project: Project) -> None:
    answered(project, 1, RIGHT, MACHINE)
    project.undo()
    assert own_answers(project) == []
    project.redo()
    assert len(own_answers(project)) == 1


def test_codes_given_by_files(project: Project) -> None:
    assert project.given_codes([1, 6, 7, 99]) == {1: frozenset([RIGHT]), 6: frozenset([RIGHT])}
    assert project.given_codes([]) == {}
    assert len(project.given_codes(list(range(1, 2000)))) == 6


def test_both_halves_make_the_report(project: Project) -> None:
    with_double_review(project)
    answered(project, 1, RIGHT, MACHINE)
    answer(project, 1, "Bo", RIGHT)
    report = review_report(material_of(project), LINEAGE)
    assert report.agreement.overall.n == 1
    assert report.bias[0].to_machine.count == 1


@given(
    st.lists(
        st.builds(
            OwnAnswer,
            st.integers(1, 9),
            st.sampled_from(["Ann", "Bo"]),
            st.sampled_from(["kept", "machine", "other"]),
            st.booleans(),
            st.booleans(),
        )
    )
)
def test_everybody_is_the_sum_of_each(answers: list[OwnAnswer]) -> None:
    found = bias_of(answers)
    if not answers:
        assert found == ()
        return
    everybody, *each = found
    for name in ("kept", "to_machine", "to_other", "spoilt", "spoilt_by_machine", "mended", "mended_by_machine"):
        rates = [getattr(one, name) for one in each]
        whole = getattr(everybody, name)
        assert (whole.count, whole.n) == (sum(one.count for one in rates), sum(one.n for one in rates))
    assert everybody.kept.count + everybody.to_machine.count + everybody.to_other.count == everybody.n == len(answers)


def test_giving_in_to_a_ranker_that_says_nothing_fits(project: Project) -> None:
    answer(project, 1, "Ann", RIGHT, stage="independent")
    shown = (replace(ranking(1, "teacher", MACHINE, RIGHT), verdict="none"),)
    project.decide(NewDecision(1, "no_match", reason="not_in_terminology", shown=shown), reviewer="Ann")
    [one] = own_answers(project)
    assert (one.outcome, one.was_right, one.is_right) == ("machine", True, False)


def test_what_was_carried_over_is_no_change_of_mind(project: Project) -> None:
    answer(project, 1, "Ann", RIGHT, stage="independent")
    decide(project, 2, "Ann", MACHINE)
    origin = project.decision(2)
    assert origin is not None
    carried = NewDecision(1, "accept", MACHINE, f"Name of {MACHINE}", mode="propagated", origin_id=origin.id)
    project.decide(carried, reviewer="Ann")
    assert own_answers(project) == []
