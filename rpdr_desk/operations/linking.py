"""Linking a whole file offline, as a job: the core's resumable workflow, with this window's worker as its linker."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from rpdr_core.errors import Cancelled, NotAllowedError, RpdrError
from rpdr_core.protocol.messages import LinkMentions, MentionText
from rpdr_core.records import NewMention, Ranking
from rpdr_desk.operations.jobs import Jobs
from rpdr_desk.operations.one_thread import Failed, OneThread
from rpdr_desk.operations.worker_link import WorkerLink

if TYPE_CHECKING:
    from rpdr_core.workflow.linking import Linked


class FileLinking(QObject):
    """One file at a time. What is done stays on disk: started again after a cancel, it goes on where it was."""

    _ask = Signal(object, object)
    _step = Signal(int, int)

    def __init__(
        self,
        worker: WorkerLink,
        jobs: Jobs,
        fingerprint: str,
        model: Callable[[], str],
        scope: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._worker, self._jobs = worker, jobs
        self._fingerprint, self._model, self._scope = fingerprint, model, scope
        self._thread = OneThread("link", self)
        self._job = 0
        self._stopped = False
        self._pending: Future[list[Ranking]] | None = None
        self._ask.connect(self._send, Qt.ConnectionType.QueuedConnection)
        self._step.connect(self._stepped, Qt.ConnectionType.QueuedConnection)

    def link(self, source: Path, output: Path, adapter: str, done: Callable[[Path], None], failed: Failed) -> None:
        """Write `output` (CSV): every row of `source` with its code and confidence."""
        if self._jobs.is_running("link"):
            failed(NotAllowedError("a file is being linked already", hint="wait for it, or cancel it"))
            return
        self._stopped = False
        job = self._job = self._jobs.start("link", note=source.name, cancel=self._stop)
        model, scope = self._model(), self._scope()

        def finished(linked: Linked) -> None:
            self._jobs.finish(job, f"{output.name}: {linked.rows:,}")
            done(output)

        def broke(error: RpdrError) -> None:
            self._jobs.fail(job, error)
            if not isinstance(error, Cancelled):
                failed(error)

        self._thread.submit(lambda: self._run(source, output, adapter, model, scope), finished, broke)

    def close(self) -> None:
        self._stop()
        self._thread.close()

    def _run(self, source: Path, output: Path, adapter: str, model: str, scope: str) -> Linked:
        from rpdr_core.formats.mentions import read_mentions
        from rpdr_core.workflow.linking import CHUNK, SLOW_CHUNK, Head, link_file

        with source.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return link_file(
            lambda: read_mentions(source),
            output,
            Head(
                digest,
                self._fingerprint,
                f"{adapter or 'retriever'} {model}",
                scope,
                SLOW_CHUNK if adapter else CHUNK,
            ),
            lambda batch: self._link_batch(batch, adapter, scope),
            on_progress=self._step.emit,
        )

    def _link_batch(self, batch: list[NewMention], adapter: str, scope: str) -> list[Ranking]:
        """In a thread of the job: hand the batch to the window's thread, where the worker is, and wait."""
        if self._stopped:
            raise Cancelled("stopped")
        answer: Future[list[Ranking]] = Future()
        self._pending = answer
        items = tuple(MentionText(at, item.text, item.context) for at, item in enumerate(batch))
        self._ask.emit(LinkMentions(self._fingerprint, items, adapter=adapter, scope=scope), answer)
        return answer.result()

    def _send(self, params: LinkMentions, answer: Future[list[Ranking]]) -> None:
        found: list[Ranking] = []

        def end(error: RpdrError | None) -> None:
            if not answer.done():
                answer.set_result(found) if error is None else answer.set_exception(error)

        self._worker.request("link", params, done=lambda _done: end(None), failed=end, partial=found.append)

    def _stepped(self, done: int, total: int) -> None:
        self._jobs.progress(self._job, done, total)

    def _stop(self) -> None:
        self._stopped = True
        pending = self._pending
        if pending is not None and not pending.done():
            pending.set_exception(Cancelled("stopped"))
