"""The report on mentions without a match: one line per text and reason, to who can cure it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.projects import KNOWLEDGE_BASE, SOURCE, ranking

from rpdr_core.errors import NotFoundError, UserInputError
from rpdr_core.records import NewDecision, NewMention, SourceRow
from rpdr_core.store import Project
from rpdr_core.workflow.no_match_report import HEADERS, RouteCount, count_no_match, export_no_match

TEXTS = (
    ("fooitis", "has fooitis", 4, "Eye"),
    ("Fooitis", "fooitis again", 1, "Ward"),
    ("blurry", "blurry today", 9, "Eye"),
    ("fell", "she fell", 2, ""),
    ("xxzq", "", 1, ""),
    ("barosis", "barosis", 7, ""),
)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p.rpdr", name="p", knowledge_base=KNOWLEDGE_BASE) as opened:
        rows = [
            NewMention(text, context, None, None, count, "", department, SourceRow(number))
            for number, (text, context, count, department) in enumerate(TEXTS, 1)
        ]
        opened.add_mentions(SOURCE, rows)
        opened.record_rankings([ranking(3, "retriever", "A", "B")])
        opened.set_comment(1, "please add")
        reasons = ("not_in_terminology", "not_in_terminology", "not_retrieved", "not_a_mention", "unreadable")
        for number, reason in enumerate(reasons, 1):
            opened.decide(NewDecision(number, "no_match", reason=reason), reviewer=f"R{number}")  # type: ignore[arg-type]
        yield opened


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_counts_name_every_addressee(project: Project) -> None:
    assert count_no_match(project) == (
        RouteCount("not_in_terminology", "terminology owner", 2, 5),
        RouteCount("not_retrieved", "retriever", 1, 9),
        RouteCount("not_a_mention", "mention detector", 1, 2),
        RouteCount("unreadable", "source", 1, 1),
    )


def test_one_line_for_each_text_and_reason(project: Project, tmp_path: Path) -> None:
    done = export_no_match(project, tmp_path / "report.csv")
    rows = read(tmp_path / "report.csv")
    assert done.rows == len(rows) == 4
    first = rows[0]
    assert (first["route"], first["mention"], first["mentions"], first["occurrences"]) == (
        "terminology owner", "fooitis", "2", "5",
    )  # fmt: skip
    assert (first["departments"], first["comments"], first["reviewers"]) == ("Eye | Ward", "please add", "R1 | R2")
    assert (rows[1]["route"], rows[1]["candidates that were offered"]) == ("retriever", "A | B")
    assert [row["route"] for row in rows[2:]] == ["mention detector", "source"]
    assert tuple(first) == HEADERS


def test_sentences_are_in_it_only_where_asked_for(project: Project, tmp_path: Path) -> None:
    done = export_no_match(project, tmp_path / "bare.csv")
    assert "has fooitis" not in (tmp_path / "bare.csv").read_text(encoding="utf-8")
    assert [loss.what for loss in done.report.losses] == ["the sentences around the mentions"]
    full = export_no_match(project, tmp_path / "full.csv", sentences=True)
    assert read(tmp_path / "full.csv")[0]["an example sentence"] == "has fooitis"
    assert full.report.losses == ()


def test_one_addressee_alone(project: Project, tmp_path: Path) -> None:
    export_no_match(project, tmp_path / "retriever.csv", reasons=frozenset(("not_retrieved",)))
    assert [row["mention"] for row in read(tmp_path / "retriever.csv")] == ["blurry"]


def test_a_decision_taken_back_is_not_reported(project: Project, tmp_path: Path) -> None:
    project.undo()
    project.decide(NewDecision(4, "accept", "A", "Name"))
    export_no_match(project, tmp_path / "report.csv")
    assert {row["mention"] for row in read(tmp_path / "report.csv")} == {"fooitis", "blurry"}


def test_a_bad_name_or_folder_is_told(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UserInputError):
        export_no_match(project, tmp_path / "report.doc")
    with pytest.raises(NotFoundError):
        export_no_match(project, tmp_path / "nowhere" / "report.csv")
