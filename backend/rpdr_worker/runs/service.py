"""The wire's methods for runs. Nothing here keeps a run in memory: all that is known is in its folder."""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from rpdr_core.errors import DamagedFileError, NotAllowedError, NotFoundError, UserInputError
from rpdr_core.protocol.messages import Empty
from rpdr_core.protocol.run_messages import (
    ENDED,
    ControlRun,
    FilePart,
    FollowRun,
    HeldPart,
    ReadPart,
    RunFile,
    RunList,
    RunPart,
    RunRef,
    RunResult,
    RunState,
    StartRun,
)
from rpdr_worker.job import Job
from rpdr_worker.runs.events import read_events
from rpdr_worker.runs.folder import (
    ADAPTER,
    LAUNCH,
    RECIPE,
    RESULT,
    ROWS,
    SPEC,
    Launch,
    Outcome,
    Wanted,
    existing_folder,
    read,
    read_spec,
    run_folder,
    runs_folder,
    sha256_of,
    want,
    write,
)
from rpdr_worker.runs.launch import launch
from rpdr_worker.runs.leftovers import remove_abandoned
from rpdr_worker.runs.lock import is_held
from rpdr_worker.runs.state import state_of

MOST = 1_000_000
"""Longest base64 text of one part."""
PORTION = 512 * 1024
LOOK = 0.15
ANSWER = 6.0
"""Seconds that a control may take to be obeyed before the state is given as it is."""

_WORDS: dict[str, Wanted] = {"cancel": "cancel", "pause": "pause", "resume": "run"}


def upload(params: RunPart, _job: Job) -> HeldPart:
    """Append to a file of a run that has not started. Raises `NotAllowedError` for a gap, or once it is started."""
    folder = run_folder(params.run)
    held = _size(folder / params.file)
    if not params.data:
        return HeldPart(held)
    if (folder / SPEC).exists():
        raise NotAllowedError("the run has its files already", hint="start another run")
    if not 0 <= params.offset <= held:
        raise NotAllowedError(f"{held:,} bytes are held, no part can follow at {params.offset:,}", hint="begin there")
    data = _decoded(params.data)
    if not folder.exists():
        remove_abandoned(runs_folder())
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / params.file).open("r+b" if held else "wb") as out:
        out.truncate(params.offset)
        out.seek(params.offset)
        out.write(data)
    return HeldPart(params.offset + len(data))


def start(params: StartRun, _job: Job) -> RunState:
    """Check the files and start; a run that is there already is resumed, unless it runs or is done."""
    folder = run_folder(params.run)
    if (folder / SPEC).exists():
        if replace(read_spec(folder), created_at=params.created_at) != params:
            raise NotAllowedError(f"another run is called {params.run}", hint="choose another id")
        return _again(folder)
    for name, expected in ((RECIPE, params.recipe_sha256), (ROWS, params.rows_sha256)):
        if not (folder / name).is_file():
            raise NotFoundError(f"{name} was not uploaded", hint="upload it, then start")
        if sha256_of(folder / name) != expected:
            raise DamagedFileError(f"{name} is not what was sent", hint="upload it again from its beginning")
        _sync(folder / name)
    write(folder / SPEC, params)
    launch(folder, params)
    return state_of(folder)


def list_runs(_params: Empty, _job: Job) -> RunList:
    """All runs, the newest first. A folder that cannot be read is no run."""
    return RunList(tuple(sorted(_readable(), key=lambda run: (run.created_at, run.run), reverse=True)))


def _readable() -> Iterator[RunState]:
    for path in runs_folder().glob(f"[!.]*/{SPEC}"):
        try:
            yield state_of(path.parent)
        except (DamagedFileError, NotFoundError):
            continue


def state(params: RunRef, _job: Job) -> RunState:
    return state_of(existing_folder(params.run))


def follow(params: FollowRun, job: Job) -> RunState:
    """Events from the offset on as they come, until the run has ended."""
    folder, offset = existing_folder(params.run), params.offset
    while True:
        now = state_of(folder)
        for event in read_events(folder, offset):
            job.check()
            offset = event.offset
            job.partial(event)
        if now.state in ENDED:
            return state_of(folder)
        job.check()
        time.sleep(LOOK)


