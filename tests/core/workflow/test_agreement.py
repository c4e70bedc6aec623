"""Agreement of a project's reviewers: which answers are paired, and what is reckoned of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.double_reviews import LINEAGE, answer, decide, mention, with_double_review
from helpers.projects import new_project

from rpdr_core.errors import Cancelled, UserInputError
from rpdr_core.evaluation import Hierarchy
from rpdr_core.records import NewDecision
from rpdr_core.store import Project
from rpdr_core.workflow.agreement import AgreementReport, agreement_of
from rpdr_core.workflow.agreement_report import material_of, report_json, review_report, table, write_report
from rpdr_core.workflow.double_review import double_reviews, open_disputes, weighed


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Twelve mentions, all of them for two reviewers."""
    with new_project(tmp_path, [f"mention {number}" for number in range(1, 13)]) as made:
        yield with_double_review(made)


def both(project: Project, mention_id: int, first: str, second: str, *, who: tuple[str, str] = ("Ann", "Bo")) -> None:
    decide(project, mention_id, who[0], first)
    answer(project, mention_id, who[1], second)


def reported(project: Project) -> AgreementReport:
    return agreement_of(double_reviews(project), LINEAGE)


def test_nothing_was_answered_twice(project: Project) -> None:
    decide(project, 1, "Ann", "H53.8")
    found = reported(project)
    assert found.overall.n == 0
    assert found.overall.raw.missing == "empty"
    assert (found.pairs, found.chapters, found.reviewers) == ((), (), ())


def test_figures_by_hand(project: Project) -> None:
    """Six mentions: three alike, one within a category, one in another chapter, one that found nothing."""
    for mention_id, second in enumerate(("H53.8", "H53.8", "I21.9", "H53.9", "I21.9", ""), 1):
        both(project, mention_id, "I21.9" if mention_id == 3 else "H53.8", second)
    found = reported(project)
    assert found.overall.n == 6
    assert found.overall.raw.value == 0.5
    # By chance: H53.8 5/6 and 2/6, I21.9 1/6 and 2/6.
    chance = 5 / 6 * 2 / 6 + 1 / 6 * 2 / 6
    assert found.overall.cohen.value == pytest.approx((0.5 - chance) / (1 - chance), abs=1e-4)
    assert found.overall.near.value is not None
    assert found.overall.alpha.value is not None
    assert found.overall.near.value > found.overall.alpha.value, "H53.8 and H53.9 are neighbours"
    assert found.overall.kinds == {
        "exact": 3, "reason": 0, "relation": 0, "category": 1, "ancestor": 0, "material": 2,
    }  # fmt: skip
    assert [(one.first, one.second, one.figures.n) for one in found.pairs] == [("Ann", "Bo", 6)]
    assert [(one.code, one.name, one.figures.n) for one in found.chapters] == [
        ("IX", "Name of IX", 1),
        ("VII", "Name of VII", 5),
    ]


def test_relations_are_told_apart_and_do_not_lower_the_coefficients(project: Project) -> None:
    decide(project, 1, "Ann", "H53.8", relation="broader")
    answer(project, 1, "Bo", "H53.8")
    both(project, 2, "I21.9", "I21.9")
    found = reported(project)
    assert found.overall.raw.value == 1
    assert found.overall.kinds["relation"] == 1
    assert mention(project, 1).review == "disputed"


def test_more_than_two_reviewers(project: Project) -> None:
    """Cohen's kappa is of two; whoever came first, a pair is one pair."""
    both(project, 1, "H53.8", "H53.8", who=("Ann", "Bo"))
    both(project, 2, "I21.9", "H53.8", who=("Bo", "Ann"))
    both(project, 3, "I21.9", "I21.9", who=("Cy", "Bo"))
    found = reported(project)
    assert found.reviewers == ("Ann", "Bo", "Cy")
    assert found.overall.cohen.missing == "raters"
    assert found.overall.fleiss.n == 3
    assert [(one.first, one.second, one.figures.n) for one in found.pairs] == [("Ann", "Bo", 2), ("Bo", "Cy", 1)]
    assert found.pairs[0].figures.cohen.value == 0
    assert found.pairs[1].figures.cohen.missing == "one_category"


def test_an_adjudication_changes_none_of_it(project: Project) -> None:
    both(project, 1, "H53.8", "I21.9")
    before = reported(project)
    project.adjudicate(NewDecision(1, "correct", "I21.9", "Name of I21.9"), reviewer="Cy")
    assert reported(project) == before
    project.undo()
    assert reported(project) == before


def test_what_was_undone_does_not_count(project: Project) -> None:
    both(project, 1, "H53.8", "I21.9")
    project.undo()
    assert reported(project).overall.n == 0
    project.redo()
    assert reported(project).overall.n == 1


