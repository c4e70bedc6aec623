"""A project as a file: recognising, creating, checking and migrating it."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from rpdr_core.errors import DamagedFileError, FileFormatError, NotAllowedError, NotFoundError, WorldError
from rpdr_core.store import audit
from rpdr_core.store.backup import STAMP, back_up, backup_folder, backups_of
from rpdr_core.store.database import CACHE_KIBIBYTES, DAMAGED_HINT, Connection, is_small, quick_check, set_journal
from rpdr_core.store.driver import Database
from rpdr_core.store.lock import WriterLock
from rpdr_core.store.migrations import APPLICATION_ID, SCHEMA_VERSION, SUFFIX, migrations
from rpdr_core.store.staging import staged

_MAGIC = b"SQLite format 3\0"
_APPLICATION_ID_AT = 68
_COMPANIONS = ("-wal", "-shm", "-journal")


def lock_new(path: Path) -> WriterLock:
    """Check that a project may be created at `path`, and take its lock."""
    if path.suffix != SUFFIX:
        raise NotAllowedError(f"a project's name ends in {SUFFIX}", hint=f"call it {path.stem}{SUFFIX}", file=path.name)
    if not path.parent.is_dir():
        raise NotFoundError("no such folder", hint="create it first", file=str(path.parent))
    _refuse_existing(path)
    lock = WriterLock(path)
    try:
        _refuse_existing(path)
    except NotAllowedError:
        lock.release()
        raise
    return lock


def _refuse_existing(path: Path) -> None:
    if os.path.lexists(path):
        raise NotAllowedError("the file exists", hint="open it, or choose another name", file=path.name)
    for ending in _COMPANIONS:
        # SQLite would replay an old log into the new file.
        if os.path.lexists(path.with_name(path.name + ending)):
            raise NotAllowedError(
                "the log of another project lies here", hint="move it to where its project is", file=path.name + ending
            )


def lock_existing(path: Path) -> WriterLock:
    """Check that `path` looks like a project, and take its lock."""
    recognise(path)
    # One file has one lock, by whatever link it is opened.
    return WriterLock(path.resolve())


def recognise(path: Path) -> None:
    """Raise unless the header is a project's. Reads 72 bytes, writes nothing."""
    if not path.exists():
        raise NotFoundError("no such project", hint="check the path", file=str(path))
    try:
        with path.open("rb") as stream:
            header = stream.read(_APPLICATION_ID_AT + 4)
    except IsADirectoryError as error:
        raise FileFormatError("a folder is not a project", hint=f"choose a {SUFFIX} file", file=path.name) from error
    except OSError as error:
        raise WorldError("the project file cannot be read", hint="check its permissions", file=path.name) from error
    if header[:16] != _MAGIC or header[_APPLICATION_ID_AT:] != APPLICATION_ID.to_bytes(4):
        raise FileFormatError(
            "this is not a project of RPDR Desk",
            hint=f"choose a {SUFFIX} file; if it was one, it is damaged: restore a backup",
            file=path.name,
        )


def write_new(path: Path, settings: dict[str, str]) -> None:
    """Write an empty project."""
    with staged(path, "the project") as staging:
        connection = Connection(staging, write=True)
        try:
            with connection.errors():
                migrations.apply(connection.database)
            with connection.transaction():
                for key, value in settings.items():
                    store_setting(connection, key, value)
                audit.append(connection, "create", detail={"schema": SCHEMA_VERSION})
        finally:
            connection.close()


def store_setting(connection: Connection, key: str, value: str) -> None:
    sql = "INSERT INTO setting VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
    connection.execute(sql, key, value)


def setting(connection: Connection, key: str) -> str:
    """A setting's value; empty where it was never set."""
    found = connection.row("SELECT value FROM setting WHERE key = ?", key)
    return str(found[0]) if found else ""


def connect(path: Path) -> Connection:
    """Open for writing: refuse what is newer, damaged or foreign; migrate what is older, after a backup."""
    connection = Connection(path, write=True)
    try:
        _check(connection)
        set_journal(connection)
        return connection
    except BaseException as error:
        connection.close()
        if isinstance(error, DamagedFileError):
            raise DamagedFileError(error.message, hint=_restore_hint(path), file=error.file) from error
        raise


