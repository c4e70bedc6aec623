"""Decisions of a file come into a project: what each becomes, who may, and what is left alone."""

from __future__ import annotations

import csv
import gc
import random
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import pytest
from helpers.mapped_projects import REVIEWERS, empty_project, full_project, said, small_catalogue, with_roster
from helpers.projects import run_sql, state
from helpers.terminologies import small_table

from rpdr_core.errors import Cancelled, FileFormatError, NotAllowedError, NotFoundError, UserInputError
from rpdr_core.formats.mappings.own_table import HEADERS, NOT_TAKEN
from rpdr_core.knowledge_base.catalogue import read_manifest, write_catalogue
from rpdr_core.knowledge_base.library import Catalogue
from rpdr_core.knowledge_base.table import read_table
from rpdr_core.records import NewDecision, NewMention, NewOpinion, Reviewer, ReviewPlan, SourceRow
from rpdr_core.store import Project, SourceFile, schema_4
from rpdr_core.workflow.exporting import export_decisions
from rpdr_core.workflow.mapping_export import export_mappings, format_of, losses
from rpdr_core.workflow.mapping_files import look_mappings, open_mappings
from rpdr_core.workflow.mapping_import import take_mappings

SAME = "the target means the same as the source"


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return small_catalogue(tmp_path)


@pytest.fixture
def project(tmp_path: Path, catalogue: Catalogue) -> Iterable[Project]:
    """Two mentions, "MI" decided by Ann."""
    with empty_project(tmp_path / "p.rpdr", catalogue) as opened:
        rows = [
            NewMention("MI", "", row=SourceRow(1, "r1")),
            NewMention("AMD", "left AMD", 5, 8, row=SourceRow(2, "r2")),
        ]
        opened.add_mentions(SourceFile("a.csv", "0" * 64, "csv", "utf-8", "{}"), rows)
        opened.decide(NewDecision(1, "correct", "E3", "Myocardial infarction"), reviewer="Ann")
        yield opened


def _file(folder: Path, *rows: dict[str, object], name: str = "theirs.csv") -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, HEADERS, restval="")
        writer.writeheader()
        for row in rows:
            given = {"count": 1, "relation": SAME if row.get("code") else "", **row}
            writer.writerow(given)
    return path


def _says(mention: str, code: str = "E1.9", **more: object) -> dict[str, object]:
    return {"mention": mention, "code": code, "status": "corrected", "reviewer": "Bo", **more}


def test_all_that_a_decision_says_stays(project: Project, tmp_path: Path, catalogue: Catalogue) -> None:
    row = _says(
        "new", "E1.11", context="a new one", count=3, department="Eye", **{"decided at": "2024-02-03T04:05:06+01:00"},
    )  # fmt: skip
    row |= {"further codes": "E3 | E4", "further relations": f"{SAME} | the target overlaps the source"}
    row |= {"decision comment": "sure", "comment": "look", "flagged": "yes", "flag reason": "guideline"}
    row |= {"how decided": "adjudicated", "seconds": "2.5", "row id": "k9", "given code": "X9"}
    done = take_mappings(project, _file(tmp_path, row), catalogue, reviewer="Me")
    assert (done.format, done.taken.fates, done.taken.added) == ("csv", {"taken": 1}, 1)
    [mention] = project.mentions([3])
    decision = project.decision(3)
    assert decision is not None
    assert (mention.text, mention.start, mention.end, mention.count, mention.department) == ("new", 2, 5, 3, "Eye")
    assert (mention.comment, mention.flagged, mention.flag_reason, mention.review) == (
        "look", True, "guideline", "adjudicated",
    )  # fmt: skip
    assert (decision.code, decision.name, decision.reviewer, decision.comment, decision.mode, decision.seconds) == (
        "E1.11", "Age-related nuclear cataract, right eye", "Bo", "sure", "adjudicated", 2.5,
    )  # fmt: skip
    assert decision.made_at == "2024-02-03T03:05:06.000Z"
    assert [(one.code, one.relation) for one in decision.also] == [("E3", "equivalent"), ("E4", "inexact")]
    assert decision.taken_from == project.sources()[-1].id
    [source_row] = project.source_rows(decision.taken_from)
    assert (source_row.key, source_row.code, source_row.count) == ("k9", "X9", 3)
    assert project.verify_audit().ok


