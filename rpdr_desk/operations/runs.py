"""Training runs: started here or on another machine, followed, controlled, their adapters fetched and registered.

A run is a process of its own. It goes on when the window closes; the project's list of runs finds it again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from rpdr_core.errors import Cancelled, NotAllowedError, NotFoundError, RpdrError
from rpdr_core.protocol.messages import AdapterInfo, TrainingSpec
from rpdr_core.protocol.run_messages import ControlRun, FollowRun, RunEvent, RunRef, RunState
from rpdr_desk.operations.conversations import converse
from rpdr_desk.operations.jobs import Jobs, Kind, Point
from rpdr_desk.operations.machines import Machines
from rpdr_desk.operations.one_thread import Failed
from rpdr_desk.operations.outages import Outages, may_pass
from rpdr_desk.operations.run_record import with_event, with_state
from rpdr_desk.operations.run_sources import (
    bundled_recipes,
    makes_encoder,
    rows_summary,
    shown,
    training_rows,
    unused_name,
)
from rpdr_desk.operations.store_thread import StoreThread
from rpdr_desk.operations.train_state import HostLine, RecipeChoice, RowsSummary, Run, TrainChoice

if TYPE_CHECKING:
    from rpdr_core.store import StoredRun
    from rpdr_core.workflow.distilling import TrainingRows
    from rpdr_core.workflow.runs import Talk

AGAIN_MS = 5_000
"""First pause before a lost connection to a run's machine is tried again; the run goes on meanwhile."""


