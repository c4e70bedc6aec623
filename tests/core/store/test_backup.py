"""Backups: whole, checked, thinned, and usable as projects."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from helpers.projects import accept, new_project, state
from hypothesis import given
from hypothesis import strategies as st

from rpdr_core.errors import DamagedFileError, FileFormatError, NotAllowedError, WorldError
from rpdr_core.store import Project, backup, backup_folder, backups_of, restore
from rpdr_core.store.backup import KEEP_ALL, KEEP_DAILY, KEEP_MONTHLY, KEEP_WEEKLY, kept

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with new_project(tmp_path) as created:
        created.decide(accept(1))
        yield created


def test_a_backup_is_the_project(project: Project, tmp_path: Path) -> None:
    copy = project.backup(tmp_path / "backups")
    assert copy.name.startswith("clinic 20")
    assert copy.suffix == ".rpdr"
    project.decide(accept(2))
    assert [path.name for path in copy.parent.iterdir()] == [copy.name], "one file, no log beside it"
    with Project.open(copy) as restored:
        assert restored.progress().decided == 1
        assert restored.verify_audit().ok
        restored.undo()
        assert restored.progress().decided == 0


def test_backing_up_while_a_reader_and_the_writer_are_open(project: Project, tmp_path: Path) -> None:
    with project.reader():
        before = state(project.path)
        assert state(project.backup(tmp_path / "b")) == before


def test_copying_the_bare_file_is_no_backup(project: Project, tmp_path: Path) -> None:
    """Control: what the backup interface is there for."""
    bare = tmp_path / "bare.rpdr"
    bare.write_bytes(project.path.read_bytes())
    with Project.open(bare) as copy:
        assert copy.progress().decided == 0


def test_a_damaged_copy_never_gets_a_name(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = project.backup(tmp_path / "b")

    def refuse(connection: object) -> None:
        raise DamagedFileError("the file is damaged")

    monkeypatch.setattr(backup, "quick_check", refuse)
    with pytest.raises(DamagedFileError):
        project.backup(tmp_path / "b")
    assert list((tmp_path / "b").iterdir()) == [good]


def test_a_folder_that_cannot_be_made(project: Project, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WorldError, match="cannot be made"):
        project.backup(tmp_path / "file" / "b")


def crash(project: Project) -> None:
    """Leave the files as a killed writer leaves them: with a log that still holds the last commits."""
    log = project.path.with_name("clinic.rpdr-wal")
    content, commits = project.path.read_bytes(), log.read_bytes()
    project.close()
    project.path.write_bytes(content)
    log.write_bytes(commits)


def test_restoring_moves_the_old_file_aside_with_its_log(project: Project, tmp_path: Path) -> None:
    saved = project.backup(tmp_path / "b")
    expected = state(saved)
    project.decide_many([accept(i) for i in range(2, 7)])
    lost = state(project.path)
    crash(project)
    aside = restore(saved, project.path)
    with Project.open(project.path) as restored:
        assert state(restored.path) == expected
        assert restored.verify_audit().ok
    with Project.open(aside) as old:
        assert state(old.path) == lost
    assert saved.exists()


def test_copying_a_backup_over_a_crashed_project_by_hand_is_wrong(project: Project, tmp_path: Path) -> None:
    """Control: SQLite replays the log that lies there, whatever file it belonged to."""
    saved = project.backup(tmp_path / "b")
    expected = state(saved)
    project.decide_many([accept(i) for i in range(2, 7)])
    crash(project)
    project.path.write_bytes(saved.read_bytes())
    with Project.open(project.path) as wrong:
        assert state(wrong.path) != expected


def test_restoring_what_is_no_backup_changes_nothing(project: Project, tmp_path: Path) -> None:
    project.close()
    bad = tmp_path / "bad.rpdr"
    bad.write_bytes(b"nothing")
    before = state(project.path)
    with pytest.raises(FileFormatError):
        restore(bad, project.path)
    assert state(project.path) == before


def test_restoring_over_an_open_project_is_refused(project: Project, tmp_path: Path) -> None:
    saved = project.backup(tmp_path / "b")
    with pytest.raises(NotAllowedError, match="already open"):
        restore(saved, project.path)
    project.decide(accept(2))


def test_restoring_a_lost_project(project: Project, tmp_path: Path) -> None:
    saved = project.backup(tmp_path / "b")
    project.close()
    project.path.unlink()
    restore(saved, project.path)
    with Project.open(project.path) as restored:
        assert restored.progress().decided == 1


def test_only_this_projects_backups_are_listed_and_thinned(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "b"
    folder.mkdir()
    others = [
        "clinic.rpdr",
        "clinic notes.rpdr",
        "clinic 20200101T000000.000000Z.txt",
        "x 20200101T000000.000000Z.rpdr",
    ]
    for name in others:
        (folder / name).touch()
    old = folder / "clinic 20200101T000000.000000Z.rpdr"
    older = folder / "clinic 20200101T000000.000000Z.rpdr".replace("T00", "T01")
    old.touch()
    older.touch()
    made = project.backup(folder)
    assert backups_of(project.path, folder) == [older, made], "the newer of one old day stays"
    assert all((folder / name).exists() for name in others)


def test_no_folder_no_backups(project: Project) -> None:
    assert backups_of(project.path, backup_folder(project.path)) == []
    assert backup_folder(project.path).name == "clinic backups"


def test_a_year_of_backups_every_half_hour() -> None:
    times: frozenset[datetime] = frozenset()
    now = NOW - timedelta(days=365)
    while now <= NOW:
        times = kept([*times, now], now)
        now += timedelta(minutes=30)
    recent = [time for time in times if NOW - time <= KEEP_ALL]
    older = sorted(times - set(recent), reverse=True)
    assert len(recent) == 97
    daily, weekly, monthly = older[:12], older[12:22], older[22:]
    assert len({time.date() for time in daily}) == KEEP_DAILY
    assert len({time.isocalendar()[:2] for time in weekly}) == KEEP_WEEKLY
    assert 7 <= len(monthly) <= KEEP_MONTHLY
    assert len({(time.year, time.month) for time in monthly}) == len(monthly)
    assert NOW - older[-1] > timedelta(days=300)


moments = st.lists(st.datetimes(datetime(2024, 1, 1), datetime(2026, 11, 21)).map(lambda t: t.replace(tzinfo=UTC)))


@given(moments)
def test_thinning_is_bounded_keeps_the_newest_and_settles(times: list[datetime]) -> None:
    keep = kept(times, NOW)
    assert keep <= set(times)
    assert not times or max(times) in keep
    assert {time for time in times if NOW - time <= KEEP_ALL} <= keep
    assert len([time for time in keep if NOW - time > KEEP_ALL]) <= KEEP_DAILY + KEEP_WEEKLY + KEEP_MONTHLY
    assert kept(keep, NOW) == keep


@given(moments)
def test_the_order_of_the_list_does_not_matter(times: list[datetime]) -> None:
    shuffled = random.Random(0).sample(times, len(times))
    assert kept(times, NOW) == kept(shuffled, NOW)


def test_thinning_nothing() -> None:
    assert kept([], NOW) == frozenset()