def test_the_memory_learns_as_from_own_decisions(project: Project, tmp_path: Path, catalogue: Catalogue) -> None:
    rows = [_says("cloudy lens"), _says("unseen", **{"how decided": "agreed"}), _says("Unspecified cataract")]
    rows.append(_says("wide", relation="the target is broader than the source"))
    done = take_mappings(project, _file(tmp_path, *rows), catalogue)
    assert [(term.term, term.code) for term in done.changes.remembered] == [("cloudy lens", "E1.9")]
    assert ("cloudy lens", "E1.9") in [(term.term, term.code) for term in project.memory()]
    undone = project.undo()
    assert [term.term for term in undone.forgotten] == ["cloudy lens"]


def test_one_step_takes_all_of_it_back(project: Project, tmp_path: Path, catalogue: Catalogue) -> None:
    before = state(project.path)
    rows = [_says("AMD", context="left AMD", comment="look", flagged="yes"), _says("MI", "E2.9")]
    take_mappings(project, _file(tmp_path, *rows), catalogue, replace=True)
    after = state(project.path)
    assert project.undo_text() == "take decisions from theirs.csv"
    project.undo()
    now = state(project.path)
    assert {**now, "source": before["source"]} == before
    assert [row[0] for row in now["source"]] == [1, 2]
    project.redo()
    assert state(project.path) == after
    assert project.verify_audit().ok


def test_what_is_in_force_is_never_overwritten_unasked(project: Project, tmp_path: Path, catalogue: Catalogue) -> None:
    path = _file(
        tmp_path, _says("MI", "E2.9"), _says("AMD", context="left AMD"), _says("AMD", "E3", context="left AMD")
    )
    done = take_mappings(project, path, catalogue)
    assert done.taken.fates == {"conflict": 1, "taken": 1, "contradiction": 1}
    assert [(note.line, note.fate, note.theirs, note.ours) for note in done.taken.notes] == [
        (2, "conflict", "E2.9", "E3"),
        (4, "contradiction", "E3", "E1.9"),
    ]
    kept = project.decision(1)
    assert kept is not None
    assert (kept.code, kept.reviewer) == ("E3", "Ann")
    again = take_mappings(project, path, catalogue, replace=True)
    assert again.taken.fates == {"taken": 1, "same": 1, "contradiction": 1}
    taken = project.decision(1)
    assert taken is not None
    assert (taken.code, taken.reviewer) == ("E2.9", "Bo")


def test_a_comment_on_the_same_answer_is_told_or_taken(project: Project, tmp_path: Path, catalogue: Catalogue) -> None:
    """Somebody has opened our export elsewhere and written a comment, nothing else."""
    path = _file(tmp_path, _says("MI", "E3", reviewer="Ann", **{"decision comment": "see guideline"}))
    left = take_mappings(project, path, catalogue)
    assert left.taken.fates == {"remark": 1, "same": 1}
    assert [(note.line, note.fate) for note in left.taken.notes] == [(2, "remark")]
    before = project.decision(1)
    taken = take_mappings(project, path, catalogue, replace=True)
    assert taken.taken.fates == {"taken": 1}
    decision = project.decision(1)
    assert decision is not None
    assert (decision.code, decision.comment) == ("E3", "see guideline")
    assert take_mappings(project, path, catalogue, replace=True).taken.fates == {"same": 1}
    project.undo()
    assert project.decision(1) == before


def test_a_look_counts_and_keeps_nothing(project: Project, tmp_path: Path, catalogue: Catalogue) -> None:
    before = state(project.path)
    path = _file(tmp_path, _says("MI", "E2.9"), _says("new"), _says("new"))
    look = take_mappings(project, path, catalogue, only_look=True)
    assert look.not_taken == NOT_TAKEN
    assert (look.taken.fates, look.taken.added) == ({"conflict": 1, "taken": 1, "repeated": 1}, 1)
    assert look.changes.kinds == frozenset()
    assert state(project.path) == before
    done = take_mappings(project, path, catalogue)
    assert (done.taken.fates, done.taken.added) == (look.taken.fates, 1)
    assert project.mentions([3])[0].count == 2


