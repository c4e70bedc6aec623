"""How a run stands is read off its folder: also when its process was killed, or its id given to another."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.run_folders import RUN, MakeRun

from rpdr_core.errors import DamagedFileError, NotFoundError, WireError
from rpdr_core.protocol.messages import AdapterInfo, TrainingEvent
from rpdr_worker.runs.folder import HEARTBEAT, LAUNCH, RESULT, Heartbeat, Launch, Outcome, existing_folder, write
from rpdr_worker.runs.life import boot_id, lives, own_start, start_of
from rpdr_worker.runs.lock import RunLock, is_held
from rpdr_worker.runs.state import FAR_SILENCE, state_of

BEAT = Heartbeat(1, socket.gethostname(), os.getpid(), boot_id(), own_start(), 130.0, 100.0, "running", 7)
INFO = AdapterInfo("a1", "/f", "r", "m", "0", 4, 1, 0.5, 0.7, "w")


@pytest.fixture
def folder(make_run: MakeRun) -> Path:
    made = make_run()
    write(made / LAUNCH, Launch(1, "process", socket.gethostname(), time.time(), os.getpid()))
    return made


@pytest.fixture
def held(folder: Path) -> Iterator[RunLock]:
    lock = RunLock(folder)
    yield lock
    lock.release()


def test_without_a_sign_of_life_it_is_queued(folder: Path) -> None:
    state = state_of(folder)
    assert (state.run, state.name, state.state, state.attempt) == (RUN, "small", "queued", 1)


@pytest.mark.parametrize("word", ["running", "paused"])
def test_a_beating_heart_tells_the_state(folder: Path, held: RunLock, word: str) -> None:
    last = TrainingEvent(7, 9, 0.7, 1.5)
    write(folder / HEARTBEAT, replace(BEAT, state=word, last=last))  # type: ignore[arg-type]
    state = state_of(folder)
    assert (state.state, state.seconds, state.last) == (word, 30.0, last)


def test_a_heart_of_a_dead_process_beats_no_more(folder: Path, held: RunLock) -> None:
    write(folder / HEARTBEAT, BEAT)
    held.release()
    state = state_of(folder)
    assert state.state == "lost"
    assert "resume" in state.hint


@pytest.mark.parametrize("other", [{"started": "1"}, {"boot": "another"}, {"pid": 2**22 + 1}, {"started": ""}])
def test_a_pid_that_is_somebody_elses_now_is_no_life(folder: Path, held: RunLock, other: dict[str, str]) -> None:
    write(folder / HEARTBEAT, replace(BEAT, **other))
    assert state_of(folder).state == "lost"


def test_on_another_machine_only_the_file_can_tell(folder: Path) -> None:
    write(folder / HEARTBEAT, replace(BEAT, host="node7"))
    assert state_of(folder).state == "running"
    old = time.time() - FAR_SILENCE - 1
    os.utime(folder / HEARTBEAT, (old, old))
    assert state_of(folder).state == "lost"


def test_the_heartbeat_of_an_earlier_attempt_says_nothing_of_this_one(folder: Path) -> None:
    write(folder / HEARTBEAT, BEAT)
    write(folder / LAUNCH, Launch(2, "process", socket.gethostname(), time.time(), os.getpid()))
    assert state_of(folder).state == "queued"


def test_a_process_that_never_came_is_lost(folder: Path) -> None:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    write(folder / LAUNCH, Launch(1, "process", socket.gethostname(), time.time(), done.pid))
    assert state_of(folder).state == "lost"


def test_the_result_counts_before_all_else(folder: Path) -> None:
    write(folder / HEARTBEAT, BEAT)
    write(folder / RESULT, Outcome("done", 12.5, INFO))
    state = state_of(folder)
    assert (state.state, state.seconds, state.adapter_id) == ("done", 12.5, "a1")
    write(folder / RESULT, Outcome("failed", 1.0, error=WireError("world", "out of memory", "smaller batches")))
    state = state_of(folder)
    assert (state.state, state.message, state.hint) == ("failed", "out of memory", "smaller batches")


def test_a_run_that_is_none(rpdr_home: Path, folder: Path) -> None:
    with pytest.raises(NotFoundError):
        existing_folder("20990101-000000-aaaaaa")
    (folder / RESULT).write_text("{")
    with pytest.raises(DamagedFileError):
        state_of(folder)


def test_the_lock_lets_one_in_and_looking_does_not_hinder(folder: Path) -> None:
    assert not is_held(folder)
    lock = RunLock(folder)
    assert is_held(folder)
    assert is_held(folder)
    lock.release()
    assert not is_held(folder)
    again = RunLock(folder, patience=0.0)
    again.release()


def test_life() -> None:
    assert lives(os.getpid(), boot_id(), own_start())
    assert not lives(0, boot_id(), "")
    gone = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    began = start_of(gone.pid)
    assert began
    gone.kill()
    while start_of(gone.pid):
        time.sleep(0.01)
    assert not lives(gone.pid, boot_id(), began), "not its remains, either"
    gone.communicate()