def connect_reader(path: Path, cache_kibibytes: int = CACHE_KIBIBYTES) -> Connection:
    """Open for reading only. Changes nothing, so a file of an older schema is refused."""
    recognise(path)
    connection = Connection(path, write=False, cache_kibibytes=cache_kibibytes)
    try:
        if _version(connection) < SCHEMA_VERSION:
            hint = "open it for writing once, which brings it up to date"
            raise NotAllowedError("the project was made by an older version", hint=hint, file=path.name)
    except BaseException:
        connection.close()
        raise
    return connection


def _version(connection: Connection) -> int:
    """The file's schema; raises where it is newer than ours."""
    version = int(connection.value("PRAGMA user_version"))
    if version > SCHEMA_VERSION:
        raise NotAllowedError(
            f"the project was made by a newer version (schema {version}, known {SCHEMA_VERSION})",
            hint="update RPDR Desk",
            file=connection.path.name,
        )
    return version


def _check(connection: Connection) -> None:
    version = _version(connection)
    # A large file is checked whole by its backups, and by whoever asks (`ProjectReader.check_file`): opening is quick.
    if is_small(connection):
        quick_check(connection)
    if version < SCHEMA_VERSION:
        back_up(connection.path, backup_folder(connection.path))
        with connection.errors(), connection.database.atomic():
            _enter_lost(connection, version)
            migrations.apply(connection.database)
    with connection.errors():
        found = _schema(connection.database)
    if found != _expected_schema():
        raise FileFormatError(
            "the file's tables are not those of a project", hint="restore a backup", file=connection.path.name
        )


def _enter_lost(connection: Connection, version: int) -> None:
    """The file's own version counts: migrations that it has had are entered in a book that was lost."""
    database = connection.database
    migrations.ensure_migrations_table(database)
    missing = version - len(migrations.applied(database))
    for migration in migrations.pending(database)[: max(0, missing)]:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, ?, ?)",
            migrations.name,
            migration.name,
            audit.now(),
        )


def _schema(database: Database) -> frozenset[tuple[str, str, str]]:
    """Every table, index and trigger but SQLite's own and the migrations' book."""
    sql = "SELECT type, name, coalesce(sql, '') FROM sqlite_master"
    rows = database.conn.execute(sql).fetchall()
    own = ("table", "index")
    return frozenset(
        row for row in rows if not (row[0] in own and row[1].startswith(("sqlite_", "_sqlite_", "idx__sqlite_")))
    )


@cache
def _expected_schema() -> frozenset[tuple[str, str, str]]:
    """What the migrations make: a stranger's file may hold no trigger or view beyond it."""
    database = Database(memory=True, execute_plugins=False)
    migrations.apply(database)
    schema = _schema(database)
    database.close()
    return schema


def _restore_hint(path: Path) -> str:
    found = backups_of(path, backup_folder(path))
    return f"{DAMAGED_HINT}: {found[-1].name}" if found else DAMAGED_HINT


def restore(backup: Path, project: Path) -> Path:
    """Put a backup in a project's place; the file that was there is kept beside it, its new name returned.

    Never copy a file over a project by hand: SQLite would replay the old file's log into the new one.
    """
    lock = WriterLock(project.resolve())
    try:
        # One of an older schema may be put back, too: opening it brings it up to date, as it did the first time.
        recognise(backup)
        connection = Connection(backup, write=False)
        try:
            _version(connection)
            quick_check(connection)
        finally:
            connection.close()
        aside = project.with_name(f"{project.stem} replaced {datetime.now(UTC).strftime(STAMP)}{project.suffix}")
        for ending in ("", *_COMPANIONS):
            old = project.with_name(project.name + ending)
            if old.exists():
                old.replace(aside.with_name(aside.name + ending))
        with staged(project, "the project") as staging:
            shutil.copyfile(backup, staging)
        return aside
    except OSError as error:
        raise WorldError(
            "the backup cannot be restored", hint="check the folder's permissions", file=project.name
        ) from error
    finally:
        lock.release()