def test_codes_that_the_terminology_lacks_are_listed(project: Project, tmp_path: Path, catalogue: Catalogue) -> None:
    also = {"further codes": "Q9", "further relations": SAME}
    path = _file(tmp_path, _says("a", "Z99"), _says("b", **also), _says("c", "E4"), _says("d", "", status="unreviewed"))
    done = take_mappings(project, path, catalogue)
    assert (done.codes, done.taken.fates) == ({"unknown": 2, "inactive": 1}, {"taken": 1})
    assert [(note.line, note.code, note.trouble) for note in done.code_notes] == [
        (2, "Z99", "unknown"), (3, "Q9", "unknown"), (4, "E4", "inactive"),
    ]  # fmt: skip
    assert done.taken.added == 4


def test_names_that_the_roster_does_not_have(project: Project, tmp_path: Path, catalogue: Catalogue) -> None:
    with_roster(project, "Ann")
    project.set_reviewer(Reviewer("Gone", active=False))
    rows = [_says("a"), _says("b", reviewer="Gone"), _says("c", reviewer="Ann")]
    done = take_mappings(project, _file(tmp_path, *rows), catalogue, reviewer="Ann")
    assert (done.taken.strangers, done.reviewers) == ({"Bo": 1}, {"Bo": 1, "Gone": 1, "Ann": 1})
    assert [one.name for one in project.reviewers()] == ["Ann", "Gone"]
    with pytest.raises(NotAllowedError, match="reviews no more"):
        take_mappings(project, _file(tmp_path, _says("d")), catalogue, reviewer="Gone")


def test_double_review_sees_a_first_answer(project: Project, tmp_path: Path, catalogue: Catalogue) -> None:
    project.set_review_plan(ReviewPlan(double_share=1.0))
    rows = [_says("a"), _says("b", reviewer=""), _says("c", **{"how decided": "adjudicated"})]
    take_mappings(project, _file(tmp_path, *rows), catalogue)
    assert [one.review for one in project.mentions([3, 4, 5])] == ["waiting", "", "adjudicated"]
    other = _file(tmp_path, _says("a", "E3", reviewer="Cy"), name="others.csv")
    done = take_mappings(project, other, catalogue, replace=True)
    assert done.taken.fates == {"in_review": 1}
    decision = project.decision(3)
    assert decision is not None
    assert decision.code == "E1.9"


@pytest.mark.parametrize("state", ["waiting", "disputed", "agreed"])
def test_no_file_settles_what_two_reviewers_are_at(
    project: Project, tmp_path: Path, catalogue: Catalogue, state: str
) -> None:
    """A dispute that was settled elsewhere decides nothing for somebody who is to answer here."""
    with_roster(project, "Ann", "Bo", "Cy")
    project.set_review_plan(ReviewPlan(double_share=1.0))
    project.decide(NewDecision(2, "correct", "E3", "Myocardial infarction"), reviewer="Ann")
    if state != "waiting":
        code, name = ("E3", "Myocardial infarction") if state == "agreed" else ("E2.9", "Unspecified glaucoma")
        project.give_opinion(NewOpinion(2, "second", "correct", code, name), reviewer="Bo")
    before = project.mentions([2])
    assert before[0].review == state
    row = _says("AMD", context="left AMD", reviewer="Cy", **{"how decided": "adjudicated"})
    done = take_mappings(project, _file(tmp_path, row), catalogue, replace=True)
    assert done.taken.fates == {"in_review": 1}
    assert project.mentions([2]) == before


def test_a_pair_that_stands_there_twice_is_one(project: Project, tmp_path: Path, catalogue: Catalogue) -> None:
    """SSSOM has a row for each justification of a pair."""
    path = tmp_path / "theirs.sssom.tsv"
    head = "subject_id\tsubject_label\tpredicate_id\tobject_id\tmapping_justification\n"
    pair = "S:1\tMI twice\tskos:broadMatch\tT:E3\tsemapv:"
    path.write_text(f"{head}{pair}LexicalMatching\n{pair}ManualMappingCuration\n", encoding="utf-8")
    done = take_mappings(project, path, catalogue)
    assert done.taken.fates == {"taken": 1}
    decision = project.decision(3)
    assert decision is not None
    assert (decision.code, decision.relation, decision.also) == ("E3", "broader", ())