class Runs(QObject):
    """The runs of this project, newest first. `changed`: one of them is not as it was.

    Of students; what is of another kind (`EncoderRuns`) names its rows, its spec and what it leaves otherwise.
    """

    KIND: Kind = "train"

    changed = Signal(object)
    trained = Signal(object)
    """An adapter was fetched and registered; carries its `AdapterInfo`."""

    def __init__(
        self,
        store: StoreThread,
        machines: Machines,
        jobs: Jobs,
        fingerprint: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._machines, self._jobs, self._fingerprint = store, machines, jobs, fingerprint
        self._runs: dict[str, Run] = {}
        self._stored: dict[str, StoredRun] = {}
        self._offset: dict[str, int] = {}
        self._began: dict[str, float] = {}
        self._following: set[str] = set()
        self._fetching: set[str] = set()
        self._looked_up: set[str] = set()
        self._unwanted: set[str] = set()
        self._outages = Outages()
        self._open = True
        self._jobs_of: dict[str, int] = {}
        self._read = False

    def all(self) -> tuple[Run, ...]:
        return tuple(sorted(self._runs.values(), key=lambda run: run.id, reverse=True))

    def recipes(self) -> tuple[RecipeChoice, ...]:
        return bundled_recipes()

    def count_rows(self, done: Callable[[RowsSummary], None], failed: Failed) -> None:
        """What a student would learn from now."""
        self._store.query(rows_summary, done, failed)

    def read_hosts(self, done: Callable[[tuple[HostLine, ...]], None], failed: Failed) -> None:
        try:
            done(self._machines.lines())
        except RpdrError as error:
            failed(error)

    def refresh(self, failed: Failed) -> None:
        """Read the project's list once, and ask after those that had not ended."""

        def listed(stored: list[StoredRun]) -> None:
            for one in stored:
                if one.id not in self._runs and self._is_mine(one):
                    self._stored[one.id] = one
                    self._put(shown(one))
            for run in self.all():
                if not run.ended and run.state != "preparing":
                    self._ask_after(run, failed)

        if not self._read:
            self._read = True
            self._store.query(lambda project: project.runs(), listed, failed)

    def read(self, id: str, failed: Failed) -> None:
        """The record of a run that has ended, for its curves; asked for once."""
        run = self._runs[id]
        if run.ended and not run.curve and id not in self._looked_up:
            self._looked_up.add(id)
            self._follow(id, failed)

    def start(self, choice: TrainChoice, failed: Failed) -> None:
        """Select the rows, send them to the machine, start, follow."""
        from rpdr_core.workflow.runs import new_run_id

        number, now = new_run_id(), datetime.now(UTC)
        name = unused_name(self._proposed_name(choice, now), {run.name for run in self._runs.values()})
        run = Run(number, name, choice.host, "preparing", choice.recipe, now.isoformat(timespec="seconds"))
        self._put(run)
        self._job_of(run, failed)
        self._read_rows(
            choice,
            lambda rows: self._send(number, choice, rows, failed),
            lambda error: self._broke(number, error, failed),
        )

    def control(self, id: str, wish: str, failed: Failed) -> None:
        """`pause`, `resume` or `cancel`. A resumed run is followed again; one that is being sent is sent no further."""
        run = self._runs[id]
        if run.state == "preparing":
            if wish == "cancel":
                self._unwanted.add(id)
            return

        def stands(state: RunState) -> None:
            self._stands(id, state, failed)

        if wish in ("pause", "resume", "cancel"):
            params = ControlRun(id, wish)  # type: ignore[arg-type]
            self._request(run.host, "run.control", params, stands, failed)

    def close(self) -> None:
        """Ask no more; what runs goes on."""
        self._open = False
        self._following.clear()

    # What a student's run is

    def _is_mine(self, stored: StoredRun) -> bool:
        return not makes_encoder(stored)

    def _proposed_name(self, _choice: TrainChoice, now: datetime) -> str:
        return f"student-{now:%Y%m%d-%H%M%S}"

    def _read_rows(self, choice: TrainChoice, done: Callable[[TrainingRows], None], failed: Failed) -> None:
        self._store.query(lambda reader: training_rows(reader, choice.host), done, failed)

    def _spec(self, choice: TrainChoice) -> TrainingSpec:
        return TrainingSpec(choice.recipe, self._fingerprint(), choice.base)

    def _kept_spec(self, choice: TrainChoice) -> str:
        """As the project keeps it."""
        return msgspec.json.encode(self._spec(choice)).decode()

    def _receiving(self, run: Run) -> Talk[AdapterInfo]:
        from rpdr_core.workflow.fetching import fetching

        return fetching(run.id, run.name)

    def _take_in(self, id: str, info: AdapterInfo, done: Callable[[], None], failed: Failed, /) -> None:
        from rpdr_core.workflow.adapters import register_adapter

        self._store.change(lambda project: register_adapter(project, info, run_id=id), lambda _changes: done(), failed)

    # Starting

    def _send(self, id: str, choice: TrainChoice, rows: TrainingRows, failed: Failed) -> None:
        from rpdr_core.store import StoredRun
        from rpdr_core.workflow.runs import starting

        def broke(error: RpdrError) -> None:
            if isinstance(error, Cancelled):
                self._withdrawn(id)
            elif may_pass(error):
                # It may have begun all the same: the answer alone may be what is lost.
                self._keep(replace(self._runs[id], state="queued"))
                self._ask_again(id, failed)
            else:
                self._broke(id, error, failed)

        if not rows.train:
            broke(NotAllowedError("nothing to learn from yet", hint="decide some mentions first"))
            return
        run = self._runs[id]
        spec = self._spec(choice)
        self._stored[id] = StoredRun(id, run.name, run.host, "queued", run.created_at, spec=self._kept_spec(choice))
        try:
            worker = self._machines.link(choice.host)
            settings = self._machines.run_settings(choice.host)
        except RpdrError as error:
            broke(error)
            return
        talk = starting(spec, rows, run.name, run=id, settings=settings)
        converse(worker, talk, lambda state: self._stands(id, state, failed), broke, lambda: id not in self._unwanted)

    def _withdrawn(self, id: str) -> None:
        """Cancelled before it began: it is no run, and its rows are not left on the machine."""
        run = replace(self._runs.pop(id), state="cancelled")
        self._unwanted.discard(id)
        self._stored.pop(id, None)
        self._end_job(run)
        self.changed.emit(run)
        # Where that fails, too, the machine deletes them by itself after a day.
        self._request(run.host, "run.remove", RunRef(id), lambda _nothing: None, lambda _error: None)

    # Following

    def _ask_after(self, run: Run, failed: Failed) -> None:
        def unknown(error: RpdrError) -> None:
            if isinstance(error, NotFoundError):
                # Its folder was removed over there, or it never began: nobody needs to be told.
                self._outages.over(run.id)
                gone = replace(self._runs[run.id], state="failed", message=error.message, hint=error.hint)
                self._put(gone)
                self._keep(gone)
                self._end_job(gone)
                return
            away = self._outages.times(run.id)
            if away and may_pass(error):
                self._ask_again(run.id, failed)
            if away < 2:
                failed(error)

        params = RunRef(run.id)
        self._request(run.host, "run.state", params, lambda state: self._stands(run.id, state, failed), unknown)

    def _ask_again(self, id: str, failed: Failed) -> None:
        """After a while that grows: a network may be away for a night, and it is told once."""

        def ask() -> None:
            if self._open:
                self._ask_after(self._runs[id], failed)

        QTimer.singleShot(self._outages.again(id, AGAIN_MS), self, ask)

    def _stands(self, id: str, state: RunState, failed: Failed) -> None:
        """What the worker says of a run: keep it, and follow a run that goes on."""
        if id not in self._runs:
            return
        self._outages.over(id)
        before = self._runs[id]
        run = with_state(before, state)
        self._put(run)
        self._keep(run)
        if not run.ended:
            self._job_of(run, failed)
            self._follow(id, failed)
            if id in self._unwanted:
                # It was cancelled while the machine was asked to start it.
                self._unwanted.discard(id)
                self.control(id, "cancel", failed)
        elif run.state == "done" and run.accuracy is None and id not in self._fetching:
            # The end of a run is told twice: to whoever follows it, and to whoever asks how it stands.
            self._fetching.add(id)
            self._fetch(run, failed)
        self._end_job(run)

    def _follow(self, id: str, failed: Failed) -> None:
        if id in self._following:
            return
        run = self._runs[id]

        def ended(state: RunState) -> None:
            self._following.discard(id)
            self._stands(id, state, failed)

        def lost(error: RpdrError) -> None:
            if id not in self._following:
                return
            self._following.discard(id)
            if may_pass(error) and not self._runs[id].ended:
                self._ask_again(id, failed)
            else:
                failed(error)

        self._following.add(id)
        params = FollowRun(id, self._offset.get(id, 0))
        self._request(run.host, "run.follow", params, ended, lost, lambda event: self._hear(id, event))

    def _hear(self, id: str, event: object) -> None:
        if not isinstance(event, RunEvent) or id not in self._runs:
            return
        self._offset[id] = event.offset
        before = self._runs[id]
        run = with_event(before, event, self._began.setdefault(id, event.at))
        # The record of a run that has ended is read for its curves: it does not run again by that.
        self._put(replace(run, state=before.state) if before.ended else run)
        job = self._jobs_of.get(id)
        if job is not None and event.training is not None:
            now = event.training
            self._jobs.progress(job, now.step, now.steps, now.seconds_left)
            self._jobs.measure(job, Point(now.step, now.loss, now.acc_at_1))

    # What a run leaves

    def _fetch(self, run: Run, failed: Failed) -> None:
        try:
            worker = self._machines.link(run.host)
        except RpdrError as error:
            self._fetching.discard(run.id)
            failed(error)
            return

        def broke(error: RpdrError) -> None:
            self._fetching.discard(run.id)
            failed(error)

        converse(worker, self._receiving(run), lambda info: self._fetched(run.id, info, failed), broke)

    def _fetched(self, id: str, info: AdapterInfo, failed: Failed) -> None:
        def broke(error: RpdrError) -> None:
            self._fetching.discard(id)
            failed(error)

        def registered() -> None:
            self._fetching.discard(id)
            run = replace(self._runs[id], adapter_id=info.id, accuracy=info.acc_at_1)
            self._put(run)
            self._keep(run)
            self.trained.emit(info)

        self._take_in(id, info, registered, broke)

    def _keep(self, run: Run) -> None:
        """Note in the project how the run stands, so that it is found again."""
        stored = self._stored.get(run.id)
        if stored is None:
            return
        at = stored.finished_at
        if run.ended and not at:
            at = datetime.now(UTC).isoformat(timespec="seconds")
        now = replace(
            stored, state=run.state, finished_at=at, adapter_id=run.adapter_id, message=run.message or stored.message
        )
        self._stored[run.id] = now
        self._store.change(lambda project: project.record_run(now))

    def _broke(self, id: str, error: RpdrError, failed: Failed) -> None:
        run = replace(self._runs[id], state="failed", message=error.message, hint=error.hint)
        self._put(run)
        self._end_job(run)
        failed(error)

    # Jobs

    def _job_of(self, run: Run, failed: Failed) -> None:
        job = self._jobs_of.get(run.id)
        if job is None or self._jobs.get(job).state != "running":
            self._jobs_of[run.id] = self._jobs.start(
                self.KIND, note=run.name, cancel=lambda: self.control(run.id, "cancel", failed)
            )

    def _end_job(self, run: Run) -> None:
        job = self._jobs_of.get(run.id)
        if job is None or not run.ended or self._jobs.get(job).state != "running":
            return
        if run.state == "done":
            self._jobs.finish(job, run.name)
        elif run.state == "cancelled":
            self._jobs.fail(job, Cancelled("the run was cancelled"))
        else:
            self._jobs.fail(job, NotAllowedError(run.message or run.state, hint=run.hint))

    def _request(
        self,
        host: str,
        method: str,
        params: object,
        done: Callable[[Any], None],
        failed: Failed,
        partial: Callable[[object], None] | None = None,
    ) -> None:
        try:
            worker = self._machines.link(host)
        except RpdrError as error:
            failed(error)
            return
        worker.request(method, params, done=done, failed=failed, partial=partial)

    def _put(self, run: Run) -> None:
        self._runs[run.id] = run
        self.changed.emit(run)
