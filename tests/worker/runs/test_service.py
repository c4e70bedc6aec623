"""The methods for runs, with a training that needs no model."""

from __future__ import annotations

import base64
import os
import signal
import time

import pytest
from helpers.odd_training import CANARY, INFO
from helpers.run_folders import LINES, RUN, MakeRun, spec_of
from helpers.training_runs import pid_of, wait_for

from rpdr_core.errors import Cancelled, DamagedFileError, NotAllowedError, NotFoundError, UserInputError
from rpdr_core.protocol.messages import Empty
from rpdr_core.protocol.run_messages import ControlRun, FollowRun, ReadPart, RunEvent, RunPart, RunRef, RunState
from rpdr_worker.job import RecordingJob
from rpdr_worker.runs import leftovers, service
from rpdr_worker.runs.events import read_events
from rpdr_worker.runs.folder import ADAPTER, LAUNCH, LOG, RESULT, Launch, Outcome, read, run_folder, write
from rpdr_worker.runs.life import start_of
from rpdr_worker.runs.lock import RunLock
from rpdr_worker.runs.process import run as run_process

JOB = RecordingJob()


def upload(file: str, data: bytes, offset: int = 0) -> int:
    return upload_of(RUN, file, data, offset)


def upload_of(run: str, file: str, data: bytes, offset: int = 0) -> int:
    part = RunPart(run, file, offset, base64.b64encode(data).decode())  # type: ignore[arg-type]
    return service.upload(part, JOB).size


def start(way: str = "long") -> RunState:
    upload("recipe.toml", way.encode())
    upload("rows.jsonl", LINES)
    return service.start(spec_of(way), JOB)


def now() -> RunState:
    return service.state(RunRef(RUN), JOB)


def steer(action: str) -> RunState:
    return service.control(ControlRun(RUN, action), JOB)  # type: ignore[arg-type]


def until(*states: str) -> RunState:
    wait_for(lambda: now().state in states)
    return now()


def now_or_none() -> RunState | None:
    try:
        return now()
    except NotFoundError:
        return None


def pid_launched() -> int:
    found = read(run_folder(RUN) / LAUNCH, Launch)
    assert found is not None
    return found.pid


def trained() -> bool:
    return any(event.kind == "checkpoint" for event in read_events(run_folder(RUN)))


@pytest.mark.usefixtures("rpdr_home")
class TestUpload:
    def test_parts_join_and_a_repeated_one_takes_the_place_of_what_was_held(self) -> None:
        assert upload("rows.jsonl", b"") == 0
        assert upload("rows.jsonl", b"abcdef") == 6
        assert upload("rows.jsonl", b"DEFG", 3) == 7
        assert upload("rows.jsonl", b"", 99) == 7
        assert (run_folder(RUN) / "rows.jsonl").read_bytes() == b"abcDEFG"

    def test_a_gap_is_refused(self) -> None:
        upload("rows.jsonl", b"abc")
        for offset in (4, -1):
            with pytest.raises(NotAllowedError):
                upload("rows.jsonl", b"x", offset)

    @pytest.mark.parametrize("run", ["../x", "A", "", "a" * 99, "x/../../etc", "-rf", "a b c d"])
    def test_an_id_is_no_path(self, run: str) -> None:
        with pytest.raises(UserInputError):
            service.upload(RunPart(run, "rows.jsonl", 0, "YQ=="), JOB)

    @pytest.mark.parametrize("data", ["a", "ä", "YQ", "Y" * (service.MOST + 4)])
    def test_what_is_no_part_is_refused(self, data: str) -> None:
        with pytest.raises(UserInputError):
            service.upload(RunPart(RUN, "rows.jsonl", 0, data), JOB)

    def test_a_start_checks_what_was_sent(self) -> None:
        with pytest.raises(NotFoundError, match="recipe"):
            service.start(spec_of(), JOB)
        upload("recipe.toml", b"long")
        upload("rows.jsonl", LINES[:-5])
        with pytest.raises(DamagedFileError, match="rows"):
            service.start(spec_of(), JOB)
        assert service.list_runs(Empty(), JOB).runs == ()


