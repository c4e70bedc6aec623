"""Backups: a verified copy by SQLite's backup API, named by UTC time, thinned as Anki thins."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rpdr_core.errors import WorldError
from rpdr_core.store.database import Connection, driver_errors, quick_check, sqlite3
from rpdr_core.store.migrations import SUFFIX
from rpdr_core.store.staging import staged

KEEP_ALL = timedelta(days=2)
KEEP_DAILY, KEEP_WEEKLY, KEEP_MONTHLY = 12, 10, 9

STAMP = "%Y%m%dT%H%M%S.%fZ"


def backup_folder(project: Path) -> Path:
    """Where a project's backups go unless the user says otherwise: a folder beside it."""
    return project.with_name(f"{project.stem} backups")


def back_up(project: Path, folder: Path) -> Path:
    """Copy the project into `folder` while it is in use; the copy is checked before it gets its name."""
    now = datetime.now(UTC)
    target = folder / f"{project.stem} {now.strftime(STAMP)}{SUFFIX}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        hint = "choose another folder"
        raise WorldError("the backup folder cannot be made", hint=hint, file=str(folder)) from error
    with staged(target, "the backup") as staging:
        _copy(project, staging)
    _thin(project, folder, now)
    return target


def _copy(project: Path, staging: Path) -> None:
    source = Connection(project, write=False)
    try:
        with driver_errors(staging.name):
            target = sqlite3.connect(str(staging), isolation_level=None)
            try:
                source.database.conn.backup(target)
                # One file without a log, so that it can be copied about.
                target.execute("PRAGMA journal_mode=DELETE").fetchone()
            finally:
                target.close()
    finally:
        source.close()
    copy = Connection(staging, write=False)
    try:
        quick_check(copy)
    finally:
        copy.close()


def backups_of(project: Path, folder: Path) -> list[Path]:
    """A project's backups in a folder, oldest first."""
    if not folder.is_dir():
        return []
    return [path for _, path in sorted(_dated(project, folder))]


def _dated(project: Path, folder: Path) -> list[tuple[datetime, Path]]:
    found = []
    prefix = f"{project.stem} "
    for path in folder.iterdir():
        if path.suffix == SUFFIX and path.stem.startswith(prefix):
            try:
                made_at = datetime.strptime(path.stem.removeprefix(prefix), STAMP).replace(tzinfo=UTC)
            except ValueError:
                continue
            found.append((made_at, path))
    return found


def _thin(project: Path, folder: Path, now: datetime) -> None:
    dated = _dated(project, folder)
    keep = kept([made_at for made_at, _ in dated], now)
    for made_at, path in dated:
        if made_at not in keep:
            with contextlib.suppress(OSError):  # in use somewhere: the next backup tries again
                path.unlink(missing_ok=True)


def kept(times: Iterable[datetime], now: datetime) -> frozenset[datetime]:
    """Which backups stay: all of two days, then the newest of each of 12 days, 10 weeks and 9 months."""
    newest_first = sorted(times, reverse=True)
    keep = [time for time in newest_first if now - time <= KEEP_ALL]
    rest = newest_first[len(keep) :]
    periods: list[tuple[Callable[[datetime], object], int]] = [
        (lambda time: time.date(), KEEP_DAILY),
        (lambda time: time.isocalendar()[:2], KEEP_WEEKLY),
        (lambda time: (time.year, time.month), KEEP_MONTHLY),
    ]
    for period, budget in periods:
        chosen = _newest_of_each(rest, period, budget)
        keep += chosen
        rest = [time for time in rest if chosen and time < chosen[-1]] if len(chosen) == budget else []
    return frozenset(keep)


def _newest_of_each(newest_first: list[datetime], period: Callable[[datetime], object], budget: int) -> list[datetime]:
    chosen: dict[object, datetime] = {}
    for time in newest_first:
        if period(time) not in chosen:
            if len(chosen) == budget:
                break
            chosen[period(time)] = time
    return list(chosen.values())
