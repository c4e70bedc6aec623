"""Connections: the one place that imports the driver, sets the pragmas and translates the driver's errors.

Two copies of SQLite in one process drop each other's locks, so everybody takes the driver from here. What each
pragma buys: `journal_mode=WAL` with `synchronous=FULL` loses no acknowledged commit on a power cut;
`trusted_schema=OFF` and `cell_size_check=ON` are for files that come from other people.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Literal

import msgspec

from rpdr_core.errors import Bug, Cancelled, DamagedFileError, RpdrError, UserInputError, WorldError
from rpdr_core.store.driver import Database, sqlite3
from rpdr_core.store.drives import place_of, wal_is_safe

log = logging.getLogger(__name__)

__all__ = ["Connection", "Row", "driver_errors", "is_small", "quick_check", "set_journal", "sqlite3"]

Row = tuple[Any, ...]
Journal = Literal["wal", "delete"]

DAMAGED_HINT = "keep the file as it is and restore the newest backup"
BUSY_TIMEOUT_SECONDS = 5.0
CACHE_KIBIBYTES = 65_536
"""Of pages that a connection keeps: enough for the index that a list of a million mentions is read from."""
SMALL_CACHE_KIBIBYTES = 4_096
"""For connections that look up single rows, or read through a file once: the system keeps its pages as well."""
JOURNAL_BYTES_KEPT = 64 << 20
PAGES_BEFORE_CHECKPOINT = 8_192
"""In the log before a commit has to move them into the file; the desk moves them earlier (`store.checkpoints`)."""
SMALL_BYTES = 64 << 20

# Primary result codes, https://www.sqlite.org/rescode.html
STEPS_BETWEEN_STOPS = 1_000
FEW_STOPS = 50_000
"""Steps of SQLite's, a millisecond or less: for a pass that somebody waits for."""
_ERROR, _BUSY, _LOCKED, _NOMEM, _READONLY, _INTERRUPT, _IOERR = 1, 5, 6, 7, 8, 9, 10
_CORRUPT, _FULL, _CANTOPEN, _NOTADB = 11, 13, 14, 26
_DAMAGED = {_CORRUPT, _NOTADB}
_WORLD = {
    _BUSY: ("the project file is in use by another program", "close the other program, then try again"),
    _LOCKED: ("the project file is in use by another program", "close the other program, then try again"),
    _NOMEM: ("not enough memory", "close other programs, then try again"),
    _READONLY: ("the project file may not be written", "check the permissions of the file and its folder"),
    _IOERR: ("reading or writing the project file failed", "check the drive, then try again"),
    _FULL: ("the disk is full, nothing was saved", "free some space, then try again"),
    _CANTOPEN: ("the project file cannot be opened", "check the permissions of the file and its folder"),
}


def translated(error: Exception, file: str, damaged_hint: str) -> RpdrError:
    """Our error for a driver's or decoder's. Told apart by result code; the driver's words are not repeated."""
    code = getattr(error, "sqlite_errorcode", None)
    undecodable = isinstance(error, sqlite3.OperationalError) and code is None
    # The one failure of sound SQL that has no code of its own.
    undecodable |= code == _ERROR and str(error) == "malformed JSON"
    if undecodable or isinstance(error, msgspec.MsgspecError | UnicodeDecodeError):
        return DamagedFileError("the file holds a value that cannot be read", hint=damaged_hint, file=file)
    primary = (code or 0) & 0xFF
    if primary in _DAMAGED:
        return DamagedFileError("the file is damaged", hint=damaged_hint, file=file)
    if primary == _INTERRUPT:
        return Cancelled("stopped")
    if primary in _WORLD:
        message, hint = _WORLD[primary]
        return WorldError(message, hint=hint, file=file)
    return Bug(f"the store failed: {getattr(error, 'sqlite_errorname', type(error).__name__)}")