def test_a_text_without_context_finds_its_mention(tmp_path: Path, catalogue: Catalogue) -> None:
    """Usagi files of others have no contexts: a text is found wherever it stands once, or by its key."""
    with empty_project(tmp_path / "q.rpdr", catalogue) as project:
        rows = [("AMD", "left AMD", "k1"), ("MI", "an MI", "k2"), ("MI", "old MI", "k3")]
        new = [NewMention(text, context, row=SourceRow(n, key)) for n, (text, context, key) in enumerate(rows, 1)]
        project.add_mentions(SourceFile("a.csv", "0" * 64, "csv", "utf-8", "{}"), new)
        found = [_usagi("k1", "AMD"), _usagi("k3", "MI"), _usagi("other", "MI"), _usagi("n", "new")]
        path = tmp_path / "usagi.csv"
        path.write_text("\n".join((_USAGI, *found)) + "\n", encoding="utf-8")
        done = take_mappings(project, path, catalogue)
        assert (done.format, done.taken.fates, done.taken.added) == ("usagi", {"taken": 3, "ambiguous": 1}, 1)
        assert [one.status for one in project.mentions([1, 2, 3])] == ["no_match", "unreviewed", "no_match"]
        assert project.mentions([1])[0].count == 1


_USAGI = (
    "sourceCode,sourceName,sourceFrequency,sourceAutoAssignedConceptIds,matchScore,mappingStatus,equivalence,"
    "statusSetBy,statusSetOn,conceptId,conceptName,domainId,mappingType,comment,createdBy,createdOn"
)


def _usagi(key: str, name: str) -> str:
    return f"{key},{name},5,,0.0,APPROVED,UNMATCHED,bo,1700000000000,0,Unmapped,,MAPS_TO,,bo,1700000000000"


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"status": "done"}, "status"),
        ({"relation": "like it"}, "relation"),
        ({"reason": "because"}, "reason"),
        ({"flagged": "maybe"}, "flagged"),
        ({"count": "0"}, "count"),
        ({"count": "-3"}, "count"),
        ({"seconds": "nan"}, "seconds"),
        ({"decided at": "yesterday"}, "moment"),
        ({"decided at": "9999-12-31T23:59:59-23:00"}, "moment"),
        ({"further codes": "E3"}, "relations"),
        ({"further codes": "E1.9", "further relations": SAME}, "further code"),
        ({"mention": "  "}, "mention"),
        ({"how decided": "by lot"}, "how decided"),
    ],
)
def test_an_unsound_cell_takes_nothing(
    project: Project, tmp_path: Path, catalogue: Catalogue, cells: dict[str, object], words: str
) -> None:
    before = state(project.path)
    path = _file(tmp_path, _says("fine"), _says("x") | cells)
    with pytest.raises(FileFormatError, match=words) as caught:
        take_mappings(project, path, catalogue, format_id="csv")
    assert (caught.value.line, caught.value.file) == (3, str(path))
    assert caught.value.hint
    assert state(project.path) == before


def test_formula_cells_are_texts(project: Project, tmp_path: Path, catalogue: Catalogue) -> None:
    take_mappings(project, _file(tmp_path, _says("'=cmd()", context="'@x")), catalogue)
    assert (project.mentions([3])[0].text, project.mentions([3])[0].context) == ("=cmd()", "@x")


def test_a_cancel_takes_nothing(project: Project, tmp_path: Path, catalogue: Catalogue) -> None:
    before = state(project.path)

    def cancel(stage: str, *_: int) -> None:
        if stage == "taking":
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        take_mappings(project, _file(tmp_path, _says("a")), catalogue, watch=cancel)
    assert state(project.path) == before


def test_another_terminology_is_refused(project: Project, tmp_path: Path, catalogue: Catalogue) -> None:
    table = small_table(tmp_path / "other", "code,name\nE1.9,Cataract\n")
    folder = write_catalogue(tmp_path / "kbs", read_table(table), id="eye", title="Eye", version="2", source="y")
    with pytest.raises(NotAllowedError, match="knowledge base"):
        take_mappings(project, _file(tmp_path, _says("a")), Catalogue(read_manifest(folder).info, folder))
    rows = [_says("a", **{"knowledge base fingerprint": "00" * 32})]
    assert take_mappings(project, _file(tmp_path, *rows), catalogue).warnings