def control(params: ControlRun, job: Job) -> RunState:
    """Ask for it and wait a moment until it is so. Nothing happens to a run that is that way already."""
    folder = existing_folder(params.run)
    now = state_of(folder)
    if now.state in ENDED:
        return _again(folder) if params.action == "resume" else now
    if params.action == "cancel" and now.state == "queued" and _withdraw(folder):
        return state_of(folder)
    want(folder, _WORDS[params.action])
    end = time.monotonic() + ANSWER
    while not _is_so(now := state_of(folder), params.action) and time.monotonic() < end:
        job.check()
        time.sleep(LOOK)
    return now


def _is_so(now: RunState, action: str) -> bool:
    if now.state in ENDED:
        return True
    return now.state == {"pause": "paused", "resume": "running"}.get(action)


def _again(folder: Path) -> RunState:
    now = state_of(folder)
    if now.state in ENDED and now.state != "done":
        launch(folder, read_spec(folder))
    return state_of(folder)


def _withdraw(folder: Path) -> bool:
    """Take back a job that waits in a cluster's queue, or a process that has not come to its first heartbeat."""
    waiting = read(folder / LAUNCH, Launch)
    if waiting is None or waiting.host not in ("", socket.gethostname()) or not (waiting.job or waiting.pid):
        return False
    if waiting.job:
        from rpdr_worker.runs.cluster import withdraw

        withdraw(waiting.job)
    else:
        with contextlib.suppress(ProcessLookupError):
            # A launcher of several processes ends them on this one, and on no other.
            os.kill(waiting.pid, signal.SIGTERM)
    write(folder / RESULT, Outcome("cancelled", 0.0))
    return True


def result(params: RunRef, _job: Job) -> RunResult:
    """What a run that is done has made. Raises `NotAllowedError` before that."""
    folder = existing_folder(params.run)
    outcome = read(folder / RESULT, Outcome)
    if outcome is None or outcome.info is None:
        raise NotAllowedError(f"run {params.run} is not done", hint="wait for it, or resume it")
    names = (path for path in sorted((folder / ADAPTER).rglob("*")) if path.is_file())
    files = (
        RunFile(path.relative_to(folder / ADAPTER).as_posix(), path.stat().st_size, sha256_of(path)) for path in names
    )
    return RunResult(outcome.info, tuple(files))


def fetch(params: ReadPart, _job: Job) -> FilePart:
    """Up to `PORTION` bytes of a file of the adapter."""
    adapter = (existing_folder(params.run) / ADAPTER).resolve()
    path = (adapter / params.file).resolve()
    if not path.is_relative_to(adapter) or not path.is_file():
        raise NotFoundError("the adapter has no such file", hint="see run.result")
    with path.open("rb") as stream:
        stream.seek(max(0, params.offset))
        return FilePart(base64.b64encode(stream.read(PORTION)).decode("ascii"))


def remove(params: RunRef, _job: Job) -> Empty:
    """Delete a run's folder with its rows. Raises `NotAllowedError` while it lives, `NotFoundError` where none is."""
    folder = run_folder(params.run)
    # Out of sight first: a removal that is cut short leaves no half run behind.
    aside = folder.with_name(f".{folder.name}")
    if folder.is_dir():
        if not _is_over(folder):
            raise NotAllowedError(f"run {params.run} is not over", hint="cancel it first")
        shutil.rmtree(aside, ignore_errors=True)
        folder.rename(aside)
    elif not aside.is_dir():
        raise NotFoundError(f"there is no run {params.run}", hint="see rpdr runs list")
    shutil.rmtree(aside)
    return Empty()


def _is_over(folder: Path) -> bool:
    """Also true of rows that were never started. Where the files do not tell, the lock does."""
    if not (folder / SPEC).is_file():
        return True
    try:
        return state_of(folder).state in ENDED
    except DamagedFileError:
        return not is_held(folder)


def _decoded(data: str) -> bytes:
    if len(data) > MOST:
        raise UserInputError(f"a part of {len(data):,} characters", hint=f"send at most {MOST:,}")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UserInputError("a part that is not base64", hint="encode it") from error


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _sync(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())