@pytest.mark.usefixtures("odd")
class TestRunning:
    def test_from_start_to_result(self) -> None:
        assert start("quick").state in ("queued", "running")
        assert until("done").adapter_id == INFO.id
        found = service.result(RunRef(RUN), JOB)
        assert found.info.folder == str(run_folder(RUN) / ADAPTER)
        assert [(file.name, file.size) for file in found.files] == [("manifest.json", 2)]
        assert base64.b64decode(service.fetch(ReadPart(RUN, "manifest.json", 0), JOB).data) == b"{}"
        assert service.fetch(ReadPart(RUN, "manifest.json", 2), JOB).data == ""
        for file in ("../spec.json", "/etc/passwd", "no-such", ""):
            with pytest.raises(NotFoundError):
                service.fetch(ReadPart(RUN, file, 0), JOB)
        with pytest.raises(NotAllowedError, match="already"):
            upload("rows.jsonl", b"more")
        assert steer("resume").state == steer("cancel").state == "done"
        assert run_process(run_folder(RUN)) == 0, "a run that has ended is not run again"

    def test_a_second_start_finds_the_first(self) -> None:
        start()
        wait_for(trained)
        assert service.start(spec_of(), JOB).attempt == 1
        with pytest.raises(NotAllowedError, match="another run"):
            service.start(spec_of("other"), JOB)
        with pytest.raises(NotAllowedError, match="process already"):
            run_process(run_folder(RUN))
        with pytest.raises(NotAllowedError, match="not over"):
            service.remove(RunRef(RUN), JOB)
        with pytest.raises(NotAllowedError, match="not done"):
            service.result(RunRef(RUN), JOB)

    def test_pause_and_resume(self) -> None:
        start()
        wait_for(trained)
        assert steer("pause").state == "paused"
        assert steer("pause").state == "paused"
        size = now().offset
        time.sleep(0.5)
        assert now().offset == size
        assert steer("resume").state == "running"
        assert steer("cancel").state == "cancelled"
        states = [event.state for event in read_events(run_folder(RUN)) if event.kind == "state"]
        assert states == ["running", "paused", "running", "cancelled"]

    def test_a_cancelled_run_resumes_from_its_checkpoint(self) -> None:
        start()
        wait_for(trained)
        assert steer("cancel").state == "cancelled"
        assert steer("resume").attempt == 2
        until("done")
        [resumed] = [event for event in read_events(run_folder(RUN)) if event.kind == "resumed"]
        assert resumed.step > 0

    def test_one_that_does_not_listen_is_ended_by_force(self) -> None:
        start("deaf")
        wait_for(lambda: list(read_events(run_folder(RUN)))[1:])
        began = time.monotonic()
        assert steer("cancel").state == "cancelled"
        assert time.monotonic() - began < 60, "5 s on a machine that is not busy"
        assert any("force" in event.note for event in read_events(run_folder(RUN)))

    def test_one_that_loads_or_has_not_begun_is_ended_at_once(self) -> None:
        for way in ("slow", "slow"):
            if now_or_none() is None:
                start(way)
            else:
                steer("resume")
                until("running")
            assert steer("cancel").state == "cancelled"
            wait_for(lambda: not start_of(pid_launched()))
        assert steer("resume").attempt == 3

    def test_a_terminated_one_writes_a_checkpoint_and_can_go_on(self) -> None:
        start()
        wait_for(trained)
        before = max(event.step for event in read_events(run_folder(RUN)))
        os.kill(pid_of(run_folder(RUN)), signal.SIGTERM)
        assert until("lost").hint == "resume it"
        last = [event for event in read_events(run_folder(RUN)) if event.kind == "checkpoint"][-1]
        assert last.step >= before
        steer("resume")
        until("done")
        [resumed] = [event for event in read_events(run_folder(RUN)) if event.kind == "resumed"]
        assert (resumed.step, resumed.lost_steps) == (last.step, 0)

    @pytest.mark.parametrize(
        ("way", "message"),
        [("break", "unexpected ValueError"), ("memory", "out of memory"), ("library", "peft is not installed")],
    )
    def test_a_failure_is_told_without_the_texts_it_was_about(self, way: str, message: str) -> None:
        start(way)
        state = until("failed")
        assert state.message == message
        folder = run_folder(RUN)
        told = [path for path in folder.iterdir() if path.is_file() and path.name not in ("rows.jsonl", LOG)]
        assert not [path.name for path in told if CANARY in path.read_text(errors="replace")]
        log = [line for line in (folder / LOG).read_text().splitlines() if line != CANARY]
        assert CANARY not in "".join(log), "what a library prints is its own; our log line is not"

    def test_following_tells_all_and_leaving_stops_nothing(self) -> None:
        start()
        job = RecordingJob()

        def leave(value: object) -> None:
            job.cancelled = isinstance(value, RunEvent) and value.kind == "checkpoint"

        job.on_partial = leave
        with pytest.raises(Cancelled):
            service.follow(FollowRun(RUN), job)
        assert now().state == "running"
        steer("cancel")
        rest = RecordingJob()
        offset = job.partials[-1].offset  # type: ignore[attr-defined]
        assert service.follow(FollowRun(RUN, offset), rest).state == "cancelled"
        assert [*job.partials, *rest.partials] == list(read_events(run_folder(RUN)))