def test_a_look_at_a_file(tmp_path: Path, catalogue: Catalogue) -> None:
    texts = [(f"mention {n}", f"a mention {n}") for n in range(30)]
    with full_project(tmp_path / "a.rpdr", catalogue, texts, 4) as project:
        for form in ("csv", "jsonl", "xlsx", "usagi", "fhir-r4", "fhir-r5"):
            path = tmp_path / f"a{format_of(form).suffix}"
            export_mappings(project, path, form)
            look = look_mappings(path)
            assert look.format.split("-")[0] == form.split("-")[0]
            assert (len(look.mappings), look.more) == (20, True)
            assert look.mappings[0].text == "mention 0"
    with pytest.raises(NotFoundError, match="no format"):
        open_mappings(path, "word")
    with pytest.raises(FileFormatError):
        look_mappings(small_table(tmp_path / "none"))


def test_losses_are_told_before_anything_is_written(tmp_path: Path, catalogue: Catalogue) -> None:
    texts = [(f"mention {n}", f"a mention {n}") for n in range(12)]
    with full_project(tmp_path / "a.rpdr", catalogue, texts, 5) as project:
        before = sorted(tmp_path.iterdir())
        for form in ("csv", "parquet", "usagi", "stcm", "sssom", "fhir-r4", "fhir-r5"):
            assert losses(project, form).losses
        assert sorted(tmp_path.iterdir()) == before


def test_a_file_that_says_nothing_new_leaves_no_trace(tmp_path: Path, catalogue: Catalogue) -> None:
    with full_project(tmp_path / "a.rpdr", catalogue, [("a", ""), ("b", "")], 6, decided=1.0) as project:
        export_decisions(project, tmp_path / "a.csv")
        before = state(project.path)
        take_mappings(project, tmp_path / "a.csv", catalogue, reviewer="Me")
        assert state(project.path) == before
        assert said(tmp_path / "a.csv")
        assert set(REVIEWERS)


def test_a_taken_decision_cannot_be_relabelled(project: Project, tmp_path: Path, catalogue: Catalogue) -> None:
    take_mappings(project, _file(tmp_path, _says("a")), catalogue)
    path = project.path
    project.close()
    [trigger] = [sql for sql in schema_4._TRIGGERS if "decision_kept" in sql]
    change = "UPDATE decision SET taken_from = NULL WHERE taken_from IS NOT NULL"
    run_sql(path, "DROP TRIGGER decision_kept", change, trigger)
    with Project.open(path) as again:
        assert not again.verify_audit().ok


@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx", "parquet", "usagi", "fhir-r5", "sssom"])
def test_damaged_files_are_refused_whole_or_read(tmp_path: Path, catalogue: Catalogue, form: str) -> None:
    """No exception but ours, and nothing half taken, whatever became of the bytes."""
    source = random.Random(form)
    texts = [(f"mention {n}", f"a mention {n}") for n in range(6)]
    with full_project(tmp_path / "a.rpdr", catalogue, texts, 8) as project:
        path = tmp_path / f"a{format_of(form).suffix}"
        export_mappings(project, path, form)
    whole = path.read_bytes()
    with empty_project(tmp_path / "b.rpdr", catalogue) as other:
        for _ in range(40):
            data = bytearray(whole[: source.randint(1, len(whole))] if source.random() < 0.4 else whole)
            for _ in range(source.randint(0, 5)):
                data[source.randrange(len(data))] = source.randrange(256)
            path.write_bytes(bytes(data))
            before, refused = state(other.path), list[UserInputError]()
            try:
                take_mappings(other, path, catalogue, format_id=source.choice(("", form)))
            except UserInputError as error:
                refused.append(error)
            assert not refused or state(other.path) == before
            assert all(error.hint and error.file for error in refused)
            assert other.verify_audit().ok


@pytest.mark.parametrize("text", ["mention,code\ncataract,H25\n", "mention\tcount\ncataract\t2\n", "{]", "\n"])
def test_a_file_that_no_format_reads_is_closed_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Not once the collector comes by: on Windows it could not be renamed or removed until then."""
    path = tmp_path / "more.csv"
    path.write_text(text, encoding="utf-8")
    streams: list[IO[bytes]] = []
    whole = Path.open

    def noted(self: Path, *how: str, **options: object) -> IO[bytes]:
        streams.append(whole(self, *how, **options))  # type: ignore[call-overload]
        return streams[-1]

    monkeypatch.setattr(Path, "open", noted)
    gc.disable()
    try:
        with pytest.raises(FileFormatError):
            open_mappings(path)
        assert streams
        assert all(stream.closed for stream in streams)
    finally:
        gc.enable()
