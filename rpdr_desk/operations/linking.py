"""Linking a whole file offline, as a job: the core's resumable workflow, with a worker of the job's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rpdr_core.errors import NotAllowedError, RpdrError
from rpdr_core.records import KnowledgeBaseInfo
from rpdr_desk.operations import link_record
from rpdr_desk.operations.calls import Calls, MakeWorker
from rpdr_desk.operations.door import FileLook, Wish, look_mentions
from rpdr_desk.operations.following import Following, Moved
from rpdr_desk.operations.jobs import Jobs
from rpdr_desk.operations.link_state import LinkResult, LinkWish, Readiness, Unfinished
from rpdr_desk.operations.one_thread import Failed, OneThread
from rpdr_desk.operations.retrieving import Retrieval
from rpdr_desk.operations.store_thread import StoreThread
from rpdr_desk.settings import Settings

if TYPE_CHECKING:
    from rpdr_desk.operations.link_run import Base


class FileLinking(QObject):
    """One file at a time. What is done stays on disk: after a cancel or a kill it goes on where it was. `following`
    tells how far it is; `ended`: a run has ended, this way or that.
    """

    ended = Signal()

    def __init__(
        self,
        project: Path,
        info: KnowledgeBaseInfo,
        store: StoreThread,
        jobs: Jobs,
        retrieval: Retrieval,
        settings: Settings,
        make_worker: MakeWorker,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._project, self._info, self._store, self._jobs = project, info, store, jobs
        self._retrieval, self._settings, self._make = retrieval, settings, make_worker
        self._thread, self._looking = OneThread("link", self), OneThread("link preview", self)
        self._calls: Calls | None = None
        self.following = Following(self)
        self._asked = 0

    @property
    def busy(self) -> bool:
        return self._calls is not None

    def look(self, path: Path, wish: Wish, done: Callable[[FileLook], None], failed: Failed) -> None:
        """How the file would be read. An answer that a later question has overtaken is dropped."""
        self._asked += 1
        number, recalled = self._asked, dict(self._settings.values.columns)

        def answer(found: FileLook) -> None:
            if number == self._asked:
                done(found)

        def refused(error: RpdrError) -> None:
            if number == self._asked:
                failed(error)

        self._looking.submit(lambda: look_mentions(path, wish, recalled, ("mentions",)), answer, refused)

    def readiness(self, done: Callable[[Readiness], None], failed: Failed) -> None:
        """What a linking would be made with now."""
        from rpdr_desk.operations.link_run import readiness

        def told(found: Readiness) -> None:
            state = self._retrieval.state
            vectors = (state.dense_done, state.dense_total) if state is not None else (0, 0)
            done(replace(found, vectors=vectors[0], strings=vectors[1]))

        self._store.query(readiness, told, failed)

    def unfinished(self, done: Callable[[tuple[Unfinished, ...]], None]) -> None:
        """The runs that can go on, the newest first; none while one is under way."""
        if self.busy:
            done(())
        else:
            self._looking.submit(lambda: link_record.unfinished(self._project), done, lambda _error: None)

    def discard(self, key: str, done: Callable[[], None]) -> None:
        """What an unfinished run has done is not wanted. One that goes on elsewhere by now stays."""
        self._looking.submit(lambda: link_record.forget(key, journal=True), lambda _none: done(), lambda _error: done())

    def link(self, wish: LinkWish, done: Callable[[LinkResult], None], failed: Failed) -> None:
        """Write `wish.output` and its provenance. Where a run with the same wish was stopped it goes on."""
        self._begin(wish, link_record.same_run(self._project, wish), done, failed)

    def go_on(self, one: Unfinished, done: Callable[[LinkResult], None], failed: Failed) -> None:
        """Where an unfinished run stopped, with what it was begun with."""
        self._begin(one.wish, link_record.read(one.key), done, failed)

    def cancel(self) -> None:
        """End what is under way; what is done is kept."""
        self.following.cancel()
        if self._calls is not None:
            self._calls.stop()

    def close(self) -> None:
        self.cancel()
        self._thread.close()
        self._looking.close()
        if self._calls is not None:
            self._calls.close()

    def _begin(
        self, wish: LinkWish, before: link_record.Kept | None, done: Callable[[LinkResult], None], failed: Failed
    ) -> None:
        try:
            base = self._base()
        except RpdrError as error:
            failed(error)
            return
        calls = self._calls = Calls(self._make, self)
        self.following.deleteLater()
        self.following = following = Following(self)
        job = self._jobs.start("link", note=wish.source.name, cancel=self.cancel)
        following.moved.connect(lambda moved: self._told(job, moved))
        project = self._project

        def work() -> LinkResult:
            from rpdr_desk.operations.link_run import begin, link

            found = link(begin(project, wish, base, before), calls.call, following)
            link_record.forget(link_record.key_of(wish.output))
            return found

        def finished(found: LinkResult) -> None:
            self._over(calls)
            self._jobs.finish(job, f"{wish.output.name}: {found.rows:,}")
            done(found)

        def broke(error: RpdrError) -> None:
            self._over(calls)
            self._jobs.fail(job, error)
            failed(error)

        self._thread.submit(work, finished, broke)

    def _base(self) -> Base:
        from rpdr_core.workflow.encoders import encoder_folder
        from rpdr_desk.operations.link_run import Base

        if self.busy:
            raise NotAllowedError("a file is being linked already", hint="wait for it, or cancel it")
        reference = self._retrieval.reference
        if reference is None:
            raise NotAllowedError("the terminology is still being opened", hint="try again in a moment")
        return Base(self._info, reference, encoder_folder("", reference.fingerprint))

    def _over(self, calls: Calls) -> None:
        self._calls = None
        calls.close()
        calls.deleteLater()
        self.ended.emit()

    def _told(self, job: int, moved: Moved) -> None:
        self._jobs.progress(job, moved.done, moved.total, moved.seconds_left)