def test_runs_are_listed_newest_first_and_removed_with_their_rows(make_run: MakeRun) -> None:
    folders = [make_run(run=f"2026112{day}-101112-abcdef") for day in (1, 2)]
    for folder in folders:
        write(folder / RESULT, Outcome("cancelled", 1.0))
    (folders[0].parent / "20261123-101112-abcdef").mkdir()
    assert [run.run for run in service.list_runs(Empty(), JOB).runs] == [folder.name for folder in reversed(folders)]
    for folder in folders:
        service.remove(RunRef(folder.name), JOB)
        with pytest.raises(NotFoundError):
            # A mistyped id must not pass for rows that are gone.
            service.remove(RunRef(folder.name), JOB)
    assert [path.name for path in folders[0].parent.iterdir()] == ["20261123-101112-abcdef"]


class TestWhatIsLeftBehind:
    def test_a_removal_that_was_cut_short_leaves_no_run_in_the_list(self, make_run: MakeRun) -> None:
        folder = make_run()
        folder.rename(folder.with_name(f".{folder.name}"))
        assert service.list_runs(Empty(), JOB).runs == ()
        service.remove(RunRef(RUN), JOB)
        assert list(folder.parent.iterdir()) == []

    @pytest.mark.parametrize("name", ["spec.json", "launch.json", "heartbeat.json", "result.json"])
    def test_a_run_whose_files_are_damaged_can_be_removed(self, make_run: MakeRun, name: str) -> None:
        folder = make_run()
        (folder / name).write_bytes(b"{")
        with pytest.raises(DamagedFileError):
            service.state(RunRef(RUN), JOB)
        service.remove(RunRef(RUN), JOB)
        assert not folder.exists()

    def test_a_damaged_run_that_lives_is_not_removed(self, make_run: MakeRun) -> None:
        folder = make_run()
        lock = RunLock(folder)
        (folder / "heartbeat.json").write_bytes(b"{")
        with pytest.raises(NotAllowedError):
            service.remove(RunRef(RUN), JOB)
        lock.release()
        assert folder.is_dir()

    def test_rows_of_a_start_that_never_came_do_not_stay_for_good(self, make_run: MakeRun) -> None:
        upload("rows.jsonl", LINES)
        abandoned, started = run_folder(RUN), make_run(run="20261101-101112-aaaaaa")
        for folder in (abandoned, started):
            for path in (*folder.iterdir(), folder):
                os.utime(path, (time.time() - 2 * leftovers.ABANDONED,) * 2)
        upload_of("20261121-101112-bbbbbb", "recipe.toml", b"long")
        assert not abandoned.exists()
        assert started.is_dir()
        assert run_folder("20261121-101112-bbbbbb").is_dir()
