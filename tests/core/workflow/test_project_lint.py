"""Map lint of a whole project: pieces, several codes, records, dismissals that end with what they were about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rpdr_core.errors import NotAllowedError, NotFoundError
from rpdr_core.knowledge_base.catalogue import read_manifest, write_catalogue
from rpdr_core.records import Entity, NewDecision, NewMention, Note, Reviewer, ReviewPlan, SourceRow, Target
from rpdr_core.store import EntitySearch, Project, SourceFile, open_reader
from rpdr_core.workflow.lint import project_lint
from rpdr_core.workflow.lint.code_book import CodeBook
from rpdr_core.workflow.lint.curing import cure
from rpdr_core.workflow.lint.project_lint import Found, by_weight, dismiss, lint_mentions, lint_project, restore

ENTITIES = [
    Entity("K", "Knee pain", assignable=False, notes=(Note("excludes1", "hip pain (H11.1-)"),)),
    Entity("K1", "Pain in right knee", (), ("K",)),
    Entity("K2", "Pain in left knee", (), ("K",)),
    Entity("K9", "Pain in unspecified knee", (), ("K",)),
    Entity("H11.1", "Pain in hip"),
    Entity("Z", "Rest"),
]
TEXTS = [("right knee hurts", "p1"), ("sore hip", "p1"), ("left knee", "p2"), ("knee", "p3"), ("hip pain", "p3")]


@pytest.fixture
def book(tmp_path: Path) -> Iterator[CodeBook]:
    folder = write_catalogue(tmp_path / "kb", ENTITIES, id="x", title="X", version="1", source="t")
    search = EntitySearch(folder)
    yield CodeBook(search)
    search.close()


@pytest.fixture
def project(tmp_path: Path, book: CodeBook) -> Iterator[Project]:
    (folder,) = (tmp_path / "kb").iterdir()
    with Project.create(tmp_path / "p.rpdr", name="p", knowledge_base=read_manifest(folder).info) as opened:
        rows = [NewMention(text, row=SourceRow(at, key)) for at, (text, key) in enumerate(TEXTS, 1)]
        opened.add_mentions(SourceFile("a", "b", "csv", "utf-8"), rows)
        yield opened


def mapped(project: Project, mention_id: int, code: str, *also: str, reviewer: str = "") -> None:
    targets = tuple(Target(one, one) for one in also)
    project.decide(NewDecision(mention_id, "correct", code, code, also=targets), reviewer=reviewer)


def run(project: Project, book: CodeBook, reviewer: str | None = None) -> list[Found]:
    with open_reader(project.path) as reader:
        return by_weight(found for piece in lint_project(reader, book, reviewer) for found in piece.found)


def told(found: list[Found]) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(one.finding.rule, one.finding.code, one.finding.mention_ids) for one in found if not one.dismissal]


def test_only_mapped_mentions_are_looked_at(project: Project, book: CodeBook) -> None:
    project.decide(NewDecision(4, "no_match", reason="unreadable"))
    assert run(project, book) == []
    mapped(project, 1, "K2")
    mapped(project, 3, "K9")
    assert told(run(project, book)) == [("wrong_side", "K2", (1,)), ("unspecified_side", "K9", (3,))]
    project.undo()
    assert told(run(project, book)) == [("wrong_side", "K2", (1,))]


def test_further_codes_count(project: Project, book: CodeBook) -> None:
    mapped(project, 4, "K9", "H11.1")
    assert told(run(project, book)) == [("excludes1", "K9", (4,))]
    mapped(project, 3, "K2", "GONE")
    assert ("unknown_code", "GONE", (3,)) in told(run(project, book))


def test_records_are_rows_of_one_source_with_one_key(project: Project, book: CodeBook) -> None:
    mapped(project, 1, "K1")
    mapped(project, 2, "H11.1")
    mapped(project, 3, "K2")
    assert told(run(project, book)) == [("excludes1_record", "H11.1", (1, 2))]
    mapped(project, 4, "K9")
    mapped(project, 5, "H11.1")
    assert [one for one in told(run(project, book)) if one[0] == "excludes1_record"] == [
        ("excludes1_record", "H11.1", (1, 2)),
        ("excludes1_record", "H11.1", (4, 5)),
    ]


def test_a_key_of_very_many_rows_is_no_record(
    project: Project, book: CodeBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapped(project, 1, "K1")
    mapped(project, 2, "H11.1")
    monkeypatch.setattr(project_lint, "MOST_IN_RECORD", 1)
    assert run(project, book) == []


def test_a_dismissal_ends_with_the_decision(project: Project, book: CodeBook) -> None:
    mapped(project, 1, "K2")
    (found,) = run(project, book)
    dismiss(project, found.finding.key, "his own words", reviewer="Ann")
    (again,) = run(project, book)
    assert again.dismissal is not None
    assert (again.dismissal.reason, again.dismissal.reviewer) == ("his own words", "Ann")
    assert told([again]) == []
    mapped(project, 1, "K9")
    assert told(run(project, book)) == [("unspecified_side", "K9", (1,))]
    mapped(project, 1, "K2")
    assert told(run(project, book)) == [], "the same choice again is what was dismissed"
    restore(project, found.finding.key)
    assert told(run(project, book)) == [("wrong_side", "K2", (1,))]
    assert project.verify_audit().ok


def test_some_mentions_alone(project: Project, book: CodeBook) -> None:
    mapped(project, 1, "K2")
    mapped(project, 3, "K1")
    project.decide(NewDecision(4, "no_match", reason="unreadable"))
    assert [one.finding.mention_ids for one in lint_mentions(project, book, [1, 4, 99])] == [(1,)]


def test_the_cure_is_a_correction_that_can_be_undone(project: Project, book: CodeBook) -> None:
    mapped(project, 1, "K2", "Z")
    (found,) = run(project, book)
    finding = found.finding
    cure(project, 1, finding.code, (finding.suggested, finding.suggested_name), reviewer="Ann")
    decision = project.decision(1)
    assert decision is not None
    assert (decision.kind, decision.code, decision.name, decision.reviewer) == (
        "correct", "K1", "Pain in right knee", "Ann",
    )  # fmt: skip
    assert [target.code for target in decision.also] == ["Z"]
    assert run(project, book) == []
    project.undo()
    assert told(run(project, book)) == [("wrong_side", "K2", (1,))]


def test_a_further_code_is_cured_too_and_never_doubled(project: Project) -> None:
    mapped(project, 4, "Z", "K2", "K1")
    cure(project, 4, "K2", ("K1", "Pain in right knee"))
    decision = project.decision(4)
    assert decision is not None
    assert (decision.code, [target.code for target in decision.also]) == ("Z", ["K1"])


def test_what_has_changed_meanwhile_is_not_cured(project: Project) -> None:
    mapped(project, 1, "K9")
    with pytest.raises(NotAllowedError, match="has changed"):
        cure(project, 1, "K2", ("K1", "Pain in right knee"))
    with pytest.raises(NotAllowedError, match="has changed"):
        cure(project, 2, "", ("K1", "Pain in right knee"))
    with pytest.raises(NotFoundError):
        cure(project, 99, "K2", ("K1", "Pain in right knee"))


def test_it_comes_in_pieces(project: Project, book: CodeBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_lint, "PAGE", 2)
    for mention_id in range(1, 6):
        mapped(project, mention_id, "Z")
    pieces = list(lint_project(project, book))
    assert [(piece.done, piece.total) for piece in pieces] == [(2, 5), (4, 5), (5, 5), (5, 5)]


def test_what_waits_for_a_blind_answer_is_not_told_to_the_one_who_gives_it(project: Project, book: CodeBook) -> None:
    project.set_reviewer(Reviewer("Ann"), actor="Ann")
    project.set_reviewer(Reviewer("Ben"), actor="Ann")
    project.set_review_plan(ReviewPlan(double_share=1.0), actor="Ann")
    mapped(project, 1, "K2", reviewer="Ann")
    mapped(project, 2, "H11.1", reviewer="Ann")
    everything = [("wrong_side", "K2", (1,)), ("excludes1_record", "H11.1", (1, 2))]
    assert told(run(project, book, "Ann")) == told(run(project, book)) == everything
    assert run(project, book, "Ben") == []
    assert run(project, book, "") == [], "nor to somebody who has not said who they are"
