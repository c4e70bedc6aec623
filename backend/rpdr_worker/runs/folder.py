"""The folder of a run: everything that is known of it, readable by whoever comes later.

::

    spec.json        what is asked (`StartRun`)
    recipe.toml      the recipe's text
    rows.jsonl       a `RunRow` a line
    launch.json      how it was started last (`Launch`)
    control          what is wanted: `run`, `pause` or `cancel`
    lock             held by the process as long as it lives
    heartbeat.json   written anew every second (`Heartbeat`)
    events.jsonl     the record, one line an event
    checkpoint-N/    state after step N, with the hashes of its files
    adapter/         the trained adapter
    result.json      how it ended (`Outcome`); not there: it runs, or it was lost
    log.txt          what the process printed
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from rpdr_core.errors import DamagedFileError, NotFoundError, UserInputError, WireError
from rpdr_core.paths import data_dir
from rpdr_core.protocol.messages import AdapterInfo, TrainingEvent, TrainingRow
from rpdr_core.protocol.run_messages import Launcher, RunRow, RunStateName, StartRun

SPEC, RECIPE, ROWS, LAUNCH, CONTROL, LOCK = "spec.json", "recipe.toml", "rows.jsonl", "launch.json", "control", "lock"
HEARTBEAT, EVENTS, ADAPTER, RESULT, LOG = "heartbeat.json", "events.jsonl", "adapter", "result.json", "log.txt"

Wanted = Literal["run", "pause", "cancel"]
_ID = re.compile(r"[a-z0-9][a-z0-9-]{3,63}")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Launch:
    """A start of the process. `pid` 0 and `job` set: it is a job of a cluster. `at`: seconds since 1970."""

    attempt: int
    launcher: Launcher
    host: str
    at: float
    pid: int = 0
    job: str = ""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A sign of life. `boot` and `started` tell the process from a later one with the same `pid`."""

    attempt: int
    host: str
    pid: int
    boot: str
    started: str
    at: float
    began: float
    state: RunStateName
    step: int = 0
    last: TrainingEvent | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: `info` when it is done, `error` when it failed."""

    state: RunStateName
    seconds: float
    info: AdapterInfo | None = None
    error: WireError | None = None


def runs_folder() -> Path:
    return data_dir() / "runs"


def run_folder(run: str) -> Path:
    """Where a run of this id is kept. Raises `UserInputError` for what is no id."""
    if not _ID.fullmatch(run):
        raise UserInputError("not a run's id", hint="small letters, digits and hyphens, 4 to 64 of them")
    return runs_folder() / run


def existing_folder(run: str) -> Path:
    folder = run_folder(run)
    if not (folder / SPEC).is_file():
        raise NotFoundError(f"there is no run {run}", hint="see rpdr runs list")
    return folder


def read(path: Path, kind: type[T]) -> T | None:
    """A JSON file of the folder; None where there is none. Raises `DamagedFileError`."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise DamagedFileError("a file of the run cannot be read", hint="start the run anew", file=str(path)) from error


def read_spec(folder: Path) -> StartRun:
    spec = read(folder / SPEC, StartRun)
    if spec is None:
        raise NotFoundError("no run in this folder", hint="give the folder of a run", file=str(folder))
    return spec


def write(path: Path, value: object, *, sync: bool = True) -> None:
    """Write JSON by rename, so that a reader sees the old or the new file, whole."""
    write_bytes(path, msgspec.json.encode(value), sync=sync)


def write_bytes(path: Path, data: bytes, *, sync: bool = True) -> None:
    staging = path.with_name(f".{path.name}.{os.getpid()}")
    with staging.open("wb") as out:
        out.write(data)
        if sync:
            out.flush()
            os.fsync(out.fileno())
    staging.replace(path)
    if sync:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in the folder last through a power cut, where the system can."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def wanted(folder: Path) -> Wanted:
    """What the control file asks for; without one the run goes on."""
    try:
        word = (folder / CONTROL).read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return "run"
    return "cancel" if word == "cancel" else "pause" if word == "pause" else "run"


def want(folder: Path, word: Wanted) -> None:
    write_bytes(folder / CONTROL, word.encode("ascii"), sync=False)


def read_rows(folder: Path) -> tuple[list[TrainingRow], list[TrainingRow]]:
    """Rows to train and to validate on. Raises `DamagedFileError` with the line."""
    parts: dict[str, list[TrainingRow]] = {"train": [], "validation": []}
    for number, line in enumerate(_lines(folder / ROWS), 1):
        try:
            row = msgspec.json.decode(line, type=RunRow)
            parts[row.part].append(msgspec.convert(row.row, TrainingRow))
        except msgspec.MsgspecError as error:
            raise DamagedFileError(
                "not a training row", hint="start the run anew", file=str(folder / ROWS), line=number
            ) from error
    return parts["train"], parts["validation"]


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        yield from stream


def sha256_of(path: Path) -> str:
    """Raises `DamagedFileError` where the file is missing."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise DamagedFileError("a file of the run is missing", hint="start the run anew", file=str(path)) from error
