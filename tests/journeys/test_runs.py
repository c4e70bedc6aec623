"""Training runs are processes of their own: they survive the worker, a pause, a cancel, and SIGKILL."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.tiny_llama import judged_rows, quick_generative, tiny_llama
from helpers.training_runs import (
    KB,
    ROWS,
    Leave,
    Watcher,
    folder_of,
    kill_left_over,
    pid_of,
    small_spec,
    start_small,
    wait_for,
)

from rpdr_core.errors import NotAllowedError, NotFoundError, WorldError
from rpdr_core.protocol.client import WorkerClient
from rpdr_core.protocol.messages import TrainingSpec
from rpdr_core.protocol.run_messages import Checkpoints, RunState
from rpdr_core.workflow.distilling import TrainingRows
from rpdr_core.workflow.fetching import fetch_adapter
from rpdr_core.workflow.runs import (
    RunSettings,
    control,
    describe_host,
    follow,
    list_runs,
    remove_run,
    run_state,
    start_run,
    trouble_of,
)
from rpdr_worker.runs.lock import is_held

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals"),
    pytest.mark.timeout(1800),
]
LONG = 3000


@pytest.fixture(autouse=True)
def nothing_left(rpdr_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    yield
    kill_left_over(rpdr_home)


def leave_after(worker: WorkerClient, run: str, steps: int, offset: int = 0) -> Watcher:
    watcher = Watcher(steps)
    with contextlib.suppress(Leave):
        follow(worker, run, watcher, offset)
    return watcher


def end_of(worker: WorkerClient, run: str) -> tuple[RunState, Watcher]:
    watcher = Watcher()
    return follow(worker, run, watcher), watcher


def test_a_run_goes_on_without_its_worker_and_is_followed_from_an_offset(tmp_path: Path, rpdr_home: Path) -> None:
    with WorkerClient.start() as worker:
        started = start_small(worker, tmp_path, epochs=60)
        assert started.state in ("queued", "running")
        first = leave_after(worker, started.run, 2)
        assert run_state(worker, started.run).state == "running"
        os.kill(worker._transport.pid, signal.SIGKILL)  # type: ignore[attr-defined]
    with WorkerClient.start() as worker:
        second = Watcher()
        ended = follow(worker, started.run, second, first.offset)
        assert (ended.state, ended.attempt) == ("done", 1)
        again = end_of(worker, started.run)[1]
        assert again.events == first.events + second.events
        assert again.training == sorted(set(again.training))
        assert again.events[-1].memory > 10_000_000
        info = fetch_adapter(worker, started.run, "small")
        assert info.id == ended.adapter_id
        assert Path(info.folder) == rpdr_home / "data" / "adapters" / "small"
        assert [run.run for run in list_runs(worker)] == [started.run]
        remove_run(worker, started.run)
        assert list_runs(worker) == ()
    assert not folder_of(rpdr_home, started.run).exists()


def test_a_paused_run_waits_and_goes_on(tmp_path: Path) -> None:
    with WorkerClient.start() as worker:
        run = start_small(worker, tmp_path, epochs=LONG).run
        leave_after(worker, run, 2)
        assert control(worker, run, "pause").state == "paused"
        before = run_state(worker, run)
        time.sleep(1.5)
        after = run_state(worker, run)
        assert (after.state, after.last, after.offset) == ("paused", before.last, before.offset)
        assert after.seconds > before.seconds, "its heart beats on"
        assert control(worker, run, "resume").state == "running"
        assert leave_after(worker, run, 3, after.offset).training
        assert control(worker, run, "pause").state == "paused"
        assert control(worker, run, "cancel").state == "cancelled"


@pytest.mark.usefixtures("quick_workers")
def test_a_cancelled_run_keeps_its_checkpoint_and_can_be_resumed(tmp_path: Path, rpdr_home: Path) -> None:
    with WorkerClient.start() as worker:
        whole = start_small(worker, tmp_path, epochs=90, name="whole").run
        expected = end_of(worker, whole)[0].adapter_id
        run = start_small(worker, tmp_path, epochs=90).run
        reached = leave_after(worker, run, 2).training[-1]
        began = time.monotonic()
        state = control(worker, run, "cancel")
        assert state.state == "cancelled"
        assert time.monotonic() - began < 60, "5 s on a machine that is not busy"
        assert "resume" in trouble_of(state).hint  # type: ignore[union-attr]
        assert any(folder_of(rpdr_home, run).glob("checkpoint-*"))
        assert control(worker, run, "cancel") == run_state(worker, run), "once more does nothing"
        with pytest.raises(NotAllowedError, match="not done"):
            fetch_adapter(worker, run, "small")
        assert control(worker, run, "resume").attempt == 2
        ended, watcher = end_of(worker, run)
        [resumed] = [event for event in watcher.events if event.kind == "resumed"]
        assert resumed.step >= reached - 6
        assert resumed.lost_steps == 0, "the checkpoint was written on the way out"
        assert (ended.state, ended.adapter_id) == ("done", expected)


def test_twenty_kills_change_nothing(tmp_path: Path, rpdr_home: Path, forked_worker: list[str]) -> None:
    """SIGKILL at random moments: while it loads, trains, writes a checkpoint. The weights come out the same.

    Every fifth process is started as in use, the others are forked from one that has loaded its libraries.
    """
    chance = random.Random(20)
    spec_epochs, every = 120, 5
    steps = 6 * spec_epochs
    with WorkerClient.start() as worker, WorkerClient.start(forked_worker) as quick:
        whole = start_small(worker, tmp_path, epochs=spec_epochs, steps=every, name="whole").run
        expected = end_of(worker, whole)[0]
        run = start_small(worker, tmp_path, epochs=spec_epochs, steps=every).run
        folder = folder_of(rpdr_home, run)
        for kill in range(20):
            wait_for(lambda: run_state(worker, run).state == "running")
            state = run_state(worker, run)
            # A run that is ahead of its share of the steps is killed while it loads: none is over before the last kill.
            ahead = state.last is not None and state.last.step > steps * (kill + 1) / 26
            if ahead or chance.random() < 0.2:
                time.sleep(chance.uniform(0, 0.2 if kill % 5 else 1.5))
            else:
                leave_after(worker, run, chance.randrange(1, 8), state.offset)
                time.sleep(chance.uniform(0, 0.1))
            assert run_state(worker, run).state == "running", f"over before kill {kill}"
            os.kill(pid_of(folder), signal.SIGKILL)
            wait_for(lambda: run_state(worker, run).state == "lost")
            control(quick if (kill + 1) % 5 else worker, run, "resume")
        ended, watcher = end_of(worker, run)
    assert (ended.state, ended.attempt) == ("done", 21)
    resumed = [event for event in watcher.events if event.kind == "resumed"]
    assert max(event.step for event in resumed) > 0
    # An event is written every 10 steps and a heartbeat each second; a kill loses one interval of 5 steps.
    assert all(event.lost_steps <= every for event in resumed)
    assert ended.adapter_id == expected.adapter_id
    assert ended.last is not None
    assert expected.last is not None
    assert (ended.last.loss, ended.last.acc_at_1) == (expected.last.loss, expected.last.acc_at_1)


@pytest.mark.usefixtures("quick_workers")
def test_a_damaged_checkpoint_falls_back_and_says_so(tmp_path: Path, rpdr_home: Path) -> None:
    with WorkerClient.start() as worker:
        run = start_small(worker, tmp_path, epochs=LONG).run
        folder = folder_of(rpdr_home, run)
        wait_for(lambda: len(list(folder.glob("checkpoint-*"))) == 2)
        control(worker, run, "cancel")
        older, newest = sorted(folder.glob("checkpoint-*"))
        victim = max(newest.iterdir(), key=lambda path: path.stat().st_size)
        data = bytearray(victim.read_bytes())
        data[len(data) // 2] ^= 1
        victim.write_bytes(data)
        offset = run_state(worker, run).offset
        control(worker, run, "resume")
        watcher = leave_after(worker, run, 1, offset)
        control(worker, run, "cancel")
    assert any("damaged" in event.note for event in watcher.events)
    [resumed] = [event for event in watcher.events if event.kind == "resumed"]
    assert resumed.step == int(older.name.rpartition("-")[2])
    assert resumed.lost_steps > 0


def test_two_processes_train_together_stop_together_and_go_on(tmp_path: Path, rpdr_home: Path) -> None:
    """As on a host with two GPUs: torch's launcher, the first process keeps the record, both stop and resume."""
    base = tiny_llama(tmp_path / "llama")
    spec = TrainingSpec(quick_generative(tmp_path, epochs=40, patience=40), KB, str(base), 3)
    rows = TrainingRows(judged_rows(32, seed=1), judged_rows(8, seed=2))
    settings = RunSettings(Checkpoints(0, 2), processes=2)
    with WorkerClient.start() as worker:
        run = start_run(worker, spec, rows, "two", settings=settings).run
        first = leave_after(worker, run, 2)
        assert control(worker, run, "cancel").state == "cancelled"
        command = (rpdr_home / "data" / "runs" / run / "log.txt").read_text(errors="replace")
        wait_for(lambda: not is_held(folder_of(rpdr_home, run)))
        control(worker, run, "resume")
        ended, watcher = end_of(worker, run)
        assert (ended.state, ended.message) == ("done", ""), command[-2000:]
        info = fetch_adapter(worker, run, "two")
    assert info.kind == "generative"
    steps = watcher.training
    assert steps[: len(first.training)] == first.training
    assert len(set(steps)) == len(steps), "one process speaks"


def test_what_stops_a_training_is_told_with_its_cure(tmp_path: Path) -> None:
    with WorkerClient.start() as worker:
        spec = small_spec(tmp_path)
        bad = tmp_path / "bad.toml"
        bad.write_text(Path(spec.recipe).read_text().replace("epochs = 14", "epochs = 0"))
        run = start_run(worker, type(spec)(str(bad), spec.knowledge_base, spec.base), ROWS, "bad").run
        state, _ = end_of(worker, run)
        assert state.state == "failed"
        assert "not a recipe" in state.message
        assert isinstance(trouble_of(state), WorldError)
        with pytest.raises(NotFoundError):
            run_state(worker, "no-such-run")


def test_the_host_says_what_it_trains_on() -> None:
    with WorkerClient.start() as worker:
        info = describe_host(worker)
    assert info.trains_on in ("cpu", "cuda")
    assert info.libraries.keys() >= {"torch", "transformers", "peft"}
    assert info.missing == ()
    assert min(info.cores, info.memory, info.disk_free) > 0
