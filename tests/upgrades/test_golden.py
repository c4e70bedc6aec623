"""A project file of every released schema opens, is brought up to date, and says what it said."""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path

import pytest
from helpers.projects import KNOWLEDGE_BASE, SOURCE, TEXTS, accept, ranking, run_sql, state
from helpers.students import adapter_info

from rpdr_core.errors import DamagedFileError, NotAllowedError
from rpdr_core.records import MemoryTerm, Reviewer, ReviewPlan, Target
from rpdr_core.store import (
    Project,
    QueueQuery,
    backup_folder,
    backups_of,
    files,
    in_force,
    open_reader,
    rankings,
)
from rpdr_core.store.database import Connection
from rpdr_core.store.driver import Database, Migrations
from rpdr_core.store.migrations import SCHEMA_VERSION, migrations
from rpdr_core.workflow.adapters import current_student, registered
from rpdr_core.workflow.held_out import HeldOut, held_out_of
from rpdr_core.workflow.promotion import report_in

FOLDER = Path(__file__).parent
GOLDEN = sorted(FOLDER.glob("schema-*.rpdr"))


def test_there_is_a_golden_file_of_every_schema() -> None:
    assert [path.name for path in GOLDEN] == [f"schema-{version}.rpdr" for version in range(1, SCHEMA_VERSION + 1)]
    assert len(migrations.pending(_empty())) == SCHEMA_VERSION


def _empty() -> Database:
    return Database(memory=True)


@pytest.fixture(params=GOLDEN, ids=lambda path: path.stem)
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return Path(shutil.copy(request.param, tmp_path / "old.rpdr"))


def test_it_says_what_it_said(golden: Path) -> None:
    with Project.open(golden) as project:
        assert project.knowledge_base() == KNOWLEDGE_BASE
        assert (project.setting("name"), project.setting("threshold")) == ("Clinic", "0.7")
        mentions = project.mentions(project.queue(QueueQuery()))
        assert [mention.text for mention in mentions] == list(TEXTS)
        # Schema 3 knows a dispute, about the sixth mention.
        disputed = "corrected" if project.review_plan().double_share else "unreviewed"
        third = "corrected" if _documents(project) else "accepted"
        assert [mention.status for mention in mentions] == [
            "corrected", "corrected", third, "no_match", "unreviewed", disputed,
        ]  # fmt: skip
        assert [mention.code for mention in mentions[:5]] == ["H54.6", "H54.6", "H53.8", "", ""]
        assert [mention.count for mention in mentions] == [6, 5, 4 + _documents(project), 3, 2, 1]
        # Schema 2 knows who is in use: the student that ranked mention 2 is not, so its word counts for nothing.
        sure, disagreement = (0.75, 2) if not project.promotions() else (0.2, 1)
        assert [mention.confidence for mention in mentions] == [0.1, sure, 0.3, 0.4, None, None]
        assert [mention.disagreement for mention in mentions] == [0, disagreement, 0, 0, 0, 0]
        assert [mention.flagged for mention in mentions] == [False, False, False, False, True, False]
        assert project.sources()[0].file == SOURCE
        assert [row.key for row in project.source_rows(1)] == [f"r{i}" for i in range(6)]
        assert project.rankings(1)[1] == ranking(1, "teacher", "H53.8", "H54.6", verdict="exact", model="m2")
        assert [r.ranker for r in project.rankings(2)] == ["retriever", "teacher", "student:abc"]
        assert project.memory() == [
            MemoryTerm("白内障术后", "H54.6", 2),
            *([] if _documents(project) else [MemoryTerm("MI", "H53.8", 3)]),
            MemoryTerm("blurry vision", "H54.6", 5),
        ]
        assert project.shown(1) == accept(1).shown
        assert project.verify_audit().ok


def _documents(project: Project) -> int:
    """Schema 4 knows documents: one more occurrence of the third mention, and a later decision about it."""
    return len(project.sources()) - 1


def version_of(path: Path) -> int:
    connection = Connection(path, write=False)
    try:
        return int(connection.value("PRAGMA user_version"))
    finally:
        connection.close()