@contextmanager
def driver_errors(file: str, damaged_hint: str = DAMAGED_HINT) -> Iterator[None]:
    """Turn the driver's exceptions into ours."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise UserInputError("a text holds half a character", hint="type it again", file=file) from error
    except (sqlite3.Error, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise translated(error, file, damaged_hint) from error


class Connection:
    """One connection. Every call translates the driver's errors; `transaction` is all or nothing.

    It may be used from any thread, one at a time: `transaction` holds a lock, and readers that run beside a
    writer need a connection of their own.
    """

    def __init__(
        self, path: Path, *, write: bool, damaged_hint: str = DAMAGED_HINT, cache_kibibytes: int = CACHE_KIBIBYTES
    ) -> None:
        self.path = path
        self.kept: dict[str, tuple[Row, bytes]] = {}
        """What is costly to find and not likely to change: the newest of each kind, under what it depends on."""
        self._damaged_hint = damaged_hint
        self._lock = threading.RLock()
        with self.errors():
            raw = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={'rw' if write else 'ro'}",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
                timeout=BUSY_TIMEOUT_SECONDS,
            )
            try:
                self.database = Database(raw, execute_plugins=False)
                for pragma in (*_PRAGMAS, f"PRAGMA cache_size=-{cache_kibibytes}"):
                    raw.execute(pragma)
                raw.execute("PRAGMA schema_version").fetchone()
            except BaseException as error:
                raw.close()
                if getattr(error, "sqlite_errorcode", None) == _ERROR:  # our SQL is sound, so the file is not
                    raise DamagedFileError("the file is damaged", hint=damaged_hint, file=path.name) from error
                raise

    def errors(self) -> AbstractContextManager[None]:
        """Translate the driver's and the decoder's errors of a block about this file."""
        return driver_errors(self.path.name, self._damaged_hint)

    def close(self) -> None:
        with self.errors():
            self.database.close()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def execute(self, sql: str, *parameters: object) -> None:
        with self.errors():
            self.database.conn.execute(sql, parameters)

    def execute_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        with self.errors():
            self.database.conn.executemany(sql, rows)

    def insert(self, sql: str, *parameters: object) -> int:
        """Run an INSERT; the new row's id."""
        with self.errors():
            return int(self.database.conn.execute(sql, parameters).lastrowid or 0)

    def rows(self, sql: str, *parameters: object) -> list[Row]:
        with self.errors():
            return self.database.conn.execute(sql, parameters).fetchall()

    def row(self, sql: str, *parameters: object) -> Row | None:
        with self.errors():
            found: Row | None = self.database.conn.execute(sql, parameters).fetchone()
            return found

    def value(self, sql: str, *parameters: object) -> Any:
        """The first column of a query that always has a row."""
        found = self.row(sql, *parameters)
        if found is None:
            raise Bug("a query that always has a row had none")
        return found[0]

    def stream(self, sql: str, *parameters: object) -> Iterator[Row]:
        with self.errors():
            yield from self.database.conn.execute(sql, parameters)

    @contextmanager
    def stoppable(self, stop: Callable[[], bool] | None, steps: int = 0) -> Iterator[None]:
        """Ask `stop` now and then while statements of the block run; once it is true they end with `Cancelled`.

        `steps` of SQLite's from one time to the next (0: the usual number): each costs a turn of the interpreter.
        """
        raw = self.database.conn
        raw.set_progress_handler(stop, (steps or STEPS_BETWEEN_STOPS) if stop is not None else 0)
        try:
            yield
        finally:
            raw.set_progress_handler(None, 0)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is committed together and on disk when the block ends, or nothing is."""
        with self._lock:
            self.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.execute("COMMIT")
            except BaseException:
                with self.errors():
                    self.database.rollback()
                raise


_PRAGMAS = (
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
    "PRAGMA recursive_triggers=ON",
    f"PRAGMA journal_size_limit={JOURNAL_BYTES_KEPT}",
    f"PRAGMA wal_autocheckpoint={PAGES_BEFORE_CHECKPOINT}",
)


def set_journal(connection: Connection) -> Journal:
    """Choose and set the journal for the file's drive and this SQLite; the mode is read back, not assumed."""
    version = connection.database.sqlite_version
    if place_of(connection.path) == "network":
        log.warning("project on a network drive: rollback journal, slower and without readers beside the writer")
        return _rollback_journal(connection, "EXTRA")
    if not wal_is_safe(version):
        log.warning("SQLite %s has a faulty write-ahead log: rollback journal instead", ".".join(map(str, version)))
        return _rollback_journal(connection, "FULL")
    if connection.value("PRAGMA journal_mode=WAL") != "wal":
        log.warning("this drive refuses a write-ahead log: rollback journal instead")
        return _rollback_journal(connection, "EXTRA")
    connection.execute("PRAGMA synchronous=FULL")
    return "wal"


def _rollback_journal(connection: Connection, synchronous: Literal["FULL", "EXTRA"]) -> Journal:
    mode = connection.value("PRAGMA journal_mode=DELETE")
    if mode != "delete":
        raise WorldError(
            "the project file is open elsewhere", hint="close it there, then try again", file=connection.path.name
        )
    connection.execute(f"PRAGMA synchronous={synchronous}")
    return "delete"


def is_small(connection: Connection) -> bool:
    """Whether checking the whole file takes no noticeable time."""
    pages, size = connection.value("PRAGMA page_count"), connection.value("PRAGMA page_size")
    return bool(pages * size <= SMALL_BYTES)


def quick_check(connection: Connection, stop: Callable[[], bool] | None = None) -> None:
    """Raise `DamagedFileError` unless every page of the file is sound, `Cancelled` once `stop` says so.

    The cost grows with the file.
    """
    with connection.stoppable(stop):
        found = connection.value("PRAGMA quick_check(1)")
    if found != "ok":
        raise DamagedFileError("the file is damaged", hint=DAMAGED_HINT, file=connection.path.name)
