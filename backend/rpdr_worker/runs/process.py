"""The process of a run: `python -m rpdr_worker run FOLDER`. It ends by itself and tells how in `result.json`."""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path

from rpdr_core.errors import Cancelled, to_wire
from rpdr_core.protocol.messages import AdapterInfo
from rpdr_core.protocol.run_messages import RunStateName
from rpdr_worker.faults import told
from rpdr_worker.runs.context import RunContext, SilentContext
from rpdr_worker.runs.events import EventLog
from rpdr_worker.runs.folder import (
    ADAPTER,
    LAUNCH,
    RECIPE,
    RESULT,
    Launch,
    Outcome,
    read,
    read_rows,
    read_spec,
    write,
)
from rpdr_worker.runs.lock import RunLock

# A cluster warns with SIGUSR2 before it takes the machine back.
_LEAVE = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGUSR2") if hasattr(signal, name))

_LOG = logging.getLogger("rpdr.run")


def run(folder: Path) -> int:
    """Train what the folder asks for, from its newest checkpoint on. Returns the exit code, 0 also for a run that
    was cancelled. Raises `NotAllowedError` when another process trains there.
    """
    faulthandler.enable(sys.stderr)
    if int(os.environ.get("RANK", "0")):
        return _help(folder)
    lock = RunLock(folder)
    try:
        if (folder / RESULT).exists():
            return 0
        return _Process(folder).run()
    finally:
        lock.release()


def _help(folder: Path) -> int:
    """One of several processes of a run, not the first: it follows the first, which alone speaks and writes."""
    from rpdr_worker.distillation.entry import train

    for number in _LEAVE:
        # The first one hears it too, and tells.
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    spec = replace(read_spec(folder).spec, recipe=str(folder / RECIPE))
    try:
        train(spec, *read_rows(folder), folder / ADAPTER, SilentContext())
    except Cancelled:
        return 0
    return 0


class _Process:
    """`run` trains in the calling thread; the context's thread may end it all by force."""

    def __init__(self, folder: Path) -> None:
        launch = read(folder / LAUNCH, Launch)
        self._folder, self._spec = folder, read_spec(folder)
        self._log = EventLog(folder)
        attempt = launch.attempt if launch else 1
        self._context = RunContext(folder, attempt, self._spec.checkpoints, self._log, self._force)
        self._end_lock = threading.Lock()
        self._ended = False

    def run(self) -> int:
        for number in _LEAVE:
            signal.signal(number, lambda _number, _frame: self._context.leave())
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._context.start()
        self._log.add("state", state="running")
        try:
            info = self._train()
        except Cancelled:
            return self._stopped()
        except BaseException as error:  # noqa: BLE001 - whatever ends the training is told in its record
            return self._failed(error)
        self._end(Outcome("done", self._context.seconds, info))
        return 0

    def _train(self) -> AdapterInfo:
        from rpdr_worker.distillation.entry import train

        rows, validation = read_rows(self._folder)
        spec = replace(self._spec.spec, recipe=str(self._folder / RECIPE))
        info = train(spec, rows, validation, self._folder / ADAPTER, self._context)
        return replace(info, folder=str(self._folder / ADAPTER))

    def _stopped(self) -> int:
        if self._context.left:
            self._leave()
            return 128 + signal.SIGTERM
        self._end(Outcome("cancelled", self._context.seconds))
        return 0

    def _failed(self, error: BaseException) -> int:
        known = told(error)
        if known is None:
            _LOG.critical("the training failed", exc_info=error)
        self._end(Outcome("failed", self._context.seconds, error=to_wire(known or error)))
        return 1

    def _leave(self) -> None:
        self._log.add("note", note="the system asked the process to stop")
        self._context.stop()
        self._log.close()

    def _end(self, outcome: Outcome) -> None:
        """The record first, then the result: who sees the result has everything. A forced end keeps the lock."""
        with self._end_lock:
            self._ended = True
        self._context.stop()
        self._log.add("state", state=outcome.state, note=outcome.error.message if outcome.error else "")
        self._log.close()
        write(self._folder / RESULT, outcome)

    def _force(self, state: RunStateName) -> None:
        with self._end_lock:
            if self._ended:
                return
            self._ended = True
            self._log.add("state", state=state, note="ended by force: the training did not answer")
            if state == "cancelled":
                write(self._folder / RESULT, Outcome(state, self._context.seconds))
            # Not 0: a launcher of several processes ends the others then.
            os._exit(1)