def test_what_came_with_the_second_schema(golden: Path) -> None:
    if version_of(golden) < 2:
        with Project.open(golden) as project:
            assert project.adapters() == project.promotions() == project.runs() == list(project.ledger()) == []
            assert not current_student(project)
            assert held_out_of(project) == HeldOut()
        return
    with Project.open(golden) as project:
        assert [(row.mention_id, row.fate) for row in project.ledger()] == [
            (1, "answered"), (2, "no_answer"), (3, "maybe_sent"),
        ]  # fmt: skip
        assert project.verify_ledger().ok
        assert (project.spent().cost, project.spent().open) == (0.25, 0.3)
        assert [(run.id, run.host, run.adapter_id) for run in project.runs()] == [("run-1", "gpu", "aaaa1111")]
        first = adapter_info("aaaa1111", "")
        assert [(one.info, one.run_id, one.in_use) for one in registered(project)] == [
            (first, "run-1", True), (adapter_info("bbbb2222", ""), "", False),
        ]  # fmt: skip
        steps = project.promotions()
        assert [(step.reason, step.adapter_id, step.reviewer) for step in steps] == [
            ("promote", "aaaa1111", "anna"), ("promote", "bbbb2222", "bo"), ("rollback", "aaaa1111", "anna"),
        ]  # fmt: skip
        report = report_in(steps[0])
        assert report is not None
        assert (report.comparison.adapter.id, report.standing, report.doubtful) == ("aaaa1111", "unknown", True)
        assert report.impact is not None
        assert report.impact.accepted_lost == 1
        assert report_in(steps[1]) is None
        assert held_out_of(project) == HeldOut(0, 0.2)


def test_what_came_with_the_third_schema(golden: Path) -> None:
    """Of an older file: what follows from its decisions, its history and its rankings."""
    third = version_of(golden) >= 3
    with Project.open(golden) as project:
        mentions = project.mentions(range(1, 7))
        assert [mention.reviewer for mention in mentions[:5]] == [
            "bo", "bo", "cy" if _documents(project) else "bo", "", "",
        ]  # fmt: skip
        assert [mention.reason for mention in mentions[:5]] == ["", "", "", "not_in_terminology", ""]
        taken = bool(_documents(project))
        assert [mention.relation for mention in mentions[:5]] == [
            "equivalent", "equivalent", "narrower" if taken else "equivalent", "", "",
        ]  # fmt: skip
        assert [bool(mention.changed_at) for mention in mentions] == [True] * 5 + [third]
        student = [] if project.promotions() else [("H00", 393, 7)]
        # Scores 1 and 1/2; the student's would be 1 - exp(-1/2).
        assert [(m.guess, m.margin and round(1000 * m.margin), m.quarrel) for m in mentions[:5]] == [
            ("H53.8", 500, 0), *(student or [("H54.6", 500, 1)]), ("H53.8", 500, 0), ("H53.8", 500, 0), ("", None, 0),
        ]  # fmt: skip
        assert [mention.verdict for mention in mentions[:3]] == ["exact", "" if student else "close", ""]
        for decision in project.decision_history(1):
            assert (decision.relation, decision.also, decision.mode) == ("equivalent", (), "open")
        if not third:
            assert (project.reviewers(), project.review_plan()) == ([], ReviewPlan())
            assert not list(project.all_opinions())
            return
        assert project.reviewers() == [
            Reviewer("anna"), Reviewer("bo"), Reviewer("cy", "adjudicator"), Reviewer("old", active=False),
        ]  # fmt: skip
        assert project.review_plan() == ReviewPlan(1.0, 1.0, 7)
        decision = project.decision(6)
        assert decision is not None
        assert (decision.relation, decision.mode, decision.knowledge_base) == ("broader", "independent", "ab" * 32)
        assert decision.also == (Target("H53.8", "Other visual disturbances", "inexact"),)
        assert [(one.stage, one.reviewer, one.code, one.reason) for one in project.opinions(6)] == [
            ("independent", "anna", "H54.6", ""), ("second", "bo", "", "unreadable"),
        ]  # fmt: skip
        disputed = mentions[5]
        assert (disputed.review, disputed.more, disputed.relation) == ("disputed", 1, "broader")
        assert mentions[4].flag_reason == "needs_expert"


