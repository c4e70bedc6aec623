"""Creating, opening, refusing."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from helpers.projects import KNOWLEDGE_BASE, accept, new_project, run_sql

from rpdr_core.errors import DamagedFileError, FileFormatError, NotAllowedError, NotFoundError, WorldError
from rpdr_core.store import Project, backup_folder, database, drives, files, open_reader
from rpdr_core.store.database import Connection
from rpdr_core.store.migrations import SCHEMA_VERSION


def create(path: Path) -> Project:
    return Project.create(path, name="Clinic", knowledge_base=KNOWLEDGE_BASE)


def test_a_new_project_knows_what_it_was_made_for(tmp_path: Path) -> None:
    with create(tmp_path / "a.rpdr") as project:
        assert project.setting("name") == "Clinic"
        assert project.knowledge_base() == KNOWLEDGE_BASE
        assert project.setting("created_at").endswith("Z")
        assert project.setting("absent", "default") == "default"
        assert project.progress().mentions == 0
        assert project.verify_audit().ok


def test_pragmas(tmp_path: Path) -> None:
    with create(tmp_path / "a.rpdr") as project:
        value = project._connection.value
        assert value("PRAGMA journal_mode") == "wal"
        assert value("PRAGMA synchronous") == 2
        assert value("PRAGMA foreign_keys") == 1
        assert value("PRAGMA trusted_schema") == 0
        assert value("PRAGMA cell_size_check") == 1
        assert value("PRAGMA busy_timeout") == 5000
        assert value("PRAGMA application_id") == int.from_bytes(b"RPDR")
        assert value("PRAGMA user_version") == SCHEMA_VERSION
        tables = project._connection.rows("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'")
        ours = [name for name, strict in tables if not strict and not name.startswith(("sqlite_", "_sqlite_"))]
        assert ours == []


def test_a_closed_project_is_one_file(tmp_path: Path) -> None:
    create(tmp_path / "a.rpdr").close()
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".home"] == ["a.rpdr"]


def test_closing_twice_is_harmless(tmp_path: Path) -> None:
    project = create(tmp_path / "a.rpdr")
    project.close()
    project.close()


def test_refuses_to_overwrite(tmp_path: Path) -> None:
    path = tmp_path / "a.rpdr"
    path.write_bytes(b"precious")
    with pytest.raises(NotAllowedError, match="exists"):
        create(path)
    assert path.read_bytes() == b"precious"
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["a.rpdr"]


def test_refuses_a_broken_link_as_a_name(tmp_path: Path) -> None:
    path = tmp_path / "a.rpdr"
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotAllowedError, match="exists"):
        create(path)


def test_refuses_a_stray_log_of_another_project(tmp_path: Path) -> None:
    (tmp_path / "a.rpdr-wal").write_bytes(b"last commits of a project that was moved away")
    with pytest.raises(NotAllowedError, match="log of another project"):
        create(tmp_path / "a.rpdr")
    assert (tmp_path / "a.rpdr-wal").exists()


def test_refuses_another_ending_and_says_which(tmp_path: Path) -> None:
    with pytest.raises(NotAllowedError, match=r"a\.rpdr"):
        create(tmp_path / "a.sqlite")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="nowhere"):
        create(tmp_path / "nowhere" / "a.rpdr")


def test_left_overs_of_a_killed_creation_are_replaced(tmp_path: Path) -> None:
    left_over, at_work = tmp_path / ".a.rpdr.0000.new", tmp_path / ".a.rpdr.1111.new"
    left_over.write_bytes(b"half")
    at_work.write_bytes(b"half")
    os.utime(left_over, (0, 0))
    create(tmp_path / "a.rpdr").close()
    assert not left_over.exists()
    assert at_work.exists()


def test_opening_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        Project.open(tmp_path / "a.rpdr")
    with pytest.raises(NotFoundError):
        open_reader(tmp_path / "a.rpdr")
    assert not list(tmp_path.glob("a.rpdr*"))


@pytest.mark.parametrize("content", [b"", b"mention\tcode\n", b"SQLite format 3\0", b"SQLite format 3\0" + bytes(100)])
def test_a_file_that_is_no_project(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.rpdr"
    path.write_bytes(content)
    for opened in (Project.open, open_reader):
        with pytest.raises(FileFormatError, match="not a project"):
            opened(path)
    assert path.read_bytes() == content


def test_another_programs_database(tmp_path: Path) -> None:
    path = tmp_path / "a.rpdr"
    path.touch()
    run_sql(path, "CREATE TABLE note (id INTEGER PRIMARY KEY)", "PRAGMA application_id=7")
    with pytest.raises(FileFormatError, match="not a project"):
        Project.open(path)


def test_a_folder_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="folder"):
        Project.open(tmp_path)


def test_a_newer_schema_is_refused_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "a.rpdr"
    create(path).close()
    run_sql(path, f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    before = path.read_bytes()
    for opened in (Project.open, open_reader):
        with pytest.raises(NotAllowedError, match="update RPDR Desk"):
            opened(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER evil AFTER INSERT ON decision BEGIN DELETE FROM setting; END",
        "CREATE VIEW evil AS SELECT 1",
        "DROP TRIGGER audit_kept",
        "DROP INDEX mention_text",
        "ALTER TABLE setting ADD COLUMN extra TEXT",
        "CREATE TABLE extra (id INTEGER)",
    ],
)
def test_tables_that_are_not_ours_are_refused(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "a.rpdr"
    create(path).close()
    run_sql(path, statement)
    with pytest.raises(FileFormatError, match="not those of a project"):
        Project.open(path)


def test_statistics_of_the_query_planner_are_no_reason_to_refuse(tmp_path: Path) -> None:
    path = tmp_path / "a.rpdr"
    new_project(tmp_path, name="a.rpdr").close()
    run_sql(path, "ANALYZE")
    Project.open(path).close()


def test_a_damaged_file_names_the_newest_backup(tmp_path: Path) -> None:
    path = tmp_path / "a.rpdr"
    with new_project(tmp_path, [f"mention {i}" for i in range(500)], name="a.rpdr") as project:
        project.backup(backup_folder(project.path))
        newest = project.backup(backup_folder(project.path))
    content = bytearray(path.read_bytes())
    content[8192:40960] = b"\xff" * 32768
    path.write_bytes(content)
    with pytest.raises(DamagedFileError) as caught:
        Project.open(path)
    assert newest.name in caught.value.hint
    assert "retry" not in caught.value.hint
    assert not caught.value.retryable


def test_a_failed_opening_leaves_the_lock_free(tmp_path: Path) -> None:
    path = tmp_path / "a.rpdr"
    create(path).close()
    run_sql(path, f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    with pytest.raises(NotAllowedError, match="newer"):
        Project.open(path)
    run_sql(path, f"PRAGMA user_version={SCHEMA_VERSION}")
    Project.open(path).close()


def test_a_network_drive_gets_a_rollback_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(database, "place_of", lambda path: "network")
    with caplog.at_level(logging.WARNING), create(tmp_path / "a.rpdr") as project:
        assert project._connection.value("PRAGMA journal_mode") == "delete"
        assert project._connection.value("PRAGMA synchronous") == 3
    assert "network drive" in caplog.text


def test_a_faulty_sqlite_gets_a_rollback_journal_even_for_a_wal_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    new_project(tmp_path).close()
    monkeypatch.setattr(database, "wal_is_safe", lambda version: False)
    with caplog.at_level(logging.WARNING), Project.open(tmp_path / "clinic.rpdr") as project:
        assert project._connection.value("PRAGMA journal_mode") == "delete"
        assert project._connection.value("PRAGMA synchronous") == 2
        project.decide(accept(1))
    assert "faulty write-ahead log" in caplog.text


def test_a_faulty_sqlite_waits_until_nobody_else_has_the_log_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = new_project(tmp_path)
    with project.reader() as reader:
        project.close()
        monkeypatch.setattr(database, "wal_is_safe", lambda version: False)
        monkeypatch.setattr(database, "BUSY_TIMEOUT_SECONDS", 0.05)
        reader.progress()
        with pytest.raises(WorldError, match=r"in use|open elsewhere"):
            Project.open(project.path)
    Project.open(project.path).close()


def test_a_creation_that_fails_frees_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise WorldError("no space")

    with monkeypatch.context() as patch:
        patch.setattr(files, "write_new", fail)
        with pytest.raises(WorldError, match="no space"):
            create(tmp_path / "a.rpdr")
    create(tmp_path / "a.rpdr").close()


def test_nobody_is_warned_on_a_sound_drive(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    create(tmp_path / "a.rpdr").close()
    assert caplog.records == []


def test_a_reader_may_open_alone_and_writes_nothing(tmp_path: Path) -> None:
    new_project(tmp_path).close()
    before = (tmp_path / "clinic.rpdr").read_bytes()
    with open_reader(tmp_path / "clinic.rpdr") as reader:
        assert reader.progress().mentions == 6
        with pytest.raises(WorldError, match="may not be written"):
            reader._connection.execute("DELETE FROM setting")
    assert (tmp_path / "clinic.rpdr").read_bytes() == before


def test_a_reader_sees_each_change_at_once(tmp_path: Path) -> None:
    with new_project(tmp_path) as project, project.reader() as reader:
        assert reader.decision(1) is None
        project.decide(accept(1))
        assert reader.mentions([1])[0].status == "accepted"
        project.undo()
        assert reader.mentions([1])[0].status == "unreviewed"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not bind this user")
def test_a_file_that_may_not_be_written(tmp_path: Path) -> None:
    create(tmp_path / "a.rpdr").close()
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(WorldError):
            Project.open(tmp_path / "a.rpdr")
    finally:
        tmp_path.chmod(0o700)


def test_the_sqlite_that_comes_with_the_program_is_used_and_is_sound() -> None:
    assert database.sqlite3.__name__ == "pysqlite3"
    assert drives.wal_is_safe(database.sqlite3.sqlite_version_info)


def test_a_connection_to_nothing_is_an_error_of_the_world(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="cannot be opened"):
        Connection(tmp_path / "absent.rpdr", write=True)
