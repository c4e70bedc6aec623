"""The worker as a process of ours: started, spoken to, and started again when it dies. Nothing here blocks.

The protocol is the core's `ClientSession`; this file only moves its bytes through a `QProcess`.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QProcess, QTimer, Signal

from rpdr_core import __version__
from rpdr_core.errors import Cancelled, RpdrError, WorkerLostError
from rpdr_core.protocol import stderr_log
from rpdr_core.protocol.client_session import ClientSession
from rpdr_core.protocol.events import ClientEvent, Closed, Failure, Partial, Progress, Ready, Result
from rpdr_core.protocol.messages import Initialized, ProgressEvent
from rpdr_core.protocol.process import worker_command
from rpdr_desk.operations.worker_link import WorkerState

PAUSES_MS = (500, 1_000, 2_000, 5_000, 15_000)
"""A worker on this machine that crashes is worth some tries."""
GOODBYE_MS = 1_500
LONGEST = 64 * 1024
"""Bytes of a line of stderr that are waited for; what is longer is no log line."""


Explain = Callable[[int | None, tuple[str, ...]], RpdrError | None]


@dataclass(frozen=True, slots=True)
class _Asked:
    method: str
    params: Any
    done: Callable[[Any], None]
    failed: Callable[[RpdrError], None]
    partial: Callable[[Any], None] | None
    progress: Callable[[ProgressEvent], None] | None


class WorkerProcess(QObject):
    """A `WorkerLink` over a process. Requests made before it is ready wait; a crash fails those under way.

    `pauses`: before each new start after a crash, in milliseconds (default: `PAUSES_MS`); after the last one the worker
    counts as failed. `explain` makes an error of an exit code and the last words, or None: for a command like ssh,
    which has words of its own.
    """

    state_changed = Signal(str)

    def __init__(
        self,
        command: Sequence[str] = (),
        parent: QObject | None = None,
        *,
        pauses: Sequence[int] | None = None,
        explain: Explain = lambda _code, _words: None,
    ) -> None:
        super().__init__(parent)
        self._pauses, self._explain = tuple(PAUSES_MS if pauses is None else pauses), explain
        self._command = list(command) or worker_command()
        self._words = b""
        self._tail = stderr_log.new_tail()
        self._state: WorkerState = "stopped"
        self._crashes = 0
        self._numbers = 0
        self._waiting: dict[int, _Asked] = {}
        self._sent: dict[int, tuple[int, _Asked]] = {}
        self._process: QProcess | None = None
        self._session = ClientSession("")
        self._again = QTimer(self, singleShot=True)
        self._again.timeout.connect(self.start)
        self.hello: Initialized | None = None
        self.trouble: RpdrError | None = None

    @property
    def state(self) -> WorkerState:
        return self._state

    def start(self) -> None:
        """Start the process; `state_changed` tells how it goes."""
        self._again.stop()
        self._session = ClientSession(f"rpdr-desk {__version__}", parent_pid=os.getpid())
        process = QProcess(self)
        process.setProgram(self._command[0])
        process.setArguments(self._command[1:])
        self._words = b""
        self._tail.clear()
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(lambda: self._overhear(process))
        process.finished.connect(lambda _code, _status: self._lost(process))
        process.errorOccurred.connect(lambda error: self._could_not(process, error))
        self._process = process
        self._set_state("starting" if not self._crashes else "restarting")
        process.start()
        process.write(QByteArray(self._session.initialize()))

    def request(
        self,
        method: str,
        params: Any,
        *,
        done: Callable[[Any], None],
        failed: Callable[[RpdrError], None],
        partial: Callable[[Any], None] | None = None,
        progress: Callable[[ProgressEvent], None] | None = None,
    ) -> int:
        """Send now or as soon as the worker is ready; returns a number for `cancel`."""
        self._numbers += 1
        number, asked = self._numbers, _Asked(method, params, done, failed, partial, progress)
        if self._state == "failed":
            error = self.trouble or WorkerLostError("the worker does not run")
            QTimer.singleShot(0, self, lambda: failed(error))
        elif self._state == "ready":
            self._send(number, asked)
        else:
            self._waiting[number] = asked
        return number

    def cancel(self, request: int) -> None:
        unsent = self._waiting.pop(request, None)
        if unsent is not None:
            QTimer.singleShot(0, self, lambda: unsent.failed(Cancelled("cancelled")))
        wire = next((one for one, (number, _) in self._sent.items() if number == request), None)
        if wire is not None and self._process is not None:
            self._process.write(QByteArray(self._session.cancel(wire)))

    def close(self) -> None:
        """End its stdin, which means stop; give it a moment, then make sure."""
        self._again.stop()
        process, self._process = self._process, None
        self._waiting.clear()
        self._sent.clear()
        if process is not None:
            process.blockSignals(True)
            process.closeWriteChannel()
            if process.state() != QProcess.ProcessState.NotRunning and not process.waitForFinished(GOODBYE_MS):
                process.kill()
                process.waitForFinished(GOODBYE_MS)
            process.deleteLater()
        self._set_state("stopped")

    def _send(self, number: int, asked: _Asked) -> None:
        try:
            wire, line = self._session.request(asked.method, asked.params)
        except RpdrError as error:
            refused = error
            QTimer.singleShot(0, self, lambda: asked.failed(refused))
            return
        self._sent[wire] = (number, asked)
        if self._process is not None:
            self._process.write(QByteArray(line))

    def _read(self) -> None:
        if self._process is not None:
            self._hear(self._session.receive(bytes(self._process.readAllStandardOutput().data())))

    def _overhear(self, process: QProcess) -> None:
        """Its log lines go to our log. Whatever else a library prints may hold anything: it is kept in memory only."""
        *lines, self._words = (self._words + bytes(process.readAllStandardError().data())).split(b"\n")
        if len(self._words) > LONGEST:
            lines, self._words = [*lines, self._words], b""
        stderr_log.forward(io.BytesIO(b"\n".join(lines)), self._tail)

    def _hear(self, events: list[ClientEvent]) -> None:
        for event in events:
            match event:
                case Ready(worker):
                    self._be_ready(worker)
                case Partial(id, value):
                    partial = self._sent[id][1].partial
                    if partial is not None:
                        partial(value)
                case Progress(id, step):
                    progress = self._sent[id][1].progress
                    if progress is not None:
                        progress(step)
                case Result(id, value):
                    self._sent.pop(id)[1].done(value)
                case Failure(id, error):
                    self._sent.pop(id)[1].failed(error)
                case Closed(error):
                    self.trouble = error
                    if self._process is not None:
                        self._process.kill()

    def _be_ready(self, worker: Initialized) -> None:
        self.hello, self.trouble, self._crashes = worker, None, 0
        self._set_state("ready")
        waiting, self._waiting = self._waiting, {}
        for number, asked in waiting.items():
            self._send(number, asked)

    def _could_not(self, process: QProcess, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._lost(process)

    def _lost(self, process: QProcess) -> None:
        if process is not self._process:
            return
        self._process = None
        self._overhear(process)
        process.deleteLater()
        words = [*self._tail, self._words.decode("utf-8", "replace").strip()]
        last = next((word for word in reversed(words) if word), "")
        gone = WorkerLostError("the worker process went away", hint=f"its last words: {last}" if last else "")
        lost = self._explain(process.exitCode(), tuple(words)) or gone
        self.trouble = self.trouble or lost
        pause = self._pauses[self._crashes] if self._crashes < len(self._pauses) else None
        self._crashes += 1
        # The state first: who hears of the failure may ask again at once, and that must wait for the next start.
        self._set_state("restarting" if pause is not None else "failed")
        self._hear([event for event in self._session.close(lost) if isinstance(event, Failure)])
        if pause is not None:
            self._again.start(pause)
        else:
            self._fail_waiting()

    def _fail_waiting(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for asked in waiting.values():
            asked.failed(self.trouble or WorkerLostError("the worker does not run"))

    def _set_state(self, state: WorkerState) -> None:
        if state != self._state:
            self._state = state
            self.state_changed.emit(state)