def test_what_came_with_the_fourth_schema(golden: Path) -> None:
    fourth = version_of(golden) >= 4
    with Project.open(golden) as project:
        assert [row.document_id for row in project.source_rows(1)] == [None] * 6
        assert project.collection_structure(1) == ""
        assert not list(project.documents(1))
        decision = project.decision(3)
        assert decision is not None
        assert decision.taken_from == (2 if fourth else None)
        assert {one.taken_from for one in project.decisions() if one.mention_id != 3} == {None}
        if not fourth:
            return
        first, second = project.documents(2)
        assert (first.key, first.title, first.text[10:12], first.kind) == ("n1", "First note", "MI", "note")
        assert (first.structure, second.text) == ('{"infons":{"type":"note"}}', "")
        [row] = project.document_rows(first.id)
        assert (row.mention_id, row.start, row.end, row.code, row.key) == (3, 10, 12, "D009203", "T1")
        assert row.annotation == '{"type":"Disease"}'
        assert not project.document_rows(second.id)
        assert (project.document_count(2), project.collection_structure(2)) == (2, '{"key":"k"}')


def test_the_upgrade_fills_what_the_store_would(golden: Path) -> None:
    """Columns that follow from others hold, after an upgrade, what reckoning them anew gives."""
    with Project.open(golden) as project:
        stored = project.mentions(range(1, 7))
        connection = project._connection
        connection.execute(
            "UPDATE mention SET guess = '', margin = NULL, verdict = '', quarrel = 0, reviewer = '', reason = '',"
            " relation = '', more = 0"
        )
        for mention in stored:
            rankings._refresh(connection, mention.id, project.promoted())
            cells = in_force.cells(connection, mention.id)
            connection.execute(
                f"UPDATE mention SET {', '.join(f'{cell} = ?' for cell in cells)} WHERE id = ?",
                *cells.values(),
                mention.id,
            )
        assert project.mentions(range(1, 7)) == stored


@pytest.mark.parametrize(
    "cells", ["relation = 'the target overlaps the source'", "also = '[{}]'", "origin_id = 2", "taken_from = 1"]
)
def test_the_new_columns_of_old_decisions_are_vouched_for(golden: Path, cells: str) -> None:
    Project.open(golden).close()
    connection = Connection(golden, write=True)
    trigger = connection.value("SELECT sql FROM sqlite_master WHERE name = 'decision_kept'")
    connection.close()
    run_sql(golden, "DROP TRIGGER decision_kept", f"UPDATE decision SET {cells} WHERE id = 1", trigger)
    with Project.open(golden) as project:
        assert not project.verify_audit().ok


def test_its_history_still_works(golden: Path) -> None:
    with Project.open(golden) as project:
        before = state(golden)
        assert (project.undo_text(), project.redo_text()) == (f"flag '{TEXTS[4]}'", f"comment on '{TEXTS[5]}'")
        project.redo()
        assert project.mentions([6])[0].comment == "跌倒史"
        undone = 0
        steps = (9 if project.review_plan().double_share else 6) + bool(_documents(project))
        while project.undo().kinds:
            undone += 1
        assert undone == steps
        assert project.progress().decided == 0
        for _ in range(undone - 1):
            project.redo()
        assert state(golden) == before


