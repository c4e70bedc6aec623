"""One open project with all that may be asked of it; closed as a whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rpdr_core.protocol.messages import KnowledgeBaseRef
from rpdr_core.records import Changes, KnowledgeBaseInfo
from rpdr_desk.operations.adjudicating import Adjudicating
from rpdr_desk.operations.calls import MakeWorker, no_other_worker
from rpdr_desk.operations.comparing import Comparing
from rpdr_desk.operations.door import Door
from rpdr_desk.operations.effort import Effort
from rpdr_desk.operations.encoder_runs import EncoderRuns
from rpdr_desk.operations.encoders import Encoders
from rpdr_desk.operations.exchanging import Exchange
from rpdr_desk.operations.exports import Exports
from rpdr_desk.operations.given_list import GivenList
from rpdr_desk.operations.history import Past
from rpdr_desk.operations.hosts import Hosts
from rpdr_desk.operations.identical import Identical
from rpdr_desk.operations.indexing import Indexing
from rpdr_desk.operations.jobs import Jobs
from rpdr_desk.operations.linking import FileLinking
from rpdr_desk.operations.linting import Linting
from rpdr_desk.operations.machines import Connect, Machines, no_other_machine
from rpdr_desk.operations.one_thread import OneThread
from rpdr_desk.operations.overview import Overview
from rpdr_desk.operations.queues import Queues
from rpdr_desk.operations.ranking_anew import RETRIEVER
from rpdr_desk.operations.reading import Reading
from rpdr_desk.operations.retrieving import Retrieval
from rpdr_desk.operations.reviewing import Review
from rpdr_desk.operations.runs import Runs
from rpdr_desk.operations.saved_filters import SavedFilters
from rpdr_desk.operations.scopes import Scopes
from rpdr_desk.operations.shelf import Shelf
from rpdr_desk.operations.soundness import Soundness
from rpdr_desk.operations.store_thread import StoreThread
from rpdr_desk.operations.students import Students
from rpdr_desk.operations.teaching import Teaching
from rpdr_desk.operations.terminology import OpenedTerminology, Terminology
from rpdr_desk.operations.tidying import Tidying
from rpdr_desk.operations.upgrades import Upgrades
from rpdr_desk.operations.worker_jobs import WorkerJobs
from rpdr_desk.operations.worker_link import WorkerLink
from rpdr_desk.settings import Settings

if TYPE_CHECKING:
    from rpdr_core.store import Project


@dataclass(frozen=True, slots=True)
class OpenedProject:
    """A project opened in its thread, and what was read there while it was at hand."""

    project: Project
    thread: OneThread
    path: Path
    name: str
    knowledge_base: KnowledgeBaseInfo


class Workspace(QObject):
    """`worker`, `open_terminology`, `connect` and `another` (a worker for a long job) are handed in, so that tests put
    their own there.

    `notices` carries words for the reviewer when something that was asked for is done. `mention_asked`: a page that
    is not the review wants this mention reviewed; `list_asked`: or a `GivenList` of them. `moved`: the project maps to
    another knowledge base now and is to be opened anew; with a `GivenList` of what is to be decided then, or None.
    `release_asked`: the path of a terminology that was given to another page.
    """

    notices = Signal(str)
    mention_asked = Signal(int)
    list_asked = Signal(object)
    moved = Signal(object)
    release_asked = Signal(object)

    def __init__(
        self,
        opened: OpenedProject,
        settings: Settings,
        worker: WorkerLink,
        open_terminology: Callable[[], OpenedTerminology],
        parent: QObject | None = None,
        *,
        connect: Connect = no_other_machine,
        another: MakeWorker = no_other_worker,
    ) -> None:
        super().__init__(parent)
        self.path, self.name, self.knowledge_base = opened.path, opened.name, opened.knowledge_base
        self.worker = worker
        self._settings = settings
        self.store = StoreThread(opened.project, opened.thread, self)
        self.reading = Reading(opened.project.reader(small=True), lambda: self.reviewer)
        self.jobs = Jobs(self)
        self.review = Review(self.store, lambda: self.reviewer)
        self.identical = Identical(self.store, lambda: self.reviewer)
        self.past = Past(self.store, lambda: self.reviewer)
        self.effort = Effort(lambda: settings.values.record_seconds, parent=self)
        self.terminology = Terminology(open_terminology, self)
        self.queues = Queues(self.store, self.terminology, lambda: settings.values.reviewer)
        self.tidying = Tidying(opened.path, self.store, self)
        self.soundness = Soundness(opened.path, self)
        self.soundness.damaged.connect(self.store.trouble)
        self.saved_filters = SavedFilters(self.store, lambda: settings.values.reviewer)
        self.adjudicating = Adjudicating(self.store, self.terminology, lambda: settings.values.reviewer, self)
        self.linting = Linting(self.store, self.terminology, self.path, lambda: settings.values.reviewer, self)
        self.retrieval = Retrieval(self.store, worker, self.jobs, self.reading.mentions, self)
        self.exchange = Exchange(self.store, self.jobs)
        self.door = Door(self.store, self.jobs, settings, self)
        self.shelf = Shelf(self.jobs, settings, self)
        self.scopes = Scopes(self.path, self.store, lambda: self.reviewer, self)
        self.upgrades = Upgrades(self.path, self.store, lambda: self.reviewer, self)
        self.exports = Exports(self.path, self.jobs, settings, lambda: self.reviewer, self)
        worker_jobs = WorkerJobs(worker, self.jobs)
        self.indexing = Indexing(self.store, self.retrieval, self.jobs, worker_jobs, self)
        self.teaching = Teaching(self.store, worker, self.jobs, settings, self)
        fingerprint = opened.knowledge_base.fingerprint
        self.students = Students(self.store, worker, self.jobs, lambda: fingerprint)
        self.machines = Machines(worker, connect)
        self.hosts = Hosts(self.machines, self)
        self.runs = Runs(self.store, self.machines, self.jobs, lambda: fingerprint, self)
        self.encoders = Encoders(opened.knowledge_base, self.store, self.jobs, self.retrieval, another, self)
        self.lessons = EncoderRuns(
            opened.path, self.store, self.machines, self.jobs, lambda: fingerprint, self.encoders.received, self
        )
        self.encoders.failed.connect(self.store.trouble)
        self.comparing = Comparing(self.store, worker, lambda: fingerprint, lambda: settings.values.reviewer, self)
        self.overview = Overview(self.store, self.path, lambda: settings.values.reviewer, self)
        self.runs.trained.connect(lambda _info: self.comparing.read())
        # After a rollback to no student there is nothing to rank with, which is no failure.
        self.comparing.promoted.connect(lambda: self.students.rank(lambda _error: None))
        self.linking = FileLinking(
            opened.path, opened.knowledge_base, self.store, self.jobs, self.retrieval, settings, another, self
        )
        self.teaching.planner.bare.connect(lambda ids: self.retrieval.want(ids, 0))
        self.terminology.ready.connect(self.retrieval.use)
        self.store.changed.connect(self._look_for_move)

    @property
    def reviewer(self) -> str:
        """Who reviews now; empty for somebody without a name."""
        return self._settings.values.reviewer

    @property
    def export_folder(self) -> str:
        """Where the last file went; empty before the first."""
        return self._settings.values.export_folder

    def start(self) -> None:
        """Start what takes long, once the window is there."""
        self.terminology.start()
        self.worker.start()
        self.teaching.consent.refresh()
        # A lesson that ended while the window was closed takes over now, if it has won.
        self.lessons.refresh(self.store.trouble.emit)
        self.soundness.start()

    def move(self, to: KnowledgeBaseInfo, given: GivenList | None = None) -> None:
        """The project maps to another knowledge base now."""
        self.knowledge_base = to
        self.moved.emit(given)

    def _look_for_move(self, changes: Changes) -> None:
        """An upgrade taken back, or done again, changes the knowledge base under the window."""

        def compare(info: KnowledgeBaseInfo) -> None:
            if info.fingerprint != self.knowledge_base.fingerprint:
                self.move(info)

        if "settings" in changes.kinds:
            self.store.query(lambda project: project.knowledge_base(), compare)

    def want(self, mention_ids: Sequence[int]) -> None:
        """Candidates for these first, unless they are there already; the first of them is on screen."""
        missing = [one for one in mention_ids if not self.reading.has_candidates(one, RETRIEVER)]
        self.retrieval.want(missing, mention_ids[0] if mention_ids else 0)

    def close(self) -> None:
        """Stop everything and wait for it: nothing is left behind, not even a thread."""
        self.retrieval.close()
        self.door.close()
        self.shelf.close()
        self.exports.close()
        self.upgrades.close()
        self.scopes.close()
        self.linking.close()
        self.linting.close()
        self.teaching.close()
        self.hosts.close()
        self.comparing.close()
        self.overview.close()
        self.adjudicating.close()
        self.runs.close()
        self.lessons.close()
        self.encoders.close()
        self.machines.close()
        self.worker.close()
        self.terminology.close()
        self.reading.close()
        self.tidying.close()
        self.soundness.close()
        self.store.close()

    def _reference(self) -> KnowledgeBaseRef | None:
        return self.retrieval.reference
