from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.projects import new_project, ranking
from helpers.students import rule_rank

from rpdr_core.errors import Bug, Cancelled
from rpdr_core.records import NewDecision, Ranking
from rpdr_core.store import Project
from rpdr_core.workflow.adapters import Student
from rpdr_core.workflow.impact import Impact, ImpactTally, impact_cases, impact_ids, impact_of, write_flips

CODES = ("A1", "B2", "C3")
rank = rule_rank({"b": lambda _text, code: code == "B2", "same": lambda _text, _code: 0.0})


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Six mentions with counts 6 to 1: accepted A1, corrected B2, corrected C3, no match, open, without candidates."""
    with new_project(tmp_path) as made:
        made.record_rankings([ranking(mention, "retriever", *CODES) for mention in range(1, 6)])
        made.decide(NewDecision(1, "accept", "A1", "Name"))
        made.decide(NewDecision(2, "correct", "B2", "Name"))
        made.decide(NewDecision(3, "correct", "C3", "Name"))
        made.decide(NewDecision(4, "no_match", reason="not_in_terminology"))
        yield made


def impact(project: Project, name: str = "b", current: str = "", limit: int = 0) -> Impact:
    return impact_of(project, name, Student(current, current), rank, limit=limit)


def test_what_becomes_of_each_link(project: Project) -> None:
    found = impact(project)
    assert [(flip.mention_id, flip.effect) for flip in found.flips] == [
        (1, "lost"), (3, "moved"), (2, "gained"), (4, "open"), (5, "open"),
    ]  # fmt: skip
    first = found.flips[0]
    assert (first.old_code, first.new_code, first.decided_code, first.count) == ("A1", "B2", "A1", 6)
    assert (first.confidence, first.ranker, first.status) == (0.8, "retriever", "accepted")
    counts = found.counts
    assert (counts.mentions, counts.occurrences, counts.undecidable) == (5, 20, 1)
    assert (counts.flips, counts.flipped_occurrences, counts.decided) == (5, 20, 3)
    assert (counts.gained, counts.lost, counts.moved, counts.accepted_lost) == (1, 1, 1, 1)


def test_a_student_that_agrees_flips_nothing(project: Project) -> None:
    found = impact(project, "same")
    assert found.flips == found.groups == ()
    assert found.counts.mentions == 5


def test_the_student_in_use_is_what_it_is_measured_against(project: Project) -> None:
    project.record_rankings([ranking(5, "student:old", "B2", "A1", "C3"), ranking(5, "student:other", *CODES)])
    assert 5 not in {flip.mention_id for flip in impact(project, current="old").flips}
    assert 5 in {flip.mention_id for flip in impact(project).flips}, "without one, what leads the screen counts"


def test_groups_are_by_the_first_character_of_the_old_code(project: Project) -> None:
    project.record_rankings([ranking(5, "teacher", "C3", "A1", "B2", verdict="exact")])
    groups = {group.key: group for group in impact(project).groups}
    assert set(groups) == {"A", "C"}
    assert (groups["A"].mentions, groups["A"].occurrences, groups["A"].lost, groups["A"].gained) == (4, 18, 1, 1)


def test_the_most_frequent_come_first_and_a_limit_holds(project: Project) -> None:
    assert list(impact_ids(project)) == [1, 2, 3, 4, 5, 6]
    assert impact(project, limit=2).counts.mentions == 2


def test_pages_add_up_to_the_whole(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = impact(project)
    monkeypatch.setattr("rpdr_core.workflow.impact.PAGE", 2)
    seen: list[tuple[int, int]] = []
    paged = impact_of(project, "b", Student(), rank, on_progress=lambda done, total: seen.append((done, total)))
    assert paged == whole
    assert seen == [(2, 6), (4, 6), (6, 6)]


def test_it_can_be_stopped(project: Project) -> None:
    def stop() -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        impact_of(project, "b", Student(), rank, check=stop)


def test_rankings_of_other_mentions_are_a_fault(project: Project) -> None:
    cases = impact_cases(project, [1], Student())
    wrong: list[Ranking] = [ranking(2, "student:b", *CODES)]
    with pytest.raises(Bug):
        ImpactTally().add(cases, wrong)


def test_the_list_is_written_for_a_spreadsheet(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "flips.csv"
    assert write_flips(path, impact(project)).rows == 5
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows[0] | {"old name": "", "new name": ""} == {
        "mention id": "1", "mention": "blurry vision", "count": "6", "status": "accepted", "effect": "lost",
        "old code": "A1", "old name": "", "new code": "B2", "new name": "", "decided code": "A1",
        "confidence": "0.80", "old ranker": "retriever",
    }  # fmt: skip