def test_the_script_still_makes_what_the_file_holds(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("make_golden", FOLDER / "make_golden.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)

    def timeless(path: Path) -> dict[str, list[list[object]]]:
        """Without times, and without the ledger's seals, which cover times."""
        return {
            table: [[cell for cell in row if not _is_time_or_seal(cell)] for row in rows]
            for table, rows in (state(path) | _later(path)).items()
        }

    made = script.make(tmp_path, "new.rpdr")
    copy = Path(shutil.copy(GOLDEN[-1], tmp_path / "old.rpdr"))
    assert timeless(made) == timeless(copy)


def _later(path: Path) -> dict[str, list[tuple[object, ...]]]:
    connection = Connection(path, write=False)
    try:
        return {
            table: connection.rows(f"SELECT * FROM {table} ORDER BY 1")
            for table in ("ledger", "run", "adapter", "promotion", "opinion", "reviewer", "document")
        }
    finally:
        connection.close()


def _is_time_or_seal(cell: object) -> bool:
    if isinstance(cell, int):
        return cell > 1 << 40  # milliseconds
    return isinstance(cell, str) and (cell.endswith("Z") or re.fullmatch(r"(\d+ ?:?)?[0-9a-f]{64}", cell) is not None)


def next_schema(monkeypatch: pytest.MonkeyPatch, *, fail: bool = False) -> None:
    """Pretend a next version that adds a column."""
    coming = Migrations("rpdr.project")
    coming._migrations = list(migrations._migrations)

    @coming(name="version_next")
    def version_next(db: Database) -> None:
        db.conn.execute("ALTER TABLE source ADD COLUMN note TEXT NOT NULL DEFAULT ''")
        db.conn.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
        if fail:
            raise ZeroDivisionError

    monkeypatch.setattr(files, "migrations", coming)
    monkeypatch.setattr(files, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
    files._expected_schema.cache_clear()
    monkeypatch.setattr(files, "_expected_schema", files._expected_schema.__wrapped__)


def test_an_older_file_is_backed_up_and_migrated(golden: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = state(golden)
    next_schema(monkeypatch)
    with pytest.raises(NotAllowedError, match="older version"):
        open_reader(golden)
    with Project.open(golden) as project:
        assert project._connection.value("PRAGMA user_version") == SCHEMA_VERSION + 1
        project.decide(accept(5))
    (saved,) = backups_of(golden, backup_folder(golden))
    assert state(saved) == before
    open_reader(golden).close()
    with Project.open(golden):
        pass
    assert len(backups_of(golden, backup_folder(golden))) == 1, "an up-to-date file needs no backup on opening"


def test_a_migration_that_fails_leaves_the_old_file(golden: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = state(golden)
    with monkeypatch.context() as patch:
        next_schema(patch, fail=True)
        with pytest.raises(ZeroDivisionError):
            Project.open(golden)
    assert state(golden) == before
    Project.open(golden).close()


def test_a_file_without_its_migrations_book_is_not_migrated_twice(golden: Path) -> None:
    run_sql(golden, "DELETE FROM _sqlite_migrations")
    with Project.open(golden) as project:
        assert project.progress().mentions == 6


def _older(tmp_path: Path, *statements: str) -> Path:
    """A file of the second schema that somebody has meddled with."""
    path = Path(shutil.copy(FOLDER / "schema-2.rpdr", tmp_path / "old.rpdr"))
    run_sql(path, *statements)
    return path


def test_a_list_of_candidates_that_is_no_json_is_damage_with_a_cure(tmp_path: Path) -> None:
    path = _older(tmp_path, "UPDATE ranking SET candidates = '{oops' WHERE mention_id = 1")
    with pytest.raises(DamagedFileError, match="cannot be read") as caught:
        Project.open(path)
    assert "backup" in caught.value.hint
    assert Connection(path, write=False).value("PRAGMA user_version") == 2, "nothing was done to it"


def test_scores_and_times_that_are_none_are_unknown(tmp_path: Path) -> None:
    odd = '[["H53.8","n","m","name","x"],["H54.6","n","m","name",[1]]]'
    path = _older(
        tmp_path, f"UPDATE ranking SET candidates = '{odd}' WHERE newest", "UPDATE event SET made_at = 'yesterday'"
    )
    with Project.open(path) as project:
        found = project.mentions(project.queue(QueueQuery()))
        assert all(one.margin is None for one in found)
        assert all(one.changed_at == "" for one in found)


def test_the_backup_from_before_the_upgrade_can_be_put_back(tmp_path: Path) -> None:
    path = _older(tmp_path)
    with Project.open(path) as project:
        project.set_flag(1, True)
    [saved] = backups_of(path, backup_folder(path))
    aside = files.restore(saved, path)
    assert aside.exists()
    with Project.open(path) as project:
        assert not project.mentions([1])[0].flagged
        assert project.verify_audit().ok
