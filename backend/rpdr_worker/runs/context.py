"""What a trainer sees of its detached process (`TrainingContext`), and the thread that keeps the run's folder alive."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from rpdr_core.errors import Cancelled
from rpdr_core.protocol.messages import TrainingEvent
from rpdr_core.protocol.run_messages import Checkpoints, RunStateName
from rpdr_worker.distillation.context import WriteState
from rpdr_worker.runs import checkpoints
from rpdr_worker.runs.events import EventLog, read_events
from rpdr_worker.runs.folder import HEARTBEAT, Heartbeat, read, wanted, write
from rpdr_worker.runs.life import boot_id, own_start

BEAT = 1.0
LOOK = 0.2
CHECKPOINT_GRACE = 1.5
"""Seconds that a cancelled run may take to its next checkpoint, so that nothing is lost."""
CANCEL_GRACE = 3.5
"""Seconds after which a cancelled run is ended by force: its trainer is deep in a library."""
LEAVE_GRACE = 20.0
"""The same for a run that the system asks to go (SIGTERM)."""


class RunContext:
    """`on_forced` is called by the watching thread when the trainer does not come back in time; it ends the process."""

    def __init__(
        self,
        folder: Path,
        attempt: int,
        due: Checkpoints,
        log: EventLog,
        on_forced: Callable[[RunStateName], None] = lambda _state: None,
    ) -> None:
        self._folder, self._attempt, self._due, self._log, self._on_forced = folder, attempt, due, log, on_forced
        self._began = self._written = time.monotonic()
        self._began_at = time.time()
        before = read(folder / HEARTBEAT, Heartbeat)
        self._reached = before.step if before else 0
        self._last = before.last if before else None
        self._step = self._written_step = 0
        self._state: RunStateName = "running"
        self._stopping = 0.0
        self._word: RunStateName | None = None
        self._kept = threading.Event()
        self._training = False
        self._going = threading.Event()
        self._going.set()
        self._ended = threading.Event()
        self._identity = (socket.gethostname(), os.getpid(), boot_id(), own_start())
        self._thread = threading.Thread(target=self._watch, name="rpdr-run-watch", daemon=True)

    @property
    def left(self) -> bool:
        """Whether the system asked the process to go: no end of the run, it can go on elsewhere or later."""
        return self._word == "lost"

    @property
    def seconds(self) -> float:
        return round(time.monotonic() - self._began, 2)

    def start(self) -> None:
        self._beat()
        self._thread.start()

    def stop(self) -> None:
        """End the watching; a last heartbeat keeps where the run stood."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        self._beat()

    def leave(self) -> None:
        """The system asks to go: a checkpoint if one comes soon, then the end. Safe in a signal handler."""
        if not self._stopping:
            self._word, self._stopping = "lost", time.monotonic()
            self._going.set()

    def check(self) -> None:
        self._training = True
        if self._stopping:
            self._give_up_in_time()
        elif not self._going.is_set():
            self._tell("paused")
            self._going.wait()
            self._give_up_in_time(at_once=True)
            self._tell("running")

    def event(self, event: TrainingEvent) -> None:
        self._last, self._step = event, event.step
        self._log.add("training", training=event)

    def say(self, note: str) -> None:
        self._log.add("note", note=note)

    def checkpoint(self, write: WriteState, *, step: int, force: bool = False) -> bool:
        self._step = step
        if not (force or self._stopping or self._is_due(step)):
            return False
        checkpoints.write_checkpoint(self._folder, step, write)
        self._written, self._written_step = time.monotonic(), step
        self._log.add("checkpoint", step=step)
        if self._stopping:
            self._kept.set()
        return True

    def resume(self) -> Path | None:
        checkpoints.remove_leftovers(self._folder)
        found, damaged = checkpoints.newest_whole(self._folder)
        for one in damaged:
            self.say(f"checkpoint {one.step} is damaged and left out")
            checkpoints.remove(one)
        step = found.step if found else 0
        reached = max([self._reached, *(event.training.step for event in read_events(self._folder) if event.training)])
        if self._attempt > 1 or reached:
            self._log.add("resumed", step=step, lost_steps=max(0, reached - step))
        self._step = self._written_step = step
        return found.folder if found else None

    def _is_due(self, step: int) -> bool:
        by_steps = self._due.steps and step - self._written_step >= self._due.steps
        return bool(by_steps or (self._due.seconds and time.monotonic() - self._written >= self._due.seconds))

    def _give_up_in_time(self, *, at_once: bool = False) -> None:
        if not self._stopping:
            return
        grace = LEAVE_GRACE if self.left else CHECKPOINT_GRACE
        if at_once or self._kept.is_set() or time.monotonic() - self._stopping > grace:
            raise Cancelled("stopped on request")

    def _tell(self, state: RunStateName) -> None:
        self._state = state
        self._log.add("state", state=state)
        self._beat()

    def _watch(self) -> None:
        beaten = 0.0
        while not self._ended.wait(LOOK):
            self._obey()
            if time.monotonic() - beaten >= BEAT:
                beaten = time.monotonic()
                self._beat()
            if self._word and time.monotonic() - self._stopping > self._limit():
                self._on_forced(self._word)

    def _limit(self) -> float:
        """Seconds to the end by force. A run that still loads its libraries has nothing to lose."""
        if not self._training:
            return 0.0
        return LEAVE_GRACE + CANCEL_GRACE if self.left else CANCEL_GRACE

    def _obey(self) -> None:
        word = wanted(self._folder)
        if word == "cancel" and not self._stopping:
            self._word, self._stopping = "cancelled", time.monotonic()
        if word == "pause" and not self._stopping:
            self._going.clear()
        else:
            self._going.set()

    def _beat(self) -> None:
        host, pid, boot, started = self._identity
        beat = Heartbeat(
            self._attempt, host, pid, boot, started, time.time(), self._began_at, self._state, self._step, self._last
        )
        write(self._folder / HEARTBEAT, beat, sync=False)


class SilentContext:
    """The context of a process that only helps: the first process of the run hears and tells everything."""

    def check(self) -> None:
        """Whether to stop is the first one's word."""

    def event(self, event: TrainingEvent) -> None:
        """Told by the first one."""

    def say(self, note: str) -> None:
        """Told by the first one."""

    def checkpoint(self, write: WriteState, *, step: int, force: bool = False) -> bool:  # noqa: ARG002 - as agreed
        return False

    def resume(self) -> Path | None:
        return None