def test_a_decision_before_the_second_answer_counts_as_it_was_then(project: Project) -> None:
    decide(project, 1, "Ann", "I21.9")
    decide(project, 1, "Ann", "H53.8")
    answer(project, 1, "Bo", "H53.8")
    [review] = double_reviews(project)
    assert (review.first.code, review.second.code) == ("H53.8", "H53.8")


def test_a_mention_answered_by_two_once_more_counts_once(project: Project) -> None:
    """Opened again, as an upgrade does; while the new answer of the second is not there, the old pair stands."""
    both(project, 1, "H53.8", "I21.9")
    project.decide(NewDecision(1, "reopen"), reviewer="Cy")
    decide(project, 1, "Ann", "H53.8")
    assert reported(project).overall.raw.value == 0
    answer(project, 1, "Bo", "H53.8")
    found = reported(project)
    assert (found.overall.n, found.overall.raw.value) == (1, 1)
    project.undo()
    assert (reported(project).overall.n, reported(project).overall.raw.value) == (1, 0)


def test_mentions_without_a_known_code_have_no_chapter(project: Project) -> None:
    both(project, 1, "", "")
    both(project, 2, "", "H53.8")
    both(project, 3, "Z99", "Z99")
    found = reported(project)
    assert [(one.code, one.figures.n) for one in found.chapters] == [("VII", 1), ("", 2)]


def test_disputes_come_with_the_most_material_first(project: Project) -> None:
    both(project, 1, "H53.8", "H53.9")
    both(project, 2, "H53.8", "")
    decide(project, 3, "Ann", "H53.8", relation="broader", comment="too wide")
    answer(project, 3, "Bo", "H53.8", comment="fits")
    both(project, 4, "H53", "H53-H54")
    both(project, 5, "H53.8", "H54.6")
    both(project, 6, "I21.9", "I21.9")
    decide(project, 7, "Ann", "")
    answer(project, 7, "Bo", "", reason="not_a_mention")
    found = weighed(open_disputes(project), Hierarchy(LINEAGE.parents))
    assert [(one.mention.id, one.kind) for one in found] == [
        (2, "material"),
        (5, "material"),
        (4, "ancestor"),
        (1, "category"),
        (3, "relation"),
        (7, "reason"),
    ]
    assert [round(one.distance, 2) for one in found[:2]] == [1.0, 0.5]
    assert (found[4].review.first.comment, found[4].review.second.comment) == ("too wide", "fits")


def test_a_settled_dispute_is_none_and_undo_brings_it_back(project: Project) -> None:
    both(project, 1, "H53.8", "I21.9")
    project.adjudicate(NewDecision(1, "correct", "H53.9", "Name of H53.9"), reviewer="Dee")
    assert open_disputes(project) == []
    project.undo()
    [(disputed, review)] = open_disputes(project)
    assert (disputed.id, review.first.code, review.second.code) == (1, "H53.8", "I21.9")


def test_a_report_can_be_stopped(project: Project) -> None:
    both(project, 1, "H53.8", "I21.9")

    def stop() -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        review_report(material_of(project), LINEAGE, stop)


@pytest.mark.parametrize("ending", ["json", "csv", "xlsx", "jsonl"])
def test_the_report_as_a_file(project: Project, tmp_path: Path, ending: str) -> None:
    both(project, 1, "H53.8", "I21.9")
    both(project, 2, "H53.8", "H53.8")
    report = review_report(material_of(project), LINEAGE)
    target = tmp_path / f"agreement.{ending}"
    write_report(target, report)
    assert target.stat().st_size > 0
    if ending == "json":
        assert json.loads(target.read_text(encoding="utf-8")) == json.loads(json.dumps(report_json(report)))
    if ending == "csv":
        lines = target.read_text(encoding="utf-8-sig").splitlines()
        assert lines[0] == "part,name,measure,value,low,high,n,remark"
        assert lines[1].startswith("overall,,raw agreement,0.5000,")
        assert len(lines) == 1 + len(list(table(report)))


def test_a_name_that_tells_no_format_is_refused(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UserInputError, match=r"\.json"):
        write_report(tmp_path / "agreement.txt", review_report(material_of(project), LINEAGE))


def test_what_was_accepted_unseen_is_nobodys_answer(project: Project) -> None:
    both(project, 1, "H53.8", "H53.8")
    accepted = NewDecision(2, "accept", "H53.8", "Name of H53.8", mode="agreed")
    project.accept_unseen([accepted], reviewer="Ann")
    answer(project, 2, "Bo", "I21.9")
    assert [one.mention_id for one in double_reviews(project)] == [1]
    assert [one.mention.id for one in weighed(open_disputes(project), Hierarchy(LINEAGE.parents))] == [2]
